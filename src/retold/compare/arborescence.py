"""The heaviest tree over a directed graph (Chu and Liu 1965, Edmonds 1967)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def max_spanning_arborescence(edges: NDArray[np.float64], roots: NDArray[np.float64]) -> NDArray[np.int64]:
    """Parent of each node in the forest of greatest weight, -1 for a node that descends from none.

    Args:
        edges: (n, n): weight of column descending from row; -inf where that cannot be.
        roots: (n,): weight of each node descending from none.

    Returns:
        int64 (n,). Equal weights are resolved towards the earlier node.
    """
    n = len(roots)
    weights = np.full((n + 1, n + 1), -np.inf)
    weights[0, 1:], weights[1:, 1:] = roots, edges
    np.fill_diagonal(weights, -np.inf)
    return _edmonds(weights)[1:] - 1


def _edmonds(weights: NDArray[np.float64]) -> NDArray[np.int64]:
    """Parent of every node in the best arborescence from node 0; its own entry is 0."""
    parent = np.argmax(weights, axis=0)
    parent[0] = 0
    cycle = _cycle(parent)
    if not cycle:
        return parent.astype(np.int64)
    outside = [v for v in range(len(parent)) if v not in cycle]
    into = weights[np.ix_(outside, cycle)] - weights[parent[cycle], cycle][None, :]
    out_of = weights[np.ix_(cycle, outside)]
    smaller = np.full((len(outside) + 1, len(outside) + 1), -np.inf)
    smaller[:-1, :-1] = weights[np.ix_(outside, outside)]
    smaller[:-1, -1], smaller[-1, :-1] = into.max(axis=1), out_of.max(axis=0)
    return _expand(_edmonds(smaller), parent, cycle, outside, into, out_of)


def _expand(
    solved: NDArray[np.int64],
    parent: NDArray[np.int64],
    cycle: list[int],
    outside: list[int],
    into: NDArray[np.float64],
    out_of: NDArray[np.float64],
) -> NDArray[np.int64]:
    """Put the nodes of a contracted cycle back; it is broken where its best edge from outside enters."""
    result = parent.copy()
    last = len(outside)
    for place, node in enumerate(outside[1:], start=1):
        above = int(solved[place])
        result[node] = cycle[int(np.argmax(out_of[:, place]))] if above == last else outside[above]
    entry = int(solved[last])
    result[cycle[int(np.argmax(into[entry]))]] = outside[entry]
    return result.astype(np.int64)


def _cycle(parent: NDArray[np.int64]) -> list[int]:
    """The nodes of a cycle, sorted, or none."""
    above = parent.tolist()
    # The walk, named by its first node, that came by each node; node 0 is where walks end.
    walk = [0] + [-1] * (len(above) - 1)
    for first in range(1, len(above)):
        node = first
        while walk[node] < 0:
            walk[node] = first
            node = above[node]
        if walk[node] == first:
            return sorted(_round(above, node))
    return []


def _round(above: list[int], node: int) -> list[int]:
    """The nodes of the cycle that a node lies on."""
    found, at = [node], above[node]
    while at != node:
        found.append(at)
        at = above[at]
    return found
