"""Check a set of labelled examples before anything is trained on it: sizes, balance, near-duplicates across groups."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from retold.detector.verdict import BACK_TRANSLATED, LABELS, ORIGINAL
from retold.errors import InputError
from retold.printable import counted
from retold.text.near_duplicates import linked, similar_pairs
from retold.training.data.examples import LabelledText

# Below ten articles a label nothing can be held out; below fifty the error rates are known to within 14 points only.
REFUSED_BELOW, WARNED_BELOW = 10, 50
# A label with less than a fifth of the largest one's examples is warned about: its weight rests on few examples.
_IMBALANCE = 5
# Comparing more takes minutes, since time grows with the square of the number (25,000 texts took 54 s), so that of a larger set
# round trips are compared through their originals.
_MOST_COMPARED = 20_000


@dataclass(frozen=True)
class ValidationReport:
    """Examples whose near-duplicates share a group, and notes on them for people."""

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
            f"too few examples to train on: {', '.join(few)} (minimum {REFUSED_BELOW} of each label). "
            "Label more, or adapt the shipped model to what you have: leave out --anew"
        )
    grouped = _join_near_duplicates(examples)
    joined = sum(example.story != "" for example in grouped)
    return ValidationReport(grouped, (*_size_notes(counts), *_joined_note(joined)))


def _size_notes(counts: Counter[str]) -> list[str]:
    present = [label for label in LABELS if counts[label]]
    notes = [
        f"only {counted(counts[label], 'example')} labelled {label}: error rates will be rough guesses; {WARNED_BELOW} or more are better"
        for label in present
        if counts[label] < WARNED_BELOW
    ]
    largest = max((counts[label] for label in present), default=0)
    return notes + [
        f"labels are unbalanced: {counts[label]} {label} against {largest} of the most frequent label; classes are weighted "
        "equally, so each of these few examples has a large weight"
        for label in present
        if counts[label] * _IMBALANCE < largest
    ]


def _joined_note(joined: int) -> list[str]:
    if not joined:
        return []
    return [
        f"near-duplicates of examples in another group: {joined:,}; the groups were joined, since a test on a text "
        "that training has seen proves nothing"
    ]


def _join_near_duplicates(examples: Sequence[LabelledText]) -> list[LabelledText]:
    """Give near-duplicates one group, named after the first of theirs, so that no fold has seen another's texts."""
    compared = _compared(examples)
    names = sorted({example.group for example in examples})
    index = {name: i for i, name in enumerate(names)}
    group = np.array([index[example.group] for example in examples], dtype=np.intp)
    cluster = linked(len(names), group[compared[similar_pairs([examples[i].text for i in compared])]])
    first = np.unique(cluster, return_index=True)[1]
    joined = [names[i] for i in first[cluster[group]]]
    return [
        e if e.group == name else replace(e, group=name, story=e.group)
        for e, name in zip(examples, joined, strict=True)
    ]


def _compared(examples: Sequence[LabelledText]) -> NDArray[np.intp]:
    """Rows whose texts are compared: all, or all but round trips of originals that are there, if that is too many."""
    if len(examples) <= _MOST_COMPARED:
        return np.arange(len(examples))
    originals = {e.group for e in examples if e.label == ORIGINAL}
    rows = [i for i, e in enumerate(examples) if e.label != BACK_TRANSLATED or e.group not in originals]
    return np.array(rows, dtype=np.intp)
