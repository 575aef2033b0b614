"""Which pivot comparison names of a round trip beside its original, of stories that its weights were not fitted to."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from zlib import crc32

import numpy as np

from retold.compare.alignment import align
from retold.compare.pivot_language import close_family, close_pivots, likeliest, pivot_probabilities
from retold.compare.version import Version
from retold.detector.detector import load
from retold.detector.pivot_language import GROUPS
from retold.detector.verdict import BACK_TRANSLATED, ORIGINAL
from retold.training.data.story_clusters import Row, corpus_rows, is_held_out
from retold.training.evaluation.tables import markdown

# Round trips of fewer words are not measured.
MIN_WORDS = 150


def beside_originals(corpus: Path, most: int) -> str:
    """How often one pivot, a family and two pivots of different families are named beside the original, and are right."""
    weights = load().comparison_weights.pivots
    names: dict[str, list[tuple[bool, bool, bool, float, str, str]]] = defaultdict(list)
    rows = list(corpus_rows(corpus))
    originals = {row["group"]: row["text"] for row in reversed(rows) if row["label"] == ORIGINAL}
    for row in _spread(rows, originals, most):
        al = align(Version.of("", originals[row["group"]]), Version.of("", row["text"]))
        shares = likeliest(pivot_probabilities([al], weights)[0], weights)
        close, family = close_pivots(shares), close_family(shares)
        kind = "one pivot" if len(close) == 1 else "a family and two pivots" if family else "two pivots"
        in_family = row["pivot"] in (GROUPS[family] if family else close)
        right = (row["pivot"] == close[0], row["pivot"] in close, in_family)
        names[kind].append((*right, shares[close[0]], row["pivot"], close[0]))
    every = [name for own in names.values() for name in own]
    cells = [
        [kind, str(len(own)), *(f"{np.mean([name[i] for name in own]):.0%}" for i in range(4))]
        for kind, own in [*sorted(names.items()), ("all", every)]
    ]
    first = Counter(name[5] for name in every if name[4] == "fr")
    return (
        markdown(
            ["named", "round trips", "first is right", "first or second", "family is right", "said of first"], cells
        )
        + f"\nOf {sum(first.values())} French round trips French comes first in {first['fr']}, Portuguese in {first['pt']}.\n"
    )


def _spread(rows: Sequence[Row], originals: Mapping[str, str], most: int) -> list[Row]:
    """At most so many round trips of held-out stories and pivots that comparison knows, as many of each pivot as there are."""
    found: dict[str, list[Row]] = defaultdict(list)
    for row in sorted(rows, key=lambda row: crc32(row["id"].encode())):
        is_trip = row["label"] == BACK_TRANSLATED and row["group"] in originals and is_held_out(row["group"])
        if (
            is_trip
            and len(row["text"].split()) >= MIN_WORDS
            and row.get("pivot") in load().comparison_weights.pivots.names
        ):
            found[row["pivot"]].append(row)
    ranked = sorted((i, pivot) for pivot, own in found.items() for i in range(len(own)))
    return [found[pivot][i] for i, pivot in ranked[:most]]
