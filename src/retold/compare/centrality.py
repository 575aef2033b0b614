"""Where a version stands among all versions of its story.

Hypothesis: a parent shares more with all the others than its children share among themselves, and a child is nearest to it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from retold.compare.alignment import Alignment

# What is said of a version: its mean share in common with all others, and how much nearer the other of a pair is than the
# next; each as a share of the longer text, and of the shorter.
PLACE: Final = ("central", "central_part", "nearest", "nearest_part")


def places(n: int, cells: Sequence[tuple[int, int]], alignments: Sequence[Alignment]) -> NDArray[np.float64]:
    """Where both versions of each pair stand among all versions of a story.

    Args:
        n: Versions of the story.
        cells: Which two versions each alignment is about, in its order; every pair once.
        alignments: All pairs of the story.

    Returns:
        float64 (n_pairs, 8): for the first version, then the second: mean share of words in common with all others, of
        the longer text and of the shorter; how much nearer the other of the pair is than the next, by both shares.
    """
    if n < 3 or not cells:
        return np.zeros((len(cells), 2 * len(PLACE)))
    rows, columns = np.array(cells).T
    shares = _shares(n, cells, alignments)
    mean = np.where(np.isfinite(shares), shares, 0).sum(axis=2) / (n - 1)
    ranked = np.sort(shares, axis=2)
    best, second = ranked[:, :, -1], ranked[:, :, -2]
    sides = []
    for own, other in ((rows, columns), (columns, rows)):
        here = shares[:, own, other]
        rival = np.where(here >= best[:, own], second[:, own], best[:, own])
        sides += [*mean[:, own], *(here - rival)]
    return np.column_stack(sides)


def _shares(n: int, cells: Sequence[tuple[int, int]], alignments: Sequence[Alignment]) -> NDArray[np.float64]:
    """float64 (2, n, n): share of words in common of the longer text and of the shorter; -inf for a text and itself."""
    shares = np.full((2, n, n), -np.inf)
    for (i, j), al in zip(cells, alignments, strict=True):
        lengths = len(al.a.article.tokens), len(al.kept)
        kept = int((al.kept >= 0).sum())
        shares[:, i, j] = shares[:, j, i] = kept / np.array([max(*lengths, 1), max(min(lengths), 1)])
    return shares
