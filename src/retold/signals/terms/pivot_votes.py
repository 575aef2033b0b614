"""Votes: what the suspects of an article say together of its pivot, and which candidate agrees with them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from retold.channel.lexical_table import PIVOTS, STEPS_PER_BIT, LexicalTable
from retold.signals.terms.classifier import ScoredCandidates

# What the article as a whole prefers counts for half of a pair's own preference for a pivot.
_ARTICLE_VOTE = 0.5
# Votes for pivots count up to so many bits: one article never rules a language out.
_PIVOT_RANGE = 6.0


class PivotVotes:
    """The pivots' votes under one channel."""

    def __init__(self, channel: LexicalTable) -> None:
        self._channel = channel

    def of(self, reading: ScoredCandidates, n: int) -> NDArray[np.float64]:
        """float64 (n_articles, n_pivots): log2 odds of each pivot, summed over the suspects that look changed."""
        votes = np.zeros((n, len(PIVOTS)))
        likely = np.flatnonzero(reading.likely)
        np.add.at(votes, reading.article[likely], reading.posterior[likely, None] * self._best_bits(reading, likely))
        return votes

    def _best_bits(self, reading: ScoredCandidates, suspects: NDArray[np.int64]) -> NDArray[np.float64]:
        """float64 (n, n_pivots): what the best pair of each suspect says of the pivots, in bits."""
        return self.bits_of(reading, reading.suspects.pair[reading.best[suspects]])

    def bits_of(self, reading: ScoredCandidates, pair: NDArray[np.int64]) -> NDArray[np.float64]:
        """The same for pairs of the candidates' table: float64 (len(pair), n_pivots)."""
        rows = reading.candidates.learned[pair], reading.candidates.known[pair]
        bits = np.zeros((len(pair), len(PIVOTS)))
        for row, table in zip(rows, (self._channel.learned, self._channel.known), strict=True):
            listed = row >= 0
            bits[listed] += table.pivot_bits[row[listed]] / STEPS_PER_BIT
        return bits

    def best(self, reading: ScoredCandidates, s: int, votes: NDArray[np.float64]) -> tuple[int, float]:
        """The candidate that also agrees with the pivot for which the article votes, and its share among its rivals."""
        first, last = np.searchsorted(reading.suspects.of, [s, s + 1])
        weight = reading.choice[first:last] * self.agreement(reading, reading.suspects.pair[first:last], votes)
        return int(first + np.argmax(weight)), float(weight.max() / weight.sum())

    def agreement(
        self, reading: ScoredCandidates, pair: NDArray[np.int64], votes: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """float64 (len(pair),): how well pairs go with the pivots that an article votes for."""
        share = np.exp2(np.clip(votes - votes.max(), -_PIVOT_RANGE, 0))
        return np.asarray(np.exp2(self.bits_of(reading, pair)) @ (share / share.sum()))

    def likeliest(self, reading: ScoredCandidates, candidate: int, votes: NDArray[np.float64]) -> str:
        """The pivot that explains a candidate best, the article's votes included."""
        own = self.bits_of(reading, reading.suspects.pair[[candidate]])[0]
        return PIVOTS[int(np.argmax(own + _ARTICLE_VOTE * votes))]
