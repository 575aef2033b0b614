"""Two versions side by side: a row for sentences that say the same, each change marked by its kind."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator, Mapping, Sequence
from html import escape
from typing import TYPE_CHECKING

from retold.compare.alignment import Alignment
from retold.compare.changes import KINDS
from retold.printable import printable_lines
from retold.report.formatting import pivot_words
from retold.report.html_page import text

if TYPE_CHECKING:
    from retold.compare.result import Change
    from retold.compare.version import Version

Span = tuple[int, int]
# A sign for each kind beside its colour.
SIGNS = {
    "number": "#", "name": "@", "negation": "!", "retranslation": "\u21c4", "paraphrase": "~", "copy-edit": "\u270e",
    "style": "'", "moved": "\u2195", "cut": "\u2212", "added": "+", "boilerplate": "\u00a9",
}  # fmt: skip
# What a reader must know of each kind.
MEANINGS = {
    "number": "another number, amount or date: a changed fact",
    "name": "another name: a changed fact",
    "negation": "a \u201cnot\u201d that came or went: a changed fact",
    "retranslation": "another word, as a translation there and back leaves it",
    "paraphrase": "several words put differently",
    "copy-edit": "a word or two changed, as an editor would",
    "style": "another house style: spelling, titles, dates, quotation marks",
    "moved": "a sentence that stands elsewhere",
    "cut": "left out",
    "added": "new",
    "boilerplate": "bylines, credits and links",
}


def side_by_side(alignment: Alignment, changes: Sequence[Change]) -> str:
    """A table of two columns; ``report/assets/sides.css`` is its style.

    Args:
        alignment: The two versions, aligned.
        changes: What changed from the first to the second.
    """
    a, b = alignment.a, alignment.b
    marks = [c for c in changes if c.kind != "moved"]
    left, right = [(c.from_span, c) for c in marks], [(c.to_span, c) for c in marks]
    rows = "".join(
        f'<tr><td data-side="{text(posixpath.basename(a.id))}">{_cell(a, here, left, is_moved)}</td>'
        f'<td data-side="{text(posixpath.basename(b.id))}">{_cell(b, there, right, is_moved)}</td></tr>\n'
        for here, there, is_moved in _rows(alignment)
    )
    head = f'<th scope="col"><bdi>{text(a.id)}</bdi></th><th scope="col"><bdi>{text(b.id)}</bdi></th>'
    return f'<table class="sides"><thead><tr>{head}</tr></thead><tbody>\n{rows}</tbody></table>\n'


def legend(counts: Mapping[str, int], caption: str) -> str:
    """A choice of the kinds of change that are marked, each in its colour with its sign; style alone makes it work.

    Args:
        counts: How many changes of each kind there are.
        caption: What is marked, in words.
    """
    boxes = "".join(
        f'<label><input type="checkbox" id="show-{kind}" checked> <mark class="{kind}">{kind}'
        f'<sup aria-hidden="true">{SIGNS[kind]}</sup></mark> {counts.get(kind, 0):,}</label>'
        for kind in KINDS
    )
    meanings = "".join(f"<dt>{kind}</dt><dd>{MEANINGS[kind]}</dd>" for kind in KINDS)
    return (
        f'<h2>Kinds of change</h2>\n<fieldset class="legend"><legend>{text(caption)}</legend>{boxes}</fieldset>\n'
        f'<details><summary>What the kinds mean</summary><dl class="facts">{meanings}</dl></details>\n'
    )


def _rows(al: Alignment) -> Iterator[tuple[Span | None, Span | None, bool]]:
    """Token ranges of both sides and whether they moved, in the order of ``b``; what was cut stands where it stood in ``a``."""
    cuts = sorted(al.cut, reverse=True)
    found = [(block.b, block.a, block.is_moved) for block in al.blocks] + [(span, None, False) for span in al.added]
    for there, here, is_moved in sorted(found, key=lambda row: row[0]):
        while here is not None and not is_moved and cuts and cuts[-1] < here:
            yield cuts.pop(), None, False
        yield here, there, is_moved
    yield from ((span, None, False) for span in reversed(cuts))


def _cell(version: Version, tokens: Span | None, changes: Iterable[tuple[Span, Change]], is_moved: bool) -> str:
    if tokens is None or tokens[0] >= tokens[1]:
        return ""
    start, end = version.article.raw_span(tokens[0], tokens[1] - 1)
    moved = f'<mark class="moved">{_kind("moved")}</mark> ' if is_moved else ""
    return moved + "".join(_marked(version.article.raw, (start, end), changes))


def _marked(raw: str, span: Span, changes: Iterable[tuple[Span, Change]]) -> Iterator[str]:
    """A stretch of text with its changes; of those that overlap the first, and of those the gravest, is marked."""
    at, end = span
    inside = [(max(start, at), min(stop, end), c) for (start, stop), c in changes if start < end and stop > at]
    for start, stop, change in sorted(inside, key=lambda mark: (mark[0], KINDS.index(mark[2].kind))):
        if start < at or start >= stop:
            continue
        title = " ".join(filter(None, (change.kind, text(pivot_words(change.pivot)))))
        yield _plain(raw[at:start])
        yield f'<mark class="{change.kind}" title="{title}">{_plain(raw[start:stop])}{_kind(change.kind)}</mark>'
        at = stop
    yield _plain(raw[at:end])


def _kind(kind: str) -> str:
    """The kind of a change: a sign for those who see it, a word for those who hear it."""
    return f'<sup aria-hidden="true">{SIGNS[kind]}</sup><span class="unmarked"> ({kind}) </span>'


def _plain(value: str) -> str:
    return escape(printable_lines(value))
