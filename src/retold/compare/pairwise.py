"""How one version relates to another: what was measured of an aligned pair, and the model that reads it.

Hypothesis: a machine round trip alters nearly every sentence a little, quotations like the rest; a newsroom keeps most
sentences verbatim, quotations above all, and cuts whole ones; a language model rewrites fluently. Text reuse in newsrooms
was measured in this way by Clough, Gaizauskas, Piao and Wilks (2002, "METER: MEasuring TExt Reuse"). Which of the two
came first shows in what replaced what, so the words lost and gained are columns too.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from scipy.special import log_softmax

from retold.channel.inflection import function_words
from retold.compare.align import Alignment, align
from retold.compare.knowledge import Knowledge
from retold.compare.version import Version
from retold.text.lemma import stem

# What the second of an ordered pair may be to the first; the two last are the two first the other way round.
EDITED_FROM, TRANSLATED_FROM, SIBLING, EDITED_TO, TRANSLATED_TO = range(5)
RELATIONS: Final = ("edited", "back-translated", "sibling", "edited, reversed", "back-translated, reversed")
REVERSED: Final = (EDITED_TO, TRANSLATED_TO, SIBLING, EDITED_FROM, TRANSLATED_FROM)

# Where a version stands among all of its story, see ``places``.
_PLACE = ("central", "central_part", "nearest", "nearest_part")
_BOTH_WAYS = (
    "kept_in_blocks",
    "same_blocks",
    *(f"block_kept_{q}" for q in (10, 25, 50, 75, 90)),
    "block_kept_spread",
    "run_length",
    "long_runs",
    "edits",
    "small_substitutions",
    "grammar_changed",
    "same_stem",
    "quotes_kept",
    "quotes_kept_more",
    "numbers_kept",
    "moved",
    "merged",
    "n_blocks",
)
_FORTH = ("cut", "cut_late", "only_cut", "length", "word_length", "changed_grammar", "contractions", *_PLACE)
_BACK = tuple(f"{name}_b" for name in _FORTH)
STRUCTURE: Final = (*_BOTH_WAYS, *_FORTH, *_BACK)
# Column of each measure when the two versions change places.
_SWAPPED = [STRUCTURE.index(n) for n in (*_BOTH_WAYS, *_BACK, *_FORTH)]
# Measures of the two versions alone.
ALONE: Final = [i for i, name in enumerate(STRUCTURE) if name.removesuffix("_b") not in _PLACE]
# Words kept in a row that count as a long run: longer than what two independent renderings share by chance.
_LONG_RUN = 10
_SMALL = 2
# Standard deviations beyond which a measure says no more, and what brings products to the range of the scores.
_CLIP, _PRODUCT_SCALE = 4.0, 3.0


def in_order(x: Version, y: Version) -> bool:
    """True if the pair is aligned as (x, y): longer text first, so that no result depends on the order of the input."""
    return (-len(x.article.tokens), x.article.text) <= (-len(y.article.tokens), y.article.text)


def align_pair(x: Version, y: Version) -> Alignment:
    """Align two versions in the one order in which they are always aligned."""
    return align(x, y) if in_order(x, y) else align(y, x)


def log_relations(
    alignments: Sequence[Alignment], knowledge: Knowledge, standing: NDArray[np.float64] | None = None
) -> NDArray[np.float64]:
    """How versions relate.

    Args:
        alignments: Pairs of versions.
        knowledge: What was learned.
        standing: (n_pairs, 8) from ``places`` if the pairs are all those of a story, else None.

    Returns:
        float64 (n_pairs, 5): log probability of each of ``RELATIONS``, of ``b`` to ``a``, as if all were as frequent.
    """
    structure, words = describe(alignments, knowledge.words, standing)
    mean, scale = knowledge.scores
    order = knowledge.order
    logits = with_products(structure, mean, scale) @ order.measures.T + words @ order.words.T + order.intercept
    forth, apart, back = log_softmax(logits, axis=1).T
    manners = [log_manners(s, w, knowledge) for s, w in ((structure, words), (swapped(structure), -words))]
    return np.column_stack([forth[:, None] + manners[0], apart, back[:, None] + manners[1]])


def log_manners(structure: NDArray[np.float64], words: csr_matrix, knowledge: Knowledge) -> NDArray[np.float64]:
    """float64 (n_pairs, 2): log probability that the second was edited, or translated, if it was made from the first.

    How both stand among other versions takes no part: it would tell which versions tend to be collected together.
    """
    mean, scale = knowledge.scores
    columns = with_products(structure[:, ALONE], mean[ALONE], scale[ALONE])
    model = knowledge.manner
    for_translated = (columns @ model.measures.T + words @ model.words.T + model.intercept)[:, 0]
    return -np.logaddexp(0, np.column_stack([for_translated, -for_translated]))


def with_products(
    structure: NDArray[np.float64], mean: NDArray[np.float64], scale: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Clipped standard scores of measures (n_pairs, k), then their products in pairs: (n_pairs, k + k (k + 1) / 2).

    A measure means something beside another: few words kept is a cut if quotations are intact.
    """
    standard = np.clip((structure - mean) / scale, -_CLIP, _CLIP)
    i, j = np.triu_indices(standard.shape[1])
    return np.hstack([standard, standard[:, i] * standard[:, j] / _PRODUCT_SCALE])


