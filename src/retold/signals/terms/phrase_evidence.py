"""Phrases that machines put for others: which of them are shown, by signs that know nothing of each other.

The phrase table's own log-odds do not tell which phrases were changed: of round trips of stories and by engines that it had not
seen 72% of its best 1 per 1,000 words were, and 72% of its best 2. What tells is a second sign: that translation brings the word
in, whatever it stands for; that the words before and after it speak for the other phrase, too; or that the phrase seldom
survives a round trip. With such a sign 86% were changed, without 59%; so a phrase is shown only with one.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit

from retold.alignment.bitext import is_content
from retold.channel.phrase_scoring import PhraseMatch, PhraseScorer, strongest
from retold.channel.phrase_table import MAX_WORDS
from retold.language_model.batch import Batch
from retold.language_model.rescoring import phrase_substitution_gains

# All bounds and rates here are of 827 round trips of 220 stories by eight engines, each judged by a table learned without it; those
# that benchmarks/evidence.py reports are others. Log-odds from which a word counts as one that translation brings in:
BROUGHT_IN = 1.0
# Bits by which the other phrase fits better, beside the words next to it (the 2-gram model) and in all its window (the
# 4-gram model), if that alone is to convince;
_NEAR_WINS, _WINDOW_WINS = 8.0, 4.0
# and beside a phrase of which this share did not survive in the round trips learned from.
_NEAR_HELPS, _REPLACED_SHARE = 4.0, 0.3
# Where only words of grammar differ, only the table's own log-odds from here on and the whole window convince: 88% were changed.
_GRAMMAR_LOG_ODDS = -0.15
# Words more frequent than this many bits say nothing of where a phrase comes from.
_FREQUENT_BITS = 9.0
# By how much a second sign raises the log-odds that a phrase was changed: from 68 to 82%, less than was seen.
_AGREEMENT = 0.75
# Nothing convinces below these log-odds that exactly the other phrase stood there; from -0.8 on, 80% instead of 82% were changed.
_MIN_LOG_ODDS = -0.6


@dataclass(frozen=True, slots=True)
class ShownPhrase:
    """A phrase to show: its tokens in the batch, what it stands for, its score, and whether that is suggested."""

    tokens: range
    intended: str
    score: float
    suggests: bool


class PhraseEvidence:
    """Finds the phrases of a batch that are shown.

    Args:
        scorer: The phrase table made ready.
        newness: float64 (n_vocabulary,): log-odds that a word in a round trip was not in the original.
    """

    def __init__(self, scorer: PhraseScorer, newness: NDArray[np.float64]) -> None:
        self._scorer, self._newness = scorer, newness
        pairs, share = scorer.table.pairs, scorer.table.share
        _, phrase = np.unique([observed for observed, _ in pairs], return_inverse=True)
        self._replaced = np.bincount(phrase, share)[phrase] if pairs else np.zeros(0)
        self._rewords = np.array([_rewords(*pair) for pair in pairs], dtype=bool)

    def find(self, batch: Batch) -> list[ShownPhrase]:
        """The phrases to show, strongest first, none over the words of a stronger one."""
        scorer, table = self._scorer, self._scorer.table
        found = scorer.find(batch)
        log_odds = scorer.log_odds(batch, found)
        kept = np.flatnonzero(log_odds >= max(float(table.settings[0]), _MIN_LOG_ODDS))
        found, log_odds = PhraseMatch(found.place[kept], found.row[kept]), log_odds[kept]
        near, window = self._gains(batch, found)
        kept = np.flatnonzero(self._agrees(batch, found, log_odds, near, window))
        found, log_odds, near = PhraseMatch(found.place[kept], found.row[kept]), log_odds[kept], near[kept]
        return [
            self._shown(int(found.place[i]), int(found.row[i]), float(log_odds[i]), float(near[i]))
            for i in strongest(found, scorer.length, log_odds, -np.inf).tolist()
        ]

    def _gains(self, batch: Batch, found: PhraseMatch) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Bits by which the other phrases fit better under the 2-gram and under the 4-gram model, float32 (n,) each."""
        vocabulary = batch.model.vocabulary
        intended = [vocabulary.ids(self._scorer.text(row).split()).tolist() for row in found.row.tolist()]
        _, near, _, window = phrase_substitution_gains(batch, found.place, self._scorer.length[found.row], intended)
        return near, window

    def _agrees(
        self,
        batch: Batch,
        found: PhraseMatch,
        log_odds: NDArray[np.float64],
        near: NDArray[np.float32],
        window: NDArray[np.float32],
    ) -> NDArray[np.bool_]:
        """bool (n,): where another sign agrees with the log-odds."""
        is_brought_in = (self._newness_of(batch, found) >= BROUGHT_IN) & (window > 0)
        fits = (near >= _NEAR_WINS) & (window > _WINDOW_WINS)
        seldom_survives = (self._replaced[found.row] > _REPLACED_SHARE) & (near > _NEAR_HELPS) & (window > 0)
        is_grammar = (log_odds >= _GRAMMAR_LOG_ODDS) & (window > _WINDOW_WINS)
        return np.where(self._rewords[found.row], is_brought_in | fits | seldom_survives, is_grammar)

    def _newness_of(self, batch: Batch, found: PhraseMatch) -> NDArray[np.float64]:
        """float64 (n,): newness of the newest of the rarer words of each phrase, or of all its words if none is rare."""
        step = np.arange(MAX_WORDS)
        at = np.minimum(found.place[:, None] + step, len(batch.ids) - 1)
        is_inside = step < self._scorer.length[found.row][:, None]
        is_rare = is_inside & (batch.bits[0, at] > _FREQUENT_BITS)
        counts = np.where(is_rare.any(1)[:, None], is_rare, is_inside)
        return np.where(counts, self._newness[batch.ids[at]], -np.inf).max(1)

    def _shown(self, place: int, row: int, log_odds: float, near: float) -> ShownPhrase:
        tokens = range(place, place + int(self._scorer.length[row]))
        score = float(expit(logit(self._scorer.table.chance(log_odds)) + _AGREEMENT))
        # Suggested is what the words beside it speak for, 47% of it exactly right, and words of grammar, 58%.
        suggests = near >= _NEAR_WINS or not self._rewords[row]
        return ShownPhrase(tokens, self._scorer.text(row), score, suggests)


def _rewords(observed: str, intended: str) -> bool:
    """True if a word of content gave way."""
    return any(is_content(word) for word in set(observed.split()) - set(intended.split()))
