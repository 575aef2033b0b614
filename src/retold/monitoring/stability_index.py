"""The population stability index (PSI), and what it is of random batches and of single sources.

PSI (Siddiqi 2006, "Credit Risk Scorecards") is the symmetric Kullback-Leibler divergence between two sets of values over the
deciles of one of them.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

# Deciles, as usual for this index (Siddiqi 2006).
_BINS = 10
# Random batches: of 400 the four highest decide what is ordinary. Those that correct a source need a mean only.
_DRAWS, _DRAWS_OF_SOURCE = 400, 20
# Rows of a source that make a batch of one outlet.
_MIN_OF_SOURCE = 30


def deciles(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Inner edges of the bins of each column of (n, n_features): float64 (9, n_features)."""
    return np.asarray(np.quantile(values, np.linspace(0, 1, _BINS + 1)[1:-1], axis=0))


def random_psi(reference: NDArray[np.int64], size: int, random: np.random.Generator) -> NDArray[np.float64]:
    """PSI of random batches of ``size`` rows of a binned reference: float64 (n_draws, n_features)."""
    n, usual = len(reference), _shares(reference)
    draws = (reference[random.choice(n, size, replace=size > n // 2)] for _ in range(_DRAWS))
    return np.stack([_divergence(_shares(drawn), usual) for drawn in draws])


def bins(features: NDArray[np.float64], edges: NDArray[np.float64]) -> NDArray[np.int64]:
    """Bin of each value between the edges that ``deciles`` found: int64 (n, n_features)."""
    columns = [np.searchsorted(inner, x, side="left") for inner, x in zip(edges.T, features.T, strict=True)]
    return np.stack(columns, axis=1)


def psi(batch: NDArray[np.int64], reference: NDArray[np.int64]) -> NDArray[np.float64]:
    """PSI of each feature of binned rows (n, n_features) against others (m, n_features): float64 (n_features,)."""
    return _divergence(_shares(batch), _shares(reference))


def _divergence(p: NDArray[np.float64], q: NDArray[np.float64]) -> NDArray[np.float64]:
    """Symmetric divergence of shares of bins (n_features, _BINS): float64 (n_features,)."""
    return np.asarray(((p - q) * np.log(p / q)).sum(axis=-1))


def _shares(binned: NDArray[np.int64]) -> NDArray[np.float64]:
    """Share of each bin, float64 (n_features, _BINS), smoothed by half a count so that no logarithm is infinite."""
    n, n_features = binned.shape
    cells = binned + np.arange(n_features) * _BINS
    counts = np.bincount(cells.ravel(), minlength=n_features * _BINS).reshape(n_features, _BINS)
    return (counts + 0.5) / (n + 0.5 * _BINS)


def source_indices(
    binned: NDArray[np.int64], sources: NDArray[np.object_], expected: float, random: np.random.Generator
) -> dict[str, float]:
    """Mean PSI of each source that has enough rows against the others, as if of another number of rows.

    Args:
        binned: Rows of all sources, int64 (n, n_features).
        sources: Name of each row's source, (n,).
        expected: Mean PSI that chance gives a batch of that other number of rows.
        random: Draws batches of as many rows as a source has, whose mean PSI is replaced by ``expected``.
    """
    indices = {}
    for name in sorted(set(sources)):
        own, others = binned[sources == name], binned[sources != name]
        if len(own) >= _MIN_OF_SOURCE and len(others):
            usual = _shares(others)
            draws = (others[random.choice(len(others), len(own))] for _ in range(_DRAWS_OF_SOURCE))
            chance = float(np.mean([_divergence(_shares(drawn), usual).mean() for drawn in draws]))
            indices[name] = float(_divergence(_shares(own), usual).mean()) - chance + expected
    return indices
