"""Segments: which part of an article reads machine-made when the rest does not.

An article that was patched together, half from a translation and half from its original, gets a verdict between the two.
Its segments are scored one by one, then the beginning is set against the end at every boundary between them (boundary
detection: Dugan et al. 2020); a part is named if the two differ more than those of articles made in one piece do.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy.special import logit

from retold.detector.verdict import BACK_TRANSLATED, LABELS
from retold.text import Article, NormalizedText

# Words of a segment. With 100 a quarter fewer patched articles were found at the same rate of false alarms.
SEGMENT_WORDS = 150
# Log-odds at which one segment is clipped, either way; less found fewer.
_MAX_LOG_ODDS = 4.0
# Difference of mean log-odds, in units of its spread over segments, that 1% of articles in one piece reach.
# ``benchmarks/robustness.py`` prints it, from half of the held-out stories, and what it finds in the other half.
BOUNDARY_THRESHOLD = 3.9

ScoreArticles = Callable[[Sequence[Article]], NDArray[np.float64]]


@dataclass(frozen=True, slots=True)
class ScoredSegment:
    """A run of whole sentences, scored by itself.

    Attributes:
        start: Where it starts in the text as the user gave it.
        end: Where it ends there, exclusive.
        n_words: Its words.
        probability: Probability that it was back-translated, at a uniform prior.
    """

    start: int
    end: int
    n_words: int
    probability: float


@dataclass(frozen=True, slots=True)
class MachineSegment:
    """The beginning or the end of an article, which reads machine-made while the rest does not.

    Attributes:
        start: Where it starts in the text as the user gave it.
        end: Where it ends there, exclusive.
        n_words: Its words.
        is_beginning: True for the beginning, False for the end.
        contrast: How far it stands out; see ``BOUNDARY_THRESHOLD``.
    """

    start: int
    end: int
    n_words: int
    is_beginning: bool
    contrast: float


def score_segments(article: Article, score: ScoreArticles) -> tuple[ScoredSegment, ...]:
    """Score each segment of an article by itself, all in one batch.

    Args:
        article: The article.
        score: Returns probabilities of articles, float64 (n, 3), in the order of ``LABELS``.

    Returns:
        The segments in order; none for a text of fewer than two.
    """
    bounds = _segment_tokens(article, SEGMENT_WORDS)
    if len(bounds) < 2:
        return ()
    segments = [_slice(article, first, after) for first, after in bounds]
    found = score(segments)[:, LABELS.index(BACK_TRANSLATED)]
    spans = [(*_raw_span(article, *bound), segment.n_words) for bound, segment in zip(bounds, segments, strict=True)]
    return tuple(ScoredSegment(*span, float(p)) for span, p in zip(spans, found, strict=True))


def strongest_segment(segments: Sequence[ScoredSegment]) -> MachineSegment | None:
    """The beginning or end that most reads machine-made beside a rest that does not; None if none is likelier than not."""
    return max(_candidates(segments), key=lambda segment: segment.contrast, default=None)


def machine_segment(segments: Sequence[ScoredSegment]) -> MachineSegment | None:
    """The strongest segment if it stands out more than those of articles in one piece, else None.

    Of articles that are half a round trip and half its original it names about a quarter, nine tenths of the letters rightly.
    """
    strongest = strongest_segment(segments)
    return strongest if strongest is not None and strongest.contrast > BOUNDARY_THRESHOLD else None


def segment_spans(article: Article, words: int = SEGMENT_WORDS) -> list[tuple[int, int, int]]:
    """Offsets and words of runs of sentences of about so many words each; none for a text without words."""
    bounds = _segment_tokens(article, words)
    return [(*_raw_span(article, *bound), _slice(article, *bound).n_words) for bound in bounds]


def _candidates(segments: Sequence[ScoredSegment]) -> Iterator[MachineSegment]:
    """For every boundary the side with the higher mean log-odds, where they are above zero."""
    log_odds = np.clip(logit([s.probability for s in segments]), -_MAX_LOG_ODDS, _MAX_LOG_ODDS)
    words = np.array([s.n_words for s in segments], dtype=float)
    for boundary in range(1, len(segments)):
        sides = (slice(None, boundary), slice(boundary, None))
        means = [float(np.average(log_odds[side], weights=words[side])) for side in sides]
        totals = [float(words[side].sum()) for side in sides]
        spread = np.sqrt(SEGMENT_WORDS * sum(totals) / (totals[0] * totals[1]))
        higher = int(means[1] > means[0])
        if means[higher] > 0:
            chosen = segments[sides[higher]]
            contrast = abs(means[0] - means[1]) / spread
            yield MachineSegment(chosen[0].start, chosen[-1].end, int(totals[higher]), higher == 0, float(contrast))


def _segment_tokens(article: Article, words: int) -> list[tuple[int, int]]:
    """First token and the one after the last of runs of sentences of about so many words each."""
    is_word = np.array([token[0].isalnum() for token in article.tokens], dtype=np.int64)
    before = np.concatenate([[0], np.cumsum(is_word)])
    firsts = article.sentences[:-1]
    if not len(firsts):
        return []
    number = max(int(article.n_words / words + 0.5), 1)
    middle = (before[firsts] + before[article.sentences[1:]]) / 2
    which = np.minimum(middle * number // max(article.n_words, 1), number - 1)
    edges = [*np.flatnonzero(np.diff(which, prepend=-1)), len(firsts)]
    return list(pairwise(int(article.sentences[edge]) for edge in edges))


def _raw_span(article: Article, first: int, after: int) -> tuple[int, int]:
    return article.raw_span(first, first)[0], article.raw_span(after - 1, after - 1)[1]


def _slice(article: Article, first: int, after: int) -> Article:
    """The tokens from ``first`` to ``after`` as an article of their own, without analysing them again."""
    start, end = int(article.starts[first]), int(article.ends[after - 1])
    inside = article.sentences[(article.sentences >= first) & (article.sentences <= after)]
    return Article(
        article.raw,
        NormalizedText(article.text[start:end], article.canonical.starts[start:end], article.canonical.ends[start:end]),
        article.tokens[first:after],
        article.starts[first:after] - start,
        article.ends[first:after] - start,
        inside - first,
    )
