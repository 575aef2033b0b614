"""A comparison in one HTML file: the lineage drawn, changed facts, and any two versions side by side."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from html import escape
from itertools import combinations, count
from types import MappingProxyType

from retold.compare.alignment import align
from retold.compare.result import Change, Cluster, ComparedDocument, Comparison, LineageEdge
from retold.compare.version import Version
from retold.reading.documents import Unreadable
from retold.report.changed_facts import facts_table
from retold.report.comparison import independent_reports, tree
from retold.report.formatting import percent, pivot_shares, pivot_words
from retold.report.html_article import SYMBOLS
from retold.report.html_page import asset, facts, page, text
from retold.report.html_report import listed
from retold.report.lineage_svg import lineage_svg
from retold.report.side_by_side import legend, side_by_side
from retold.report.story_words import story_sentence

ASSETS = ("page.css", "lineage.css", "comparison.css", "sides.css", "page.js", "comparison.js")
# Versions up to which every pair of a story is shown; of more only those of which one was made from the other.
_MAX_ALL_PAIRS = 12
# Changed facts that a notebook shows.
_SHOWN_FACTS = 10

_MEANING = (
    "The percentage beside a label is how sure that label is; on a line of the drawing it is how sure it is that one version was made "
    "so from the other, and through that language. Documents without another version are judged by their text alone, which says much "
    "less. It is a reason to read on, not a proof, and says nothing of who did it."
)

CompareVersions = Callable[[Version, Version], list[Change]]


def render_comparison_html(
    comparison: Comparison,
    versions: Sequence[Version],
    changes: CompareVersions,
    made: date | None = None,
    outlets: Mapping[str, str] = MappingProxyType({}),
    unread: Sequence[Unreadable] = (),
    program: Sequence[tuple[str, str]] = (),
) -> Iterator[str]:
    """Yield the page of a comparison piece by piece.

    Args:
        comparison: What to show.
        versions: Its documents with their texts and dates.
        changes: Returns the changes of two versions, for pairs of which neither was made from the other.
        made: The day that the page bears; today if None.
        outlets: Who published each document, as far as that is known, by id.
        unread: What is missing from the comparison because it could not be read.
        program: What it was made with, as names and values.
    """
    story = _Page(comparison, {v.id: v for v in versions}, changes, outlets)
    head = [("Date", (made or date.today()).isoformat()), *program]
    yield from page("retold: comparison", _body(story, head, unread), ASSETS)


def notebook_html(comparison: Comparison) -> str:
    """The documents, every lineage and the first changed facts, for a notebook; needs no texts and runs no script."""
    documents = {d.id: d for d in comparison.documents}
    drawn = "".join(lineage_svg(c, documents, {}) for c in comparison.clusters if len(c.documents) > 1)
    risky = [c for c in comparison.changes if c.fact]
    return (
        f"<style>{asset('lineage.css')}</style><p><strong>{text(str(comparison))}</strong></p>"
        f"{_documents(comparison.documents, {})}{drawn}{facts_table(risky[:_SHOWN_FACTS])}"
    )


@dataclass(frozen=True)
class _Page:
    comparison: Comparison
    versions: Mapping[str, Version]
    changes: CompareVersions
    outlets: Mapping[str, str]

    @property
    def dates(self) -> dict[str, str]:
        return {id: version.date for id, version in self.versions.items() if version.date}

    @property
    def stories(self) -> list[Cluster]:
        """Those in several versions."""
        return [cluster for cluster in self.comparison.clusters if len(cluster.documents) > 1]

    def pairs(self, cluster: Cluster) -> Iterator[tuple[Version, Version, LineageEdge | None]]:
        """Pairs of versions, the earlier first; those of which one was made from the other lead."""
        edges = {frozenset((edge.parent, edge.child)): edge for edge in cluster.edges}
        yield from ((self.versions[e.parent], self.versions[e.child], e) for e in edges.values())
        if len(cluster.documents) > _MAX_ALL_PAIRS:
            return
        for pair in combinations(cluster.documents, 2):
            if frozenset(pair) not in edges:
                # Of versions whose days are unknown, the one that was given first.
                a, b = sorted((self.versions[id] for id in pair), key=lambda v: v.date or "9999")
                yield a, b, None

    def changes_of(self, a: Version, b: Version, edge: LineageEdge | None) -> list[Change]:
        """The changes from one version to another; those along the lineage are known."""
        if edge is None:
            return self.changes(a, b)
        return [c for c in self.comparison.changes if (c.from_id, c.to_id) == (a.id, b.id)]


def _body(story: _Page, head: Sequence[tuple[str, str]], unread: Sequence[Unreadable]) -> Iterator[str]:
    comparison, stories = story.comparison, story.stories
    not_read = f", {len(unread):,} not read" if unread else ""
    yield f"<header>\n<h1>{text(str(comparison) + not_read)}</h1>\n{facts(head)}<p>{_MEANING}</p>\n</header>\n<main>\n"
    for cluster in stories:
        yield from _story(story, cluster)
    yield "".join(f"<p>{text(line.capitalize())}.</p>\n" for line in independent_reports(comparison))
    yield f"<h2>Documents</h2>\n{_documents(comparison.documents, story.dates, story.outlets)}"
    yield listed("Not read", "unread", unread)
    if stories:
        yield legend(Counter(c.kind for c in comparison.changes), "Marked below, with their number along the lineage")
    for cluster in stories:
        yield from _pairs(story, cluster)
    yield "</main>\n"


def _documents(
    documents: Sequence[ComparedDocument], dates: Mapping[str, str], outlets: Mapping[str, str] = MappingProxyType({})
) -> str:
    """The table of documents; a column of which nothing is known is left out."""
    columns = (
        (
            '<th scope="col" class="wide">Date</th>',
            {id: f'<td class="wide day">{text(day)}</td>' for id, day in dates.items()},
        ),
        (
            '<th scope="col" class="wide">By</th>',
            {id: f'<td class="id wide">{text(name)}</td>' for id, name in outlets.items()},
        ),
    )
    known = [(head, cells) for head, cells in columns if cells]
    rows = "".join(
        f'<tr><td class="id"><bdi>{text(d.id)}</bdi></td>{"".join(cells.get(d.id, "<td class=wide></td>") for _, cells in known)}'
        f'<td class="n">{d.cluster}</td><td>{_label(d)}</td>'
        f"<td>{text(pivot_shares(d.pivot))}</td></tr>\n"
        for d in documents
    )
    head = (
        f'<th scope="col">Document</th>{"".join(head for head, _ in known)}<th scope="col" class="n">Story</th>'
        '<th scope="col">Label</th><th scope="col">Through</th>'
    )
    return f'<table id="documents"><thead><tr>{head}</tr></thead><tbody>\n{rows}</tbody></table>\n'


def _label(document: ComparedDocument) -> str:
    if document.label is None or document.probabilities is None:
        return "not judged"
    shown = "unsure" if document.abstained else document.label
    words = f"unsure: {document.label}" if document.abstained else document.label
    symbol = f'<span aria-hidden="true">{SYMBOLS[shown]}</span>'
    return f'<span class="{shown}">{symbol} {words}</span> {text(percent(document.probabilities[document.label]))}'


def _story(story: _Page, cluster: Cluster) -> Iterator[str]:
    """A story in a sentence, drawn, and its changed facts."""
    ids, number = cluster.documents, cluster.cluster
    documents = {d.id: d for d in story.comparison.documents}
    yield f"<h2>Story {number}: {len(ids)} versions</h2>\n<p>{text(story_sentence(cluster, documents))}</p>\n"
    yield f'<div class="scroll" role="region" aria-label="Lineage of story {number}" tabindex="0">'
    yield f"{lineage_svg(cluster, documents, story.dates, story.outlets)}</div>\n"
    yield f'<details><summary>The lineage in words</summary><pre class="scroll" tabindex="0">{escape(tree(cluster, documents))}</pre></details>\n'
    members = set(ids)
    found = facts_table([c for c in story.comparison.changes if c.fact and c.to_id in members])
    yield found or "<p>No changed facts were found: no number, name, date or negation that says something else.</p>\n"


def _pairs(story: _Page, cluster: Cluster) -> Iterator[str]:
    """The versions of a story side by side."""
    ids, number = cluster.documents, cluster.cluster
    yield f"<h2>Story {number}, side by side</h2>\n{_choice(ids, number)}"
    if len(ids) > _MAX_ALL_PAIRS:
        yield "<p>Of so many versions only those are here of which one was made from the other; retold compare --show has the others.</p>\n"
    place = {id: n for n, id in enumerate(ids)}
    yield f'<div id="pairs-{number}">\n'
    for (a, b, edge), n in zip(story.pairs(cluster), count()):
        yield _pair(a, b, edge, story.changes_of(a, b, edge), (place[a.id], place[b.id]), is_open=n == 0)
    yield "</div>\n"


def _choice(ids: Sequence[str], number: int) -> str:
    """Two choices of a version, which the script shows and obeys; without it every pair is listed."""
    options = "".join(f'<option value="{n}">{text(id)}</option>' for n, id in enumerate(ids))
    choices = "".join(
        f'<label>{words} <select name="{name}">{options}</select></label>'
        for name, words in (("a", "Compare"), ("b", "with"))
    )
    return f'<form class="controls versions" data-pairs="pairs-{number}" hidden>{choices}<output></output></form>\n'


def _pair(
    a: Version, b: Version, edge: LineageEdge | None, changes: Sequence[Change], places: tuple[int, int], is_open: bool
) -> str:
    how = f"{edge.relation} {pivot_words(edge.pivot)}".strip() if edge else "neither made from the other"
    number = f"{len(changes):,} {'change' if len(changes) == 1 else 'changes'}"
    return (
        f'<details class="pair"{" open" if is_open else ""} data-a="{places[0]}" data-b="{places[1]}"><summary><h4><bdi>{text(a.id)}</bdi> '
        f'\u2192 <bdi>{text(b.id)}</bdi></h4><span class="soft">{text(how)}, {number}</span></summary>\n'
        f"{side_by_side(align(a, b), changes)}</details>\n"
    )
