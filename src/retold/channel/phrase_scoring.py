"""PhraseScorer: where a batch holds a phrase that machines put for another, with what speaks for that."""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce

import numpy as np
from numpy.typing import NDArray

from retold.channel.phrase_table import CONTEXT_BITS, MAX_WORDS, PhraseTable, code, codes, mix
from retold.language_model import LanguageModel
from retold.language_model.batch import Batch
from retold.language_model.rescoring import phrase_substitution_gains, window_bits

COLUMNS = (
    *("prior", "prior_squared", "count", "gain", "gain_high", "prior_gain", "near_gain", "near_gain_high", "far_gain"),
    *("rival", "rival_squared", "rivals", "surprise", "context_help", "window", "uses", "elsewhere", "meant_rarity"),
    *("seen_rarity", "one_word", "many_words", "longer", "opens_sentence"),
)
# Gains beyond these bits say no more; an outlier must not carry a span.
_GAIN_RANGE = (-12.0, 20.0)
# What a rival counts for the bits by which it fits better, and what the phrase observed counts beside all its rivals.
_RIVAL_GAIN, _STAYS = 0.35, 0.3
# What one context weight is multiplied by: small, so that fitting trusts a word beside a phrase less than the columns.
CONTEXT_SCALE = 0.2


@dataclass(frozen=True)
class PhraseMatch:
    """Occurrences of phrases with a candidate each: token in the batch and row of the table, int64 (n,), sorted."""

    place: NDArray[np.int64]
    row: NDArray[np.int64]


