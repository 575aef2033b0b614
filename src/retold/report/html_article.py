"""The section of one article in the HTML report: its text with what betrays it marked, and the reasons in words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape
from typing import TYPE_CHECKING

from retold.printable import printable, printable_lines
from retold.report.formatting import (
    evidence_words,
    outcome,
    percent,
    pivot_phrase,
    pivot_words,
    segment_words,
    split_at_evidence,
    verdict_words,
)
from retold.report.html_page import bullets, text

if TYPE_CHECKING:
    from retold.detector.explanation import Contribution, Explanation
    from retold.detector.verdict import Verdict
    from retold.signals.base import Evidence

# Beside the words, so that the class never rests on colour alone.
SYMBOLS = {"back-translated": "\u25b2", "edited": "\u25c6", "original": "\u25cf", "unsure": "?", "unjudged": "\u2013"}
# How a text was made from its source, where its label does not say it.
_RELATIONS = {"copied": "copied word for word", "reworded": "reworded by a machine"}
# Marks up to which a back-translation is explained as a whole: fewer words than that do not carry a verdict.
_FEW_MARKS = 2
# Log-odds at which a bar is full; nearly all contributions lie below.
_FULL = 4.0


def article_section(
    explanation: Explanation, name: str, beside: str = "", by_itself: bool = True, published: str = ""
) -> str:
    """The section of an article, closed.

    Args:
        explanation: The verdict with its reasons.
        name: Its id in the page, unique and safe.
        beside: HTML that shows it beside its source, if it has one.
        by_itself: Whether its text is shown by itself, too, where it stands beside its source.
        published: When and by whom it was published, if that is known.
    """
    verdict = explanation.verdict
    pieces = list(split_at_evidence(explanation.text, verdict.evidence))
    marked = [item for _, item in pieces if item]
    language = f' lang="{verdict.language}"' if verdict.language.isalpha() and verdict.language != "und" else ""
    head = f"{_shares(verdict)}{bullets(verdict.warnings, 'warnings')}{_as_a_whole(explanation, len(marked), bool(beside))}{beside}"
    alone = (
        f"{'<h4>By itself</h4>' if beside else ''}"
        f'<div class="text" dir="auto"{language}>{"".join(_marked(pieces, name))}</div>\n'
        f"{_reasons(marked, verdict.evidence, name)}{_contributions(explanation.contributions)}"
    )
    return (
        f'<details class="article" id="{name}">\n<summary>{_summary(explanation, published)}</summary>\n'
        f"{head}{alone if by_itself or not beside else ''}</details>\n"
    )


def label_html(verdict: Verdict) -> str:
    """The label in words, with a symbol, coloured."""
    shown = outcome(verdict)
    words = _RELATIONS.get((verdict.source or {}).get("relation", ""), verdict_words(verdict))
    return f'<span class="{shown}"><span aria-hidden="true">{SYMBOLS[shown]}</span> {text(words)}</span>'


def _summary(explanation: Explanation, published: str) -> str:
    verdict = explanation.verdict
    facts = [f"{verdict.certainty} sure"] if verdict.is_judged else []
    facts += [f"{verdict.n_words:,} words", pivot_phrase(explanation), published]
    shown = "".join(f'<span class="soft">{text(fact)}</span>' for fact in facts if fact)
    return f"<h3><bdi>{text(verdict.id) or 'article'}</bdi></h3> {label_html(verdict)}{shown}"


def _shares(verdict: Verdict) -> str:
    shares = ", ".join(f"{label} {percent(p)}" for label, p in (verdict.probabilities or {}).items())
    return f'<p class="soft">Probabilities: {text(shares)}.</p>\n' if shares else ""


def _as_a_whole(explanation: Explanation, n_marks: int, has_source: bool) -> str:
    """What is true of more than single words: the part that stands out, and that few words betray a text without a source."""
    verdict, parts = explanation.verdict, []
    if not has_source and verdict.label == "back-translated" and n_marks <= _FEW_MARKS:
        words = ("No single word betrays", "One passage betrays", "Two passages betray")[n_marks]
        where = (
            "what weighed most is listed below the text" if explanation.contributions else "no list of reasons was made"
        )
        parts.append(f"{words} this text: the verdict rests on its wording and grammar as a whole; {where}.")
    segment = segment_words(explanation)
    parts += [f"{segment[0].upper()}{segment[1:]}."] if segment else []
    return "".join(f"<p>{text(part)}</p>\n" for part in parts)


def _marked(pieces: Sequence[tuple[str, Evidence | None]], name: str) -> Iterator[str]:
    number = 0
    for piece, item in pieces:
        shown = escape(printable_lines(piece))
        if item is None:
            yield shown
            continue
        number += 1
        yield (
            f'<button type="button" class="m" aria-expanded="false" data-reason="{name}-{number}">'
            f"{shown}<sup>{number}</sup></button>"
        )


def _reasons(marked: Sequence[Evidence], evidence: Sequence[Evidence], name: str) -> str:
    """The reasons, numbered as the marks are; those whose words a stronger one covers come last."""
    ordered = [*marked, *(item for item in evidence if item not in marked)]
    items = "".join(f'<li id="{name}-{n}">{_reason(item)}</li>\n' for n, item in enumerate(ordered, 1))
    lead = '<p class="soft">With what sought them, and how probable it is that a machine put them there.</p>\n'
    return f'<h4>Marked words</h4>\n{lead}<ol class="marks">\n{items}</ol>\n' if items else ""


def _reason(item: Evidence) -> str:
    source = f" {pivot_words(item.pivot)}" if item.pivot else ""
    reason = f": {printable(item.reason)}" if item.reason else ""
    # An arrow, since screen readers read "->" as "minus greater".
    words = evidence_words(item).replace(" -> ", " \u2192 ")
    return f"<b>{escape(words)}</b>{escape(source + reason)} ({text(item.signal)}, {item.score:.0%})"


def _contributions(contributions: Sequence[Contribution]) -> str:
    rows = "".join(
        f'<tr><th scope="row">{text(c.feature)}</th><td>{_bar(c.log_odds)}</td><td class="n">{c.log_odds:+.2f}</td></tr>\n'
        for c in contributions
    )
    caption = "Bars to the right speak for machine English, to the left against it. In log-odds: +0.7 doubles the odds, -0.7 halves them."
    table = f'<table class="why"><caption>{caption}</caption><tbody>\n{rows}</tbody></table>\n'
    return f'<h4>What weighed most</h4>\n<div class="scroll">{table}</div>\n' if rows else ""


def _bar(log_odds: float) -> str:
    """A bar from the middle; half of 100 units are ``_FULL``."""
    width = round(min(abs(log_odds) / _FULL, 1) * 50)
    side, x = ("", 50) if log_odds > 0 else (' class="away"', 50 - width)
    return f'<svg class="bar" viewBox="0 0 100 1" preserveAspectRatio="none"><rect{side} x="{x}" width="{width}" height="1"/></svg>'