def describe(
    alignments: Sequence[Alignment], words: dict[str, int], standing: NDArray[np.float64] | None = None
) -> tuple[NDArray[np.float64], csr_matrix]:
    """Measures float64 (n_pairs, len(STRUCTURE)) and, csr (n_pairs, len(words)), words gained minus words lost."""
    k, n = len(_BOTH_WAYS) + len(_FORTH) - len(_PLACE), len(_PLACE)
    rows = np.array([_structure(al) for al in alignments]).reshape(-1, len(STRUCTURE) - 2 * n)
    standing = np.zeros((len(alignments), 2 * n)) if standing is None else standing
    structure = np.hstack([rows[:, :k], standing[:, :n], rows[:, k:], standing[:, n:]])
    return structure, _gained(alignments, words)


def _gained(alignments: Sequence[Alignment], words: dict[str, int]) -> csr_matrix:
    rows = [_words_gained(al, words) for al in alignments]
    indptr = np.cumsum([0, *(len(row) for row in rows)])
    columns = [column for row in rows for column in row]
    values = [value for row in rows for value in row.values()]
    return csr_matrix((np.array(values, dtype=float), columns, indptr), (len(rows), len(words)))


def places(n: int, cells: Sequence[tuple[int, int]], alignments: Sequence[Alignment]) -> NDArray[np.float64]:
    """Where both versions of each pair stand among all versions of a story.

    A parent shares more with all the others than its children share among themselves, and a child is nearest to it.

    Args:
        n: Versions of the story.
        cells: Which two versions each alignment is about, in its order; every pair once.
        alignments: All pairs of the story.

    Returns:
        float64 (n_pairs, 8): for the first version, then the second: mean share of words in common with all others, of
        the longer text and of the shorter; how much nearer the other of the pair is than the next, by both shares.
    """
    if n < 3 or not cells:
        return np.zeros((len(cells), 2 * len(_PLACE)))
    rows, columns = np.array(cells).T
    shares = np.full((2, n, n), -np.inf)
    for (i, j), al in zip(cells, alignments, strict=True):
        lengths = len(al.a.article.tokens), len(al.kept)
        shares[:, i, j] = shares[:, j, i] = int((al.kept >= 0).sum()) / np.array(
            [max(*lengths, 1), max(min(lengths), 1)]
        )
    mean = np.where(np.isfinite(shares), shares, 0).sum(axis=2) / (n - 1)
    ranked = np.sort(shares, axis=2)
    best, second = ranked[:, :, -1], ranked[:, :, -2]
    sides = []
    for own, other in ((rows, columns), (columns, rows)):
        here = shares[:, own, other]
        rival = np.where(here >= best[:, own], second[:, own], best[:, own])
        sides += [*mean[:, own], *(here - rival)]
    return np.column_stack(sides)


def swapped(structure: NDArray[np.float64]) -> NDArray[np.float64]:
    """The measures with the two versions in each other's place."""
    return structure[:, _SWAPPED]


def _words_gained(al: Alignment, words: dict[str, int]) -> dict[int, float]:
    counts: Counter[int] = Counter()
    total = 1
    for edit in al.edits:
        for tokens, sign in ((al.a.article.lower[slice(*edit.a)], -1), (al.b.article.lower[slice(*edit.b)], 1)):
            total += len(tokens)
            for word in tokens:
                if word in words:
                    counts[words[word]] += sign
    return {column: n / total**0.5 for column, n in sorted(counts.items()) if n}


def _structure(al: Alignment) -> list[float]:
    shares = _block_shares(al)
    return [*_evenness(shares), *_runs(al), *_substitutions(al), *_kept_kinds(al), *_order(al), *_sides(al)]


