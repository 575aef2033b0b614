"""Calibrated probabilities for a stated prior, and operating points at which to act on them.

The classifier ranks; calibration maps its ranking to probabilities by length, since the same log-odds mean more in a long
article (Platt 1999, with the length of the article as a second variable). It is fitted where original, edited and
back-translated are equally frequent at every length; Bayes' rule then moves the probabilities to the mixture that the
user expects (Saerens, Latinne and Decaestecker 2002).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit

from retold.detector.verdict import BACK_TRANSLATED, EDITED, LABELS, ORIGINAL
from retold.errors import InputError, ModelError

# Words at which a new length band begins; the reports use the same.
BANDS: Final = (80, 150, 300, 600)
# ``low-fpr``: at most 1% of originals are called back-translated; ``balanced``: as if the three were equally frequent.
OPERATING_POINTS: Final = ("low-fpr", "balanced")
# Shares that probabilities assume unless the user states others: most articles in the field are originals, many are edits.
# With 10% back-translations, 2% of news originals of held-out sources are called back-translated (the model card's tables).
PRIOR: Final = (0.6, 0.3, 0.1)
# No label likelier than another.
UNIFORM_PRIOR: Final = (1 / 3, 1 / 3, 1 / 3)
# The detector abstains where no label reaches this probability (Chow 1970).
ABSTAIN_BELOW: Final = 0.5
# Probabilities are kept this far from 0 and 1, so that log-odds stay finite.
_EDGE = 1e-6
_BT, _ED, _OR = (LABELS.index(label) for label in (BACK_TRANSLATED, EDITED, ORIGINAL))
# Column of ``design_matrix`` that is constant.
CONSTANT: Final = 2
# Smallest share of a prior: a label that is less frequent than this cannot be estimated, and smaller shares underflow.
_MIN_SHARE = 1e-9
_OTHER_VERSION: Final = "the model was made by another version of retold, or is damaged; train it again: retold train"


@dataclass(frozen=True)
class Calibration:
    """Maps the classifier's ranking to probabilities.

    Attributes:
        coef: float64 (2, 7): coefficients of ``design_matrix`` for back-translated or not, and for edited if not.
        thresholds: float64 (len(OPERATING_POINTS), len(BANDS) + 1): probability of back-translation, at a uniform prior, from
            which a text of a length band is called back-translated at each operating point.
    """

    coef: NDArray[np.float64]
    thresholds: NDArray[np.float64]

    def probabilities(
        self, machine: NDArray[np.float64], edited: NDArray[np.float64], log2_length_ratio: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """float64 (n, 3) at a uniform prior, rows summing to 1, in the order of ``LABELS``.

        Args:
            machine: Uncalibrated probability of back-translation, float64 (n,).
            edited: Log-odds of an edit, if not back-translated, float64 (n,).
            log2_length_ratio: The feature ``length``, float64 (n,).
        """
        columns = design_matrix(log_odds(machine), log2_length_ratio), design_matrix(edited, log2_length_ratio)
        bt = expit(row_products(columns[0], self.coef[:1])[:, 0])
        ed = (1 - bt) * expit(row_products(columns[1], self.coef[1:])[:, 0])
        out = np.empty((len(machine), len(LABELS)))
        out[:, _BT], out[:, _ED], out[:, _OR] = bt, ed, 1 - bt - ed
        return out

    def is_positive(
        self, probabilities: NDArray[np.float64], n_words: NDArray[np.integer], operating_point: str
    ) -> NDArray[np.bool_]:
        """bool (n,): texts called back-translated at an operating point.

        Args:
            probabilities: At a uniform prior, float64 (n, 3).
            n_words: Length of the texts, int (n,).
            operating_point: One of ``OPERATING_POINTS``.
        """
        thresholds = self.thresholds[OPERATING_POINTS.index(operating_point)]
        return np.asarray(probabilities[:, _BT] >= thresholds[band_of(n_words)])

    def arrays(self) -> dict[str, NDArray[np.float64]]:
        """The arrays to store, by name; undone by ``from_arrays``."""
        return {"calibration_coef": self.coef, "calibration_thresholds": self.thresholds}


def from_arrays(arrays: Mapping[str, NDArray], prefix: str = "") -> Calibration:
    """The calibration among a model's arrays, whose names begin with ``prefix``.

    Raises:
        ModelError: if there is none, or one of another shape or with numbers that are not finite.
    """
    default = identity().arrays()
    found = {name: np.array(arrays.get(prefix + name, np.nan), dtype=np.float64) for name in default}
    if any(found[name].shape != default[name].shape or not np.isfinite(found[name]).all() for name in default):
        raise ModelError(_OTHER_VERSION)
    return Calibration(*found.values())


def identity() -> Calibration:
    """Leaves the ranking as it is, and calls a text back-translated from a probability of one half."""
    coef = np.zeros((2, 7))
    coef[:, 0] = 1.0
    return Calibration(coef, np.full((len(OPERATING_POINTS), len(BANDS) + 1), 0.5))


def design_matrix(values: NDArray[np.float64], log2_length_ratio: NDArray[np.float64]) -> NDArray[np.float64]:
    """float64 (n, 7): log-odds, and their product with length; a constant, length, its square; a bounded copy of both.

    The bounded copy lets probabilities level off, as they must where part of a class never shows.
    """
    bounded, length = np.tanh(values / 2), log2_length_ratio
    columns = [values, values * length, np.ones_like(values), length, length**2, bounded, bounded * length]
    return np.stack(columns, axis=1)


def log_odds(probability: NDArray[np.float64]) -> NDArray[np.float64]:
    """Finite log-odds of probabilities (n,)."""
    return np.asarray(logit(np.clip(probability, _EDGE, 1 - _EDGE)))


def band_of(n_words: NDArray[np.integer]) -> NDArray[np.intp]:
    """intp (n,): the length band of texts with so many words, 0 for the shortest."""
    return np.searchsorted(np.asarray(BANDS), n_words, side="right")


def with_prior(probabilities: NDArray[np.float64], prior: Sequence[float]) -> NDArray[np.float64]:
    """Move probabilities (n, 3) from a uniform prior to another (3,), in the order of ``LABELS``."""
    moved = probabilities * np.asarray(prior, dtype=np.float64)
    return np.asarray(moved / moved.sum(axis=1, keepdims=True))


def read_prior(value: str | Sequence[float] | Mapping[str, float]) -> tuple[float, ...]:
    """A prior from ``0.8,0.1,0.1`` (original, edited, back-translated), three numbers or a mapping; scaled to sum to 1.

    Raises:
        InputError: if there are not three positive, finite numbers of comparable size.
    """
    try:
        parts = [value[label] for label in LABELS] if isinstance(value, Mapping) else value
        numbers = [float(part) for part in (parts.split(",") if isinstance(parts, str) else parts)]
    except (KeyError, TypeError, ValueError):
        numbers = []
    total = sum(numbers)
    if len(numbers) != len(LABELS) or not 0 < total < math.inf or not min(numbers) >= _MIN_SHARE * total:
        raise InputError(
            f"prior {value!r}: give three positive numbers for {', '.join(LABELS)}, none of them below "
            f"{_MIN_SHARE} of their sum, such as 0.8,0.1,0.1"
        )
    return tuple(number / total for number in numbers)


def row_products(rows: NDArray[np.float64], coef: NDArray[np.float64]) -> NDArray[np.float64]:
    """float64 (n, k): rows (n, m) times coefficients (k, m).

    ``einsum`` adds in one order whatever the number of rows, which a matrix product need not, so that a text gets the same
    numbers alone and in a batch.
    """
    return np.asarray(np.einsum("ij,kj->ik", rows, coef))
