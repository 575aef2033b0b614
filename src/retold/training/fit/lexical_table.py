"""Learn the channel from aligned pairs: what each word becomes through each pivot, and how surely."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from retold.alignment.bitext import Outcomes, outcomes
from retold.channel.curated_lexicon import calques, curated_pairs
from retold.channel.lexical_table import PIVOTS, LexicalTable, SenseTable, family_of
from retold.language_model.vocabulary import Vocabulary
from retold.text import Article, analyse
from retold.text.morphology import Inflector

# A pair counts as learned if two originals show it, or one does in this many versions.
_MIN_GROUPS, _MIN_VERSIONS = 2, 4
# Candidates kept for a word observed, best first; beyond, a candidate explains less than one change in a hundred.
_MAX_CANDIDATES = 16
# Strength of the priors, in observations: a form leans on its lemma, a pivot on its family, a family on all pivots.
_FORM_PRIOR, _PIVOT_PRIOR, _FAMILY_PRIOR = 4.0, 8.0, 8.0
# Share of uses above which a word is a name and never a candidate.
_NAME_SHARE = 0.5


@dataclass(frozen=True)
class AlignedPair:
    """One back-translation: its article, its original's, the pivot, and the group both belong to."""

    intended: Article
    observed: Article
    pivot: str
    group: str


def examples(
    rows: Sequence[Mapping[str, str]],
    originals: Mapping[str, str],
    *,
    leave_out_groups: Collection[str] = (),
    leave_out_engines: Collection[str] = (),
) -> list[AlignedPair]:
    """Pair rows of the corpus (``text``, ``pivot``, ``engine``, ``group``) with their originals, group -> text."""
    kept = [
        r
        for r in rows
        if r["group"] in originals and r["group"] not in leave_out_groups and r["engine"] not in leave_out_engines
    ]
    articles = {group: analyse(originals[group]) for group in sorted({r["group"] for r in kept})}
    return [AlignedPair(articles[r["group"]], analyse(r["text"]), r["pivot"], r["group"]) for r in kept]


def learn(found: Sequence[AlignedPair], vocabulary: Vocabulary) -> LexicalTable:
    """Learn a channel from examples; only words of the vocabulary enter it. About 3 minutes for 6.6 M words."""
    inflector = Inflector(vocabulary.index)
    became = outcomes(((e.intended, e.observed) for e in found), inflector)
    tally = _tally(became, found, inflector)
    names = names_of(found)
    words = [w for w in became.words if w in vocabulary.index and w not in names]
    known, known_bits = curated_pairs(inflector)
    words = sorted({*words, *(w for pair in known for w in pair[:2] if w in vocabulary.index)})
    index = {word: i for i, word in enumerate(words)}
    pairs = _surface_pairs(tally, became, inflector, index)
    listed = _tempered(known, became, tally.weight, index)
    return LexicalTable(
        words,
        SenseTable.build(len(words), pairs, tally.pivot_bits),
        SenseTable.build(len(words), listed, known_bits),
        **_shares(became, tally.weight, index),
        lemma=np.unique([inflector.fold(w) for w in words], return_inverse=True)[1].astype(np.int32),
        calques=calques(inflector),
    )


def _tempered(
    known: Sequence[tuple[str, str, float, int]],
    became: Outcomes,
    weight: NDArray[np.float64],
    index: Mapping[str, int],
) -> list[tuple[int, int, float, int]]:
    """Listed pairs with the likelihood of the lists as a prior: a frequent word that never became the other weakens it."""
    counts, totals = _form_counts(became, weight), _form_totals(became, weight)
    out = []
    for observed, intended, bits, row in known:
        if observed in index and intended in index:
            p = (counts.get((intended, observed), 0.0) + _FORM_PRIOR * 2.0**bits) / (
                totals.get(intended, 0.0) + _FORM_PRIOR
            )
            out.append((index[observed], index[intended], float(np.log2(p)), row))
    return out


def _form_totals(became: Outcomes, weight: NDArray[np.float64]) -> dict[str, float]:
    use = became.intended >= 0
    return dict(
        zip(became.words, np.bincount(became.intended[use], weight[use], len(became.words)).tolist(), strict=True)
    )


def names_of(found: Sequence[AlignedPair]) -> set[str]:
    """Words that originals mostly write with a capital inside a sentence."""
    capital: Counter[str] = Counter()
    small: Counter[str] = Counter()
    for article in {id(e.intended): e.intended for e in found}.values():
        first = set(article.sentences.tolist())
        for i, token in enumerate(article.tokens):
            if i not in first:
                (capital if token[0].isupper() else small)[token.lower()] += 1
    return {w for w, n in capital.items() if n > _NAME_SHARE * (n + small[w])}


@dataclass(frozen=True)
class _Tally:
    """Pairs of lemmas that carry evidence.

    ``weight`` (n_outcomes,) what each observation counts; ``pairs`` (intended lemma, observed lemma) -> row; ``probability``
    (n_rows,) P(observed lemma | intended lemma); ``pivot_bits`` (n_rows, n_pivots).
    """

    weight: NDArray[np.float64]
    pairs: dict[tuple[str, str], int]
    probability: NDArray[np.float64]
    pivot_bits: NDArray[np.float64]