def _block_shares(al: Alignment) -> NDArray[np.float64]:
    """float64 (n_blocks,): share of the words of each block that are kept, of the longer side."""
    kept = np.concatenate([[0], np.cumsum(al.kept >= 0)])
    longer = [max(k.a[1] - k.a[0], k.b[1] - k.b[0]) for k in al.blocks]
    both = [kept[k.b[1]] - kept[k.b[0]] for k in al.blocks]
    return np.array(both, dtype=float) / np.maximum(longer, 1) if al.blocks else np.zeros(1)


def _evenness(shares: NDArray[np.float64]) -> list[float]:
    quantiles = np.quantile(shares, (0.1, 0.25, 0.5, 0.75, 0.9))
    return [float(shares.mean()), float((shares == 1).mean()), *quantiles.tolist(), float(shares.std())]


def _runs(al: Alignment) -> list[float]:
    """Mean log length of the kept runs, and the share of kept words that stand in long ones."""
    kept = al.kept
    places = np.flatnonzero(kept >= 0)
    if not len(places):
        return [0.0, 0.0]
    breaks = np.flatnonzero((np.diff(places) != 1) | (np.diff(kept[places]) != 1)) + 1
    lengths = np.diff(np.concatenate([[0], breaks, [len(places)]]))
    return [float(np.log(lengths).mean()), float(lengths[lengths >= _LONG_RUN].sum() / len(places))]


def _substitutions(al: Alignment) -> list[float]:
    """Edits a word; shares of small substitutions, of grammar words among the changed, of inflections."""
    n = max(sum(k.b[1] - k.b[0] for k in al.blocks), 1)
    if not al.edits:
        return [0.0] * 4
    sizes = [(e.a[1] - e.a[0], e.b[1] - e.b[0]) for e in al.edits]
    small = [e for e, (x, y) in zip(al.edits, sizes, strict=True) if 0 < x <= _SMALL and 0 < y <= _SMALL]
    same = sum(_same_stem(al, e.a, e.b) for e in small)
    changed = [w for e in al.edits for w in (*al.a.article.lower[slice(*e.a)], *al.b.article.lower[slice(*e.b)])]
    grammar = sum(w in function_words() for w in changed) / max(len(changed), 1)
    return [len(al.edits) / n, len(small) / len(al.edits), grammar, same / len(al.edits)]


def _same_stem(al: Alignment, a: tuple[int, int], b: tuple[int, int]) -> bool:
    left = {stem(w) for w in al.a.article.lower[slice(*a)]}
    return any(stem(w) in left for w in al.b.article.lower[slice(*b)])


def _kept_kinds(al: Alignment) -> list[float]:
    """Share of quoted words that are kept, how much more that is than elsewhere, and share of numbers kept."""
    inside = np.zeros(len(al.kept), dtype=bool)
    for block in al.blocks:
        inside[slice(*block.b)] = True
    inside &= al.b.is_word
    kept, quoted = al.kept >= 0, al.b.is_quoted
    number = np.fromiter((t[0].isdecimal() for t in al.b.article.tokens), bool, len(kept))
    overall = _mean(kept[inside], 0.5)
    within = _mean(kept[inside & quoted], overall)
    return [within, within - _mean(kept[inside & ~quoted], within), _mean(kept[inside & number], overall)]


def _mean(values: NDArray[np.bool_], otherwise: float) -> float:
    return float(values.mean()) if len(values) else otherwise


def _order(al: Alignment) -> list[float]:
    n = max(len(al.blocks), 1)
    merged = sum(block.n_sentences != (1, 1) for block in al.blocks)
    return [sum(block.is_moved for block in al.blocks) / n, merged / n, float(np.log1p(len(al.blocks)))]


def _sides(al: Alignment) -> list[float]:
    forth = _side(al.a, al.cut, [e.a for e in al.edits], [e.b for e in al.edits])
    back = _side(al.b, al.added, [e.b for e in al.edits], [e.a for e in al.edits])
    return [*forth, *back]


def _side(own: Version, alone: list[tuple[int, int]], mine: list[tuple[int, int]], other: list) -> list[float]:
    """What one version has and the other does not, and what its changed words are like."""
    n = max(own.end, 1)
    late = [max(0, k - max(i, 2 * n // 3)) for i, k in alone]
    only = sum(i < k and j == m for (i, k), (j, m) in zip(mine, other, strict=True))
    changed = [w for span in mine for w in own.article.lower[slice(*span)] if w[0].isalpha()]
    length = sum(map(len, changed)) / max(len(changed), 1)
    short = sum(w in function_words() for w in changed) / max(len(changed), 1)
    contractions = sum("'" in w and w != "'s" for w in changed)
    return [
        sum(k - i for i, k in alone) / n,
        3 * sum(late) / n,
        only / max(len(mine), 1),
        float(np.log1p(own.end)),
        length,
        short,
        1000 * contractions / n,
    ]
