"""The mixture of a batch, estimated from its own scores by expectation maximisation (Saerens, Latinne and Decaestecker 2002).

Calibrated probabilities at one prior say how likely each text is under each label; the prior under which the batch as a whole is
likeliest is found by averaging the probabilities that it gives and starting again. It moves the labels of a collection that
differs from what is usual, an archive of wire copy or the pages of a content farm, without a labelled example.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from retold.detector.calibration import PRIOR, with_prior
from retold.detector.verdict import LABELS

# What a user writes in the place of a prior.
AUTO: Final = "auto"
# Fewer texts say too little of a mixture: the interval of a share of one half then spans 0.4.
MIN_TEXTS = 25
# The usual prior counts as so many texts, so that a small batch moves it little (the mode under a Dirichlet prior); by judgement.
_PRIOR_TEXTS = 10
_ITERATIONS, _CLOSE_ENOUGH = 1_000, 1e-6
_RESAMPLES, _INTERVAL, _SEED = 200, (0.05, 0.95), 20
# No label is ruled out by a batch.
_LEAST = 0.005


@dataclass(frozen=True)
class PriorEstimate:
    """The mixture of a batch.

    Attributes:
        prior: Shares in the order of ``LABELS``.
        low: Lower ends of the 90% intervals, by resampling the texts.
        high: Upper ends.
        n_texts: Texts that were judged.
        is_estimated: False where there were too few, and the usual prior stands.
    """

    prior: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]
    n_texts: int
    is_estimated: bool

    def __str__(self) -> str:
        if not self.is_estimated:
            return (
                f"prior: {self.n_texts} texts are too few to estimate it (minimum {MIN_TEXTS}); the usual one is used"
            )
        shares = ", ".join(
            f"{label} {share:.2f} ({low:.2f} to {high:.2f})"
            for label, share, low, high in zip(LABELS, self.prior, self.low, self.high, strict=True)
        )
        return f"prior estimated from {self.n_texts:,} texts: {shares}"


def estimate_prior(probabilities: NDArray[np.float64], prior: Sequence[float] = PRIOR) -> PriorEstimate:
    """Estimate the mixture of a batch.

    Args:
        probabilities: At a uniform prior, float64 (n, 3); rows of NaN, where nothing was judged, are left out.
        prior: The usual prior, towards which a small batch is drawn, and which stands for fewer than ``MIN_TEXTS``.
    """
    judged = probabilities[~np.isnan(probabilities).any(axis=1)]
    usual = tuple(float(share) for share in prior)
    if len(judged) < MIN_TEXTS:
        return PriorEstimate(usual, usual, usual, len(judged), is_estimated=False)
    rng = np.random.default_rng(_SEED)
    found = _maximise(judged, np.array(usual))
    draws = [_maximise(judged[rng.integers(len(judged), size=len(judged))], np.array(usual)) for _ in range(_RESAMPLES)]
    low, high = np.quantile(draws, _INTERVAL, axis=0)
    return PriorEstimate(_shares(found), _shares(low), _shares(high), len(judged), is_estimated=True)


def _maximise(probabilities: NDArray[np.float64], usual: NDArray[np.float64]) -> NDArray[np.float64]:
    shares = usual
    for _ in range(_ITERATIONS):
        before = shares
        counts = with_prior(probabilities, tuple(shares)).sum(axis=0) + _PRIOR_TEXTS * usual
        shares = np.maximum(counts / counts.sum(), _LEAST)
        shares = shares / shares.sum()
        if np.abs(shares - before).max() < _CLOSE_ENOUGH:
            break
    return shares


def _shares(values: NDArray[np.float64]) -> tuple[float, ...]:
    return tuple(float(value) for value in values)
