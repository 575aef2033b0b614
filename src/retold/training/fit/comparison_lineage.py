"""Fit the log-linear model over family trees to clusters whose lineage is known, by maximum likelihood.

Every cluster of three and more enters twice, once without its original, so that a missing source is learned, too. The gradient is
what the model expects of each feature less what the true tree has of it (Koo, Globerson, Carreras and Collins 2007).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import logit

from retold.compare.lineage import TreeScores, marginals
from retold.compare.lineage_scores import LineageFeatures, edge_columns, lineage_features, node_columns
from retold.compare.lineage_weights import EDGE_FEATURES, N_EDGE_COLUMNS, N_NODE_COLUMNS, NODE_FEATURES
from retold.compare.relations import align_pair
from retold.compare.substitutions import SubstitutionModel
from retold.compare.version import Version
from retold.detector.verdict import BACK_TRANSLATED
from retold.training.data.story_clusters import Member
from retold.training.fit.comparison_substitutions import half_of

# Ridge: of 10 and 40 the second found more parents on other stories (0.793 against 0.786).
_RIDGE, _RIDGE_OF_INTERCEPTS = 40.0, 0.01
# Steps of the optimizer; the likelihood hardly rises after them.
_STEPS = 80
# Share of stories whose original is assumed not to be among the versions; in the clusters it is nearly half. Chosen on half of
# the groups that nothing is fitted to: of 0.23, 0.15, 0.10, 0.06, 0.04 and 0.02 less gives more right labels and parents (macro-F1
# 0.917, 0.922, 0.927, 0.931, 0.933, 0.934), and more versions called original where it is missing (0.14, 0.18, 0.21, 0.22, 0.24,
# 0.25), most of which ``compare.story`` abstains at.
_MISSING = 0.04
_MIN_SCALE = 1e-4
_DECIMALS = 4


@dataclass(frozen=True)
class Family:
    """The versions of a story with their true lineage.

    Attributes:
        features: What they show.
        parent: int (n,): position of the parent of each, or -1.
        is_translated: bool (n,): the version is a round trip of its parent, or, of a missing source, one directly or not.
        is_missing: True if the source is not among them.
    """

    features: LineageFeatures
    parent: NDArray[np.intp]
    is_translated: NDArray[np.bool_]
    is_missing: bool


def families(found: Sequence[Sequence[Member]], halves: Sequence[SubstitutionModel]) -> list[Family]:
    """Every cluster with its features, and those of three and more without their original, too.

    Args:
        found: Clusters, original first.
        halves: Scores of replaced words for both halves of the groups, each fitted to the other.
    """
    made = []
    for cluster in found:
        versions = [Version.of(m.id, m.text) for m in cluster]
        model = halves[half_of(cluster[0].story)]
        aligned = {(i, j): align_pair(versions[i], versions[j]) for i, j in combinations(range(len(cluster)), 2)}
        for first in (0, 1) if len(cluster) >= 3 else (0,):
            pairs, alignments = [], []
            for (i, j), al in aligned.items():
                if i >= first:
                    pairs.append((i - first, j - first) if al.a is versions[i] else (j - first, i - first))
                    alignments.append(al)
            features = lineage_features(versions[first:], pairs, alignments, model)
            made.append(_family(cluster[first:], features, is_missing=first > 0))
    return made


def _family(members: Sequence[Member], features: LineageFeatures, is_missing: bool) -> Family:
    place = {m.id: i for i, m in enumerate(members)}
    parent = np.array([place.get(m.parent, -1) for m in members], dtype=np.intp)
    is_trip = [
        m.kind == "round_trip" if above >= 0 else m.label == BACK_TRANSLATED
        for m, above in zip(members, parent, strict=True)
    ]
    return Family(features, parent, np.array(is_trip), is_missing)


@dataclass(frozen=True)
class _Stack:
    """Families of one size: columns, and the parts of their true trees as ``TreeScores`` of zeros and ones."""

    edges: NDArray[np.float32]
    nodes: NDArray[np.float32]
    truth: TreeScores


def fit_lineage(known: Sequence[Family]) -> dict[str, Any]:
    """The JSON object ``lineage`` of ``comparison.json``."""
    edges = np.vstack([f.features.edges[~np.eye(len(f.parent), dtype=bool)] for f in known])
    nodes = np.vstack([f.features.nodes for f in known])
    edge_scaling, node_scaling = _scaling(edges), _scaling(nodes)
    stacks = _stacks(known, edge_scaling, node_scaling)
    n_edges, n_nodes = 2 * N_EDGE_COLUMNS, 3 * N_NODE_COLUMNS
    ridge = np.full(n_edges + n_nodes + 2, _RIDGE)
    ridge[:2] = ridge[-2:] = _RIDGE_OF_INTERCEPTS

    def cost(weights: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        value, gradient = 0.5 * float((ridge * weights**2).sum()), ridge * weights
        for stack in stacks:
            loss, slope = _likelihood(stack, weights)
            value, gradient = value + loss, gradient + slope
        return value, gradient

    found = minimize(cost, np.zeros(len(ridge)), jac=True, method="L-BFGS-B", options={"maxiter": _STEPS})
    parts = np.split(found.x, [n_edges, n_edges + n_nodes])
    share = np.clip(np.mean([f.is_missing for f in known]), 0.01, 0.99)
    parts[2][0] += logit(_MISSING) - logit(share)
    return {
        "edge_features": list(EDGE_FEATURES),
        "node_features": list(NODE_FEATURES),
        "edge_mean": _short(edge_scaling[0]),
        "edge_scale": _short(edge_scaling[1]),
        "node_mean": _short(node_scaling[0]),
        "node_scale": _short(node_scaling[1]),
        "edges": _short(parts[0].reshape(-1, 2)),
        "nodes": _short(parts[1].reshape(-1, 3)),
        "missing": _short(parts[2]),
    }


def _scaling(rows: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Mean and standard deviation of each column as they are stored; columns that hardly vary keep their scale."""
    scale = rows.std(axis=0)
    scale = np.where(scale > 10 * _MIN_SCALE, scale, 1.0)
    return rows.mean(axis=0).round(_DECIMALS), scale.round(_DECIMALS)


