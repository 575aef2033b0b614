"""A report in one HTML file: a summary, a table that sorts and filters, and every article with what betrays it."""

from __future__ import annotations

import posixpath
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from html import escape
from tempfile import SpooledTemporaryFile
from typing import TYPE_CHECKING

from retold.language_names import language_name
from retold.reading.documents import Unreadable
from retold.report.formatting import outcome, percent
from retold.report.html_article import article_section, label_html
from retold.report.html_page import page, text
from retold.report.html_summary import count_words, summary_html
from retold.report.table import shortened_in_the_middle

if TYPE_CHECKING:
    from retold.detector.explanation import Explanation
    from retold.detector.verdict import Verdict
    from retold.report.beside_source import BesideSource

ASSETS = ("page.css", "report.css", "page.js", "report.js")
# Beside them where an article stands beside its source.
_SIDES = "sides.css"
# Bytes of sections that are kept in memory; more go to a file.
_IN_MEMORY = 1 << 24
# Characters of an id in the table; the section has all of it.
_MAX_ID = 120
# Rows up to which the first article is opened: more than a page of them are to be chosen from.
_FEW = 1


def render_html(
    results: Iterable[Explanation | Unreadable],
    card: str = "",
    made: date | None = None,
    beside: Callable[[Explanation], BesideSource | None] | None = None,
) -> Iterator[str]:
    """Yield the report piece by piece, once all results have come; most suspicious first.

    Sections wait on disk, so memory holds a line an article. If the work is cut short, the report of what came is yielded
    before the exception goes on.

    Args:
        results: Verdicts with their texts and, where known, reasons; or what was not read.
        card: The model card, whose figures of false alarms are quoted; none are if it is empty.
        made: The day that the report bears; today if None.
        beside: Lays out an article beside its source, or returns None where it has none.
    """
    with SpooledTemporaryFile(max_size=_IN_MEMORY) as spool:
        report, stopped = _Report(), None
        try:
            for result in results:
                report.add(result, spool, beside)
        except BaseException as error:
            stopped = error
        report.is_complete = stopped is None
        yield from page(
            "retold: report",
            _body(report, spool, card, made or date.today()),
            (*ASSETS, *([_SIDES] if report.changes else [])),
        )
        if stopped is not None:
            raise stopped


@dataclass(frozen=True, slots=True)
class _Row:
    """What the table shows of an article, and where its section waits in the spool."""

    name: str
    id: str
    label: str
    outcome: str
    p: float
    n_words: int
    pivot: str
    n_marks: int
    start: int
    length: int


@dataclass
class _Report:
    rows: list[_Row] = field(default_factory=list)
    unread: list[Unreadable] = field(default_factory=list)
    models: dict[str, None] = field(default_factory=dict)
    signatures: dict[str, None] = field(default_factory=dict)
    changes: Counter[str] = field(default_factory=Counter)
    is_complete: bool = True

    def add(
        self,
        result: Explanation | Unreadable,
        spool: SpooledTemporaryFile[bytes],
        beside: Callable[[Explanation], BesideSource | None] | None,
    ) -> None:
        """Take a result; the section of an article goes to the spool."""
        if isinstance(result, Unreadable):
            self.unread.append(result)
            return
        verdict, name = result.verdict, f"a{len(self.rows) + 1}"
        start = spool.tell()
        source = beside(result) if beside is not None else None
        self.changes += source.counts if source is not None else Counter()
        length = spool.write(article_section(result, name, source.html if source is not None else "").encode())
        self.models[verdict.model] = None
        self.signatures[verdict.signature or verdict.model] = None
        self.rows.append(_row(verdict, name, start, length))


def _row(verdict: Verdict, name: str, start: int, length: int) -> _Row:
    pivot = language_name(verdict.top_pivot) if verdict.top_pivot else ""
    p = verdict.p if verdict.is_judged else -1.0
    id = shortened_in_the_middle(verdict.id, _MAX_ID) or "article"
    n_marks = len(verdict.evidence)
    return _Row(name, id, label_html(verdict), outcome(verdict), p, verdict.n_words, pivot, n_marks, start, length)


