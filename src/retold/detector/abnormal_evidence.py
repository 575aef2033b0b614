"""Where a text is no normal English: the sentences that are least like it, and the words that hardly fit where they stand."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from retold.detector.replaced_words import ReplacedWordDetector
from retold.language_model.batch import Batch
from retold.signals.base import Evidence
from retold.text import Article

# Sentences shown where a text is no normal English, and words below which a sentence says nothing.
_SHOWN, _LEAST_WORDS = 5, 6
# Words shown of a spun text, and log-odds from which one is: of 1,588 such words in 320 copies by a thesaurus 90% had been exchanged,
# of all words of content there 20 to 56% (benchmarks/exchanged_words.py).
_SHOWN_WORDS, _MISFIT = 10, 3.0
# Score of such a sentence or word: of the texts that are said to be no normal English hardly any is human, of their sentences some read
# well.
_SCORE = 0.9


def abnormal_sentences(batch: Batch, row: int) -> list[Evidence]:
    """The sentences of an article of a batch that are least like English, the worst first."""
    article, offset = batch.articles[row], int(batch.offsets[row])
    bits = batch.bits[3]
    mean = float(bits[offset : int(batch.offsets[row + 1])].mean())
    spans = [
        (float(bits[offset + start : offset + end].mean()), start, end)
        for start, end in pairwise(article.sentences)
        if end - start >= _LEAST_WORDS
    ]
    worst = [span for span in sorted(spans, reverse=True)[:_SHOWN] if span[0] >= mean]
    return [_evidence(article, start, end, f"{surprisal:.1f} bits a word") for surprisal, start, end in worst]


def exchanged_words(batch: Batch, row: int, detector: ReplacedWordDetector) -> list[Evidence]:
    """The words of an article of a batch that fit worst where they stand, the worst first."""
    places, log_odds = detector.misfits(batch, row)
    worst = np.argsort(-log_odds, kind="stable")[:_SHOWN_WORDS]
    article = batch.articles[row]
    return [
        _evidence(article, int(places[i]), int(places[i]) + 1, "hardly fits its context, as a word that was exchanged")
        for i in worst[log_odds[worst] >= _MISFIT]
    ]


def _evidence(article: Article, first: int, after: int, reason: str) -> Evidence:
    start, end = article.raw_span(first, after - 1)
    return Evidence(start, end, article.raw[start:end], "fluency", None, None, _SCORE, f"not normal English: {reason}")
