"""The arithmetic of transformers (Vaswani et al. 2017) in NumPy: what an engine's model is made of."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import softmax

Floats = NDArray[np.float32]


def attention(queries: Floats, keys: Floats, values: Floats, heads: int) -> Floats:
    """What each of n rows takes from m others, float32 (n, width).

    Args:
        queries: float32 (n, width).
        keys: float32 (m, width).
        values: float32 (m, width).
        heads: Parts of equal width that look by themselves; must divide it.
    """
    asked, offered, carried = (_heads(rows, heads) for rows in (queries, keys, values))
    weights = softmax(asked @ offered.transpose(0, 2, 1) / np.float32(np.sqrt(asked.shape[2])), axis=2)
    return np.asarray((weights @ carried).transpose(1, 0, 2).reshape(queries.shape))


def _heads(rows: Floats, heads: int) -> Floats:
    return rows.reshape(len(rows), heads, -1).transpose(1, 0, 2)


def normalise(rows: Floats, scale: Floats, bias: Floats, epsilon: float) -> Floats:
    """Layer normalisation (Ba et al. 2016) of rows (n, width); ``epsilon`` keeps rows of equal numbers finite."""
    centred = rows - rows.mean(axis=1, keepdims=True)
    spread = np.sqrt((centred**2).mean(axis=1, keepdims=True) + np.float32(epsilon))
    return np.asarray(centred / spread * scale + bias)