def _body(report: _Report, spool: SpooledTemporaryFile[bytes], card: str, made: date) -> Iterator[str]:
    rows = sorted(report.rows, key=lambda row: -row.p)
    headline = count_words([row.outcome for row in rows], len(report.unread))
    model, signature = (next(iter(names), "") for names in (report.models, report.signatures))
    yield f"<header>\n{summary_html(headline, made, model, signature, card)}"
    yield (
        ""
        if report.is_complete
        else "<p><strong>The work was cut short: this is what had been scored by then.</strong></p>\n"
    )
    yield "</header>\n<main>\n"
    if rows:
        yield f"{_filters(rows)}{_table(rows)}"
        yield _legend(report) if report.changes else ""
        yield "<h2>Texts</h2>\n"
    for row in rows:
        spool.seek(row.start)
        section = spool.read(row.length).decode()
        yield section.replace("<details", "<details open", 1) if len(rows) <= _FEW else section
    yield _unread(report.unread)
    yield "</main>\n<footer>\n"
    yield from (f'<p class="signature">signature: {text(signature)}</p>\n' for signature in report.signatures)
    yield "</footer>\n"


def _table(rows: Sequence[_Row]) -> str:
    head = (
        '<th scope="col" data-key="id">Article</th><th scope="col" data-key="label">Verdict</th>'
        '<th scope="col" class="n" data-key="p" aria-sort="descending">Back-translated</th>'
        '<th scope="col" class="n wide" data-key="words">Words</th><th scope="col" data-key="pivot">Through</th>'
        '<th scope="col" class="n wide" data-key="marks">Marks</th>'
    )
    body = "".join(map(_table_row, rows))
    return f'<table id="articles"><thead><tr>{head}</tr></thead><tbody>\n{body}</tbody></table>\n'


def _table_row(row: _Row) -> str:
    """A row; what the script sorts and filters by is read from its cells, to keep pages of many articles small."""
    return (
        f'<tr class="{row.outcome}" data-p="{row.p:.4f}"><td class="id"><a href="#{row.name}"><bdi>{text(row.id)}</bdi></a></td>'
        f'<td>{row.label}</td><td class="n">{text(percent(row.p)) if row.p >= 0 else ""}</td>'
        f'<td class="n wide">{row.n_words:,}</td><td>{text(row.pivot)}</td><td class="n wide">{row.n_marks or ""}</td></tr>\n'
    )


def _folder(row: _Row) -> str:
    return posixpath.dirname(row.id)


def _legend(report: _Report) -> str:
    # Loads comparison, and with it scikit-learn, which reports without a source do without.
    from retold.report.side_by_side import legend

    return legend(report.changes, "Marked in texts beside their source, with their number")


def _filters(rows: Sequence[_Row]) -> str:
    """The filters, which the script shows; without it they would do nothing."""
    fields = [
        _select("label", "Verdict", [row.outcome for row in rows]),
        '<label>At least % <input type="number" name="p" min="0" max="100" step="1"></label>',
        '<label>At least words <input type="number" name="words" min="0" step="50"></label>',
        _select("pivot", "Through", [row.pivot for row in rows]),
        _select("folder", "Folder", [_folder(row) for row in rows]),
    ]
    end = '<button type="reset">Show all</button><output></output>'
    return f'<form id="filters" class="controls" aria-label="Filter the table" hidden>{"".join(fields)}{end}</form>\n'


def _select(name: str, label: str, values: Sequence[str]) -> str:
    """A choice among the values that occur; none if there is nothing to choose."""
    different = sorted({value for value in values if value})
    if len(different) < 2 and (not different or "" not in values):
        return ""
    options = "".join(f'<option value="{text(value)}">{text(value)}</option>' for value in different)
    return f'<label>{escape(label)} <select name="{name}"><option value="">all</option>{options}</select></label>'


def _unread(unread: Sequence[Unreadable]) -> str:
    items = "".join(
        f'<tr><th scope="row" class="id"><bdi>{text(one.id)}</bdi></th><td>{text(one.reason)}</td></tr>\n'
        for one in unread
    )
    head = '<thead><tr><th scope="col">Input</th><th scope="col">Why</th></tr></thead>'
    return f'<h2 id="unread">Not read</h2>\n<table>{head}<tbody>\n{items}</tbody></table>\n' if items else ""
