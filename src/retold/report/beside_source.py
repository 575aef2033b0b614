"""An article beside the one that it was made from: changed facts, then two columns."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from retold.compare.alignment import align
from retold.compare.result import Change
from retold.compare.version import Version
from retold.report.html_page import text
from retold.report.side_by_side import side_by_side

# Changed facts that are listed; all are marked in the columns.
_SHOWN_FACTS = 10


@dataclass(frozen=True)
class BesideSource:
    """What the report shows of an article and its source.

    Attributes:
        html: The heading, the changed facts and the two columns.
        counts: How many changes of each kind are marked.
    """

    html: str
    counts: Counter[str]


def beside_source(source: Version, version: Version, changes: Sequence[Change], outlet: str = "") -> BesideSource:
    """Lay out an article beside its source.

    Args:
        source: The original.
        version: What was made from it.
        changes: What changed.
        outlet: Who published the original, if that is known.
    """
    known = ", ".join(part for part in (outlet, source.date) if part)
    name = f"<bdi>{text(source.id)}</bdi>" + (f" ({text(known)})" if known else "")
    columns = side_by_side(align(source, version), changes)
    html = f"<h4>Beside its source: {name}</h4>\n{_facts([c for c in changes if c.fact])}{columns}<h4>By itself</h4>\n"
    return BesideSource(html, Counter(change.kind for change in changes))


def _facts(facts: Sequence[Change]) -> str:
    items = "".join(
        f"<li>{c.fact}: {text(c.from_text) or '(nothing)'} \u2192 {text(c.to_text) or '(nothing)'}</li>\n"
        for c in facts[:_SHOWN_FACTS]
    )
    more = f"<p>{len(facts) - _SHOWN_FACTS:,} more are marked below.</p>\n" if len(facts) > _SHOWN_FACTS else ""
    return (
        f'<p>Changed facts, which a correction would be about:</p>\n<ul class="facts-changed">\n{items}</ul>\n{more}'
        if items
        else ""
    )