def _tally(became: Outcomes, found: Sequence[AlignedPair], inflector: Inflector) -> _Tally:
    names, lemma = np.unique([inflector.analyse(w)[0] for w in became.words], return_inverse=True)
    folds = np.unique([inflector.fold(w) for w in became.words], return_inverse=True)[1]
    groups, versions = np.unique([e.group for e in found], return_inverse=True)
    pivot = np.array([PIVOTS.index(e.pivot) for e in found])[became.pair]
    # Versions of one original are not independent: n of them count as sqrt(n).
    weight = 1 / np.sqrt(np.bincount(versions)[versions])[became.pair]
    a = np.where(became.intended >= 0, lemma[became.intended], -1)
    b = np.where(became.observed >= 0, lemma[became.observed], -1)
    changed = np.flatnonzero((a >= 0) & (b >= 0) & (folds[became.intended] != folds[became.observed]))
    key = a[changed].astype(np.int64) * len(names) + b[changed]
    keys, row = np.unique(key, return_inverse=True)
    n_versions = np.bincount(row)
    n_groups = np.bincount(np.unique(row * len(groups) + versions[became.pair[changed]]) // len(groups))
    kept = (n_groups >= _MIN_GROUPS) | (n_versions >= _MIN_VERSIONS)
    ids = np.cumsum(kept) - 1
    inside = kept[row]
    source = keys[kept] // len(names)
    use = a >= 0
    totals = np.bincount(a[use], weight[use], minlength=len(names))
    probability = np.bincount(ids[row[inside]], weight[changed][inside]) / totals[source]
    by_pivot = _counts(ids[row[inside]], pivot[changed][inside], kept.sum())
    all_by_pivot = _counts(a[use], pivot[use], len(names))[source]
    pairs = {(str(names[k // len(names)]), str(names[k % len(names)])): i for i, k in enumerate(keys[kept])}
    return _Tally(weight, pairs, probability, _pivot_bits(by_pivot, all_by_pivot))


def _counts(row: NDArray[np.int64], pivot: NDArray[np.int64], n_rows: int) -> NDArray[np.float64]:
    n = len(PIVOTS)
    return np.bincount((row * n + pivot).astype(np.int64), minlength=n_rows * n).reshape(n_rows, n).astype(float)


def _pivot_bits(counts: NDArray[np.float64], totals: NDArray[np.float64]) -> NDArray[np.float64]:
    """log2 P(observed | intended, pivot) / P(observed | intended), backing off to the family and then to all pivots."""
    family = np.equal.outer(family_of(), family_of()).astype(float)
    overall = (counts.sum(1) / totals.sum(1))[:, None]
    of_family = (counts @ family + _FAMILY_PRIOR * overall) / (totals @ family + _FAMILY_PRIOR)
    of_pivot = (counts + _PIVOT_PRIOR * of_family) / (totals + _PIVOT_PRIOR)
    return np.log2(of_pivot / overall)


def _surface_pairs(
    tally: _Tally, became: Outcomes, inflector: Inflector, index: Mapping[str, int]
) -> list[tuple[int, int, float, int]]:
    """Pairs of forms: those observed and those that the lemmas imply, ``(observed, intended, bits, row)``."""
    counts, totals = _form_counts(became, tally.weight), _form_totals(became, tally.weight)
    by_seen: dict[str, list[tuple[str, int]]] = {}
    for (intended, observed), row in tally.pairs.items():
        by_seen.setdefault(observed, []).append((intended, row))
    pairs = []
    for word, number in index.items():
        lemma, tag = inflector.analyse(word)
        options = []
        for intended, row in by_seen.get(lemma, ()):
            for form in inflector.forms(intended, tag):
                if form in index:
                    prior = _FORM_PRIOR * tally.probability[row]
                    p = (counts.get((form, word), 0.0) + prior) / (totals.get(form, 0.0) + _FORM_PRIOR)
                    options.append((p * (totals.get(form, 0.0) + 1), number, index[form], float(np.log2(p)), row))
        pairs += [option[1:] for option in sorted(options, reverse=True)[:_MAX_CANDIDATES]]
    return pairs


def _form_counts(became: Outcomes, weight: NDArray[np.float64]) -> dict[tuple[str, str], float]:
    both = (became.intended >= 0) & (became.observed >= 0) & (became.intended != became.observed)
    n = len(became.words)
    keys, row = np.unique(became.intended[both].astype(np.int64) * n + became.observed[both], return_inverse=True)
    sums = np.bincount(row, weight[both])
    return {(became.words[k // n], became.words[k % n]): float(s) for k, s in zip(keys.tolist(), sums, strict=True)}


def _shares(became: Outcomes, weight: NDArray[np.float64], index: Mapping[str, int]) -> dict[str, NDArray[np.float32]]:
    """How often each word is kept, is new, and grows in number; with two observations of the average added."""
    n = len(became.words)
    intended, observed = (
        np.bincount(x[x >= 0], weight[x >= 0], minlength=n) for x in (became.intended, became.observed)
    )
    same = became.intended == became.observed
    kept = np.bincount(became.intended[same], weight[same], minlength=n)
    share = kept.sum() / intended.sum()
    order = {word: i for i, word in enumerate(became.words)}
    at = np.array([order.get(word, n) for word in index])
    kept, intended, observed = (np.append(x, 0.0)[at] for x in (kept, intended, observed))
    return {
        "p_unchanged": ((kept + 2 * share) / (intended + 2)).astype(np.float32),
        "p_inserted": (1 - (kept + 2 * share) / (observed + 2)).astype(np.float32),
        "log_frequency_ratio": np.log2((observed + 2) / (intended + 2)).astype(np.float32),
    }
