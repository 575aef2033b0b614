"""A page of HTML that needs nothing else: no script, no font, no network. Everything from an article is escaped."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from html import escape
from typing import TYPE_CHECKING

from retold.reading.documents import Unreadable
from retold.report.formatting import (
    certainty,
    evidence_words,
    is_judged,
    printable,
    printable_lines,
    segments,
    strongest_first,
    top_pivot,
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


def page(results: Iterable[tuple[Verdict, str] | Unreadable]) -> Iterator[str]:
    """Yield a page of HTML piece by piece: a section for each verdict with its text, or for what was not read."""
    yield _HEAD
    for number, result in enumerate(results):
        yield _unread(result) if isinstance(result, Unreadable) else _section(*result, is_open=number == 0)
    yield _TAIL


def _section(verdict: Verdict, text: str, is_open: bool) -> str:
    return (
        f'<details{" open" if is_open else ""}>\n<summary><span class="id">{_shown(verdict.id)}</span>'
        f'<span class="verdict {_css_class(verdict)}">{_shown(verdict_words(verdict))}</span>'
        f'<span class="fact">{certainty(verdict)}</span><span class="fact">{verdict.n_words:,} words</span>'
        f'<span class="fact">{_shown(top_pivot(verdict))}</span></summary>\n'
        f"{_bars(verdict)}{_warnings(verdict)}<article>{_marked(verdict, text)}</article>\n"
        f'{_evidence(verdict)}<p class="model">{_shown(verdict.model)}</p>\n</details>\n'
    )


def _unread(result: Unreadable) -> str:
    return (
        f'<p class="unread"><span class="id">{_shown(result.id)}</span>'
        f'<span class="verdict unsure">not read</span>{_shown(result.reason)}</p>\n'
    )


def _bars(verdict: Verdict) -> str:
    bars = "".join(
        f'<label>{_shown(label)} <meter min="0" max="1" value="{share:.4f}"></meter> {share:.1%}</label>'
        for label, share in verdict.probabilities.items()
    )
    return f'<div class="shares">{bars}</div>\n' if is_judged(verdict) else ""


def _marked(verdict: Verdict, text: str) -> str:
    return "".join(
        f'<mark title="{escape(_why(item))}">{escape(printable_lines(piece))}</mark>'
        if item
        else escape(printable_lines(piece))
        for piece, item in segments(text, verdict.evidence)
    )


def _why(item: Evidence) -> str:
    pivot = f" through {printable(item.pivot)}" if item.pivot else ""
    reason = f". {printable(item.reason)}" if item.reason else ""
    return f"{printable(item.signal)}: {evidence_words(item)}{pivot} ({item.score:.2f}){reason}"


def _evidence(verdict: Verdict) -> str:
    rows = "".join(
        f"<tr><td>{item.score:.2f}</td><td>{_shown(item.signal)}</td><td>{escape(evidence_words(item))}</td>"
        f"<td>{_shown(item.pivot or '')}</td><td>{_shown(item.reason)}</td></tr>\n"
        for item in strongest_first(verdict.evidence)
    )
    head = "<tr><th>score</th><th>signal</th><th>evidence</th><th>pivot</th><th>reason</th></tr>\n"
    return f'<div class="scroll"><table>\n{head}{rows}</table></div>\n' if rows else ""


def _warnings(verdict: Verdict) -> str:
    items = "".join(f"<li>{_shown(warning)}</li>" for warning in verdict.warnings)
    return f'<ul class="warnings">{items}</ul>\n' if items else ""


def _css_class(verdict: Verdict) -> str:
    known = verdict.label in {"original", "edited", "back-translated"}
    return verdict.label if known and is_judged(verdict) and not verdict.abstained else "unsure"


def _shown(text: str) -> str:
    return escape(printable(text))
