"""Traces of texts, and articles with those who took them: as a table, JSON lines and CSV."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from retold.language_names import language_name
from retold.limits import DEFAULT_WIDTH, MIN_TABLE_WIDTH
from retold.printable import printable
from retold.report.csv import csv_row, guarded
from retold.report.formatting import relation_words, verdict_words
from retold.report.table import shortened, shown_id

if TYPE_CHECKING:
    from retold.archive.sources import Source
    from retold.archive.taken import TakenArticle, Taker
    from retold.archive.tracing import Trace

TRACE_COLUMNS = (
    "id", "date", "url", "outlet", "label", "probability", "pivot", "source", "source_date", "source_url", "source_outlet",
    "relation", "p_relation", "shared", "covered", "second_source", "second_covered", "n_facts", "facts", "warnings", "model",
    "signature",
)  # fmt: skip
TAKEN_COLUMNS = (
    "id", "date", "url", "outlet", "archive", "n_texts", "first_date", "last_date", "taker", "taker_date", "taker_url",
    "taker_outlet", "relation", "p_relation", "pivot", "shared", "covered", "facts",
)  # fmt: skip
# Columns of "unsure: original", of a percentage, of a day, of the longest usual name of a language, and of the gaps.
_VERDICT, _PERCENT, _DAY, _PIVOT, _GAP = 16, 4, 10, 10, 2
# Columns below which facts would be cut to nothing.
_MIN_FACTS = 12
# What joins the cells of several takers in one cell of a CSV.
_BETWEEN = "; "


def render_traces(traces: Iterable[Trace], width: int = DEFAULT_WIDTH, cut: bool = True) -> Iterator[str]:
    """Yield a header and a line for each text, with a further line for a second source.

    Args:
        traces: What to show.
        width: Columns of the terminal; names and facts are cut to fit.
        cut: False where another program reads on, and nothing is to be cut.
    """
    name, facts = _trace_widths(width)
    header = ("document", "verdict", "sure", "source", "of", "used", "is", "pivot", "changed facts")
    yield _trace_line(header, name, facts, cut)
    for trace in traces:
        verdict, first = trace.verdict, trace.sources[0] if trace.sources else None
        start = (verdict.id, verdict_words(verdict), verdict.certainty)
        pivot = language_name(verdict.top_pivot or "-")
        yield _trace_line((*start, *_source_cells(first), pivot, ", ".join(_facts(trace))), name, facts, cut)
        for other in trace.sources[1:]:
            yield _trace_line(("", "", "", *_source_cells(other), "", ""), name, facts, cut)


def _trace_widths(width: int) -> tuple[int, int]:
    """Columns of a name, of which there are two, and of facts."""
    free = max(width, MIN_TABLE_WIDTH) - (_VERDICT + 3 * _PERCENT + _DAY + _PIVOT + 8 * _GAP)
    name = min(32, max(free // 3, 8))
    return (name, free - 2 * name) if free - 2 * name >= _MIN_FACTS else (max(free // 2, 8), 0)


def _trace_line(cells: Iterable[str], name: int, facts: int, cut: bool) -> str:
    id, verdict, sure, source, day, used, part, pivot, changed = map(printable, cells)
    columns = (
        f"{shown_id(id, name, cut):<{name}}",
        f"{shortened(verdict, _VERDICT):<{_VERDICT}}",
        f"{sure:>{_PERCENT}}",
        f"{shown_id(source, name, cut):<{name}}",
        f"{day:<{_DAY}}",
        f"{used:>{_PERCENT}}",
        f"{part:>{_PERCENT}}",
        f"{shortened(pivot, _PIVOT):<{_PIVOT}}",
        changed if not cut else shortened(changed, facts) if facts else "",
    )
    return "  ".join(columns).rstrip() + "\n"


def _source_cells(source: Source | None) -> tuple[str, str, str, str]:
    if source is None:
        return "-", "", "", ""
    return source.id, source.date, f"{source.shared:.0%}", f"{source.covered:.0%}"


def _facts(trace: Trace) -> list[str]:
    """The changed facts, each as "number: 67 -> 76"."""
    return list(
        dict.fromkeys(f"{c.fact}: {c.from_text or '(nothing)'} -> {c.to_text or '(nothing)'}" for c in trace.facts)
    )


def render_traces_jsonl(traces: Iterable[Trace]) -> Iterator[str]:
    """Yield the JSON object of each trace, with its newline; ASCII."""
    for trace in traces:
        yield json.dumps(trace.as_dict(), allow_nan=False) + "\n"


def render_traces_csv(traces: Iterable[Trace]) -> Iterator[str]:
    """Yield a header and a row for each trace; cells that hold text are guarded as those of verdicts are."""
    yield csv_row(TRACE_COLUMNS)
    for trace in traces:
        yield csv_row(_trace_row(trace))


def _trace_row(trace: Trace) -> list[str]:
    v, second = trace.verdict, trace.sources[1] if len(trace.sources) > 1 else None
    probability = v.probabilities[v.label] if v.probabilities and v.label else None
    facts = _facts(trace)
    return [
        *map(guarded, (v.id, trace.date, trace.url, trace.outlet, v.label or "")),
        _number(probability),
        v.top_pivot or "",
        *_source_row(trace.sources[0] if trace.sources else None),
        *(["", ""] if second is None else [guarded(second.id), _number(second.covered)]),
        str(len(facts)),
        *map(guarded, (_BETWEEN.join(facts), _BETWEEN.join(v.warnings), v.model, v.signature)),
    ]


def _source_row(source: Source | None) -> list[str]:
    if source is None:
        return [""] * 8
    texts = (source.id, source.date, source.url, source.outlet, source.relation)
    return [*map(guarded, texts), *map(_number, (source.probability, source.shared, source.covered))]


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.4f}"


def render_taken(articles: Iterable[TakenArticle], width: int = DEFAULT_WIDTH, cut: bool = True) -> Iterator[str]:
    """Yield an article and, indented under it, a line for each text that was made from it; ``cut`` as for ``render_traces``."""
    columns = max(width, MIN_TABLE_WIDTH) if cut else sys.maxsize
    for article in articles:
        n = len(article.takers)
        start = f"{printable(article.id)}{_after(article.date)}{_after(article.outlet)}"
        yield f"{shortened(start, max(columns - 12, MIN_TABLE_WIDTH))}: {n:,} {'text' if n == 1 else 'texts'}\n"
        for taker in article.takers:
            yield f"  {shortened(_taker_words(taker), columns - 2)}\n"


def _taker_words(taker: Taker) -> str:
    how = f"{relation_words(taker)}; used {taker.shared:.0%}, is {taker.covered:.0%} of it"
    facts = "".join(f"; {printable(fact)}" for fact in taker.facts)
    return f"{taker.date or '(no date)':<{_DAY}}  {printable(taker.id)}{_after(taker.outlet)}: {how}{facts}"


def _after(text: str, gap: str = ", ") -> str:
    return f"{gap}{printable(text)}" if text else ""


def render_taken_jsonl(articles: Iterable[TakenArticle]) -> Iterator[str]:
    """Yield the JSON object of each article, with its newline; ASCII."""
    for article in articles:
        yield json.dumps(article.as_dict(), allow_nan=False) + "\n"


def render_taken_csv(articles: Iterable[TakenArticle]) -> Iterator[str]:
    """Yield a header and a row for each article; where it has several takers, each cell of theirs holds all, in one order."""
    yield csv_row(TAKEN_COLUMNS)
    for article in articles:
        yield csv_row(_taken_row(article))


def _taken_row(article: TakenArticle) -> list[str]:
    days = [taker.date for taker in article.takers if taker.date]
    columns = (
        [t.id for t in article.takers],
        [t.date for t in article.takers],
        [t.url for t in article.takers],
        [t.outlet for t in article.takers],
        [t.relation for t in article.takers],
        [_number(t.probability) for t in article.takers],
        [next(iter(t.pivot), "") for t in article.takers],
        [_number(t.shared) for t in article.takers],
        [_number(t.covered) for t in article.takers],
        [", ".join(t.facts) for t in article.takers],
    )
    return [
        *map(guarded, (article.id, article.date, article.url, article.outlet, article.archive)),
        str(len(article.takers)),
        *(min(days, default=""), max(days, default="")),
        *(guarded(_BETWEEN.join(cells)) for cells in columns),
    ]
