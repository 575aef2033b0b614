"""Which documents that tell one story are versions of one text, and which are independent reports of one event."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from retold.compare.alignment import Alignment
from retold.compare.descent import descent_log_odds
from retold.compare.relations import align_pair
from retold.compare.version import Version
from retold.compare.weights import ComparisonWeights

# Decimals to which log-odds are ordered: another processor moves the last bits of a float.
_DECIMALS = 6


@dataclass(frozen=True)
class Families:
    """Documents by the text that they descend from.

    Attributes:
        of: int64 (n_documents,): the family of each document, numbered in order of their first document.
        same_event: The other families that report the event of a family independently, ascending; only where there are any.
        alignments: Every pair of documents that was aligned, by their ids.
    """

    of: NDArray[np.int64]
    same_event: dict[int, tuple[int, ...]]
    alignments: dict[frozenset[str], Alignment]


def find_families(
    versions: Sequence[Version], pairs: NDArray[np.int64], log_odds: NDArray[np.float64], weights: ComparisonWeights
) -> Families:
    """Join documents that share their wording, the most similar first (Kruskal 1956, so that few pairs are aligned).

    Args:
        versions: The documents.
        pairs: int64 (n_pairs, 2): documents that may tell one story, the smaller index first.
        log_odds: float64 (n_pairs,): that they do.
        weights: The fitted numbers.
    """
    top = list(range(len(versions)))
    alignments: dict[frozenset[str], Alignment] = {}
    order = np.argsort(-np.round(log_odds, _DECIMALS), kind="stable")
    stories = pairs[order[log_odds[order] > 0]].tolist()
    for i, j in stories:
        if _top(top, i) != _top(top, j):
            al = alignments[frozenset((versions[i].id, versions[j].id))] = align_pair(versions[i], versions[j])
            if descent_log_odds([al], weights.descent, weights.relations.substitutions)[0] > 0:
                top[max(_top(top, i), _top(top, j))] = min(_top(top, i), _top(top, j))
    of = np.unique([_top(top, i) for i in range(len(versions))], return_inverse=True)[1]
    return Families(of.astype(np.int64), _same_event(of[np.array(stories, dtype=int).reshape(-1, 2)]), alignments)


def _same_event(pairs: NDArray[np.intp]) -> dict[int, tuple[int, ...]]:
    """The other families of each, from pairs of families whose documents tell one story, int (n, 2)."""
    others: dict[int, set[int]] = {}
    for a, b in pairs[pairs[:, 0] != pairs[:, 1]].tolist():
        others.setdefault(a, set()).add(b)
        others.setdefault(b, set()).add(a)
    return {family: tuple(sorted(found)) for family, found in others.items()}


def _top(top: list[int], i: int) -> int:
    """The first document of a family; shortens the way to it."""
    while top[i] != i:
        top[i] = top[top[i]]
        i = top[i]
    return i
