"""From texts to numbers: a scikit-learn transformer over the registry of signals."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, TransformerMixin

from retold.language_model import LanguageModel
from retold.limits import BATCH_DOCUMENTS
from retold.model_store import read_model, shipped_model
from retold.signals.base import Batch, Signal
from retold.signals.experts import NgramExpert
from retold.signals.registry import EXPERTS, Resources, build_signals
from retold.text import analyse

# Length at which the learned log-odds stand as they are; a short news article has about 330 words.
_USUAL_WORDS = 330


@dataclass(frozen=True)
class Layout:
    """The columns of a feature table, in order.

    Attributes:
        names: Their names, shape (n_features,).
        families: The family of signals each belongs to, of the same length; ``length`` for the length of the article.
    """

    names: tuple[str, ...]
    families: tuple[str, ...]


def layout(signals: Sequence[Signal]) -> Layout:
    """Columns that ``measure`` returns for these signals; the learned ones count whether they are there yet or not."""
    columns = [(n, s.family) for s in signals if not isinstance(s, NgramExpert) for n in s.feature_names]
    learned = [(n, e.family) for e in EXPERTS for n in e.feature_names]
    columns += [*learned, *((f"{name}_x_length", family) for name, family in learned), ("length", "length")]
    return Layout(tuple(name for name, _ in columns), tuple(family for _, family in columns))


def measure(batch: Batch, signals: Sequence[Signal]) -> NDArray[np.float64]:
    """float64 array (n_articles, n_features), finite; signals in the registry's order, learned ones last."""
    written = [signal.measure(batch) for signal in signals if not isinstance(signal, NgramExpert)]
    learned = [signal.measure(batch) for signal in signals if isinstance(signal, NgramExpert)]
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


class SignalFeatures(TransformerMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn has no types
    """Measure texts with every signal of a model.

    Args:
        resources: What the signals are built from; the shipped model's if None.

    Example:
        >>> from retold.features import SignalFeatures
        >>> table = SignalFeatures().set_output(transform="pandas").fit_transform(["An article.", "Another."])
        >>> table.shape[0]
        2
    """

    def __init__(self, resources: Resources | None = None) -> None:
        self.resources = resources

    def fit(self, X: Iterable[str], y: Any = None) -> Self:
        """Build the signals; nothing is learned from ``X``."""
        resources = self.resources if self.resources is not None else _shipped_resources()
        self.signals_ = build_signals(resources)
        self.language_model_: LanguageModel = resources.language_model
        return self

    def transform(self, X: Iterable[str]) -> NDArray[np.float64]:
        """float64 array (n_texts, n_features) of an iterable of str."""
        texts = list(X)
        parts = [texts[i : i + BATCH_DOCUMENTS] for i in range(0, len(texts), BATCH_DOCUMENTS)]
        blocks = [self._measure(part) for part in parts]
        return np.vstack(blocks) if blocks else np.empty((0, len(layout(self.signals_).names)))

    def _measure(self, texts: Sequence[str]) -> NDArray[np.float64]:
        return measure(Batch([analyse(text) for text in texts], self.language_model_), self.signals_)

    def __sklearn_tags__(self) -> Any:
        """Texts in, no target needed, nothing learned from them."""
        tags = super().__sklearn_tags__()
        tags.input_tags.string, tags.input_tags.two_d_array, tags.input_tags.one_d_array = True, False, True
        tags.target_tags.required = False
        return tags

    def get_feature_names_out(self, input_features: Any = None) -> NDArray[np.object_]:
        """Names of the columns, as objects, shape (n_features,)."""
        return np.array(layout(self.signals_).names, dtype=object)


def _shipped_resources() -> Resources:
    folder = read_model(shipped_model())
    return Resources.from_arrays(folder.arrays, folder.texts)
