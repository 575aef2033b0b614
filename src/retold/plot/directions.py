"""The map of articles: its two directions, and the articles whose names find room on it."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

# Signals lie strictly between 0 and 1 but for rounding; log-odds of 7 are 999 to 1.
_CLIP: Final = 1e-3
# Shares of the width and height of a map within which a second name would lie on the first.
_NEAR: Final = (0.2, 0.06)


def farthest_apart(places: NDArray[np.float64], count: int) -> list[int]:
    """The rows (n, 2) that lie farthest out, none of them near another."""
    chosen: list[int] = []
    room = np.ptp(places, axis=0) * _NEAR
    for row in np.argsort(-np.hypot(*places.T), kind="stable"):
        if len(chosen) < count and not any((np.abs(places[row] - places[other]) < room).all() for other in chosen):
            chosen.append(int(row))
    return chosen


def principal_components(
    strengths: NDArray[np.float64],
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Places (n, 2), loadings (n_signals, 2) and shares of variance (2,); more back-translated lies to the right and up."""
    p = np.clip(strengths, _CLIP, 1 - _CLIP)
    log_odds = np.log(p / (1 - p))
    centred = log_odds - log_odds.mean(axis=0)
    _, sizes, right = np.linalg.svd(centred, full_matrices=False)
    padded = np.zeros((2, centred.shape[1]))
    padded[: len(right)] = right[:2]
    signs = np.where(padded.sum(axis=1) < 0, -1.0, 1.0)
    loadings = (padded * signs[:, None]).T
    variance = np.append(sizes**2, [0.0, 0.0])[:2] / max(float((sizes**2).sum()), np.finfo(float).tiny)
    return centred @ loadings, loadings, variance
