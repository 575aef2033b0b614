"""Who descends from whom: a distribution over family trees of the versions of a story, and the best tree.

A tree's weight is a product over its edges (how the pair relates, against being mere siblings) and over its members (the
single-text probabilities). Sums over all trees are determinants: the matrix-tree theorem of Tutte, as Koo, Globerson,
Carreras and Collins (2007, "Structured prediction models via the matrix-tree theorem") and Smith and Smith (2007) use it.
Either one version present is the source, or the source is missing and the tops of the trees descend from it unseen.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logsumexp, softmax

from retold.compare.arborescence import max_spanning_arborescence
from retold.compare.relations import EDITED_FROM, SIBLING, TRANSLATED_FROM

# Prior odds that the source is not among the versions. More finds more missing sources and misses more present ones;
# ``benchmarks/comparison.py`` prints both shares.
_MISSING = 0.05
# Weight of "no edge" between versions, as log-odds: below this a pair says nothing that can be computed with.
_FLOOR = -30.0
# Cost of a root where exactly one is wanted: more than any tree can gain.
_ONE_ROOT = 1e6


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


def infer_lineage(relations: NDArray[np.float64], log_probs: NDArray[np.float64]) -> LineagePosterior:
    """Sum over all trees of the versions of a story.

    Args:
        relations: float64 (n, n, 5): log probability of each relation of column to row; -inf where a pair was not compared.
        log_probs: float64 (n, 3): log probability of original, edited and back-translated from each text alone, at equal
            priors.
    """
    edge = _edge_weights(relations, log_probs)
    prior = np.log(0.5 / max(len(log_probs) - 1, 1))
    top = np.stack([log_probs[:, 0], *(prior + log_probs[:, 1:].T)], axis=1)
    joint, kinds = logsumexp(edge, axis=2), softmax(np.maximum(edge, _FLOOR), axis=2)
    with_source, present = _marginals(joint, top[:, 0], single=True)
    without, missing = _marginals(joint, logsumexp(top[:, 1:], axis=1), single=False)
    share = expit(np.clip(present - missing - np.log(_MISSING), -50, 50))
    edges_joint = share * with_source[1:] + (1 - share) * without[1:]
    edges = edges_joint[:, :, None] * kinds
    tops = (1 - share) * without[0]
    labels = _labels(share * with_source[0], tops, top, edges)
    roots = top[:, 0] - _ONE_ROOT if share > 0.5 else logsumexp(top[:, 1:], axis=1)
    return LineagePosterior(share * with_source[0], labels, edges, max_spanning_arborescence(joint, roots))


def _edge_weights(relations: NDArray[np.float64], log_probs: NDArray[np.float64]) -> NDArray[np.float64]:
    """(n, n, 2): log weight of column descending from row by an edit, by a round trip."""
    is_compared = np.isfinite(relations[:, :, SIBLING])[:, :, None]
    sibling = np.where(is_compared, relations[:, :, [SIBLING]], 0.0)
    descends = np.where(is_compared, relations[:, :, [EDITED_FROM, TRANSLATED_FROM]] - sibling, _FLOOR)
    weights = np.maximum(descends + log_probs[None, :, 1:] + np.log(0.5 / max(len(log_probs) - 1, 1)), _FLOOR)
    weights[np.arange(len(log_probs)), np.arange(len(log_probs))] = -np.inf
    return np.asarray(weights)


def _marginals(edge: NDArray[np.float64], root: NDArray[np.float64], single: bool) -> tuple[NDArray[np.float64], float]:
    """Probability of being a root (row 0) and of each edge (rows 1 to n), and the log of the sum over all trees."""
    n = len(root)
    scale = np.maximum(edge.max(axis=0, initial=-np.inf), root)
    weights, roots = np.exp(edge - scale), np.exp(root - scale)
    laplacian = np.diag(weights.sum(axis=0)) - weights
    if single:
        laplacian[0] = roots
    else:
        laplacian[np.arange(n), np.arange(n)] += roots
    sign, log_sum = np.linalg.slogdet(laplacian)
    if sign <= 0 or not np.isfinite(log_sum):
        return np.vstack([np.full(n, 1 / n), np.zeros((n, n))]), -np.inf
    inverse = np.linalg.inv(laplacian)
    return np.clip(_from_inverse(inverse, weights, roots, single), 0, 1), float(log_sum + scale.sum())


def _from_inverse(
    inverse: NDArray[np.float64], weights: NDArray[np.float64], roots: NDArray[np.float64], single: bool
) -> NDArray[np.float64]:
    """Derivatives of the log determinant; with a single root, its row has replaced the first."""
    diagonal = np.diag(inverse).copy()
    across = inverse.T.copy()
    root = roots * (inverse[:, 0] if single else diagonal)
    if single:
        diagonal[0] = 0.0
        across[0] = 0.0
    return np.vstack([root, weights * (diagonal[None, :] - across)])


def _labels(
    source: NDArray[np.float64], tops: NDArray[np.float64], top: NDArray[np.float64], edges: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Probability of each label: a version is translated if its edge or any ancestor's is."""
    split = np.exp(top[:, 1:] - logsumexp(top[:, 1:], axis=1, keepdims=True))
    translated = tops * split[:, 1] + edges[:, :, 1].sum(axis=0)
    base = translated.copy()
    for _ in range(len(tops)):
        through = np.minimum(base + (edges[:, :, 0] * translated[:, None]).sum(axis=0), 1.0)
        if np.abs(through - translated).max() < 1e-9:
            break
        translated = through
    edited = np.clip(1 - source - translated, 0, 1)
    labels = np.stack([source, edited, translated], axis=1)
    return np.asarray(labels / labels.sum(axis=1, keepdims=True))
