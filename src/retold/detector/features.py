"""From texts to numbers: the columns that the signals of a model make, in order, and what they are called for people."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from retold.errors import ModelError
from retold.language_model.batch import Batch
from retold.signals.base import FeatureDescription, FeatureExtractor, HandcraftedSignal
from retold.signals.ngrams.classifier import NgramClassifier
from retold.signals.registry import FEATURE_GROUPS, NGRAM_CLASSIFIERS, SIGNALS

# Length at which the n-gram classifiers' log-odds count as they are; a short news article has about 330 words.
REFERENCE_WORDS = 330
# Longer texts count as if they had so many words: beyond, the corpus has too few to learn from (449 originals, 312 edits, 505 round trips
# above it), and what was fitted to length ran on, so that every text of over 2,000 words was called edited.
MAX_WORDS = 1200
LENGTH = "length"
# Ends the name of an n-gram classifier's feature multiplied by the length of the article.
_TIMES_LENGTH = "_x_length"
_LENGTH_DESCRIPTION = FeatureDescription("length of the article", "words an article")


@dataclass(frozen=True)
class FeatureSchema:
    """The columns of a feature table, in order.

    Attributes:
        names: Names of the features, shape (n_features,).
        groups: The group of signals each belongs to, of the same length; ``length`` for the length of the article.
    """

    names: tuple[str, ...]
    groups: tuple[str, ...]

    @property
    def group_names(self) -> tuple[str, ...]:
        """The groups of signals that have columns, in the order in which they are reported."""
        return tuple(group for group in FEATURE_GROUPS if group in self.groups)

    def check(self, stored: object, where: str) -> None:
        """Compare with the names that a model was trained with.

        Args:
            stored: The names, as its manifest lists them.
            where: The model, for the message.

        Raises:
            ModelError: naming the first difference, if there is one.
        """
        names = tuple(stored) if isinstance(stored, list) else ()
        if names != self.names:
            difference = _first_difference(names, self.names)
            raise ModelError(f"{where}: trained on other features ({difference}); train it again: retold train")


def _first_difference(stored: Sequence[object], names: Sequence[str]) -> str:
    """The first column where two unequal lists of features differ, in words."""
    for column, (old, new) in enumerate(zip(stored, names, strict=False), start=1):
        if old != new:
            return f"column {column} is {str(old)[:80]!r} in the model and {new!r} in this version"
    return f"the model has {len(stored)} columns, this version {len(names)}"


def feature_schema(signals: Iterable[FeatureExtractor]) -> FeatureSchema:
    """Columns that ``extract_features`` returns for these signals; n-gram classifiers count even if not trained yet."""
    columns = [(n, s.group) for s in signals if not isinstance(s, NgramClassifier) for n in s.feature_names]
    ngram = [(n, classifier.group) for classifier in NGRAM_CLASSIFIERS for n in classifier.feature_names]
    columns += [*ngram, *((f"{name}{_TIMES_LENGTH}", group) for name, group in ngram), (LENGTH, LENGTH)]
    return FeatureSchema(tuple(name for name, _ in columns), tuple(group for _, group in columns))


def extract_features(batch: Batch, signals: Sequence[FeatureExtractor]) -> NDArray[np.float64]:
    """float64 array (n_articles, n_features), finite; the columns of ``feature_schema``."""
    n_words = np.array([article.n_words for article in batch.articles])
    handcrafted = [signal.extract(batch) for signal in signals if not isinstance(signal, NgramClassifier)]
    log_odds = [signal.extract(batch) for signal in signals if isinstance(signal, NgramClassifier)]
    return with_length(np.hstack(handcrafted), np.hstack(log_odds or [np.empty((len(n_words), 0))]), n_words)


def with_length(
    handcrafted: NDArray[np.float64], log_odds: NDArray[np.float64], n_words: NDArray[np.integer]
) -> NDArray[np.float64]:
    """Join handcrafted features (n, a) and n-gram log-odds (n, b) with the length of the articles: (n, a + 2 b + 1).

    The log-odds appear twice, the second time multiplied by the log2 of the article's length over ``REFERENCE_WORDS``,
    because the same log-odds mean more in a long article than in a short one. Lengths beyond ``MAX_WORDS`` count as that.
    """
    log2_length_ratio = np.log2(np.clip(n_words, 1, MAX_WORDS) / REFERENCE_WORDS).reshape(-1, 1)
    return np.hstack([handcrafted, log_odds, log_odds * log2_length_ratio, log2_length_ratio])


def signal_of(feature: str) -> type[HandcraftedSignal] | type[NgramClassifier] | None:
    """The signal that a feature belongs to; None for the length of the article, which belongs to none."""
    name = feature.removesuffix(_TIMES_LENGTH)
    return next((signal for signal in SIGNALS if name in signal.feature_names), None)


def describe(feature: str) -> FeatureDescription:
    """A feature in words for people; its name if it is none of this version."""
    signal = signal_of(feature)
    if signal is None:
        return _LENGTH_DESCRIPTION if feature == LENGTH else FeatureDescription(feature)
    if feature in signal.descriptions:
        return signal.descriptions[feature]
    return FeatureDescription(signal.descriptions[feature.removesuffix(_TIMES_LENGTH)].aspect)
