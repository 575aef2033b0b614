"""Probabilities that mean what they say, for a stated mixture of articles, and named points at which to act on them.

The head ranks; calibration maps its ranking to probabilities by length, since the same log-odds mean more in a long article
(Platt 1999, with the length of the article as a second variable). Probabilities mean nothing without a prior: they are
fitted where original, edited and back-translated are equally frequent at every length, and moved to the mixture that
the reader expects by Bayes' rule (Saerens et al. 2002).
"""

from __future__ import annotations

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
# The mixture that probabilities assume unless the reader states another: most articles in the field are originals, many are
# edits. With 10% back-translations 2% of news originals of sources kept out are called so (the card's tables).
PRIOR: Final = (0.6, 0.3, 0.1)
# No label beforehand likelier than another.
EQUAL: Final = "1,1,1"
# Where no label reaches this probability the detector abstains.
ABSTAIN_BELOW: Final = 0.5
# Probabilities are kept this far from 0 and 1, so that log-odds stay finite.
_EDGE = 1e-6
_BT, _ED, _OR = (LABELS.index(label) for label in (BACK_TRANSLATED, EDITED, ORIGINAL))


@dataclass(frozen=True)
class Calibration:
    """From the head's ranking to probabilities.

    Attributes:
        coef: float64 (2, 7): for back-translated or not, and for edited if not, what ``terms`` are multiplied by.
        thresholds: float64 (len(OPERATING_POINTS), len(BANDS) + 1): probability of back-translation, at equal priors, from which a
            text of a length band is called back-translated at each operating point.
    """

    coef: NDArray[np.float64]
    thresholds: NDArray[np.float64]

    def probabilities(
        self, machine: NDArray[np.float64], edited: NDArray[np.float64], octaves: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """float64 (n, 3) at equal priors, rows summing to 1, in the order of ``LABELS``.

        Args:
            machine: Uncalibrated probability of back-translation, float64 (n,).
            edited: Log-odds of an edit, if not back-translated, float64 (n,).
            octaves: Length in octaves, the feature ``length``, float64 (n,).
        """
        bt = expit(_dot(terms(log_odds(machine), octaves), self.coef[0]))
        ed = (1 - bt) * expit(_dot(terms(edited, octaves), self.coef[1]))
        out = np.empty((len(machine), len(LABELS)))
        out[:, _BT], out[:, _ED], out[:, _OR] = bt, ed, 1 - bt - ed
        return out

    def called(self, probabilities: NDArray[np.float64], words: NDArray[np.integer], point: str) -> NDArray[np.bool_]:
        """bool (n,): texts called back-translated at an operating point.

        Args:
            probabilities: At equal priors, float64 (n, 3).
            words: Length of the texts, int (n,).
            point: One of ``OPERATING_POINTS``.
        """
        return np.asarray(probabilities[:, _BT] >= self.thresholds[OPERATING_POINTS.index(point)][band_of(words)])


def from_arrays(arrays: Mapping[str, NDArray], prefix: str) -> Calibration:
    """The calibration among a model's arrays.

    Raises:
        ModelError: if there is none, or one of another form.
    """
    coef, thresholds = (arrays.get(f"{prefix}{name}") for name in ("coef", "thresholds"))
    usual = identity()
    if (
        coef is None
        or thresholds is None
        or (coef.shape, thresholds.shape) != (usual.coef.shape, usual.thresholds.shape)
    ):
        raise ModelError("the model was made by another version of retold; train it again: retold train")
    return Calibration(np.array(coef), np.array(thresholds))


def identity() -> Calibration:
    """Leaves the head's ranking as it is, and calls back-translated from an even chance."""
    coef = np.zeros((2, 7))
    coef[:, 0] = 1.0
    return Calibration(coef, np.full((len(OPERATING_POINTS), len(BANDS) + 1), 0.5))


def terms(values: NDArray[np.float64], octaves: NDArray[np.float64]) -> NDArray[np.float64]:
    """float64 (n, 7): log-odds, and their product with length; a constant, length and its square; a bounded copy of both.

    The bounded copy lets probabilities level off, as they must where part of a class never shows.
    """
    bounded = np.tanh(values / 2)
    parts = [values, values * octaves, np.ones_like(values), octaves, octaves**2, bounded, bounded * octaves]
    return np.stack(parts, axis=1)


def log_odds(probability: NDArray[np.float64]) -> NDArray[np.float64]:
    """Finite log-odds of probabilities (n,)."""
    return np.asarray(logit(np.clip(probability, _EDGE, 1 - _EDGE)))


def band_of(words: NDArray[np.integer]) -> NDArray[np.intp]:
    """intp (n,): the length band of texts of so many words, 0 for the shortest."""
    return np.searchsorted(np.asarray(BANDS), words, side="right")


def with_prior(probabilities: NDArray[np.float64], prior: Sequence[float]) -> NDArray[np.float64]:
    """Move probabilities (n, 3) from equal priors to a prior (3,) in the order of ``LABELS``."""
    moved = probabilities * np.asarray(prior, dtype=np.float64)
    return np.asarray(moved / moved.sum(axis=1, keepdims=True))


def read_prior(value: str | Mapping[str, float]) -> tuple[float, ...]:
    """A prior from ``0.8,0.1,0.1`` (original, edited, back-translated) or a mapping of labels; scaled to sum to 1.

    Raises:
        InputError: if there are not three positive numbers.
    """
    try:
        parts = [value[label] for label in LABELS] if isinstance(value, Mapping) else value.split(",")
        numbers = [float(part) for part in parts]
    except (KeyError, ValueError):
        numbers = []
    if len(numbers) != len(LABELS) or not all(0 < n < float("inf") for n in numbers):
        raise InputError(f"prior {value!r}: give three positive numbers for {', '.join(LABELS)}, such as 0.8,0.1,0.1")
    return tuple(n / sum(numbers) for n in numbers)


def _dot(rows: NDArray[np.float64], coef: NDArray[np.float64]) -> NDArray[np.float64]:
    """Rows times coefficients; einsum adds in one order whatever the number of rows, a matrix product need not."""
    return np.asarray(np.einsum("ij,j->i", rows, coef))
