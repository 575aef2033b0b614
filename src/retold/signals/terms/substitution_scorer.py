"""Suspect words of a batch and their candidates, in the columns of the term classifier."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from retold.channel.candidates import Candidates, CandidateTable, generate_candidates
from retold.channel.lexical_table import LexicalTable
from retold.language_model.batch import Batch
from retold.language_model.vocabulary import SPECIAL, UNKNOWN
from retold.signals.terms.classifier import CANDIDATE_COLUMNS, SUSPECT_COLUMNS, TermClassifier

# Gains beyond these bits count no further; an outlier must not carry a verdict.
_GAIN_RANGE = (-10.0, 20.0)
# Newness assumed for words outside the table: the mean over it.
_DEFAULT_NEW = 0.3
# Words on each side among which unknown ones are counted; by judgement.
_NEAR = 3
# Below these log-odds the prior of a candidate counts no further; by judgement.
_MIN_PRIOR = -3
_LN2 = float(np.log(2))
_UNKNOWN = SPECIAL.index(UNKNOWN)


@dataclass(frozen=True)
class ScoredCandidates:
    """Candidates of a batch with their posteriors.

    Attributes:
        suspects: The suspects and their candidates.
        candidates: The table that ``suspects.pair`` indexes.
        best: int64 (n,): the best candidate of each suspect, an index into the candidates' arrays of ``suspects``.
        choice: float64 (n_candidates,): posterior among the candidates of a suspect.
        is_likely: bool (n,): True where context and channel together favour another word.
        change_logit: float64 (n,): log-odds that the word was changed.
        posterior: float64 (n,): the same as a probability.
        uses: float64 (n,): how often the article uses the word, in any form.
        candidate_uses: float64 (n_candidates,): how often the article uses each candidate.
        article: int64 (n,): the article of each suspect.
    """

    suspects: Candidates
    candidates: CandidateTable
    best: NDArray[np.int64]
    choice: NDArray[np.float64]
    is_likely: NDArray[np.bool_]
    change_logit: NDArray[np.float64]
    posterior: NDArray[np.float64]
    uses: NDArray[np.float64]
    candidate_uses: NDArray[np.float64]
    article: NDArray[np.int64]


class SubstitutionScorer:
    """Finds suspects and describes them; shared by the signal and by the training that fits the classifier."""

    def __init__(self, channel: LexicalTable, candidates: CandidateTable) -> None:
        self.candidates = candidates
        number = candidates.number
        self.in_channel = number >= 0
        self._lemma = np.where(self.in_channel, channel.lemma[number], np.int32(-1))
        new = np.where(self.in_channel, channel.p_inserted[number], np.float32(_DEFAULT_NEW))
        self.newness = np.log(new / (1 - new))
        self.drift = np.where(self.in_channel, channel.log_frequency_ratio[number], np.float32(0))

    def suspects(self, batch: Batch) -> Candidates:
        """The suspects of a batch and their candidates, scored in context; names are left alone."""
        return generate_candidates(batch, self.candidates)

    def describe_candidates(self, batch: Batch, suspects: Candidates) -> NDArray[np.float64]:
        """float64 (n_candidates, len(CANDIDATE_COLUMNS)).

        Bits by which the candidate fits better, and their square; log2 P(observed | intended); whether the curated and the learned
        table list it; log2 of 1 + its uses in the article; its surprisal in bits under the 1-gram model.
        """
        table, pair = self.candidates, suspects.pair
        intended = table.intended[pair]
        gain = np.clip(suspects.gain, *_GAIN_RANGE)
        uses = self._count_lemmas(batch, batch.article_of(suspects.place)[suspects.of], intended)
        listed = (table.curated[pair] >= 0, table.learned[pair] >= 0)
        rarity = -np.log2(batch.model.unigrams[intended])
        columns = (gain, gain**2 / 10, table.bits[pair], *listed, np.log2(1 + uses), rarity)
        return np.column_stack(columns).astype(np.float64)

    def describe(
        self, batch: Batch, suspects: Candidates, columns: NDArray[np.float64], choice: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], NDArray[np.int64], NDArray[np.float64]]:
        """Describe each suspect by its best candidate and its surroundings.

        Args:
            batch: The articles.
            suspects: Their suspects.
            columns: float64 (n_candidates, len(CANDIDATE_COLUMNS)), from ``describe_candidates``.
            choice: float64 (len(CANDIDATE_COLUMNS),): weights between candidates.

        Returns:
            float64 (n, len(SUSPECT_COLUMNS)); int64 (n,), the best candidate of each suspect; float64 (n_candidates,), the
            candidates' posteriors.
        """
        n, of = len(suspects.place), suspects.of
        if not n:
            return np.zeros((0, len(SUSPECT_COLUMNS))), np.zeros(0, np.int64), np.zeros(0)
        first = np.searchsorted(of, np.arange(n))
        utility = columns @ choice
        posterior = np.exp(utility - log_sum(utility, of, first)[of])
        highest = np.flatnonzero(utility == np.maximum.reduceat(utility, first)[of])
        # Written backwards, so that of equals the first stays.
        best = np.empty(n, dtype=np.int64)
        best[of[highest[::-1]]] = highest[::-1]
        rarity = batch.bits[0, suspects.place].astype(np.float64)
        channel, gain = columns[:, 2], columns[:, 0]
        odds = log_sum(_LN2 * (gain + channel), of, first)
        prior = log_sum(_LN2 * (channel - columns[:, 6] + rarity[of]), of, first)
        new = self.newness[batch.ids[suspects.place]]
        best_gain = np.maximum(gain[best], 0)
        numbers = [
            *columns[best].T,
            *(np.log(posterior[best]), odds, prior, new, np.maximum(new, 0)),
            *self._surroundings(batch, suspects),
            *(best_gain * new, best_gain * np.maximum(prior, _MIN_PRIOR), np.maximum(odds, 0)),
        ]
        return np.column_stack(numbers), best, posterior

    def _surroundings(self, batch: Batch, suspects: Candidates) -> tuple[NDArray, ...]:
        """The columns from ``drift`` to ``unknown_nearby``."""
        ids, bits, place = batch.ids, batch.bits, suspects.place
        follows = np.minimum(place + 1, len(ids) - 1)
        near = place[:, None] + np.arange(-_NEAR, _NEAR + 1)
        article = batch.article_of(place)[:, None]
        inside = (near >= batch.offsets[article]) & (near < batch.offsets[article + 1])
        uses = self._count_lemmas(batch, batch.article_of(place), ids[place])
        return (
            self.drift[ids[place]],
            bits[3, place],
            bits[0, place] - bits[3, place],
            suspects.observed_bits - bits[3, place],
            np.where(batch.opens_sentence[follows] | (follows == place), 0, bits[0, follows] - bits[1, follows]),
            bits[0, place],
            np.log2(np.maximum(uses, 1)),
            batch.opens_sentence[place],
            (inside & (ids[np.where(inside, near, 0)] == _UNKNOWN)).sum(1),
        )

    def _count_lemmas(self, batch: Batch, articles: NDArray[np.int64], ids: NDArray[np.int32]) -> NDArray[np.float64]:
        """float64 (n,): how often the lemma of each word of ``ids`` occurs in the article beside it."""
        n = int(self._lemma.max(initial=0)) + 2
        keys, counts = np.unique(batch.articles_of_tokens * n + self._lemma[batch.ids] + 1, return_counts=True)
        wanted = articles * n + self._lemma[ids] + 1
        at = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
        return np.where(keys[at] == wanted, counts[at], 0).astype(np.float64)

    def score(self, batch: Batch, classifier: TermClassifier) -> ScoredCandidates:
        """Find the suspects of a batch and give each its posterior."""
        suspects = self.suspects(batch)
        columns = self.describe_candidates(batch, suspects)
        numbers, best, choice = self.describe(batch, suspects, columns, classifier.choice)
        change_logit = numbers @ classifier.suspect[:-1] + classifier.suspect[-1]
        return ScoredCandidates(
            suspects,
            self.candidates,
            best,
            choice,
            is_likely=numbers[:, SUSPECT_COLUMNS.index("odds")] > 0,
            change_logit=change_logit,
            posterior=expit(change_logit),
            uses=2 ** numbers[:, SUSPECT_COLUMNS.index("repeated")],
            # Logarithms come back a hair short of whole numbers.
            candidate_uses=np.rint(2 ** columns[:, CANDIDATE_COLUMNS.index("elsewhere")] - 1),
            article=batch.article_of(suspects.place),
        )


def log_sum(values: NDArray[np.float64], of: NDArray[np.int64], first: NDArray[np.int64]) -> NDArray[np.float64]:
    """Log of the summed exponentials of each suspect's candidates.

    Args:
        values: float64 (n_candidates,).
        of: int64 (n_candidates,): the suspect of each candidate, ascending.
        first: int64 (n,): the first candidate of each suspect.
    """
    highest = np.maximum.reduceat(values, first)
    return highest + np.log(np.add.reduceat(np.exp(values - highest[of]), first))
