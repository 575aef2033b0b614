"""The words of a batch that may have been another word, with what speaks for each candidate."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from retold.channel.lexical_table import LexicalTable, SenseTable
from retold.language_model import LanguageModel
from retold.language_model.batch import Batch
from retold.language_model.rescoring import substituted_bits, window_bits

# Looked at only if the word surprises its context by so many bits, and no candidate fits a place that is well filled.
MIN_SURPRISE = 6.0
# A word that its context makes likelier than its frequency does by so many bits is at home there.
MAX_CONTEXT_HELP = 5.0
# A candidate is scored in context only if it may explain the word at all: P(observed | intended) of 1 in 1,000.
MIN_CHANNEL_BITS = -10.0
# CandidateTable tried for a word, those first that explain it best before its context is read.
MAX_CANDIDATES = 8
_NO_ROW = -1


@dataclass(frozen=True)
class CandidateTable:
    """Learned and curated pairs over vocabulary ids, sorted by the word observed.

    ``start`` int64 (n_vocabulary + 1,), ``intended`` int32 vocabulary ids, ``bits`` float32, ``learned`` and ``curated``
    int32 rows of the two tables' ``pivot_bits`` (-1 for none), all (n_pairs,); ``number`` int32 (n_vocabulary,) is the
    channel's number of each vocabulary word.
    """

    start: NDArray[np.int64]
    intended: NDArray[np.int32]
    bits: NDArray[np.float32]
    learned: NDArray[np.int32]
    curated: NDArray[np.int32]
    number: NDArray[np.int32]

    @classmethod
    def build(cls, channel: LexicalTable, model: LanguageModel) -> CandidateTable:
        """Join the two tables; a pair in both keeps the better likelihood and both rows."""
        vocabulary = model.vocabulary
        n = len(channel.words)
        keys, bits, learned = _flat(channel.learned, n)
        curated_keys, curated_bits, curated = _flat(channel.curated, n)
        joined = _union(keys, curated_keys)
        rows = [_spread(joined, k, r, _NO_ROW) for k, r in ((keys, learned), (curated_keys, curated))]
        best = np.maximum(_spread(joined, keys, bits, -99.0), _spread(joined, curated_keys, curated_bits, -99.0))
        number = channel.numbers(vocabulary)
        ids = vocabulary.ids(channel.words)
        observed, joint = ids[joined // n], best + np.log2(model.unigrams[ids[joined % n]])
        order = np.lexsort((-joint, observed))
        order = order[best[order] >= MIN_CHANNEL_BITS]
        rank = np.arange(len(order)) - np.searchsorted(observed[order], observed[order])
        order = order[rank < MAX_CANDIDATES]
        start = np.searchsorted(ids[joined // n][order], np.arange(len(vocabulary) + 1))
        return cls(start, ids[joined % n][order], best[order], rows[0][order], rows[1][order], number)


def _flat(table: SenseTable, n: int) -> tuple[NDArray[np.int64], NDArray[np.float32], NDArray[np.int32]]:
    """Keys ``observed * n + intended``, sorted, with the bits and rows that belong to them."""
    observed = np.repeat(np.arange(len(table.start) - 1), np.diff(table.start))
    keys = observed * n + table.intended
    order = np.argsort(keys)
    return keys[order], table.bits[order], table.row[order]


def _union(a: NDArray[np.int64], b: NDArray[np.int64]) -> NDArray[np.int64]:
    """The sorted union of sorted arrays: a stable sort merges them, which ``np.union1d`` does not."""
    both = np.sort(np.concatenate([a, b]), kind="stable")
    is_first = np.ones(len(both), dtype=bool)
    is_first[1:] = both[1:] != both[:-1]
    return both[is_first]


def _spread(joined: NDArray, keys: NDArray, values: NDArray, missing: float) -> NDArray:
    out = np.full(len(joined), missing, dtype=values.dtype)
    out[np.searchsorted(joined, keys)] = values
    return out


@dataclass(frozen=True)
class Candidates:
    """Words under change_logit and their candidates.

    ``place`` int64 (n,): token in the batch. The rest has an entry a candidate, those of one suspect together:
    ``of`` int64: index of the suspect; ``pair`` int64: index into ``CandidateTable``; ``gain`` float32: bits by which the
    candidate fits its place better than the word observed; ``observed_bits`` float32 (n,): surprisal of the window as observed.
    """

    place: NDArray[np.int64]
    of: NDArray[np.int64]
    pair: NDArray[np.int64]
    gain: NDArray[np.float32]
    observed_bits: NDArray[np.float32]


def generate_candidates(batch: Batch, candidates: CandidateTable) -> Candidates:
    """Score every candidate of every suspicious word of a batch in one look-up; names are left alone.

    Args:
        batch: The articles.
        candidates: The pairs to try.
    """
    ids, bits = batch.ids, batch.bits
    count = candidates.start[ids + 1] - candidates.start[ids]
    suspicious = (count > 0) & ~batch.is_name & (bits[3] >= MIN_SURPRISE) & (bits[0] - bits[3] <= MAX_CONTEXT_HELP)
    place = np.flatnonzero(suspicious)
    of = np.repeat(np.arange(len(place)), count[place])
    within = np.arange(len(of)) - np.repeat(np.cumsum(count[place]) - count[place], count[place])
    pair = candidates.start[ids[place]][of] + within
    observed_bits = window_bits(batch, place)[-1]
    gain = observed_bits[of] - substituted_bits(batch, place[of], candidates.intended[pair][:, None])[-1]
    return Candidates(place, of, pair, gain, observed_bits)
