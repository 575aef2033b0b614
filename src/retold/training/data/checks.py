"""What is wrong with a set of labelled examples, in plain words, before anything is trained on it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy.sparse.csgraph import connected_components
from sklearn.feature_extraction.text import HashingVectorizer
from sklearn.neighbors import NearestNeighbors

from retold.detector.verdict import LABELS
from retold.errors import InputError
from retold.training.data.examples import LabelledText

# Below ten articles a label nothing can be held out; below fifty the error rates are known to within 14 points only.
REFUSED_BELOW, WARNED_BELOW = 10, 50
# A label with less than a fifth of the largest one's examples is warned about: its weight rests on few voices.
_IMBALANCE = 5
# Cosine of word 3-gram counts: syndicated copies score above 0.6, different stories on one event below 0.2.
_NEAR_DUPLICATE = 0.6
# Comparing all pairs of more examples takes minutes; larger sets come with groups of their own.
_MOST_COMPARED = 20_000


@dataclass(frozen=True)
class ValidationReport:
    """Examples whose near-duplicates share a group, and what a person should know of them."""

    examples: list[LabelledText]
    notes: tuple[str, ...]


def check_examples(examples: Sequence[LabelledText], needed: Sequence[str] = LABELS) -> ValidationReport:
    """Check examples and put near-duplicates into one group.

    Raises:
        InputError: if a needed label has fewer than ``REFUSED_BELOW`` examples.
    """
    counts = Counter(e.label for e in examples)
    few = [f"{label}: {counts[label]}" for label in needed if counts[label] < REFUSED_BELOW]
    if few:
        raise InputError(
            f"too few examples to train on ({', '.join(few)}; {REFUSED_BELOW} of each label are the least). "
            "Label more, or add what you have to the shipped model: retold train --add-to shipped --data PATH"
        )
    grouped, crossing = _join_near_duplicates(list(examples))
    return ValidationReport(grouped, (*_size_notes(counts), *_crossing_note(crossing)))


def _size_notes(counts: Counter[str]) -> list[str]:
    present = [label for label in LABELS if counts[label]]
    notes = [
        f"only {counts[label]} examples are {label}: error rates will be rough guesses; {WARNED_BELOW} or more are better"
        for label in present
        if counts[label] < WARNED_BELOW
    ]
    largest = max((counts[label] for label in present), default=0)
    return notes + [
        f"labels are unbalanced: {counts[label]} {label} against {largest} of the most frequent label; each is given the "
        "same total weight, so few voices count much"
        for label in present
        if counts[label] * _IMBALANCE < largest
    ]


def _crossing_note(crossing: int) -> list[str]:
    if not crossing:
        return []
    return [
        f"{crossing} examples are near-duplicates of examples in another group; they were put together, since a test on a "
        "text that training has seen proves nothing"
    ]


def _join_near_duplicates(examples: list[LabelledText]) -> tuple[list[LabelledText], int]:
    """Give near-duplicates one group; how many had to move."""
    if len(examples) > _MOST_COMPARED or len(examples) < 2:
        return examples, 0
    vectors = HashingVectorizer(ngram_range=(3, 3), n_features=2**20, alternate_sign=False).transform(
        [e.text for e in examples]
    )
    near = NearestNeighbors(radius=1 - _NEAR_DUPLICATE, metric="cosine").fit(vectors).radius_neighbors_graph(vectors)
    _, cluster = connected_components(near, directed=False)
    return _merge_groups(examples, cluster)


def _merge_groups(examples: list[LabelledText], cluster: np.ndarray) -> tuple[list[LabelledText], int]:
    """Groups that share a cluster become one, named after the first of them."""
    names = sorted({e.group for e in examples})
    index = {name: i for i, name in enumerate(names)}
    parent = list(range(len(names) + int(cluster.max()) + 1))

    def root(i: int) -> int:
        while parent[i] != i:
            parent[i] = parent[parent[i]]
            i = parent[i]
        return i

    for example, c in zip(examples, cluster, strict=True):
        a, b = sorted((root(index[example.group]), root(len(names) + int(c))))
        parent[b] = a
    merged = [names[root(index[e.group])] for e in examples]
    moved = sum(m != e.group for m, e in zip(merged, examples, strict=True))
    return [replace(e, group=m) for e, m in zip(examples, merged, strict=True)], moved
