"""A page of HTML that needs nothing else: no script, no font, no network. Everything from an article is escaped."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from html import escape
from typing import TYPE_CHECKING

from retold.reading.documents import Unreadable
from retold.report.formatting import (
    evidence_words,
    pivot_words,
    printable,
    printable_lines,
    split_at_evidence,
    strongest_first,
    verdict_words,
)
from retold.report.html_style import STYLE

if TYPE_CHECKING:
    from retold.detector.verdict import Verdict
    from retold.signals.base import Evidence

_HEAD = f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>retold: verdicts</title>
<style>{STYLE}</style>
</head>
<body>
<main>
<h1>Verdicts</h1>
<p class="lead">Marked words are what gave a text away; point at one to see why. Open a document to read it.</p>
"""
_TAIL = "</main>\n</body>\n</html>\n"


def render_html(results: Iterable[tuple[Verdict, str] | Unreadable]) -> Iterator[str]:
    """Yield a page of HTML piece by piece: a section for each verdict with its text, or for what was not read."""
    yield _HEAD
    signatures: dict[str, None] = {}
    for number, result in enumerate(results):
        if isinstance(result, Unreadable):
            yield _unread(result)
            continue
        signatures[result[0].signature or result[0].model] = None
        yield _section(*result, is_open=number == 0)
    yield from (f'<p class="model">signature: {_escaped(signature)}</p>\n' for signature in signatures)
    yield _TAIL


def _section(verdict: Verdict, text: str, is_open: bool) -> str:
    return (
        f'<details{" open" if is_open else ""}>\n<summary><span class="id">{_escaped(verdict.id)}</span>'
        f'<span class="verdict {_css_class(verdict)}">{_escaped(verdict_words(verdict))}</span>'
        f'<span class="fact">{verdict.certainty}</span><span class="fact">{verdict.n_words:,} words</span>'
        f'<span class="fact">{escape(pivot_words(verdict.top_pivot))}</span></summary>\n'
        f"{_bars(verdict)}{_warnings(verdict)}<article>{_marked(verdict, text)}</article>\n"
        f"{_evidence(verdict)}</details>\n"
    )


def _unread(result: Unreadable) -> str:
    return (
        f'<p class="unread"><span class="id">{_escaped(result.id)}</span>'
        f'<span class="verdict unsure">not read</span>{_escaped(result.reason)}</p>\n'
    )


def _bars(verdict: Verdict) -> str:
    bars = "".join(
        f'<label>{_escaped(label)} <meter min="0" max="1" value="{p:.4f}"></meter> {p:.1%}</label>'
        for label, p in (verdict.probabilities or {}).items()
    )
    return f'<div class="shares">{bars}</div>\n' if bars else ""


def _marked(verdict: Verdict, text: str) -> str:
    return "".join(
        f'<mark title="{escape(_reason(item))}">{escape(printable_lines(piece))}</mark>'
        if item
        else escape(printable_lines(piece))
        for piece, item in split_at_evidence(text, verdict.evidence)
    )


def _reason(item: Evidence) -> str:
    pivot = f" {pivot_words(item.pivot)}" if item.pivot else ""
    reason = f". {printable(item.reason)}" if item.reason else ""
    return f"{printable(item.signal)}: {evidence_words(item)}{pivot} ({item.score:.2f}){reason}"


def _evidence(verdict: Verdict) -> str:
    rows = "".join(
        f"<tr><td>{item.score:.2f}</td><td>{_escaped(item.signal)}</td><td>{escape(evidence_words(item))}</td>"
        f"<td>{escape(pivot_words(item.pivot))}</td><td>{_escaped(item.reason)}</td></tr>\n"
        for item in strongest_first(verdict.evidence)
    )
    head = "<tr><th>score</th><th>signal</th><th>evidence</th><th>pivot</th><th>reason</th></tr>\n"
    return f'<div class="scroll"><table>\n{head}{rows}</table></div>\n' if rows else ""


def _warnings(verdict: Verdict) -> str:
    items = "".join(f"<li>{_escaped(warning)}</li>" for warning in verdict.warnings)
    return f'<ul class="warnings">{items}</ul>\n' if items else ""


def _css_class(verdict: Verdict) -> str:
    is_known = verdict.label in {"original", "edited", "back-translated"}
    return str(verdict.label) if is_known and not verdict.abstained else "unsure"


def _escaped(text: str) -> str:
    return escape(printable(text))
