"""Which unlabelled articles are worth labelling next: the uncertain ones, each of another kind.

The most uncertain articles are mostly alike, so labelling them teaches one thing many times. As Zhdanov (2019, "Diverse
mini-batch active learning") proposes, a few times as many as are wanted are taken by uncertainty, clustered by k-means with
that uncertainty as weight, and of each cluster the article nearest to its centre is proposed.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import entropy
from sklearn.cluster import KMeans
from sklearn.exceptions import ConvergenceWarning

from retold.detector.verdict import LABELS
from retold.text.near_duplicates import linked, similar_pairs

# Times as many candidates as proposals; ten, as in the paper, gives clusters room without letting the certain in.
_CANDIDATES = 10
_SEED = 20


@dataclass(frozen=True)
class Proposal:
    """An article worth labelling.

    Attributes:
        index: Its index in the texts that were given.
        why: The reason in words.
        uncertainty: Entropy of its probabilities, 0 for certain to 1 for even.
    """

    index: int
    why: str
    uncertainty: float


def propose(
    texts: Sequence[str], standard: NDArray[np.float64], probabilities: NDArray[np.float64], count: int
) -> list[Proposal]:
    """Choose articles to label, the most uncertain first; the same for the same input.

    Args:
        texts: The articles; near-duplicates among them are proposed once.
        standard: Their features as the classifier sees them, standardised, float64 (n, n_features).
        probabilities: Their probabilities of the labels, float64 (n, 3).
        count: How many to choose at most.
    """
    unsure = uncertainty(probabilities)
    ranked = np.argsort(-unsure, kind="stable")[: count * _CANDIDATES]
    clusters = linked(len(ranked), similar_pairs([texts[i] for i in ranked]))
    candidates = ranked[np.sort(np.unique(clusters, return_index=True)[1])]
    chosen = _spread(standard[candidates], unsure[candidates], count)
    found = [
        Proposal(int(row), _why(probabilities[row], n), float(unsure[row]))
        for row, n in ((candidates[place], n) for place, n in chosen)
    ]
    return sorted(found, key=lambda p: (-p.uncertainty, p.index))


def uncertainty(probabilities: NDArray[np.float64]) -> NDArray[np.float64]:
    """Entropy of probabilities (n, k), from 0 for a certain row to 1 for an even one: float64 (n,)."""
    return np.asarray(entropy(probabilities, axis=1) / np.log(probabilities.shape[1]))


def _spread(standard: NDArray[np.float64], unsure: NDArray[np.float64], count: int) -> list[tuple[int, int]]:
    """Rows nearest to the centres of ``count`` clusters, each with the size of its cluster."""
    if len(standard) <= count:
        return [(row, 1) for row in range(len(standard))]
    with warnings.catch_warnings():
        # Articles that measure alike may leave fewer clusters than asked for, which is as it should be.
        warnings.simplefilter("ignore", ConvergenceWarning)
        model = KMeans(count, n_init=3, random_state=_SEED).fit(standard, sample_weight=np.maximum(unsure, 1e-6))
    distance = np.linalg.norm(standard - model.cluster_centers_[model.labels_], axis=1)
    found = []
    for cluster in range(count):
        members = np.flatnonzero(model.labels_ == cluster)
        if len(members):
            found.append((int(members[np.argmin(distance[members])]), len(members)))
    return found


def _why(probabilities: NDArray[np.float64], n_alike: int) -> str:
    second, first = np.argsort(probabilities, kind="stable")[-2:]
    shares = f"{LABELS[first]} {probabilities[first]:.0%} or {LABELS[second]} {probabilities[second]:.0%}"
    return f"{shares}; stands for {n_alike} unsure articles" if n_alike > 1 else shares
