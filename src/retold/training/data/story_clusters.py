"""Clusters of versions for fitting and measuring comparisons: corpus groups, with rule-made desk cuts and planted changes.

A story is one original with at most four round trips by different engines and three edits. Stories without a newsroom's
edit get one by rule: whole sentences cut, the rest kept. Groups of the corpus that tell one story twice are left out, as
are edits that share almost no words with their original, which no comparison could place.
"""

from __future__ import annotations

import json
import lzma
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zlib import crc32

import numpy as np

from retold.text.near_duplicates import SAME_STORY, similar_pairs

FILES = ("originals", "backtranslated", "edited")
NEWSROOM_KINDS = ("human_edit", "syndication", "desk_edit", "desk_cut")
# Sources of pairs found by near-duplicate search: which side came first is a guess (the corpus says so), and most are
# reprints of an agency's story that is not there.
GUESSED_ORDER = frozenset("reuters_refile synd_asprout synd_allsides".split())
_FOLDS = 3
_MAX_TRIPS, _MAX_EDITS = 4, 3
_MAX_DISTANCE = 0.7

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Member:
    """A version with the truth about it; ``parent`` is the id of the version it was made from, or empty."""

    id: str
    story: str
    text: str
    label: str
    kind: str
    parent: str
    pivot: str = ""
    engine: str = ""
    source: str = ""
    domain: str = ""


def stories(rows: Iterable[Row], held_out: bool) -> list[list[Member]]:
    """Every story of one side of the split, original first; single originals are lists of one. Deterministic.

    Args:
        rows: Labelled documents with the fields of the corpus.
        held_out: The side: groups whose CRC-32 is divisible by three, or the others.
    """
    groups: dict[str, list[Row]] = {}
    for row in rows:
        groups.setdefault(row["group"], []).append(row)
    chosen = _distinct(groups)
    return [_story(groups[g]) for g in chosen if is_held_out(g) == held_out]


def is_guessed(story: Sequence[Member]) -> bool:
    """True if the corpus only guesses which version of a story came first."""
    return any(m.source in GUESSED_ORDER for m in story[1:])


def every_version(rows: Iterable[Row], held_out: bool) -> Iterator[tuple[str, Row]]:
    """Every edit and round trip of one side of the split behind its original, in the order of groups. Deterministic."""
    originals: dict[str, str] = {}
    versions = []
    for row in rows:
        if row["label"] == "original":
            originals.setdefault(row["group"], row["text"])
        elif is_held_out(row["group"]) == held_out and _is_placed(row):
            versions.append(row)
    versions.sort(key=lambda r: (r["group"], r["id"]))
    yield from ((originals[r["group"]], r) for r in versions if r["group"] in originals)


def round_trips(rows: Iterable[Row], held_out: bool) -> Iterator[tuple[str, Row]]:
    """Every round trip of one side of the split behind its original, pivots and engines mixed. Deterministic."""
    trips = [pair for pair in every_version(rows, held_out) if pair[1]["label"] == "back-translated"]
    yield from sorted(trips, key=lambda pair: crc32(pair[1]["id"].encode()))


def is_held_out(group: str) -> bool:
    """True for the third of groups that weights are measured on."""
    return crc32(group.encode()) % _FOLDS == 0


def _is_placed(row: Row) -> bool:
    """False for an edit that shares almost no words with its original."""
    return not (row.get("edit_distance") or 0) > _MAX_DISTANCE


def corpus_rows(corpus: Path) -> Iterator[Row]:
    """The originals, round trips and edits of a corpus folder."""
    for name in FILES:
        with lzma.open(corpus / f"{name}.jsonl.xz", "rt", encoding="utf-8") as lines:
            yield from map(json.loads, lines)


def _distinct(groups: dict[str, list[Row]]) -> list[str]:
    """Groups with an original, none of which tells the story of one that has more versions."""
    rows = [row for group in groups.values() for row in group if row["label"] != "back-translated"]
    overlapping: dict[str, set[str]] = defaultdict(set)
    for i, j in similar_pairs([row["text"] for row in rows], SAME_STORY).tolist():
        overlapping[rows[i]["group"]].add(rows[j]["group"])
        overlapping[rows[j]["group"]].add(rows[i]["group"])
    kept: set[str] = set()
    for group in sorted(
        {row["group"] for row in rows if row["label"] == "original"}, key=lambda g: (-len(groups[g]), g)
    ):
        if not kept & (overlapping[group] - {group}):
            kept.add(group)
    return sorted(kept)


def _story(rows: list[Row]) -> list[Member]:
    rows = sorted(rows, key=lambda r: crc32(r["id"].encode()))
    original = next(r for r in sorted(rows, key=lambda r: r["id"]) if r["label"] == "original")
    trips: dict[str, Row] = {}
    for r in rows:
        if r["label"] == "back-translated":
            trips.setdefault(r["engine"], r)
    edits = [r for r in rows if r["label"] == "edited" and _is_placed(r)]
    members = [_member(r, original["id"]) for r in [original, *list(trips.values())[:_MAX_TRIPS], *edits[:_MAX_EDITS]]]
    members += _desk_cuts(members)
    return list({m.text: m for m in reversed(members)}.values())[::-1]


def _member(row: Row, original: str) -> Member:
    parent = "" if row["id"] == original else original
    pivot, engine = row.get("pivot") or "", row.get("engine") or ""
    names = (row["id"], row["group"], row["text"], row["label"], row["kind"])
    return Member(*names, parent, pivot, engine, row.get("source") or "", row.get("domain") or "")


def _desk_cuts(members: list[Member]) -> list[Member]:
    """A desk cut of the original where no newsroom edited it, and of the first round trip of every third story."""
    made = []
    number = crc32(members[0].story.encode()) // _FOLDS
    trips = [m for m in members if m.label == "back-translated"]
    if trips and not any(m.kind in NEWSROOM_KINDS for m in members):
        made.append(_desk_cut(members[0], "edited"))
    if trips and number % 3 == 0:
        made.append(_desk_cut(trips[0], "back-translated"))
    return [m for m in made if m is not None]


def _desk_cut(parent: Member, label: str) -> Member | None:
    """Cut sentences, mostly late ones, and trim a phrase here and there.

    None for texts of under six sentences, and where chance cut none: nobody could say which of two copies came first.
    """
    rng = np.random.default_rng(crc32(f"cut {parent.id}".encode()))
    sentences = [s for s in parent.text.replace("\n", " ").replace(". ", ".\n").split("\n") if s.strip()]
    if len(sentences) < 6:
        return None
    share = rng.uniform(0.1, 0.5)
    chance = share * np.linspace(0.4, 1.6, len(sentences))
    kept = [_trimmed(s, rng) for s, p in zip(sentences, chance, strict=True) if rng.random() > p]
    if len(kept) == len(sentences):
        return None
    names = (f"{parent.id}/cut", parent.story, " ".join(kept), label, "desk_cut", parent.id)
    return Member(*names, parent.pivot, parent.engine, parent.source, parent.domain)


_HOUSE = (
    ("said on ", "said "),
    (" percent", " per cent"),
    ("U.S.", "US"),
    (" also ", " "),
    (" that ", " "),
    (" told ", " said to "),
)


def _trimmed(sentence: str, rng: np.random.Generator) -> str:
    for before, after in _HOUSE:
        if before in sentence and rng.random() < 0.15:
            sentence = sentence.replace(before, after, 1)
    return sentence
