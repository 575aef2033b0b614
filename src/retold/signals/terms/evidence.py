"""Spans: what readers are shown of suspects, calques and substitutions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from retold.channel.calques import CalqueMatch
from retold.channel.lexical_table import PIVOTS
from retold.language_model.batch import Batch
from retold.signals.base import Evidence
from retold.signals.terms.classifier import ScoredCandidates
from retold.signals.terms.pivot_votes import PivotVotes
from retold.signals.terms.weights import TermWeights

# A suggestion is only made if it is likelier than this among its rivals; below, the span says that something is wrong.
_MIN_CHOICE = 0.35
# Posterior of a listed calque, by how much better the meant phrase fits; an unlikelier one is left alone.
_CALQUE_MIDDLE, _CALQUE_SLOPE, _CALQUE_FLOOR = 0.0, 0.15, 0.55
# Three fifths to two thirds of the words that the story itself corrects proved changed; half of the telltales did.
_STORY_SCORE, _TELLTALE_SCORE = 0.63, 0.5


@dataclass(frozen=True)
class Spans:
    """Makes evidence of the suspects of a batch.

    Attributes:
        batch: The articles.
        reading: Their suspects.
        pivots: Who counts votes.
        votes: float64 (n_articles, n_pivots): the votes.
        weights: The fitted models.
    """

    batch: Batch
    reading: ScoredCandidates
    pivots: PivotVotes
    votes: NDArray[np.float64]
    weights: TermWeights

    def of(self, s: int, by_story: bool, told: int | None) -> Evidence:
        """The span of one suspect; ``told`` is the candidate of a telltale, or the one that the story has."""
        batch, reading = self.batch, self.reading
        a = int(reading.article[s])
        best, share = (told, 1.0) if told is not None else self.pivots.best(reading, s, self.votes[a])
        token = int(reading.suspects.place[s] - batch.offsets[a])
        meant = batch.model.vocabulary.words[reading.candidates.meant[reading.suspects.pair[best]]]
        seen = batch.articles[a].tokens[token]
        reason = f'"{meant}" often comes back as "{seen.lower()}"'
        reason += " and fits better here" if reading.suspects.gain[best] > 0 else ""
        times = reading.elsewhere[s] if told is None else reading.said[best]
        reason += f", and the story says it {int(times)} times" if by_story else ""
        score = float(self.weights.chance(reading.change_logit[s])) if told is None else _TELLTALE_SCORE
        score = max(score, _STORY_SCORE) if by_story else score
        suggestion = like(seen, meant) if by_story or share >= _MIN_CHOICE else None
        pivot = self.pivots.likeliest(reading, best, self.votes[a])
        return span(batch, a, token, token, suggestion, pivot, score, reason)


def calque_span(batch: Batch, a: int, found: CalqueMatch, votes: NDArray[np.float64]) -> Evidence | None:
    """The span of a phrase rendered word for word in article ``a``; None if what it means hardly fits better."""
    score = float(1 / (1 + np.exp(-_CALQUE_SLOPE * (found.gain - _CALQUE_MIDDLE))))
    if score < _CALQUE_FLOOR:
        return None
    first = int(found.place - batch.offsets[a])
    last = first + len(found.calque.seen) - 1
    pivot = max(found.calque.pivots, key=lambda code: votes[PIVOTS.index(code)] if code in PIVOTS else 0.0)
    meant = like(batch.articles[a].tokens[first], found.calque.meant)
    return span(batch, a, first, last, meant, pivot, score, f'"{found.calque.meant}" rendered word for word')


def substitution_span(batch: Batch, a: int, words: Sequence[int], meant: str, score: float) -> Evidence:
    """The span of a phrase that machines put for another, over tokens of the batch; shown beside a machine verdict."""
    first, last = words[0] - int(batch.offsets[a]), words[-1] - int(batch.offsets[a])
    suggestion = like(batch.articles[a].tokens[first], meant)
    reason = f'in round trips it often stands for "{meant}", which fits here'
    return span(batch, a, first, last, suggestion, None, score, reason, conditional=True)


def span(
    batch: Batch,
    a: int,
    first: int,
    last: int,
    suggestion: str | None,
    pivot: str | None,
    score: float,
    reason: str,
    conditional: bool = False,
) -> Evidence:
    """Evidence over the tokens ``first`` to ``last`` of article ``a``."""
    article = batch.articles[a]
    start, end = article.raw_span(first, last)
    return Evidence(start, end, article.raw[start:end], "terms", suggestion, pivot, score, reason, conditional)


def like(seen: str, meant: str) -> str:
    """The suggestion with the capital of the word that it would replace."""
    return meant[0].upper() + meant[1:] if seen[0].isupper() else meant
