"""The numbers by which a suspect word and its candidates are judged."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from retold.channel.candidates import Candidates, Suspects, generate_candidates
from retold.channel.lexical_table import LexicalTable
from retold.language_model.batch import Batch
from retold.signals.terms.weights import CANDIDATE_COLUMNS, SUSPECT_COLUMNS, TermWeights

# Gains beyond these bits say no more; an outlier must not carry a verdict.
_GAIN_RANGE = (-10.0, 20.0)
# Newness assumed for words outside the table: the mean over it.
_DEFAULT_NEW = 0.3
_NEAR = 3
_LN2 = float(np.log(2))


@dataclass(frozen=True)
class ScoredCandidates:
    """Suspects of a batch with their posteriors.

    Attributes:
        suspects: The suspects and their candidates.
        candidates: The table that ``suspects.pair`` indexes.
        best: int64 (n,): the best candidate of each suspect, an index into the candidates' arrays of ``suspects``.
        choice: float64 (n_candidates,): posterior among the candidates of a suspect.
        likely: bool (n,): suspects for which context and channel together favour another word.
        change_logit: float64 (n,): log-odds that the word was changed.
        posterior: float64 (n,): the same as a probability.
        uses: float64 (n,): how often the article uses the word, in any form.
        said: float64 (n_candidates,): how often the article uses each candidate.
        article: int64 (n,): the article of each suspect.
    """

    suspects: Suspects
    candidates: Candidates
    best: NDArray[np.int64]
    choice: NDArray[np.float64]
    likely: NDArray[np.bool_]
    change_logit: NDArray[np.float64]
    posterior: NDArray[np.float64]
    uses: NDArray[np.float64]
    said: NDArray[np.float64]
    article: NDArray[np.int64]

    @property
    def elsewhere(self) -> NDArray[np.float64]:
        """float64 (n,): how often the article uses the best candidate of each suspect."""
        return self.said[self.best]


def log_sum(values: NDArray[np.float64], of: NDArray[np.int64], first: NDArray[np.int64]) -> NDArray[np.float64]:
    """log of the summed exponentials of each suspect's candidates."""
    top = np.maximum.reduceat(values, first)
    return top + np.log(np.add.reduceat(np.exp(values - top[of]), first))


class SubstitutionScorer:
    """Finds and weighs suspects; shared by the signal and by the training that fits its weights."""

    def __init__(self, channel: LexicalTable, candidates: Candidates) -> None:
        self.candidates = candidates
        number = candidates.number
        self.is_known = number >= 0
        self._lemma = np.where(self.is_known, channel.lemma[number], np.int32(-1))
        new = np.where(self.is_known, channel.new[number], np.float32(_DEFAULT_NEW))
        self.newness = np.log(new / (1 - new))
        self.drift = np.where(self.is_known, channel.drift[number], np.float32(0))

    def suspects(self, batch: Batch) -> Suspects:
        """The suspects of a batch, scored in context."""
        return generate_candidates(batch, self.candidates)

    def _mentions(self, batch: Batch, articles: NDArray[np.int64], ids: NDArray[np.int32]) -> NDArray[np.float64]:
        """How often the lemma of each word occurs in each article."""
        n = int(self._lemma.max(initial=0)) + 2
        keys, counts = np.unique(batch.articles_of_tokens * n + self._lemma[batch.ids] + 1, return_counts=True)
        wanted = articles * n + self._lemma[ids] + 1
        at = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
        return np.where(keys[at] == wanted, counts[at], 0).astype(np.float64)

    def describe_candidates(self, batch: Batch, found: Suspects) -> NDArray[np.float64]:
        """float64 (n_candidates, len(CANDIDATE_COLUMNS))."""
        table, pair = self.candidates, found.pair
        meant = table.meant[pair]
        gain = np.clip(found.gain, *_GAIN_RANGE)
        elsewhere = self._mentions(batch, batch.article_of(found.place)[found.of], meant)
        listed = (table.known[pair] >= 0, table.learned[pair] >= 0)
        rarity = -np.log2(batch.model.unigrams[meant])
        columns = (gain, gain**2 / 10, table.bits[pair], *listed, np.log2(1 + elsewhere), rarity)
        return np.column_stack(columns).astype(np.float64)

    def describe(
        self, batch: Batch, found: Suspects, columns: NDArray[np.float64], choice: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], NDArray[np.int64], NDArray[np.float64]]:
        """Numbers of each suspect (n, len(SUSPECT_COLUMNS)), its best candidate (n,), the candidates' posteriors."""
        n, of = len(found.place), found.of
        if not n:
            return np.zeros((0, len(SUSPECT_COLUMNS))), np.zeros(0, np.int64), np.zeros(0)
        first = np.searchsorted(of, np.arange(n))
        utility = columns @ choice
        posterior = np.exp(utility - log_sum(utility, of, first)[of])
        best = np.lexsort((-utility, of))[first]
        rarity = batch.bits[0, found.place].astype(np.float64)
        channel, gain = columns[:, 2], columns[:, 0]
        odds = log_sum(_LN2 * (gain + channel), of, first)
        prior = log_sum(_LN2 * (channel - columns[:, 6] + rarity[of]), of, first)
        new = self.newness[batch.ids[found.place]]
        up = np.maximum(gain[best], 0)
        numbers = [
            *columns[best].T,
            *(np.log(posterior[best]), odds, prior, new, np.maximum(new, 0)),
            *self._surroundings(batch, found),
            *(up * new, up * np.maximum(prior, -3), np.maximum(odds, 0)),
        ]
        return np.column_stack(numbers), best, posterior

    def _surroundings(self, batch: Batch, found: Suspects) -> tuple[NDArray, ...]:
        """The columns from ``drift`` to ``unknown_nearby``."""
        ids, bits, place = batch.ids, batch.bits, found.place
        follows = np.minimum(place + 1, len(ids) - 1)
        near = place[:, None] + np.arange(-_NEAR, _NEAR + 1)
        article = batch.article_of(place)[:, None]
        inside = (near >= batch.offsets[article]) & (near < batch.offsets[article + 1])
        mentions = self._mentions(batch, batch.article_of(place), ids[place])
        return (
            self.drift[ids[place]],
            bits[3, place],
            bits[0, place] - bits[3, place],
            found.seen_bits - bits[3, place],
            np.where(batch.opens_sentence[follows] | (follows == place), 0, bits[0, follows] - bits[1, follows]),
            bits[0, place],
            np.log2(np.maximum(mentions, 1)),
            batch.opens_sentence[place],
            (inside & (ids[np.where(inside, near, 0)] == 1)).sum(1),
        )

    def read(self, batch: Batch, weights: TermWeights) -> ScoredCandidates:
        """Find the suspects of a batch and give each its posterior."""
        found = self.suspects(batch)
        columns = self.describe_candidates(batch, found)
        numbers, best, choice = self.describe(batch, found, columns, weights.choice)
        change_logit = numbers @ weights.suspect[:-1] + weights.suspect[-1]
        posterior = 1 / (1 + np.exp(-change_logit))
        likely = numbers[:, SUSPECT_COLUMNS.index("odds")] > 0
        article = batch.article_of(found.place)
        uses = 2 ** numbers[:, SUSPECT_COLUMNS.index("repeated")]
        # Logarithms come back a hair short of whole numbers.
        said = np.rint(2 ** columns[:, CANDIDATE_COLUMNS.index("elsewhere")] - 1)
        return ScoredCandidates(
            found, self.candidates, best, choice, likely, change_logit, posterior, uses, said, article
        )
