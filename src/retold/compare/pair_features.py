"""Features of two aligned versions.

Hypothesis: a machine round trip alters nearly every sentence a little, quotations like the rest; a newsroom keeps most
sentences verbatim, quotations above all, and cuts whole ones; a language model rewrites fluently. Text reuse in newsrooms
was measured in this way by Clough, Gaizauskas, Piao and Wilks (2002, "METER: MEasuring TExt Reuse").
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from retold.compare.alignment import Alignment
from retold.compare.centrality import CENTRALITY
from retold.compare.substitutions import SUBSTITUTION_SCORES
from retold.compare.version import Version
from retold.text.morphology import stem
from retold.text.word_lists import closed_class_words

Span = tuple[int, int]

_SYMMETRIC = (
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
_OF_FIRST = (
    "cut",
    "cut_late",
    "only_cut",
    "length",
    "word_length",
    "changed_grammar",
    "contractions",
    "sentence_length",
    "split",
    *CENTRALITY,
    *SUBSTITUTION_SCORES,
)
_OF_SECOND = tuple(f"{name}_b" for name in _OF_FIRST)
PAIR_FEATURES: Final = (*_SYMMETRIC, *_OF_FIRST, *_OF_SECOND)
# Column of each feature when the two versions change places.
_SWAPPED = [PAIR_FEATURES.index(n) for n in (*_SYMMETRIC, *_OF_SECOND, *_OF_FIRST)]
# Columns of the features that depend on the two versions alone, and not on the rest of their story.
VERSION_PAIR_COLUMNS: Final = [i for i, name in enumerate(PAIR_FEATURES) if name.removesuffix("_b") not in CENTRALITY]
# Words kept in a row that count as a long run: longer than what two independent renderings share by chance.
_LONG_RUN = 10
_SMALL = 2


def swapped(features: NDArray[np.float64]) -> NDArray[np.float64]:
    """The features, (n_pairs, n_features), with the two versions of each pair in each other's place."""
    return features[:, _SWAPPED]


def alignment_features(al: Alignment) -> list[float]:
    """All features but centrality and substitution scores, in the order of ``PAIR_FEATURES``."""
    shares = _block_shares(al)
    return [*_evenness(shares), *_runs(al), *_substitutions(al), *_kept_by_kind(al), *_sentence_order(al), *_sides(al)]


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
    grammar = sum(w in closed_class_words() for w in changed) / max(len(changed), 1)
    return [len(al.edits) / n, len(small) / len(al.edits), grammar, same / len(al.edits)]


def _same_stem(al: Alignment, a: tuple[int, int], b: tuple[int, int]) -> bool:
    left = {stem(w) for w in al.a.article.lower[slice(*a)]}
    return any(stem(w) in left for w in al.b.article.lower[slice(*b)])


def _kept_by_kind(al: Alignment) -> list[float]:
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


def _mean(values: NDArray[np.bool_], default: float) -> float:
    return float(values.mean()) if len(values) else default


def _sentence_order(al: Alignment) -> list[float]:
    n = max(len(al.blocks), 1)
    merged = sum(block.n_sentences != (1, 1) for block in al.blocks)
    return [sum(block.is_moved for block in al.blocks) / n, merged / n, float(np.log1p(len(al.blocks)))]


def _sides(al: Alignment) -> list[float]:
    n = max(len(al.blocks), 1)
    split = sum(block.n_sentences[0] < block.n_sentences[1] for block in al.blocks) / n
    merged = sum(block.n_sentences[0] > block.n_sentences[1] for block in al.blocks) / n
    first = _side(al.a, al.cut, [e.a for e in al.edits], [e.b for e in al.edits])
    second = _side(al.b, al.added, [e.b for e in al.edits], [e.a for e in al.edits])
    return [*first, split, *second, merged]


def _side(version: Version, unpaired: list[Span], edited: list[Span], counterparts: list[Span]) -> list[float]:
    """Features of what one version has and the other does not, and of its changed words.

    Args:
        version: The version.
        unpaired: Its sentences that the other does not have.
        edited: Its side of every edit.
        counterparts: The other version's side of the same edits.
    """
    n = max(version.end, 1)
    late = [max(0, k - max(i, 2 * n // 3)) for i, k in unpaired]
    only = sum(i < k and j == m for (i, k), (j, m) in zip(edited, counterparts, strict=True))
    changed = [w for span in edited for w in version.article.lower[slice(*span)] if w[0].isalpha()]
    length = sum(map(len, changed)) / max(len(changed), 1)
    short = sum(w in closed_class_words() for w in changed) / max(len(changed), 1)
    contractions = sum("'" in w and w != "'s" for w in changed)
    return [
        sum(k - i for i, k in unpaired) / n,
        3 * sum(late) / n,
        only / max(len(edited), 1),
        float(np.log1p(version.end)),
        length,
        short,
        1000 * contractions / n,
        float(np.log(n / max(len(version.bounds), 1))),
    ]
