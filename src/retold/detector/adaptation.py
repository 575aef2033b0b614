"""Adaptation: what one's own labelled articles change in a classifier that was trained on others.

A linear stage behind the calibrated classifier. The log-probabilities that the classifier gives are multiplied by a slope, as in
temperature scaling (Guo et al. 2017), and for each label a constant and a weighted sum of the standardised features are
added. With a slope of one and zeros elsewhere nothing changes. Several adaptations in a row, and their log-linear mixture, are
again one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import softmax

from retold.detector.calibration import row_products
from retold.detector.verdict import LABELS
from retold.errors import ModelError

# Probabilities are kept this far from 0, so that their logarithms stay finite; as in the calibration.
_EDGE = 1e-6
_PREFIX = "adaptation_"
_ARRAYS = ("slope", "coef", "intercept", "prior")


@dataclass(frozen=True)
class Adaptation:
    """Slope, weights and constants of the labels, and how frequent they are.

    Attributes:
        slope: float64 (1,): multiplies the log-probabilities.
        coef: float64 (3, n_features): log-odds per standard deviation of a feature.
        intercept: float64 (3,).
        prior: float64 (3,), summing to 1: shares of the labels that verdicts assume unless the user states others.
    """

    slope: NDArray[np.float64]
    coef: NDArray[np.float64]
    intercept: NDArray[np.float64]
    prior: NDArray[np.float64]

    def probabilities(self, probabilities: NDArray[np.float64], standard: NDArray[np.float64]) -> NDArray[np.float64]:
        """Adapted probabilities at a uniform prior, float64 (n, 3).

        Args:
            probabilities: The classifier's, at a uniform prior, float64 (n, 3).
            standard: Standardised features, float64 (n, n_features).
        """
        evidence = bounded_log(probabilities) * self.slope + row_products(standard, self.coef) + self.intercept
        return np.asarray(softmax(evidence, axis=1))

    def after(self, first: Adaptation | None) -> Adaptation:
        """This adaptation of what ``first`` adapted, as one."""
        if first is None:
            return self
        return Adaptation(
            self.slope * first.slope,
            self.slope * first.coef + self.coef,
            self.slope * first.intercept + self.intercept,
            self.prior,
        )

    def arrays(self) -> dict[str, NDArray[np.float64]]:
        """The arrays to store, by name; undone by ``from_arrays``."""
        return {f"{_PREFIX}{name}": getattr(self, name) for name in _ARRAYS}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray], n_features: int) -> Adaptation | None:
        """The adaptation among a model's arrays; None for a model that was not adapted.

        Raises:
            ModelError: if an array is missing, has another shape, or the prior is none.
        """
        if not any(name.startswith(_PREFIX) for name in arrays):
            return None
        found = {name: np.array(arrays.get(f"{_PREFIX}{name}", np.nan), dtype=np.float64) for name in _ARRAYS}
        n = len(LABELS)
        shapes = {"slope": (1,), "coef": (n, n_features), "intercept": (n,), "prior": (n,)}
        for name, array in found.items():
            if array.shape != shapes[name] or not np.isfinite(array).all():
                raise ModelError(
                    f"the model's array {_PREFIX}{name} is missing or damaged; get the model anew, or: retold train"
                )
        if not np.isclose(found["prior"].sum(), 1.0):
            raise ModelError(
                f"the model's array {_PREFIX}prior does not sum to 1; get the model anew, or: retold train"
            )
        return cls(**found)


def bounded_log(probabilities: NDArray[np.float64]) -> NDArray[np.float64]:
    """Finite logarithms of probabilities (n, 3)."""
    return np.asarray(np.log(np.clip(probabilities, _EDGE, 1.0)))
