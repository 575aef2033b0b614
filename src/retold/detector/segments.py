"""Passages: which part of an article reads machine-made when the rest does not.

An article that was patched together, half from a translation and half from its original, gets a verdict between the two.
Judged by themselves, its parts differ. Passages are judged, then the beginning is set against the end at every place
between them; a part is named if the two differ more than those of articles made in one piece do.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy.special import logit

from retold.detector.verdict import BACK_TRANSLATED, LABELS
from retold.text import Article, analyse

# Words of a passage. With 100 a quarter fewer patched articles were found at the same rate of false alarms.
SEGMENT_WORDS = 150
# Log-odds that one passage may count at most, either way; less found fewer.
_MOST = 4.0
# Difference of mean log-odds, in units of its spread over passages, that 1% of articles in one piece reach.
# ``measure_robustness.py`` prints it, from half of the held-out stories, and what it finds in the other half.
BOUNDARY_THRESHOLD = 3.9

Judge = Callable[[Sequence[str]], NDArray[np.float64]]


@dataclass(frozen=True, slots=True)
class Passage:
    """A run of whole sentences, judged by itself.

    Attributes:
        start: Where it starts in the text as the reader gave it.
        end: Where it ends there, exclusive.
        n_words: Its words.
        probability: Probability that it was back-translated.
    """

    start: int
    end: int
    n_words: int
    probability: float


def score_segments(text: str, judge: Judge) -> tuple[Passage, ...]:
    """Judge each passage of a text by itself.

    Args:
        text: The article.
        judge: Gives probabilities of texts, float64 (n, 3), in the order of ``LABELS``; a detector's ``predict_proba``.

    Returns:
        The passages in order; none for a text of fewer than two.
    """
    spans = passage_spans(analyse(text))
    if len(spans) < 2:
        return ()
    found = judge([text[start:end] for start, end, _ in spans])[:, LABELS.index(BACK_TRANSLATED)]
    return tuple(Passage(*span, float(p)) for span, p in zip(spans, found, strict=True))


@dataclass(frozen=True, slots=True)
class Segment:
    """The beginning or the end of an article, which reads machine-made while the rest does not.

    Attributes:
        start: Where it starts in the text as the reader gave it.
        end: Where it ends there, exclusive.
        n_words: Its words.
        is_beginning: True for the beginning.
        contrast: How far it stands out; see ``BOUNDARY_THRESHOLD``.
    """

    start: int
    end: int
    n_words: int
    is_beginning: bool
    contrast: float


def strongest_part(passages: Sequence[Passage]) -> Segment | None:
    """The beginning or end that most reads machine-made beside a rest that does not; None if none is likelier than not."""
    return max(_parts(passages), key=lambda part: part.contrast, default=None)


def machine_segment(passages: Sequence[Passage]) -> Segment | None:
    """The strongest part if it stands out more than those of articles in one piece, else None.

    Of articles that are half a round trip and half its original it names about a quarter, nine tenths of the letters rightly.
    """
    part = strongest_part(passages)
    return part if part is not None and part.contrast > BOUNDARY_THRESHOLD else None


def _parts(passages: Sequence[Passage]) -> Iterator[Segment]:
    odds = np.clip(logit([p.probability for p in passages]), -_MOST, _MOST)
    words = np.array([p.n_words for p in passages], dtype=float)
    for cut in range(1, len(passages)):
        sides = (slice(None, cut), slice(cut, None))
        means = [float(np.average(odds[side], weights=words[side])) for side in sides]
        totals = [float(words[side].sum()) for side in sides]
        spread = np.sqrt(SEGMENT_WORDS * sum(totals) / (totals[0] * totals[1]))
        machine = int(means[1] > means[0])
        if means[machine] > 0:
            part = passages[sides[machine]]
            contrast = abs(means[0] - means[1]) / spread
            yield Segment(part[0].start, part[-1].end, int(totals[machine]), machine == 0, float(contrast))


def passage_spans(article: Article, words: int = SEGMENT_WORDS) -> list[tuple[int, int, int]]:
    """Offsets and words of runs of sentences of about so many words each; none for a text without words."""
    is_word = np.array([token[0].isalnum() for token in article.tokens], dtype=np.int64)
    before = np.concatenate([[0], np.cumsum(is_word)])
    firsts = article.sentences[:-1]
    if not len(firsts):
        return []
    number = max(int(article.n_words / words + 0.5), 1)
    middle = (before[firsts] + before[article.sentences[1:]]) / 2
    which = np.minimum(middle * number // max(article.n_words, 1), number - 1)
    edges = [*np.flatnonzero(np.diff(which, prepend=-1)), len(firsts)]
    tokens = [int(article.sentences[edge]) for edge in edges]
    return [
        (article.raw_span(a, a)[0], article.raw_span(b - 1, b - 1)[1], int(before[b] - before[a]))
        for a, b in pairwise(tokens)
    ]
