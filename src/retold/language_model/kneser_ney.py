"""Estimate the 4-gram model by counting: modified Kneser-Ney, pruned, interpolated (Kneser and Ney 1995; Chen and Goodman 1999)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from retold.language_model.ngram_model import ORDER, STEPS_PER_BIT, LanguageModel, NgramTable, extend_hash, keys
from retold.language_model.vocabulary import SPECIAL, Vocabulary, normal_form

# Words seen fewer than three times in 20 M words say nothing of usage; dropping them keeps the vocabulary near 54,000.
MIN_WORD_COUNT = 3
# n-grams seen less often are pruned, by order; chosen so that the arrays stay within the model's 60 MB.
MIN_COUNTS = {2: 2, 3: 2, 4: 2}


def build_vocabulary(sentences: Iterable[Sequence[str]]) -> Vocabulary:
    """Count the words of lower-case sentences and keep the frequent, most frequent first, ties by spelling."""
    counts: Counter[str] = Counter()
    for sentence in sentences:
        counts.update(map(normal_form, sentence))
    kept = [w for w, c in counts.items() if c >= MIN_WORD_COUNT and w not in SPECIAL]
    return Vocabulary([*SPECIAL, *sorted(kept, key=lambda w: (-counts[w], w))])


# The hashes, shares and masses left of one order, before they are sorted and stored.
_Unsorted = tuple[NDArray[np.uint64], NDArray[np.float64], NDArray[np.float64] | None]


@dataclass(frozen=True)
class _Grams:
    """The distinct n-grams of an order.

    ``hashes`` sorted uint64 (n,), ``counts`` int64 (n,), ``at`` int64 (n,): where in the stream one occurrence ends.
    """

    hashes: NDArray[np.uint64]
    counts: NDArray[np.int64]
    at: NDArray[np.int64]


def estimate(vocabulary: Vocabulary, ids: NDArray[np.int32], depth: NDArray[np.integer]) -> LanguageModel:
    """Estimate a model from a stream of sentences (see ``LanguageModel.probabilities`` for the two arrays)."""
    hashes = _all_hashes(ids)
    unigrams = _unigrams(vocabulary, ids, _distinct(hashes[2], depth >= 1))
    tables: list[_Unsorted] = []
    left_1 = np.zeros(0, np.uint8)
    for order in range(2, ORDER + 1):
        raw = _distinct(hashes[order], depth >= order - 1)
        adjusted = _continuation(raw, hashes, order, depth) if order < ORDER else raw.counts
        share, context = _discounted(raw, adjusted, hashes[order - 1])
        kept = raw.counts >= MIN_COUNTS[order]
        left = _mass_left(context[kept], share[kept])
        if order == 2:
            left_1 = _lookup_left(left, hashes[1], ids, len(vocabulary))
        else:
            tables[-1] = _with_left(tables[-1], left)
        tables.append((raw.hashes[kept], share[kept], None))
    return LanguageModel(vocabulary, unigrams, left_1, tuple(map(_table, tables)))  # type: ignore[arg-type]


def _all_hashes(ids: NDArray[np.int32]) -> dict[int, NDArray[np.uint64]]:
    """Hash of the n-gram that ends at each place, by order."""
    hashes = {1: extend_hash(np.zeros(len(ids), dtype=np.uint64), ids)}
    for order in range(2, ORDER + 1):
        before = np.concatenate([np.zeros(1, dtype=np.uint64), hashes[order - 1][:-1]])
        hashes[order] = extend_hash(before, ids)
    return hashes


def _distinct(hashes: NDArray[np.uint64], valid: NDArray[np.bool_]) -> _Grams:
    places = np.flatnonzero(valid)
    found, first, counts = np.unique(hashes[places], return_index=True, return_counts=True)
    return _Grams(found, counts, places[first])


def _unigrams(vocabulary: Vocabulary, ids: NDArray[np.int32], bigrams: _Grams) -> NDArray[np.float32]:
    """Continuation probabilities with add-one smoothing, so that every word has some."""
    counts = np.bincount(ids[bigrams.at], minlength=len(vocabulary)) + 1.0
    counts[0] = 0
    return (counts / counts.sum()).astype(np.float32)


def _continuation(
    grams: _Grams, hashes: dict[int, NDArray[np.uint64]], order: int, depth: NDArray[np.integer]
) -> NDArray[np.int64]:
    """In how many different words' company each n-gram was seen; raw counts where a sentence starts."""
    longer = _distinct(hashes[order + 1], depth >= order)
    suffixes, counts = np.unique(hashes[order][longer.at], return_counts=True)
    place = np.minimum(np.searchsorted(suffixes, grams.hashes), len(suffixes) - 1)
    return np.where(suffixes[place] == grams.hashes, counts[place], grams.counts)


def _discounted(
    grams: _Grams, counts: NDArray[np.int64], shorter: NDArray[np.uint64]
) -> tuple[NDArray[np.float64], NDArray[np.uint64]]:
    """Discounted share of each n-gram in its context, and the hash of that context."""
    contexts = shorter[grams.at - 1]
    _, which = np.unique(contexts, return_inverse=True)
    totals = np.bincount(which, weights=counts)
    discounts = _discounts(counts)[np.minimum(counts, 3)]
    return np.maximum(counts - discounts, 0) / totals[which], contexts


def _discounts(counts: NDArray[np.int64]) -> NDArray[np.float64]:
    """Modified Kneser-Ney discounts for counts 0, 1, 2 and 3 or more (Chen and Goodman 1998, equation 26)."""
    n = np.maximum(np.bincount(np.minimum(counts, 5), minlength=6)[:5], 1).astype(float)
    y = n[1] / (n[1] + 2 * n[2])
    d = [k - (k + 1) * y * n[k + 1] / n[k] for k in (1, 2, 3)]
    return np.array([0.0, *np.clip(d, 0.1, [0.95, 1.9, 2.9])])


def _mass_left(contexts: NDArray[np.uint64], share: NDArray[np.float64]) -> dict[str, NDArray]:
    """The probability that each context's kept n-grams leave over."""
    found, which = np.unique(contexts, return_inverse=True)
    return {"hashes": found, "left": 1 - np.bincount(which, weights=share, minlength=len(found))}


def _lookup_left(left: dict[str, NDArray], hashes: NDArray, ids: NDArray[np.int32], n: int) -> NDArray[np.uint8]:
    out = np.ones(n)
    words, first = np.unique(ids, return_index=True)
    out[words] = _left_of(left, hashes[first])
    return _quantise(out)


def _left_of(left: dict[str, NDArray], hashes: NDArray[np.uint64]) -> NDArray[np.float64]:
    place = np.minimum(np.searchsorted(left["hashes"], hashes), len(left["hashes"]) - 1)
    return np.where(left["hashes"][place] == hashes, left["left"][place], 1.0)


def _with_left(table: _Unsorted, left: dict[str, NDArray]) -> _Unsorted:
    return table[0], table[1], _left_of(left, table[0])


def _table(table: _Unsorted) -> NgramTable:
    """Sort by key; of n-grams that share one (a few hundred) the first stays."""
    stored, first = np.unique(keys(table[0]), return_index=True)
    left = None if table[2] is None else _quantise(table[2][first])
    return NgramTable(stored, _quantise(table[1][first]), left)


def _quantise(probability: NDArray[np.float64]) -> NDArray[np.uint8]:
    bits = -np.log2(np.clip(probability, 2.0**-31.8, 1.0))
    return np.rint(bits * STEPS_PER_BIT).astype(np.uint8)
