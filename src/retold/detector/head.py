"""The last step: from the numbers of all signals to three probabilities.

Four logistic questions are asked of the features. ``machine``: machine English rather than an original? It finds the
most, but calls many human translations machine-made. ``not_human_translation`` and ``not_edited`` know those apart and
may veto. ``edited``: if no machine, was it edited? Asked in one multinomial model instead, the translations and the
edits that look like machine English cost a sixth of the back-translations found at 2% false alarms.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from retold.detector.verdict import LABELS

QUESTIONS = ("machine", "not_human_translation", "not_edited", "edited")
# Standard deviations beyond which a feature says no more: one freak rate must not decide a verdict.
CLIP = 4.0
# What a veto leaves of a machine verdict's probability. Below one third the veto decides the label whatever the split
# between original and edited; the order among doubtful texts, most of them originals, stays that of ``machine``.
VETO_FLOOR = 0.3


@dataclass(frozen=True)
class Head:
    """The learned numbers between the features and the verdict.

    Attributes:
        mean: float64 (n_features,): what is taken from each feature.
        scale: float64 (n_features,): what it is then divided by.
        coef: float64 (len(QUESTIONS), n_features): log-odds per standard deviation.
        intercept: float64 (len(QUESTIONS),).
        family_coef: float64 (n_families, n_features): log-odds of back-translation from one family's features alone.
        family_intercept: float64 (n_families,).
        doubt: Highest probability below which the detector abstains.
    """

    mean: NDArray[np.float64]
    scale: NDArray[np.float64]
    coef: NDArray[np.float64]
    intercept: NDArray[np.float64]
    family_coef: NDArray[np.float64]
    family_intercept: NDArray[np.float64]
    doubt: float = 0.0

    def standardise(self, features: NDArray[np.float64]) -> NDArray[np.float64]:
        """Clipped standard scores of features (n, n_features)."""
        return np.clip((features - self.mean) / self.scale, -CLIP, CLIP)

    def log_odds(self, features: NDArray[np.float64]) -> NDArray[np.float64]:
        """float64 (n, len(QUESTIONS))."""
        return _dot(self.standardise(features), self.coef) + self.intercept

    def strengths(self, features: NDArray[np.float64]) -> NDArray[np.float64]:
        """float64 (n, n_families): what each family alone makes of the text, from 0 to 1."""
        return expit(_dot(self.standardise(features), self.family_coef) + self.family_intercept)

    def probabilities(self, features: NDArray[np.float64]) -> NDArray[np.float64]:
        """float64 (n, 3), rows summing to 1, in the order of ``LABELS``."""
        return combine(self.log_odds(features))

    def arrays(self) -> dict[str, NDArray[np.float64]]:
        """The arrays to store, by name; with ``meta()`` they are the whole head."""
        names = ("mean", "scale", "coef", "intercept", "family_coef", "family_intercept")
        return {f"head_{name}": getattr(self, name) for name in names}

    def meta(self) -> dict[str, Any]:
        """What goes into the manifest."""
        return {"doubt": self.doubt}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray], meta: Mapping[str, Any]) -> Head:
        """Undo ``arrays()`` and ``meta()``."""
        named = {name[5:]: np.array(array) for name, array in arrays.items() if name.startswith("head_")}
        return cls(**named, doubt=float(meta["doubt"]))


def combine(log_odds: NDArray[np.float64]) -> NDArray[np.float64]:
    """Probabilities (n, 3) from the answers (n, len(QUESTIONS))."""
    machine = expit(log_odds[:, 0])
    allowed = expit(log_odds[:, 1]) * expit(log_odds[:, 2])
    machine = np.minimum(machine, VETO_FLOOR) + np.maximum(machine - VETO_FLOOR, 0) * allowed
    edited = (1 - machine) * expit(log_odds[:, 3])
    out = np.empty((len(log_odds), len(LABELS)))
    out[:, LABELS.index("back-translated")], out[:, LABELS.index("edited")] = machine, edited
    out[:, LABELS.index("original")] = 1 - machine - edited
    return out


def _dot(rows: NDArray[np.float64], coef: NDArray[np.float64]) -> NDArray[np.float64]:
    """Rows times coefficients; einsum adds in one order whatever the number of rows, a matrix product need not."""
    return np.einsum("ij,kj->ik", rows, coef)
