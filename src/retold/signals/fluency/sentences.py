"""Sentences that read worst: where context helps least with the plain words.

It says how a sentence reads and next to nothing of who wrote it: by ``benchmarks/fluency.py`` 6 sentences of
round trips in 1,000 are named and 4 of their originals' (AUROC of the scores 0.575), so that this moves no verdict.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from retold.language_model.batch import Batch
from retold.language_model.vocabulary import SPECIAL

# Fewer plain words say nothing of a sentence.
_MIN_WORDS = 8
# Bits by which context helps with a word, the mean over sentences of 400 originals of news; and their variance, which falls
# with the plain words of a sentence to what sentences differ by.
_MEAN, _VARIANCE, _VARIANCE_PER_WORD = 2.84, 0.35, 16.5
# Shown from this score on, and no more of them: an original of 800 words, some 35 sentences, shows one in seven times.
SHOWN_SCORE, _SHOWN = 0.98, 3


@dataclass(frozen=True, slots=True)
class HardSentence:
    """A sentence that reads worse than most.

    Attributes:
        start: Where it starts in the text as the reader gave it.
        end: Where it ends there, exclusive.
        text: The sentence.
        score: Share of sentences of news of its length that read better, from 0 to 1.
    """

    start: int
    end: int
    text: str
    score: float


def hard_sentences(batch: Batch) -> list[tuple[HardSentence, ...]]:
    """For each article the sentences that read worse than nearly all of news, worst first."""
    scores, at = sentence_scores(batch), 0
    found = []
    for article in batch.articles:
        mine = scores[at : at + len(article.sentences) - 1]
        at += len(mine)
        worst = [int(i) for i in np.argsort(-mine, kind="stable")[:_SHOWN] if mine[i] >= SHOWN_SCORE]
        spans = [(i, *article.raw_span(int(article.sentences[i]), int(article.sentences[i + 1]) - 1)) for i in worst]
        found.append(tuple(HardSentence(a, b, article.raw[a:b], round(float(mine[i]), 4)) for i, a, b in spans))
    return found


def sentence_scores(batch: Batch) -> NDArray[np.float64]:
    """float64 array (n_sentences,): the score of each sentence of the batch, 0 where it has too few plain words."""
    first = np.flatnonzero(batch.opens_sentence)
    if not len(first):
        return np.zeros(0)
    plain = (batch.ids >= len(SPECIAL)) & ~batch.capitalised
    helped = np.where(plain, batch.bits[0] - batch.bits[3], 0).astype(np.float64)
    words = np.add.reduceat(plain.astype(np.float64), first)
    mean = np.add.reduceat(helped, first) / np.maximum(words, 1)
    spread = np.sqrt(_VARIANCE + _VARIANCE_PER_WORD / np.maximum(words, 1))
    return np.where(words >= _MIN_WORDS, ndtr((_MEAN - mean) / spread), 0.0)
