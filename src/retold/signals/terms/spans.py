"""Spans of the terms signal: the flagged text, a suggestion, a score and a reason in words."""

from __future__ import annotations

from retold.channel.calques import CalqueMatch
from retold.language_model.batch import Batch
from retold.signals.base import Evidence

GROUP = "terms"


def term_span(
    batch: Batch, place: int, suggestion: str | None, pivot: str, score: float, reason: str, conditional: bool
) -> Evidence:
    """The span of one word; ``place`` is its token in the batch."""
    return _span(batch, range(place, place + 1), suggestion, pivot, score, reason, conditional)


def calque_span(batch: Batch, match: CalqueMatch, pivot: str, score: float) -> Evidence:
    """The span of a phrase rendered word for word."""
    intended = match.calque.intended
    reason = f'"{intended}" rendered word for word'
    return _span(batch, calque_tokens(match), intended, pivot, score, reason)


def calque_tokens(match: CalqueMatch) -> range:
    """The tokens in the batch that a calque is shown over."""
    return range(match.place, match.place + len(match.calque.observed))


def phrase_span(batch: Batch, tokens: range, intended: str, score: float, suggests: bool) -> Evidence:
    """The span of a phrase that machines put for another; it convinces only beside a machine verdict."""
    reason = f'in round trips it often stands for "{intended}", which fits here'
    return _span(batch, tokens, intended if suggests else None, None, score, reason, conditional=True)


def _span(
    batch: Batch,
    tokens: range,
    suggestion: str | None,
    pivot: str | None,
    score: float,
    reason: str,
    conditional: bool = False,
) -> Evidence:
    """Evidence over tokens of the batch; the suggestion takes the capital of the first word."""
    number = int(batch.article_of(tokens[0]))
    article, offset = batch.articles[number], int(batch.offsets[number])
    start, end = article.raw_span(tokens[0] - offset, tokens[-1] - offset)
    if suggestion and article.tokens[tokens[0] - offset][0].isupper():
        suggestion = suggestion[0].upper() + suggestion[1:]
    return Evidence(start, end, article.raw[start:end], GROUP, suggestion, pivot, score, reason, conditional)
