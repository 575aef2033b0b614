"""Pair the sentences of two texts, in order, by the words they share: one with one, one with two, or with none.

In the manner of Gale and Church (1993), with words in common in place of lengths.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

# The numbers were chosen by judgement; no command fits them.
# Cost of leaving a sentence unaligned, in the unit of the overlap (share of words in common, 0 to 1).
_SKIP_COST = 0.1
# What merging two sentences must gain to be preferred, in the same unit.
_MERGE_COST = 0.05
# Places by which sentences may drift apart beyond the difference in their number; what lies further off is not looked at.
_BAND = 6


def align_sentences(
    common: NDArray[np.float64], intended: NDArray[np.float64], observed: NDArray[np.float64]
) -> list[tuple[int, int, int, int]]:
    """Pair sentences of two texts by dynamic programming over their common words.

    Args:
        common: float64 (m, n): words that sentence i of the original shares with sentence j of the back-translation, or
            their weight; a penalty may be taken off.
        intended: float64 (m,): length of the original's sentences, in the same unit.
        observed: float64 (n,): length of the back-translation's sentences.

    Returns:
        ``(i, i_end, j, j_end)`` for each pair of runs of one or two sentences, in order, ends exclusive; unaligned
        sentences are left out.
    """
    m, n = common.shape
    gains = _gains(common, intended, observed)
    best = [[-np.inf] * (n + 1) for _ in range(m + 1)]
    best[0][0] = 0.0
    step = np.zeros((m + 1, n + 1, 2), dtype=np.int8)
    width = _BAND + abs(m - n)
    for i in range(m + 1):
        for j in range(max(0, i * n // max(m, 1) - width), min(n, i * n // max(m, 1) + width) + 1):
            for (di, dj), gain in gains.items():
                if di <= i and dj <= j:
                    score = best[i - di][j - dj] + (gain[i - 1][j - 1] if gain else -_SKIP_COST)
                    if score > best[i][j]:
                        best[i][j], step[i, j] = score, (di, dj)
    return _trace(step, m, n)


def _gains(
    common: NDArray[np.float64], intended: NDArray[np.float64], observed: NDArray[np.float64]
) -> dict[tuple[int, int], list[list[float]]]:
    """Gain of each step (sentences of the original, of the back-translation) that ends at sentences (i, j).

    It is the share of words in common, once for each sentence that the step uses up; steps that pair nothing have none.
    """
    two_meant, two_seen = intended + _before(intended), observed + _before(observed)
    return {
        (1, 1): (2 * common / _longer(intended, observed)).tolist(),
        (1, 2): (3 * (common + _before(common.T).T) / _longer(intended, two_seen) - _MERGE_COST).tolist(),
        (2, 1): (3 * (common + _before(common)) / _longer(two_meant, observed) - _MERGE_COST).tolist(),
        (1, 0): [],
        (0, 1): [],
    }


def _before(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """The row before each row; zeros before the first."""
    return np.concatenate([np.zeros_like(values[:1]), values[:-1]])


def _longer(a: NDArray[np.float64], b: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.maximum(np.maximum(a[:, None], b[None, :]), 1)


def _trace(step: NDArray[np.int8], m: int, n: int) -> list[tuple[int, int, int, int]]:
    pairs, i, j = [], m, n
    while i > 0 or j > 0:
        di, dj = int(step[i, j, 0]), int(step[i, j, 1])
        if di == dj == 0:  # outside the band: give up on what is left
            break
        if di and dj:
            pairs.append((i - di, i, j - dj, j))
        i, j = i - di, j - dj
    return pairs[::-1]
