"""Clusters of versions for fitting and measuring comparisons, drawn from the groups of a corpus.

A cluster is one original with one to four round trips by different engines and up to two edits, whatever the corpus has: people's,
language models', or made by rule. Where the round trips are of an original's first sentences alone, the original is mostly
cropped to those, or else its length would give it away. Groups that tell one story twice are left out, as are edits that
share almost no words with their original, which no comparison could place.
"""

from __future__ import annotations

import json
import lzma
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from zlib import crc32

import numpy as np

from retold.compare.alignment import align
from retold.compare.version import Version
from retold.detector.verdict import BACK_TRANSLATED, EDITED, ORIGINAL
from retold.text.near_duplicates import SAME_STORY, similar_pairs
from retold.training.data.desk_edits import desk_edit

FILES = ("originals", "backtranslated", "edited")
NEWSROOM_KINDS = ("human_edit", "syndication", "desk_edit", "desk_rules")
# Sources of pairs found by near-duplicate search: which side came first is a guess (the corpus says so), and most are
# reprints of an agency's story that is not there.
GUESSED_ORDER = frozenset("reuters_refile synd_asprout synd_allsides".split())
_FOLDS = 3
_MAX_TRIPS, _MAX_EDITS = 4, 2
_MAX_DISTANCE = 0.7
# Shares of the clusters whose original is cropped if it can be, and that hold an edit of a round trip. Round trips of less
# than this share of their original's length are passages of it. Chosen by judgement.
_CROPPED, _EDITED_TRIPS, _PASSAGE = 0.7, 0.15, 0.85

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


def stories(rows: Iterable[Row], held_out: bool, draws: int = 1) -> list[list[Member]]:
    """Every story of one side of the split, original first; single originals are lists of one. Deterministic.

    Args:
        rows: Labelled documents with the fields of the corpus.
        held_out: The side: groups whose CRC-32 is divisible by three, or the others.
        draws: Clusters drawn from a group that more engines translated than one cluster holds; they share the original.
    """
    groups: dict[str, list[Row]] = {}
    for row in rows:
        groups.setdefault(row["group"], []).append(row)
    chosen = _distinct(groups)
    kept = [groups[g] for g in chosen if is_held_out(g) == held_out]
    return [_story(own, draw) for own in kept for draw in range(draws if _n_routes(own) > _MAX_TRIPS else 1)]


def _n_routes(rows: Sequence[Row]) -> int:
    return len({_route(r) for r in rows if r["label"] == BACK_TRANSLATED})


def _route(row: Row) -> tuple[str, str]:
    """The engine and the pivot of a round trip; no two of a cluster share both."""
    return row.get("engine") or "", row.get("pivot") or ""


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


def _story(rows: Sequence[Row], draw: int) -> list[Member]:
    """One cluster drawn from a group: the original first, round trips by different engines, edits."""
    rng = np.random.default_rng(crc32(f"story {draw} {rows[0]['group']}".encode()))
    ordered = sorted(rows, key=lambda r: str(r["id"]))
    shuffled = [ordered[i] for i in rng.permutation(len(ordered))]
    original = _member(next(r for r in rows if r["label"] == ORIGINAL), "")
    trips = list({_route(r): r for r in shuffled if r["label"] == BACK_TRANSLATED}.values())
    trips = [_member(r, original.id) for r in trips[: 1 + int(rng.integers(_MAX_TRIPS))]]
    edits = [_member(r, original.id) for r in shuffled if r["label"] == EDITED and _is_placed(r)]
    edits = edits[: int(rng.integers(0 if trips else 1, _MAX_EDITS + 1))]
    if trips and rng.random() < _CROPPED and (cropped := _cropped(original, trips)) is not None:
        original, edits = cropped, []
    members = [original, *trips, *edits, *_desk_edits(original, trips, edits, rng)]
    return list({" ".join(m.text.split()): m for m in reversed(members)}.values())[::-1]


def _member(row: Row, parent: str) -> Member:
    pivot, engine = row.get("pivot") or "", row.get("engine") or ""
    names = (row["id"], row["group"], row["text"], row["label"], row["kind"])
    return Member(*names, parent, pivot, engine, row.get("source") or "", row.get("domain") or "")


def _cropped(original: Member, trips: Sequence[Member]) -> Member | None:
    """The first sentences of an original, as far as its round trips go; None if they go to its end."""
    whole = Version.of("", original.text)
    ends = [max((b.a[1] for b in align(whole, Version.of("", t.text)).blocks), default=0) for t in trips]
    end = max(ends)
    if not 0 < end < len(whole.article.tokens):
        return None
    text = original.text[: whole.article.raw_span(end - 1, end - 1)[1]]
    return replace(original, text=text) if max(len(t.text) for t in trips) < _PASSAGE * len(original.text) else None


def _desk_edits(
    original: Member, trips: Sequence[Member], edits: Sequence[Member], rng: np.random.Generator
) -> Iterator[Member]:
    """Rule-made edits of the original where there is room for some, and now and then one of a round trip."""
    n_edits = max(0, int(rng.integers(_MAX_EDITS + 1)) - len(edits)) if trips else 0
    sources = [(original, EDITED, i) for i in range(n_edits)]
    if trips and rng.random() < _EDITED_TRIPS:
        sources.append((trips[0], BACK_TRANSLATED, 0))
    for parent, label, i in sources:
        text = desk_edit(parent.text, np.random.default_rng(crc32(f"desk {i} {parent.id}".encode())))
        if text is not None:
            names = (f"{parent.id}/desk{i}", parent.story, text, label, "desk_rules", parent.id)
            yield Member(*names, parent.pivot, parent.engine, parent.source, parent.domain)
