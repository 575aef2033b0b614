"""Who descends from whom: a distribution over family trees of the versions of a story, and the best tree.

A tree's weight is a product over its edges and its tops, log-linear in their features (``lineage_scores``). Either one version
present is the source, or the source is missing and the tops of the trees descend from it unseen.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import logsumexp, softmax

from retold.compare.arborescence import max_spanning_arborescence
from retold.compare.tree_sums import tree_marginals

# Log weight of what cannot be: below this nothing can be computed with.
_FLOOR = -60.0
# Cost of a root where exactly one is wanted: more than any tree can gain.
_ONE_ROOT = 1e6


@dataclass(frozen=True)
class TreeScores:
    """Log weights of the parts of a tree; arrays over n versions, or stacks of them.

    Attributes:
        edges: float64 (..., n, n, 2): of column being edited, or back-translated, from row.
        source: float64 (..., n): of each being the source of all others.
        tops: float64 (..., n, 2): of each being edited, or back-translated, from a missing source.
        missing: float64 (...,): of the source being missing.
    """

    edges: NDArray[np.float64]
    source: NDArray[np.float64]
    tops: NDArray[np.float64]
    missing: NDArray[np.float64]

    def with_texts(self, log_probs: NDArray[np.float64]) -> TreeScores:
        """The same with what each text alone says: (n, 3), log probability of each label, at equal priors."""
        edges, tops = self.edges + log_probs[None, :, 1:], self.tops + log_probs[:, 1:]
        return TreeScores(edges, self.source + log_probs[:, 0], tops, self.missing)


@dataclass(frozen=True)
class TreeMarginals:
    """Probabilities of the parts of a tree; shapes as in ``TreeScores``, and the log of the sum over all trees (...,)."""

    log_sum: NDArray[np.float64]
    edges: NDArray[np.float64]
    source: NDArray[np.float64]
    tops: NDArray[np.float64]
    missing: NDArray[np.float64]


@dataclass(frozen=True)
class LineagePosterior:
    """A cluster's lineage; arrays over its n versions.

    Attributes:
        source: float64 (n,): probability that each is the source of all others; the rest is a missing source.
        labels: float64 (n, 3): probability of original, edited and back-translated.
        edges: float64 (n, n, 2): probability that column descends from row by an edit, by a round trip.
        parent: int64 (n,): parent in the best tree, or -1.
    """

    source: NDArray[np.float64]
    labels: NDArray[np.float64]
    edges: NDArray[np.float64]
    parent: NDArray[np.int64]


def infer_lineage(scores: TreeScores) -> LineagePosterior:
    """Sum over all trees of the versions of a story."""
    found = marginals(scores)
    joint = logsumexp(_without_loops(scores.edges), axis=-1)
    is_present = found.missing < 0.5
    roots = scores.source - _ONE_ROOT if is_present else logsumexp(scores.tops, axis=1)
    labels = _labels(found)
    return LineagePosterior(found.source, labels, found.edges, max_spanning_arborescence(joint, roots))


def marginals(scores: TreeScores) -> TreeMarginals:
    """Probability of every edge, source and top over all trees."""
    edges = _without_loops(scores.edges)
    joint, tops = logsumexp(edges, axis=-1), logsumexp(scores.tops, axis=-1)
    with_source, source, present = tree_marginals(joint, scores.source, is_single=True)
    without, top, absent = tree_marginals(joint, tops, is_single=False)
    log_sum = np.logaddexp(with_source, without + scores.missing)
    share = np.exp(with_source - log_sum)[..., None]
    either = share[..., None] * present + (1 - share[..., None]) * absent
    by_kind = either[..., None] * softmax(np.maximum(edges, 2 * _FLOOR), axis=-1)
    tops_by_kind = ((1 - share) * top)[..., None] * softmax(scores.tops, axis=-1)
    return TreeMarginals(log_sum, by_kind, share * source, tops_by_kind, 1 - share[..., 0])


def _without_loops(edges: NDArray[np.float64]) -> NDArray[np.float64]:
    """No version descends from itself; what else cannot be has a floor."""
    at = np.arange(edges.shape[-2])
    floored = np.maximum(edges, _FLOOR)
    floored[..., at, at, :] = -np.inf
    return floored


def _labels(found: TreeMarginals) -> NDArray[np.float64]:
    """Probability of each label: a version is translated if its edge or any ancestor's is."""
    base = found.tops[:, 1] + found.edges[:, :, 1].sum(axis=0)
    translated = base.copy()
    for _ in range(len(base)):
        through = np.minimum(base + (found.edges[:, :, 0] * translated[:, None]).sum(axis=0), 1.0)
        if np.abs(through - translated).max() < 1e-9:
            break
        translated = through
    edited = np.clip(1 - found.source - translated, 0, 1)
    labels = np.stack([found.source, edited, translated], axis=1)
    return np.asarray(labels / labels.sum(axis=1, keepdims=True))
