"""What the n-gram classifiers share: linear log-odds over hashed n-grams, one weight vector for each target."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from retold.language_model.batch import Batch
from retold.signals.base import FeatureDescription
from retold.signals.ngrams.hashing import BUCKETS

# What a classifier tells apart; ``retold.training.data.labels`` says which examples are positive and which negative.
NGRAM_TARGETS = ("machine", "back_translated", "edited", "polished")


class NgramClassifier:
    """The sum of what each n-gram of a text counts for and against each target.

    Subclasses name themselves and say what they count.

    Args:
        weights: float array (len(NGRAM_TARGETS), BUCKETS) of log-odds per unit of a scaled count.
        intercepts: float array (len(NGRAM_TARGETS),).

    Raises:
        ValueError: if the shapes are others.
    """

    name: ClassVar[str]
    group: ClassVar[str]
    title: ClassVar[str]
    aspect: ClassVar[str]
    quantity: ClassVar[str]
    descriptions: ClassVar[Mapping[str, FeatureDescription]]
    feature_names: ClassVar[tuple[str, ...]]

    def __init_subclass__(cls) -> None:
        cls.feature_names = tuple(f"{cls.name}_{target}" for target in NGRAM_TARGETS)
        quantities = dict.fromkeys(cls.feature_names, "") | {f"{cls.name}_machine": cls.quantity}
        cls.descriptions = {name: FeatureDescription(cls.aspect, words) for name, words in quantities.items()}

    def __init__(self, weights: NDArray[np.floating], intercepts: NDArray[np.floating]) -> None:
        if weights.shape != (len(NGRAM_TARGETS), BUCKETS) or intercepts.shape != (len(NGRAM_TARGETS),):
            raise ValueError(f"{self.name}: weights of shape {weights.shape}, not {(len(NGRAM_TARGETS), BUCKETS)}")
        self.weights = np.ascontiguousarray(weights.T, dtype=np.float32)
        self.intercepts = np.asarray(intercepts, dtype=np.float64)

    @staticmethod
    def count(batch: Batch) -> csr_matrix:
        """float32 CSR matrix (n_articles, BUCKETS): scaled counts of the n-grams."""
        raise NotImplementedError

    @classmethod
    def counts_of(cls, batch: Batch) -> csr_matrix:
        """As ``count``; counted once a batch."""
        return batch.shared(cls.name, lambda: cls.count(batch))

    def extract(self, batch: Batch) -> NDArray[np.float64]:
        """float64 array (n_articles, len(NGRAM_TARGETS)) of uncalibrated log-odds."""
        return self.log_odds(self.counts_of(batch))

    def log_odds(self, counts: csr_matrix) -> NDArray[np.float64]:
        """As ``extract``, from counts already made."""
        return np.asarray(counts @ self.weights, dtype=np.float64) + self.intercepts

    def arrays(self) -> dict[str, NDArray[np.floating]]:
        """The constructor's arguments, by name; weights as float16."""
        return {"weights": self.weights.T.astype(np.float16), "intercepts": self.intercepts}
