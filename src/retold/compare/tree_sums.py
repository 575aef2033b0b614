"""Sums over all trees of some versions, by the matrix-tree theorem of Tutte.

Koo, Globerson, Carreras and Collins (2007, "Structured prediction models via the matrix-tree theorem") and Smith and Smith (2007)
use it so. All functions take stacks: leading dimensions are stories of equal size.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def tree_marginals(
    edge: NDArray[np.float64], root: NDArray[np.float64], is_single: bool
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Sum over all trees.

    Args:
        edge: (..., n, n): log weight of column descending from row; -inf on the diagonal.
        root: (..., n): log weight of each version descending from none.
        is_single: True for trees of exactly one root, False for forests.

    Returns:
        (...,): the log of the sum, -inf where it cannot be computed; (..., n): probability of being a root;
        (..., n, n): probability of each edge.
    """
    n = root.shape[-1]
    at = np.arange(n)
    scale = np.maximum(edge.max(axis=-2, initial=-np.inf), root)
    weights, roots = np.exp(edge - scale[..., None, :]), np.exp(root - scale)
    laplacian = -weights
    laplacian[..., at, at] += weights.sum(axis=-2)
    if is_single:
        laplacian[..., 0, :] = roots
    else:
        laplacian[..., at, at] += roots
    sign, log_sum = np.linalg.slogdet(laplacian)
    is_sound = (sign > 0) & np.isfinite(log_sum)
    inverse = np.linalg.inv(np.where(is_sound[..., None, None], laplacian, np.eye(n)))
    chosen, edges = _from_inverse(inverse, weights, roots, is_single)
    chosen = np.where(is_sound[..., None], np.clip(chosen, 0, 1), 1 / n)
    edges = np.where(is_sound[..., None, None], np.clip(edges, 0, 1), 0.0)
    return np.where(is_sound, log_sum + scale.sum(axis=-1), -np.inf), chosen, edges


def _from_inverse(
    inverse: NDArray[np.float64], weights: NDArray[np.float64], roots: NDArray[np.float64], is_single: bool
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Derivatives of the log determinant; with a single root, its row has replaced the first."""
    at = np.arange(roots.shape[-1])
    diagonal = inverse[..., at, at].copy()
    across = np.swapaxes(inverse, -1, -2).copy()
    chosen = roots * (inverse[..., :, 0] if is_single else diagonal)
    if is_single:
        diagonal[..., 0] = 0.0
        across[..., 0, :] = 0.0
    return chosen, weights * (diagonal[..., None, :] - across)