class PhraseScorer:
    """A table made ready for one language model."""

    def __init__(self, table: PhraseTable, model: LanguageModel) -> None:
        self.table = table
        ids = [tuple(tuple(model.vocabulary.ids(text.split()).tolist()) for text in pair) for pair in table.pairs]
        self._seen = np.array([code(observed) for observed, _ in ids], dtype=np.uint64)
        self._pair = np.array([code((*observed, -1, *intended)) for observed, intended in ids], dtype=np.uint64)
        self.length, self._width = (np.array([len(pair[side]) for pair in ids], dtype=np.int64) for side in (0, 1))
        self._meant = [intended for _, intended in ids]
        rarity = -np.log2(np.maximum(model.unigrams, 1e-9))
        self._rarest = np.array([[max(p, key=lambda w: rarity[w]) for p in pair] for pair in ids]).reshape(-1, 2)
        self._rarity = rarity
        order = np.argsort(self._seen, kind="stable")
        self._keys, self._first, self._count = np.unique(self._seen[order], return_index=True, return_counts=True)
        self._order = order

    def find(self, batch: Batch) -> PhraseMatch:
        """Every candidate of every phrase of the table in a batch; names are left alone."""
        small = ~batch.is_name
        places, rows = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)]
        for length in range(1, MAX_WORDS + 1) if len(self._keys) else ():
            number = codes(batch.ids, length)
            at = np.minimum(np.searchsorted(self._keys, number), len(self._keys) - 1)
            last = np.minimum(np.arange(len(number)) + length - 1, len(number) - 1)
            whole = batch.depth[last] - batch.depth == length - 1
            place = np.flatnonzero((self._keys[at] == number) & whole & small)
            of = np.repeat(place, self._count[at[place]])
            within = np.arange(len(of)) - np.repeat(
                np.cumsum(self._count[at[place]]) - self._count[at[place]], self._count[at[place]]
            )
            places.append(of)
            rows.append(self._order[self._first[at[of]] + within])
        place, row = np.concatenate(places), np.concatenate(rows)
        order = np.lexsort((row, place))
        return PhraseMatch(place[order], row[order])

    def log_odds(self, batch: Batch, found: PhraseMatch) -> NDArray[np.float64]:
        """float64 (n,): log-odds that each candidate is exactly what the original had there."""
        mean, spread = self.table.standard
        standard = (self.describe(batch, found) - mean) / spread
        context = self.table.context[self.contexts(batch, found)].astype(np.float64).sum(1)
        # einsum adds in one order whatever the batch; a matrix product need not.
        weighed = np.einsum("ij,j->i", standard, self.table.weights[:-1])
        return np.asarray(weighed + CONTEXT_SCALE * context + self.table.weights[-1])

    def describe(self, batch: Batch, found: PhraseMatch) -> NDArray[np.float64]:
        """float64 (n, len(COLUMNS)): what speaks for each candidate."""
        place, row = found.place, found.row
        share, bits = self.table.share[row].astype(np.float64), batch.bits
        intended = [self._meant[r] for r in row.tolist()]
        gains = phrase_substitution_gains(batch, place, self.length[row], intended)
        # Under the 2-gram and under the 4-gram model.
        near, far = np.clip(gains[[1, 3]], *_GAIN_RANGE)
        prior = np.log2(share)
        rival, rivals = self._rivals(found, prior + _RIVAL_GAIN * far)
        uses, elsewhere = (self._mentions(batch, place, self._rarest[row, side]) for side in (0, 1))
        columns = (
            *(np.log2(share / (1 - np.minimum(share, 0.95))), prior**2 / 20),
            np.minimum(np.log2(self.table.count[row]), 10),
            *(far / 4, np.maximum(far, 0) ** 2 / 40, prior * far / 10),
            *(near / 4, np.maximum(near, 0) ** 2 / 40, (far - near) / 4 * (far > 0)),
            *(rival, rival**2 / 10, rivals),
            np.minimum(bits[3, place], 20) / 4,
            np.clip(bits[0, place] - bits[3, place], -8, 10) / 4,
            window_bits(batch, place)[-1] / 20,
            *(np.log2(np.maximum(uses, 1)), np.log2(1 + elsewhere)),
            *(self._rarity[self._rarest[row, side]] / 4 for side in (1, 0)),
            *(self.length[row] == 1, self.length[row] > 2, self._width[row] - self.length[row]),
            batch.opens_sentence[place],
        )
        return np.column_stack(columns).astype(np.float64)

    def _rivals(self, found: PhraseMatch, fit: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """log2 of each candidate's share among the rivals for its phrase, and of all of them together."""
        _, phrase = np.unique(found.place * (MAX_WORDS + 1) + self.length[found.row], return_inverse=True)
        weight = np.exp2(fit)
        total = np.bincount(phrase, weight)[phrase] if len(phrase) else weight
        return np.log2(weight / (total + _STAYS)), np.log2(total + 1e-3)

    def _mentions(self, batch: Batch, place: NDArray[np.int64], words: NDArray[np.int64]) -> NDArray[np.int64]:
        """int64 (n,): uses of each word in the article of its place."""
        size = len(batch.model.vocabulary)
        owner = batch.articles_of_tokens
        keys, counts = batch.shared("uses", lambda: np.unique(owner * size + batch.ids, return_counts=True))
        wanted = owner[place] * size + words
        at = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
        return np.where(keys[at] == wanted, counts[at], 0)

    def contexts(self, batch: Batch, found: PhraseMatch) -> NDArray[np.int64]:
        """int64 (n, 6): the context weights that concern each candidate."""
        place, last = found.place, found.place + self.length[found.row]
        follows = np.minimum(last, len(batch.ids) - 1)
        inside = (last < len(batch.ids)) & (batch.depth[follows] == batch.depth[place] + self.length[found.row])
        left = np.where(batch.depth[place] > 1, batch.ids[np.maximum(place - 1, 0)] + 2, 0).astype(np.uint64)
        right = np.where(inside, batch.ids[follows] + 2, 1).astype(np.uint64)
        pair, observed = self._pair[found.row], self._seen[found.row]
        kinds = (
            (pair,),
            (pair, left),
            (pair, right, right),
            (pair, left, right),
            (observed, left),
            (observed, right, right),
        )
        numbers = [reduce(mix, kind) for kind in kinds]
        return np.column_stack([(number >> np.uint64(64 - CONTEXT_BITS)).astype(np.int64) for number in numbers])

    def text(self, row: int) -> str:
        """What the original probably had."""
        return self.table.pairs[row][1]


def strongest(
    found: PhraseMatch, length: NDArray[np.int64], log_odds: NDArray[np.float64], floor: float
) -> NDArray[np.int64]:
    """int64 (k,): candidates from a floor on, strongest first, none over the words of a stronger one.

    Args:
        found: The candidates.
        length: int64 (n_rows,): words of the phrase observed, for each row of the table.
        log_odds: float64 (n,): of the candidates.
        floor: Log-odds below which none is kept.
    """
    taken: set[int] = set()
    kept = []
    for i in np.argsort(-log_odds, kind="stable").tolist():
        if log_odds[i] < floor:
            break
        words = range(int(found.place[i]), int(found.place[i] + length[found.row[i]]))
        if taken.isdisjoint(words):
            taken.update(words)
            kept.append(i)
    return np.array(kept, dtype=np.int64)
