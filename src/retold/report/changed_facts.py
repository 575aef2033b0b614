"""Changed facts, which a correction would be about: as a table of many versions, and as a list beside one source."""

from __future__ import annotations

from collections.abc import Sequence

from retold.compare.result import Change
from retold.report.html_page import text

# Changed facts that are listed beside a source; all are marked in the columns.
_SHOWN_FACTS = 10


def facts_table(changes: Sequence[Change], heading: str = "h3") -> str:
    """A heading and a row for each change, with the versions between which it was made; nothing if there are none."""
    rows = "".join(
        f'<tr><td>{c.kind}</td><td class="id">{text(c.from_text) or "(nothing)"}</td><td class="id">{text(c.to_text) or "(nothing)"}</td>'
        f'<td class="id wide"><bdi>{text(c.from_id)}</bdi> \u2192 <bdi>{text(c.to_id)}</bdi></td></tr>\n'
        for c in changes
    )
    head = '<th scope="col">Kind</th><th scope="col">Before</th><th scope="col">After</th><th scope="col" class="wide">Versions</th>'
    return (
        f"<{heading}>Changed facts</{heading}>\n<table><thead><tr>{head}</tr></thead><tbody>\n{rows}</tbody></table>\n"
        if rows
        else ""
    )


def facts_list(facts: Sequence[Change]) -> str:
    """The first changed facts and how many more there are; nothing if there are none."""
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
