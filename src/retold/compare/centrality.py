"""How near each version of a pair is to all other versions of its story.

Hypothesis: a parent shares more with all the others than its children share among themselves, and a child is nearest to it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from retold.compare.alignment import Alignment

# Of each version of a pair: the mean share of words that it has in common with all others, and how much nearer the other of
# the pair is than the next; each as a share of the longer text, and of the shorter.
CENTRALITY: Final = ("central", "central_part", "nearest", "nearest_part")


def centrality_features(
    n: int, pairs: Sequence[tuple[int, int]], alignments: Sequence[Alignment]
) -> NDArray[np.float64]:
    """Centrality of both versions of each pair.

    Args:
        n: Versions of the story.
        pairs: Which two versions each alignment is about, in its order; every pair once.
        alignments: All pairs of the story.

    Returns:
        float64 (n_pairs, 8): ``CENTRALITY`` of the first version, then of the second. The means come before the margins, by
        share of the longer text and of the shorter. All zero where a story has fewer than three versions.
    """
    if n < 3 or not pairs:
        return np.zeros((len(pairs), 2 * len(CENTRALITY)))
    rows, columns = np.array(pairs).T
    shares = _shared(n, pairs, alignments)
    mean = np.where(np.isfinite(shares), shares, 0).sum(axis=2) / (n - 1)
    ranked = np.sort(shares, axis=2)
    best, second = ranked[:, :, -1], ranked[:, :, -2]
    sides = []
    for own, other in ((rows, columns), (columns, rows)):
        with_other = shares[:, own, other]
        rival = np.where(with_other >= best[:, own], second[:, own], best[:, own])
        sides += [*mean[:, own], *(with_other - rival)]
    return np.column_stack(sides)


def _shared(n: int, pairs: Sequence[tuple[int, int]], alignments: Sequence[Alignment]) -> NDArray[np.float64]:
    """float64 (2, n, n): share of words in common of the longer text and of the shorter; -inf for a text and itself."""
    shares = np.full((2, n, n), -np.inf)
    for (i, j), al in zip(pairs, alignments, strict=True):
        lengths = len(al.a.article.tokens), len(al.kept)
        kept = int((al.kept >= 0).sum())
        shares[:, i, j] = shares[:, j, i] = kept / np.array([max(*lengths, 1), max(min(lengths), 1)])
    return shares
