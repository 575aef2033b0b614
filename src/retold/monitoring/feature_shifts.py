"""Which signals and features moved in a batch, beyond what random batches of training originals do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from retold.detector.features import LENGTH, REFERENCE_WORDS
from retold.signals.registry import SIGNALS

# A batch is ordinary if one in a hundred random batches differs as much.
ORDINARY = 0.99


@dataclass(frozen=True)
class Shift:
    """How far the features of one signal, or one feature, moved.

    Attributes:
        name: The signal's title, or the feature's name.
        index: Mean PSI of its features in the batch.
        ordinary: The index that one in a hundred random batches of training originals reaches.
        here: Median of the feature in the batch, or its mean where the median is zero; nan for a signal.
        trained: The same of the training originals.
        by: Difference of the means in standard deviations of the originals; nan for a signal.
    """

    name: str
    index: float
    ordinary: float
    here: float = float("nan")
    trained: float = float("nan")
    by: float = float("nan")

    @property
    def moved(self) -> bool:
        """True if it moved more than chance moves it."""
        return self.index > self.ordinary


def signal_shifts(signals: NDArray[np.str_], index: NDArray[np.float64], chance: NDArray[np.float64]) -> list[Shift]:
    """How far each signal moved, the strongest first.

    Args:
        signals: Name of the signal of each feature, (n_features,).
        index: PSI of each feature in the batch, float64 (n_features,).
        chance: The same of random batches, float64 (n_draws, n_features).
    """
    columns = {name: signals == name for name in dict.fromkeys(signals.tolist())}
    ordinary = {name: float(np.quantile(chance[:, own].mean(axis=1), ORDINARY)) for name, own in columns.items()}
    titles = {signal.name: signal.title for signal in SIGNALS}
    shifts = [Shift(titles.get(name, name), float(index[own].mean()), ordinary[name]) for name, own in columns.items()]
    return sorted(shifts, key=lambda shift: shift.ordinary - shift.index)


def feature_shifts(
    names: Sequence[str],
    features: NDArray[np.float64],
    originals: NDArray[np.float64],
    index: NDArray[np.float64],
    chance: NDArray[np.float64],
) -> list[Shift]:
    """The features that moved, the strongest first.

    Of so many some exceed their own one in a hundred by chance, so the highest of all is the limit.

    Args:
        names: Names of the features.
        features: The batch's, float64 (n, n_features).
        originals: Those of the training originals, float64 (m, n_features).
        index: PSI of each feature in the batch, float64 (n_features,).
        chance: The same of random batches, float64 (n_draws, n_features).
    """
    ordinary = np.quantile(chance, ORDINARY, axis=0)
    limit = ordinary + np.quantile((chance - ordinary).max(axis=1), ORDINARY)
    moved = np.flatnonzero(index > limit).tolist()
    by = (features.mean(axis=0) - originals.mean(axis=0)) / np.where(
        originals.std(axis=0) > 0, originals.std(axis=0), 1
    )
    shifts = [
        Shift(
            names[i],
            float(index[i]),
            float(ordinary[i]),
            *_typical(names[i], features[:, i], originals[:, i]),
            float(by[i]),
        )
        for i in moved
    ]
    return sorted(shifts, key=lambda shift: shift.ordinary - shift.index)


def _typical(name: str, here: NDArray[np.float64], trained: NDArray[np.float64]) -> tuple[float, float]:
    """Medians of a feature, or means where most articles have nothing of it; of the length, words."""
    if name == LENGTH:
        here, trained = REFERENCE_WORDS * 2**here, REFERENCE_WORDS * 2**trained
    medians = float(np.median(here)), float(np.median(trained))
    return medians if all(medians) else (float(here.mean()), float(trained.mean()))
