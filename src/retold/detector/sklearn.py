"""The columns as a scikit-learn transformer, for pipelines and notebooks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, TransformerMixin

from retold.detector.components import ModelComponents, build_signals
from retold.detector.features import extract_features, feature_schema
from retold.language_model import LanguageModel
from retold.language_model.batch import Batch
from retold.limits import BATCH_DOCUMENTS
from retold.model_store import bundled_model, read_model
from retold.text import analyse


class TextFeatures(TransformerMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn has no types
    """Measure texts with every signal of a model.

    Args:
        resources: What the signals are built from; the shipped model's if None.

    Example:
        >>> from retold.detector.sklearn import TextFeatures
        >>> table = TextFeatures().set_output(transform="pandas").fit_transform(["An article.", "Another."])
        >>> table.shape[0]
        2
    """

    def __init__(self, resources: ModelComponents | None = None) -> None:
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
        return np.vstack(blocks) if blocks else np.empty((0, len(feature_schema(self.signals_).names)))

    def _measure(self, texts: Sequence[str]) -> NDArray[np.float64]:
        return extract_features(Batch([analyse(text) for text in texts], self.language_model_), self.signals_)

    def __sklearn_tags__(self) -> Any:
        """Texts in, no target needed, nothing learned from them."""
        tags = super().__sklearn_tags__()
        tags.input_tags.string, tags.input_tags.two_d_array, tags.input_tags.one_d_array = True, False, True
        tags.target_tags.required = False
        return tags

    def get_feature_names_out(self, input_features: Any = None) -> NDArray[np.object_]:
        """Names of the columns, as objects, shape (n_features,)."""
        return np.array(feature_schema(self.signals_).names, dtype=object)


def _shipped_resources() -> ModelComponents:
    folder = read_model(bundled_model())
    return ModelComponents.from_folder(folder)
