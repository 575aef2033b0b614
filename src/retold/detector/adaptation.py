"""Adaptation: what one's own labelled articles change in a classifier that was trained on others.

A linear stage behind the calibrated classifier. The log-probabilities that the classifier gives are multiplied by a slope, as in
temperature scaling (Guo et al. 2017), and for each label a constant and a weighted sum of the standardised features are
added. All of it counts as far as an article is like one's own rather than like those that the classifier was trained on: a
logistic regression, the nearness, tells them apart, as in a mixture of experts (Jacobs et al. 1991). What is unlike one's own
articles is judged as before. With a slope of one and zeros elsewhere nothing changes; adaptations of an adapted classifier
follow one another.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, softmax

from retold.detector.calibration import row_products
from retold.detector.verdict import LABELS
from retold.errors import ModelError

# Probabilities are kept this far from 0, so that their logarithms stay finite; as in the calibration.
_EDGE = 1e-6
_PREFIX = "adaptation_"
_STAGED, _ARRAYS = ("slope", "coef", "intercept", "nearness"), ("slope", "coef", "intercept", "nearness", "prior")
# Nearness from which an article is like one's own: as likely one of them as one of the others.
_LIKE = 0.5
# Adaptations that may follow one another: more than anybody needs, few enough for a hostile folder to cost nothing.
_MOST_STAGES = 20


@dataclass(frozen=True)
class Adaptation:
    """Slope, weights and constants of the labels, for which articles they count, and how frequent the labels are.

    Attributes:
        slope: float64 (1,): multiplies the log-probabilities.
        coef: float64 (3, n_features): log-odds per standard deviation of a feature.
        intercept: float64 (3,).
        prior: float64 (3,), summing to 1: shares of the labels that verdicts assume unless the user states others.
        nearness: float64 (n_features + 1,): log-odds, per standard deviation of a feature, that an article is like one's own; a constant.
        earlier: What adapted the classifier before; None for the first.
    """

    slope: NDArray[np.float64]
    coef: NDArray[np.float64]
    intercept: NDArray[np.float64]
    prior: NDArray[np.float64]
    nearness: NDArray[np.float64]
    earlier: Adaptation | None = None

    def probabilities(self, probabilities: NDArray[np.float64], standard: NDArray[np.float64]) -> NDArray[np.float64]:
        """Adapted probabilities at a uniform prior, float64 (n, 3).

        Args:
            probabilities: The classifier's, at a uniform prior, float64 (n, 3).
            standard: Standardised features, float64 (n, n_features).
        """
        before = probabilities if self.earlier is None else self.earlier.probabilities(probabilities, standard)
        return np.asarray(softmax(self.evidence(bounded_log(before), standard, self.near(standard)), axis=1))

    def near(self, standard: NDArray[np.float64]) -> NDArray[np.float64]:
        """How far articles are like one's own, from 0 to 1, float64 (n,), from their standardised features (n, n_features)."""
        return near(self.nearness, standard)

    def is_like_own(self, standard: NDArray[np.float64]) -> NDArray[np.bool_]:
        """bool (n,): articles that are more like one's own than like those that the classifier was trained on."""
        return self.near(standard) >= _LIKE

    def evidence(
        self, usual: NDArray[np.float64], standard: NDArray[np.float64], nearness: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """Log-odds of the labels up to a constant, float64 (n, 3), before they are frequent or rare.

        Args:
            usual: Log-probabilities without this stage, at a uniform prior, float64 (n, 3).
            standard: Standardised features, float64 (n, n_features).
            nearness: How far the articles are like one's own, float64 (n,).
        """
        changed = usual * self.slope + row_products(standard, self.coef) + self.intercept
        return np.asarray(usual + nearness[:, None] * (changed - usual))

    def after(self, first: Adaptation | None) -> Adaptation:
        """This adaptation of what ``first`` adapted.

        Raises:
            ModelError: if too many follow one another.
        """
        if first is not None and len(first.stages()) >= _MOST_STAGES:
            raise ModelError(f"the model was adapted {_MOST_STAGES} times; adapt the shipped one instead: retold train")
        return replace(self, earlier=first)

    def stages(self) -> list[Adaptation]:
        """The adaptations that follow one another, the first one first."""
        return [*(self.earlier.stages() if self.earlier is not None else []), self]

    def arrays(self) -> dict[str, NDArray[np.float64]]:
        """The arrays to store, by name, a row a stage; undone by ``from_arrays``."""
        stages = self.stages()
        found = {f"{_PREFIX}{name}": np.stack([getattr(stage, name) for stage in stages]) for name in _STAGED}
        return found | {f"{_PREFIX}prior": self.prior}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray], n_features: int) -> Adaptation | None:
        """The adaptation among a model's arrays; None for a model that was not adapted.

        Raises:
            ModelError: if an array is missing, has another shape, or the prior is none.
        """
        if not any(name.startswith(_PREFIX) for name in arrays):
            return None
        found = {name: np.array(arrays.get(f"{_PREFIX}{name}", np.nan), dtype=np.float64) for name in _ARRAYS}
        n, n_stages = len(LABELS), len(np.atleast_1d(found["slope"]))
        shapes = {"slope": (1,), "coef": (n, n_features), "intercept": (n,), "nearness": (n_features + 1,)}
        for name, array in found.items():
            shape = (n_stages, *shapes[name]) if name in shapes else (n,)
            if array.shape != shape or not np.isfinite(array).all() or not 1 <= n_stages <= _MOST_STAGES:
                raise ModelError(
                    f"the model's array {_PREFIX}{name} is missing or damaged; get the model anew, or: retold train"
                )
        if not np.isclose(found["prior"].sum(), 1.0):
            raise ModelError(
                f"the model's array {_PREFIX}prior does not sum to 1; get the model anew, or: retold train"
            )
        adaptation = None
        for i in range(n_stages):
            parts = {name: found[name][i] for name in _STAGED}
            adaptation = cls(**parts, prior=found["prior"], earlier=adaptation)
        return adaptation


def near(nearness: NDArray[np.float64], standard: NDArray[np.float64]) -> NDArray[np.float64]:
    """What a logistic regression, weights and a constant (n_features + 1,), gives standardised features (n, n_features), float64 (n,)."""
    return np.asarray(expit(row_products(standard, nearness[None, :-1])[:, 0] + nearness[-1]))


def bounded_log(probabilities: NDArray[np.float64]) -> NDArray[np.float64]:
    """Finite logarithms of probabilities (n, 3)."""
    return np.asarray(np.log(np.clip(probabilities, _EDGE, 1.0)))
