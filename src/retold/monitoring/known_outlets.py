"""Whether a batch measures like one of the outlets that a model was trained on.

Two sets of articles are compared by the mean, over the features, of the squared difference of their mean ranks in units of its
standard error: 1 where both are drawn from one outlet, however few they are. What chance makes of it, features being
correlated, is learned from each training outlet split in two at random.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

# Stored originals that an outlet needs, so that either half of it has a mean worth the name.
_LEAST = 30
# Random halves of each outlet, and the share of them that a batch of the same outlet stays below.
_SPLITS, _ORDINARY = 40, 0.99
# Variance below which the ranks of a feature say nothing; a rank is a decile, 0 to 9.
_CONSTANT = 0.01


@dataclass(frozen=True)
class NearestOutlet:
    """The training outlet that a batch is most like.

    Attributes:
        name: The outlet.
        distance: Mean squared difference in standard errors; about 1 if the batch is of that outlet.
        ordinary: The distance that one in a hundred random halves of training outlets reaches.
    """

    name: str
    distance: float
    ordinary: float

    @property
    def is_known(self) -> bool:
        """True if the batch differs from the outlet no more than chance allows."""
        return self.distance <= self.ordinary


def nearest_outlet(
    batch: NDArray[np.int64], ranks: NDArray[np.int64], outlets: NDArray[np.object_], random: np.random.Generator
) -> NearestOutlet | None:
    """The outlet nearest to a batch; None if no outlet has enough articles.

    Args:
        batch: Ranks of the batch's features among training originals, int64 (n, n_features).
        ranks: Those of training originals, int64 (m, n_features).
        outlets: Name of the outlet of each, (m,).
        random: Splits outlets.
    """
    parts = {name: ranks[outlets == name] for name in sorted(set(outlets))}
    parts = {name: own for name, own in parts.items() if len(own) >= _LEAST}
    if not parts:
        return None
    chance = [_distance(*_halves(own, random)) for own in parts.values() for _ in range(_SPLITS)]
    found = {name: _distance(batch, own) for name, own in parts.items()}
    name = min(found, key=lambda name: found[name])
    return NearestOutlet(name, found[name], float(np.quantile(chance, _ORDINARY)))


def _halves(own: NDArray[np.int64], random: np.random.Generator) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    order = random.permutation(len(own))
    return own[order[: len(own) // 2]], own[order[len(own) // 2 :]]


def _distance(one: NDArray[np.int64], other: NDArray[np.int64]) -> float:
    """Mean over the features of the squared difference of means, in standard errors."""
    error = one.var(axis=0) / len(one) + other.var(axis=0) / len(other)
    varies = np.maximum(one.var(axis=0), other.var(axis=0)) > _CONSTANT
    squares = (one.mean(axis=0) - other.mean(axis=0)) ** 2
    return float((squares[varies] / np.maximum(error[varies], 1e-12)).mean()) if varies.any() else 0.0
