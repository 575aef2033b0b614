"""What the learned signals share: linear log-odds over hashed n-grams, one weight vector for each question."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from retold.language_model.batch import Batch
from retold.signals.base import Evidence
from retold.signals.ngrams.hashing import BUCKETS

# What an expert is asked; ``training.targets`` says which examples answer yes and which no.
NGRAM_TARGETS = ("machine", "back_translated", "edited", "polished")


class NgramClassifier:
    """A view of the text, learned: the sum of what each of its n-grams says for and against.

    Args:
        weights: float array (len(NGRAM_TARGETS), BUCKETS) of log-odds per unit of a scaled count.
        intercepts: float array (len(NGRAM_TARGETS),).

    Raises:
        ValueError: if the shapes are others.
    """

    name: ClassVar[str]
    family: ClassVar[str]
    feature_names: ClassVar[tuple[str, ...]]

    def __init_subclass__(cls) -> None:
        cls.feature_names = tuple(f"{cls.name}_{question}" for question in NGRAM_TARGETS)

    def __init__(self, weights: NDArray[np.floating], intercepts: NDArray[np.floating]) -> None:
        if weights.shape != (len(NGRAM_TARGETS), BUCKETS) or intercepts.shape != (len(NGRAM_TARGETS),):
            raise ValueError(f"{self.name}: weights of shape {weights.shape}, not {(len(NGRAM_TARGETS), BUCKETS)}")
        self.weights = np.ascontiguousarray(weights.T, dtype=np.float32)
        self.intercepts = np.asarray(intercepts, dtype=np.float64)

    @staticmethod
    def count(batch: Batch) -> csr_matrix:
        """float32 CSR matrix (n_articles, BUCKETS): what this view sees."""
        raise NotImplementedError

    @classmethod
    def counts_of(cls, batch: Batch) -> csr_matrix:
        """What ``count`` gives, counted once a batch."""
        return batch.shared(f"{cls.name} counts", lambda: cls.count(batch))

    def measure(self, batch: Batch) -> NDArray[np.float64]:
        """float64 array (n_articles, len(NGRAM_TARGETS)) of uncalibrated log-odds."""
        return self.log_odds(self.counts_of(batch))

    def log_odds(self, counts: csr_matrix) -> NDArray[np.float64]:
        """The same, for counts already made."""
        return np.asarray(counts @ self.weights, dtype=np.float64) + self.intercepts

    def arrays(self) -> dict[str, NDArray[np.floating]]:
        """The constructor's arguments, by name; weights as float16."""
        return {"weights": self.weights.T.astype(np.float16), "intercepts": self.intercepts}

    def evidence(self, batch: Batch) -> list[list[Evidence]]:
        """None: single n-grams are too weak to show anyone."""
        return [[] for _ in batch.articles]
