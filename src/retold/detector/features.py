"""From texts to numbers: the columns that the signals of a model make, in order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from retold.language_model.batch import Batch
from retold.signals.base import Signal
from retold.signals.ngrams.classifier import NgramClassifier
from retold.signals.registry import NGRAM_CLASSIFIERS

# Length at which the learned log-odds stand as they are; a short news article has about 330 words.
_USUAL_WORDS = 330


@dataclass(frozen=True)
class FeatureSchema:
    """The columns of a feature table, in order.

    Attributes:
        names: Their names, shape (n_features,).
        families: The family of signals each belongs to, of the same length; ``length`` for the length of the article.
    """

    names: tuple[str, ...]
    families: tuple[str, ...]


def layout(signals: Sequence[Signal]) -> FeatureSchema:
    """Columns that ``measure`` returns for these signals; the learned ones count whether they are there yet or not."""
    columns = [(n, s.family) for s in signals if not isinstance(s, NgramClassifier) for n in s.feature_names]
    learned = [(n, e.family) for e in NGRAM_CLASSIFIERS for n in e.feature_names]
    columns += [*learned, *((f"{name}_x_length", family) for name, family in learned), ("length", "length")]
    return FeatureSchema(tuple(name for name, _ in columns), tuple(family for _, family in columns))


def measure(batch: Batch, signals: Sequence[Signal]) -> NDArray[np.float64]:
    """float64 array (n_articles, n_features), finite; signals in the registry's order, learned ones last."""
    written = [signal.measure(batch) for signal in signals if not isinstance(signal, NgramClassifier)]
    learned = [signal.measure(batch) for signal in signals if isinstance(signal, NgramClassifier)]
    n_words = np.array([article.n_words for article in batch.articles])
    scores = np.hstack(learned) if learned else np.empty((len(n_words), 0))
    return with_length(np.hstack(written), scores, n_words)


def with_length(
    written: NDArray[np.float64], scores: NDArray[np.float64], n_words: NDArray[np.integer]
) -> NDArray[np.float64]:
    """Join written and learned columns (n, a) and (n, b) with the length of the articles: (n, a + 2 b + 1).

    The learned log-odds appear twice, the second time multiplied by the article's length in octaves, because the same
    log-odds mean more in a long article than in a short one.
    """
    octaves = np.log2(np.maximum(n_words, 1) / _USUAL_WORDS).reshape(-1, 1)
    return np.hstack([written, scores, scores * octaves, octaves])
