"""The lineage of a story drawn: versions as cards from left to right, joined by how each was made from its parent."""

from __future__ import annotations

import posixpath
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from retold.compare.result import Cluster, ComparedDocument, LineageEdge
from retold.report.formatting import percent, pivot_words
from retold.report.html_page import text
from retold.report.table import shortened_in_the_middle

# Pixels: a card, the space between columns (where the words on an edge stand) and between rows.
_WIDTH, _HEIGHT, _ACROSS, _DOWN = 220, 74, 208, 18
# Pixels after which an edge runs level, so that its words have a line to stand on.
_BEND = 44
# Characters of the usual 13 pixels that fit a card.
_FITTING = 28
# The card that stands for the version from which all that have no parent descend.
_MISSING = ""


@dataclass(frozen=True, slots=True)
class _Place:
    column: int
    row: float

    @property
    def x(self) -> int:
        return 2 + self.column * (_WIDTH + _ACROSS)

    @property
    def y(self) -> float:
        return 2 + self.row * (_HEIGHT + _DOWN)


def lineage_svg(
    cluster: Cluster,
    documents: Mapping[str, ComparedDocument],
    dates: Mapping[str, str],
    outlets: Mapping[str, str] = MappingProxyType({}),
) -> str:
    """An SVG element of class ``lineage``; ``report/assets/lineage.css`` is its style.

    Args:
        cluster: The story.
        documents: Its documents by id.
        dates: Days by id, as YYYY-MM-DD; those that are unknown may be left out.
        outlets: Who published each, by id; the folder is shown of those that are unknown.
    """
    places = _places(cluster)
    made = {edge.child: edge for edge in cluster.edges}
    parents = {id: made[id].parent if id in made else _MISSING for id in cluster.documents}
    lines = "".join(
        _edge(places[parents[id]], places[id], made.get(id), documents[id]) for id in parents if parents[id] in places
    )
    cards = "".join(_card(places[id], id, documents.get(id), _where(id, dates, outlets)) for id in places)
    width = max(place.x for place in places.values()) + _WIDTH + 2
    height = max(place.y for place in places.values()) + _HEIGHT + 2
    label = f"Lineage of story {cluster.cluster}: {len(cluster.documents)} versions, described in words below"
    return (
        f'<svg class="lineage" role="img" aria-label="{label}" width="{width}" height="{height:g}" '
        f'viewBox="0 0 {width} {height:g}">{lines}{cards}</svg>\n'
    )


def _places(cluster: Cluster) -> dict[str, _Place]:
    """A place for each version, a row for each that has no children; the missing ancestor's too if there is one."""
    made = {edge.child for edge in cluster.edges}
    children: dict[str, list[str]] = defaultdict(list)
    for edge in cluster.edges:
        children[edge.parent].append(edge.child)
    tops = [id for id in cluster.documents if id not in made]
    if len(tops) > 1:
        children[_MISSING], tops = tops, [_MISSING]
    columns = dict.fromkeys(tops, 0)
    # Parents stand before their children, so that columns fall from left to right.
    for id in (order := list(tops)):
        columns |= dict.fromkeys(children[id], columns[id] + 1)
        order += children[id]
    rows: dict[str, float] = {}
    for row, id in enumerate(_leaves(tops, children)):
        rows[id] = row
    for id in reversed(order):
        if children[id]:
            rows[id] = (rows[children[id][0]] + rows[children[id][-1]]) / 2
    return {id: _Place(columns[id], rows[id]) for id in order}


def _leaves(tops: list[str], children: Mapping[str, list[str]]) -> Iterator[str]:
    """Versions without children from top to bottom, those of one parent side by side."""
    waiting = tops[::-1]
    while waiting:
        id = waiting.pop()
        if not children[id]:
            yield id
        waiting += children[id][::-1]


def _where(id: str, dates: Mapping[str, str], outlets: Mapping[str, str]) -> str:
    """When and by whom a version was published, or the folder that it lies in."""
    by = outlets.get(id) or posixpath.dirname(id)
    return shortened_in_the_middle(" \u00b7 ".join(part for part in (dates.get(id, ""), by) if part), _FITTING)


def _card(place: _Place, id: str, document: ComparedDocument | None, where: str) -> str:
    x, y = place.x, place.y
    if document is None:
        return (
            f'<rect class="absent" x="{x}" y="{y:g}" width="{_WIDTH}" height="{_HEIGHT}" rx="6"/>'
            f'<text x="{x + 12}" y="{y + 41:g}">a version not among these</text>'
        )
    name = shortened_in_the_middle(posixpath.basename(id) or id, _FITTING)
    label, sure = document.label or "not judged", (document.probabilities or {}).get(document.label or "")
    kind, label = ("unsure", f"unsure: {label}") if document.abstained else (label, label)
    return (
        f'<g><title>{text(id)}</title><rect x="{x}" y="{y:g}" width="{_WIDTH}" height="{_HEIGHT}" rx="6"/>'
        f'<text class="name" x="{x + 12}" y="{y + 22:g}">{text(name)}</text><text x="{x + 12}" y="{y + 41:g}">{text(where)}</text>'
        f'<text class="{text(kind)}" x="{x + 12}" y="{y + 61:g}">{text(label)}{f" {text(percent(sure))}" if sure is not None else ""}'
        "</text></g>"
    )


def _edge(parent: _Place, child: _Place, edge: LineageEdge | None, document: ComparedDocument) -> str:
    """The line from a parent to a child, with the relation above it and the pivot, with its own probability, below."""
    start, end = (parent.x + _WIDTH, parent.y + _HEIGHT / 2), (child.x, child.y + _HEIGHT / 2)
    relation = edge.relation if edge else "absent"
    bend = f"C {start[0] + _BEND / 2:g} {start[1]:g} {start[0] + _BEND / 2:g} {end[1]:g} {start[0] + _BEND} {end[1]:g}"
    line = f'<path class="{text(relation)}" d="M {start[0]} {start[1]:g} {bend} L {end[0]} {end[1]:g}"/>'
    if edge is None:
        return line
    at = start[0] + _BEND
    share = document.pivot.get(edge.pivot or "")
    pivot = pivot_words(edge.pivot) + (f" {percent(share)}" if share is not None else "")
    below = f'<text x="{at}" y="{end[1] + 16:g}">{text(pivot)}</text>' if edge.pivot else ""
    return (
        f'{line}<text x="{at}" y="{end[1] - 7:g}">{text(edge.relation)} {text(percent(edge.probability))}</text>{below}'
    )
