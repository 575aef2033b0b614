"""Which artefacts count: those that no table, no pair of numbers and no British newsroom explains."""

from __future__ import annotations

import re
from collections.abc import Sequence

from retold.signals.artefacts.rules import JOINED_NUMBER, Trace
from retold.signals.atlantic import spelling_counts
from retold.text import Article

# Characters on each side of a figure in which the line that it stands in is looked at; rows of tables are shorter.
_MAX_ROW = 200
# What parts the cells of a row; two spaces may also follow a full stop.
_CELL_GAP = re.compile(r"\t|\||[^\s.!?] {2,}\S")
_LINE_BREAK = re.compile(r"[\n\r\u2028\u2029]")
_SENTENCE_END = (".", "!", "?", '"', "\u201d")
# Thousands are mostly round; "400 737" may be two numbers as well as one.
_ROUND = ("00", "50")


def unexplained_traces(article: Article, traces: Sequence[Trace]) -> list[Trace]:
    """The traces of an article that nothing else explains, the surest first."""
    is_british = any(t.british for t in traces) and _is_british(article)
    groups_thousands = any(t.reason == JOINED_NUMBER and _is_round(article, t) for t in traces)
    shown = [
        t
        for t in traces
        if not (t.british and is_british)
        and not (t.name == "numbers" and _is_in_table(article, t))
        and (t.reason != JOINED_NUMBER or (groups_thousands and not _is_share(article, t)))
    ]
    return sorted(shown, key=lambda t: -t.score)


def _is_british(article: Article) -> bool:
    british, american = spelling_counts(article.lower)
    return british > american


def _is_round(article: Article, trace: Trace) -> bool:
    return article.text[trace.start : trace.end].endswith(_ROUND) and not _is_share(article, trace)


def _is_share(article: Article, trace: Trace) -> bool:
    """True if the last number is a percentage, which no thousands are."""
    return article.text[trace.end : trace.end + 2].lstrip().startswith("%")


def _is_in_table(article: Article, trace: Trace) -> bool:
    """True for a figure in a row of a table, or one that runs over the end of a line or of a cell."""
    start, end = article.canonical.span(trace.start, trace.end)
    before = _LINE_BREAK.split(article.raw[max(start - _MAX_ROW, 0) : start])[-1]
    after = _LINE_BREAK.split(article.raw[end : end + _MAX_ROW])[0]
    figure = article.raw[start:end]
    return _LINE_BREAK.search(figure) is not None or _is_row(before + figure + after)


def _is_row(line: str) -> bool:
    words = line.split()
    figures = sum(word[0].isdigit() for word in words)
    is_mostly_figures = figures > 1 and 2 * figures >= len(words) and not line.rstrip().endswith(_SENTENCE_END)
    return is_mostly_figures or _CELL_GAP.search(line) is not None
