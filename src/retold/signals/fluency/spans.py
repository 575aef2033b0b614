"""Spans of the fluency signal: the flagged words, a correction if there is one, and a reason in words."""

from __future__ import annotations

from retold.language_model.batch import Batch
from retold.signals.base import Evidence
from retold.signals.fluency.corrections import Correction

# Bits by which context must make a common word less likely than it is anywhere; by how many words are left, see ``Fluency``.
ANOMALY_BITS = 6.5
# Beyond so many times, how much likelier a correction is means nothing more to a reader.
_MAX_TIMES = 1000
# Three in four spans of round trips stand on changed words by benchmarks/fluency.py, the clearest hardly more
# often than the rest: scores rank them within so much.
_MIN_SCORE, _MAX_SCORE, _BITS_PER_HALF = 0.65, 0.8, 4.0


def correction_span(batch: Batch, correction: Correction) -> Evidence:
    """A place that a correction would put right; the suggestion is the flagged words with the correction."""
    shown = correction.shown
    before = _tokens(batch, range(shown.start, correction.place))
    after = _tokens(batch, range(correction.place + correction.length, shown.stop))
    corrected = ("I" if word == "i" else word for word in correction.words)
    suggestion = " ".join([*before, *corrected, *after])
    seen = " ".join(_tokens(batch, shown))
    reason = f'reads wrong: "{seen}" - {correction.error_type}; "{suggestion}" {_why_better(correction)}'
    return _span(batch, shown, suggestion, correction.excess, reason)


def _why_better(correction: Correction) -> str:
    if correction.rule == "no object":
        return "would take an object"
    times = 2**correction.bits
    likelier = f"{times:,.0f} times" if times < _MAX_TIMES else f"more than {_MAX_TIMES:,} times"
    return f"is {likelier} likelier here"


def anomaly_span(batch: Batch, place: int, drop: float) -> Evidence:
    """A common word that is improbable after the word before it; ``drop`` is in bits."""
    before, word = _tokens(batch, range(place - 1, place + 1))
    rarer = f'"{word}" is {2**drop:,.0f} times rarer here than elsewhere'
    reason = f'reads wrong: "{before} {word}" - improbable combination; {rarer}'
    return _span(batch, range(place - 1, place + 1), None, drop - ANOMALY_BITS, reason)


def _tokens(batch: Batch, places: range) -> list[str]:
    """Tokens of the batch that belong to one article."""
    if not places:
        return []
    number = int(batch.article_of(places[0]))
    offset = int(batch.offsets[number])
    return batch.articles[number].tokens[places.start - offset : places.stop - offset]


def _span(batch: Batch, shown: range, suggestion: str | None, excess: float, reason: str) -> Evidence:
    """Evidence over tokens of the batch; ``excess`` is by how many bits it exceeds what is required."""
    number = int(batch.article_of(shown[0]))
    article, offset = batch.articles[number], int(batch.offsets[number])
    start, end = article.raw_span(shown.start - offset, shown.stop - 1 - offset)
    score = float(_MAX_SCORE - (_MAX_SCORE - _MIN_SCORE) * 2 ** -(excess / _BITS_PER_HALF))
    # Writers slip and surprise two thirds as often as machines do, so such a span convinces only beside a machine verdict.
    return Evidence(start, end, article.raw[start:end], "fluency", suggestion, None, score, reason, conditional=True)