def _stacks(known: Sequence[Family], edge_scaling: Any, node_scaling: Any) -> list[_Stack]:
    by_size: dict[int, list[Family]] = defaultdict(list)
    for family in known:
        by_size[len(family.parent)].append(family)
    return [
        _Stack(
            np.stack([edge_columns(f.features.edges, *edge_scaling).astype(np.float32) for f in own]),
            np.stack([node_columns(f.features.nodes, *node_scaling).astype(np.float32) for f in own]),
            _truth(own, size),
        )
        for size, own in sorted(by_size.items())
    ]


def _truth(own: Sequence[Family], n: int) -> TreeScores:
    edges, source, tops = np.zeros((len(own), n, n, 2)), np.zeros((len(own), n)), np.zeros((len(own), n, 2))
    for row, family in enumerate(own):
        for j, above in enumerate(family.parent.tolist()):
            kind = int(family.is_translated[j])
            if above >= 0:
                edges[row, above, j, kind] = 1
            elif family.is_missing:
                tops[row, j, kind] = 1
            else:
                source[row, j] = 1
    return TreeScores(edges, source, tops, np.array([float(f.is_missing) for f in own]))


def _likelihood(stack: _Stack, weights: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
    """Negative log likelihood of the true trees, and its gradient."""
    n_edges, n_nodes = 2 * N_EDGE_COLUMNS, 3 * N_NODE_COLUMNS
    of_edges = weights[:n_edges].reshape(-1, 2).astype(np.float32)
    of_nodes = weights[n_edges : n_edges + n_nodes].reshape(-1, 3).astype(np.float32)
    nodes = (stack.nodes @ of_nodes).astype(np.float64)
    log_n = np.log(stack.nodes.shape[1])
    missing = np.full(len(nodes), weights[-2] + weights[-1] * log_n)
    scores = TreeScores((stack.edges @ of_edges).astype(np.float64), nodes[..., 0], nodes[..., 1:], missing)
    expected, truth = marginals(scores), stack.truth
    parts = ("edges", "source", "tops", "missing")
    true_weight = sum(float((getattr(scores, name) * getattr(truth, name)).sum()) for name in parts)
    too_much = [getattr(expected, name) - getattr(truth, name) for name in parts]
    edge_slope = stack.edges.reshape(-1, N_EDGE_COLUMNS).T @ too_much[0].reshape(-1, 2).astype(np.float32)
    node_slope = stack.nodes.reshape(-1, N_NODE_COLUMNS).T @ (
        np.concatenate([too_much[1][..., None], too_much[2]], axis=-1).reshape(-1, 3).astype(np.float32)
    )
    surplus = float(too_much[3].sum())
    slope = np.concatenate([edge_slope.ravel(), node_slope.ravel(), [surplus, surplus * log_n]])
    return float(expected.log_sum.sum()) - true_weight, slope.astype(np.float64)


def _short(values: NDArray[np.float64]) -> Any:
    return np.round(values, _DECIMALS).tolist()
