"""An article beside the one that it was made from: changed facts, then two columns."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from retold.compare.alignment import align
from retold.compare.result import Change
from retold.compare.version import Version
from retold.report.changed_facts import facts_list
from retold.report.html_page import text
from retold.report.side_by_side import side_by_side

_LEFT_OUT = "The two are not shown side by side, to keep a page of so many texts small; give fewer to see them so."


@dataclass(frozen=True)
class BesideSource:
    """What the report shows of an article and its source.

    Attributes:
        html: The heading, the changed facts and the two columns.
        brief: The same without the columns.
        counts: How many changes of each kind are marked in the columns.
    """

    html: str
    brief: str
    counts: Counter[str]


def beside_source(
    source: Version, version: Version, changes: Sequence[Change], outlet: str = "", how: str = ""
) -> BesideSource:
    """Lay out an article beside its source.

    Args:
        source: The original.
        version: What was made from it.
        changes: What changed.
        outlet: Who published the original, if that is known.
        how: How it was made and how much was taken, in words.
    """
    head = f"{_heading(source.id, outlet, source.date)}{_sentence(how)}{facts_list([c for c in changes if c.fact])}"
    columns = side_by_side(align(source, version), changes)
    return BesideSource(f"{head}{columns}", f"{head}{_sentence(_LEFT_OUT)}", Counter(c.kind for c in changes))


def without_text(id: str, outlet: str, date: str, how: str) -> BesideSource:
    """What is shown of a source whose text is gone.

    Args:
        id: Its name.
        outlet: Who published it; empty if unknown.
        date: The day it appeared; empty if unknown.
        how: A sentence on how the text was made from it.
    """
    head = f"{_heading(id, outlet, date)}{_sentence(how)}<p>The archive no longer has its text.</p>\n"
    return BesideSource(head, head, Counter())


def _heading(id: str, outlet: str, date: str) -> str:
    known = ", ".join(part for part in (outlet, date) if part)
    return f"<h4>Beside its source: <bdi>{text(id)}</bdi>{f' ({text(known)})' if known else ''}</h4>\n"


def _sentence(how: str) -> str:
    return f"<p>{text(how)}</p>\n" if how else ""
