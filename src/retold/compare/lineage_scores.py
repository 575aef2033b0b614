"""Scores of the parts of a family tree: log-linear in features of pairs of versions and of versions among the others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from retold.compare.agreement import agreement_features
from retold.compare.alignment import Alignment
from retold.compare.centrality import centrality_features
from retold.compare.lineage import TreeScores
from retold.compare.lineage_weights import EDGE_FEATURES, LineageWeights
from retold.compare.pair_features import PAIR_FEATURES, swapped
from retold.compare.relations import pair_features, with_products
from retold.compare.substitutions import SubstitutionModel
from retold.compare.version import Version

# Standard deviations at which features are clipped.
_CLIP = 4.0


@dataclass(frozen=True)
class LineageFeatures:
    """Features of the n versions of a story.

    Attributes:
        edges: float64 (n, n, len(EDGE_FEATURES)): of row as the parent of column; zero on the diagonal.
        nodes: float64 (n, len(NODE_FEATURES)).
    """

    edges: NDArray[np.float64]
    nodes: NDArray[np.float64]


def lineage_features(
    versions: Sequence[Version],
    pairs: Sequence[tuple[int, int]],
    alignments: Sequence[Alignment],
    substitutions: SubstitutionModel,
) -> LineageFeatures:
    """Features of the versions of a story.

    Args:
        versions: The versions.
        pairs: Positions of ``a`` and ``b`` of each alignment; every two versions once.
        alignments: The alignments.
        substitutions: Scores of the words that replaced others.
    """
    n = len(versions)
    rows = pair_features(alignments, substitutions, centrality_features(n, pairs, alignments))
    agreement, excluded = agreement_features(versions, dict(zip(pairs, alignments, strict=True)))
    edges = np.zeros((n, n, len(EDGE_FEATURES)))
    edges[:, :, len(PAIR_FEATURES) :] = agreement
    for (i, j), forth, back in zip(pairs, rows, swapped(rows), strict=True):
        edges[i, j, : len(PAIR_FEATURES)], edges[j, i, : len(PAIR_FEATURES)] = forth, back
    lengths = np.log([max(len(v.article.tokens), 1) for v in versions])
    return LineageFeatures(edges, _node_features(edges, excluded, lengths))


def _node_features(
    edges: NDArray[np.float64], excluded: NDArray[np.float64], lengths: NDArray[np.float64]
) -> NDArray[np.float64]:
    n = len(edges)
    children = [edges[i, np.arange(n) != i] for i in range(n)]
    summed = [np.concatenate([own.mean(axis=0), own.max(axis=0), own.min(axis=0)]) for own in children]
    of_version = [
        *(excluded, excluded - excluded.min(), np.log(excluded + 0.01), lengths - lengths.max()),
        *(lengths - lengths.mean(), np.full(n, float(n >= 3)), np.full(n, np.log(n))),
    ]
    return np.hstack([np.array(summed), np.column_stack(of_version)])


def edge_columns(features: NDArray[np.float64], mean: NDArray[np.float64], scale: NDArray[np.float64]) -> NDArray:
    """float64 (n, n, N_EDGE_COLUMNS) from features (n, n, len(EDGE_FEATURES))."""
    n = len(features)
    products = with_products(features.reshape(n * n, -1), mean, scale).reshape(n, n, -1)
    return np.concatenate([np.ones((n, n, 1)), np.full((n, n, 1), float(n >= 3)), products], axis=2)


def node_columns(features: NDArray[np.float64], mean: NDArray[np.float64], scale: NDArray[np.float64]) -> NDArray:
    """float64 (n, N_NODE_COLUMNS) from features (n, len(NODE_FEATURES))."""
    return np.hstack([np.ones((len(features), 1)), np.clip((features - mean) / scale, -_CLIP, _CLIP)])


def tree_scores(features: LineageFeatures, weights: LineageWeights) -> TreeScores:
    """Log weights of edges, sources and tops, from the versions alone."""
    edges = edge_columns(features.edges, weights.edge_mean, weights.edge_scale) @ weights.edges
    nodes = node_columns(features.nodes, weights.node_mean, weights.node_scale) @ weights.nodes
    missing = weights.missing[0] + weights.missing[1] * np.log(len(nodes))
    return TreeScores(edges, nodes[:, 0], nodes[:, 1:], np.asarray(missing))
