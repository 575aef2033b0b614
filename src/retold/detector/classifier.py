"""The last step: from the numbers of all signals to three probabilities.

Four logistic questions are asked of the features. ``machine``: machine English rather than an original? It finds the
most, but calls many human translations machine-made. ``not_human_translation`` and ``not_edited`` know those apart and
may veto. ``edited``: if no machine, was it edited? The ranking that comes of them is calibrated afterwards. Asked in one
multinomial model instead, the translations and the edits that look like machine English cost a sixth of the
back-translations found at 2% false alarms.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from retold.detector import calibration
from retold.detector.calibration import Calibration, identity

CLASSIFIER_TARGETS = ("machine", "not_human_translation", "not_edited", "edited")
# Standard deviations beyond which a feature says no more: one freak rate must not decide a verdict.
CLIP = 4.0
# What a veto leaves of a machine verdict in the ranking. Below it the order among doubtful texts, most of them originals,
# stays that of ``machine``.
VETO_FLOOR = 0.3


@dataclass(frozen=True)
class LinearClassifier:
    """The learned numbers between the features and the verdict.

    Attributes:
        mean: float64 (n_features,): what is taken from each feature.
        scale: float64 (n_features,): what it is then divided by.
        coef: float64 (len(CLASSIFIER_TARGETS), n_features): log-odds per standard deviation.
        intercept: float64 (len(CLASSIFIER_TARGETS),).
        family_coef: float64 (n_families, n_features): log-odds of back-translation from one family's features alone.
        family_intercept: float64 (n_families,).
        calibration: From the ranking to probabilities.
    """

    mean: NDArray[np.float64]
    scale: NDArray[np.float64]
    coef: NDArray[np.float64]
    intercept: NDArray[np.float64]
    family_coef: NDArray[np.float64]
    family_intercept: NDArray[np.float64]
    calibration: Calibration = field(default_factory=identity)

    def standardise(self, features: NDArray[np.float64]) -> NDArray[np.float64]:
        """Clipped standard scores of features (n, n_features)."""
        return np.clip((features - self.mean) / self.scale, -CLIP, CLIP)

    def log_odds(self, features: NDArray[np.float64]) -> NDArray[np.float64]:
        """float64 (n, len(CLASSIFIER_TARGETS))."""
        return _dot(self.standardise(features), self.coef) + self.intercept

    def group_scores(self, features: NDArray[np.float64]) -> NDArray[np.float64]:
        """float64 (n, n_families): what each family alone makes of the text, from 0 to 1."""
        return expit(_dot(self.standardise(features), self.family_coef) + self.family_intercept)

    def ranking(self, features: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Uncalibrated probability of back-translation, and log-odds of an edit if it is none; float64 (n,) each."""
        answers = self.log_odds(features)
        return combine(answers), answers[:, CLASSIFIER_TARGETS.index("edited")]

    def probabilities(self, features: NDArray[np.float64]) -> NDArray[np.float64]:
        """float64 (n, 3) at equal priors, rows summing to 1, in the order of ``LABELS``."""
        machine, edited = self.ranking(features)
        return self.calibration.probabilities(machine, edited, features[:, -1])

    def arrays(self) -> dict[str, NDArray[np.float64]]:
        """The arrays to store, by name; with ``meta()`` they are the whole head."""
        names = ("mean", "scale", "coef", "intercept", "family_coef", "family_intercept")
        calibration = {f"calibration_{name}": getattr(self.calibration, name) for name in ("coef", "thresholds")}
        return {f"head_{name}": getattr(self, name) for name in names} | calibration

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray]) -> LinearClassifier:
        """Undo ``arrays()``.

        Raises:
            ModelError: if there is no calibration, or one of another form, as in models of other versions.
        """
        named = {name[5:]: np.array(array) for name, array in arrays.items() if name.startswith("head_")}
        return cls(**named, calibration=calibration.from_arrays(arrays, "calibration_"))


def combine(log_odds: NDArray[np.float64]) -> NDArray[np.float64]:
    """Ranking by back-translation, float64 (n,) from 0 to 1, from the answers (n, len(CLASSIFIER_TARGETS))."""
    machine = expit(log_odds[:, 0])
    allowed = expit(log_odds[:, 1]) * expit(log_odds[:, 2])
    return np.asarray(np.minimum(machine, VETO_FLOOR) + np.maximum(machine - VETO_FLOOR, 0) * allowed)


def _dot(rows: NDArray[np.float64], coef: NDArray[np.float64]) -> NDArray[np.float64]:
    """Rows times coefficients; einsum adds in one order whatever the number of rows, a matrix product need not."""
    return np.einsum("ij,kj->ik", rows, coef)
