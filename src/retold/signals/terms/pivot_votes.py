"""Pivot votes: the suspects of an article together favour a pivot, and that favours one candidate of each suspect."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from retold.channel.lexical_table import PIVOTS, STEPS_PER_BIT, LexicalTable
from retold.signals.terms.substitution_scorer import ScoredCandidates

# What the article as a whole prefers counts for half of a pair's own preference for a pivot.
_ARTICLE_VOTE = 0.5
# Votes for pivots count up to so many bits: one article never rules a language out.
_PIVOT_RANGE = 6.0


class PivotVotes:
    """Votes for pivots under one channel."""

    def __init__(self, channel: LexicalTable) -> None:
        self._channel = channel

    def of_articles(self, scored: ScoredCandidates, n_articles: int) -> NDArray[np.float64]:
        """float64 (n_articles, n_pivots): log2 odds of each pivot, summed over the suspects that look changed."""
        votes = np.zeros((n_articles, len(PIVOTS)))
        likely = np.flatnonzero(scored.is_likely)
        bits = self.bits_of(scored, scored.suspects.pair[scored.best[likely]])
        np.add.at(votes, scored.article[likely], scored.posterior[likely, None] * bits)
        return votes

    def bits_of(self, scored: ScoredCandidates, pair: NDArray[np.int64]) -> NDArray[np.float64]:
        """float64 (len(pair), n_pivots): log2 odds of each pivot by pairs of the candidates' table alone."""
        rows = scored.candidates.learned[pair], scored.candidates.curated[pair]
        bits = np.zeros((len(pair), len(PIVOTS)))
        for row, table in zip(rows, (self._channel.learned, self._channel.curated), strict=True):
            listed = row >= 0
            bits[listed] += table.pivot_bits[row[listed]] / STEPS_PER_BIT
        return bits

    def best_candidate(self, scored: ScoredCandidates, suspect: int, votes: NDArray[np.float64]) -> tuple[int, float]:
        """The candidate that also agrees with the article's votes (n_pivots,), and its share among its rivals, 0 to 1."""
        first, last = np.searchsorted(scored.suspects.of, [suspect, suspect + 1])
        weight = scored.choice[first:last] * self.agreement(scored, scored.suspects.pair[first:last], votes)
        return int(first + np.argmax(weight)), float(weight.max() / weight.sum())

    def agreement(
        self, scored: ScoredCandidates, pair: NDArray[np.int64], votes: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """float64 (len(pair),): expected odds of pairs under the pivots that an article votes for."""
        share = np.exp2(np.clip(votes - votes.max(), -_PIVOT_RANGE, 0))
        return np.asarray(np.exp2(self.bits_of(scored, pair)) @ (share / share.sum()))

    def best_pivot(self, scored: ScoredCandidates, candidate: int, votes: NDArray[np.float64]) -> str:
        """The pivot that explains a candidate best, the article's votes (n_pivots,) included."""
        bits = self.bits_of(scored, scored.suspects.pair[[candidate]])[0]
        return PIVOTS[int(np.argmax(bits + _ARTICLE_VOTE * votes))]
