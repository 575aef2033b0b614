"""A report in one HTML file: a summary, a table that sorts and filters, and every article with what betrays it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

from retold.language_names import language_name
from retold.reading.documents import Unreadable
from retold.report.formatting import outcome
from retold.report.html_article import article_section, label_html
from retold.report.html_report import HtmlReport, LaidOut, Section
from retold.report.html_summary import count_words, summary_html
from retold.report.html_table import Cell, Column, Row, counted, share, table

if TYPE_CHECKING:
    from retold.detector.explanation import Explanation
    from retold.detector.verdict import Verdict
    from retold.report.beside_source import BesideSource

# Rows up to which the first article is opened: more than a page of them are to be chosen from.
_FEW = 1
_COLUMNS = (
    Column("id", "Article"),
    Column("label", "Verdict", filter="Verdict"),
    Column("p", "Back-translated", is_number=True, filter="At least %", sort="descending"),
    Column("words", "Words", is_number=True, is_wide=True, filter="At least words"),
    Column("pivot", "Through", filter="Through"),
    Column("marks", "Marks", is_number=True, is_wide=True),
)


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
    return _Report(card, made or date.today(), beside=beside).render(results)


@dataclass(frozen=True, slots=True)
class _Article:
    """An article in the table, and where its section waits."""

    row: Row
    outcome: str
    p: float
    laid_out: LaidOut


@dataclass
class _Report(HtmlReport["Explanation"]):
    articles: list[_Article] = field(default_factory=list)
    sections: list[Section] = field(default_factory=list)
    beside: Callable[[Explanation], BesideSource | None] | None = None
    n_beside: int = 0

    def add(self, result: Explanation) -> None:
        verdict, name = result.verdict, f"a{len(self.articles) + 1}"
        source = self.beside(result) if self.beside is not None else None
        forms = (source.html, source.brief, source.counts) if source is not None else ("", "", Counter[str]())
        full, brief = (article_section(result, name, html) for html in forms[:2])
        self.n_beside += source is not None
        self.note_verdict(verdict)
        laid_out = self.lay_out(full, brief, forms[2])
        self.articles.append(_Article(_row(verdict, name), outcome(verdict), _p(verdict), laid_out))

    def arrange(self) -> None:
        self.articles.sort(key=lambda article: -article.p)
        self.sections = self.fitting(article.laid_out for article in self.articles)

    def summary(self, model: str, signature: str) -> str:
        headline = count_words([article.outcome for article in self.articles], len(self.unread))
        notes = [_beside_words(self.n_beside, len(self.articles))] if self.n_beside else []
        judged_alone = self.n_beside < len(self.articles)
        return summary_html(
            headline, self.made, model, signature, self.card, notes=notes, judged_alone=judged_alone or not notes
        )

    def main(self) -> Iterator[str]:
        if self.articles:
            yield f"{table(_COLUMNS, [article.row for article in self.articles])}{self.legend()}<h2>Texts</h2>\n"
        for kept in self.sections:
            section = self.spool.read(kept)
            yield section.replace("<details", "<details open", 1) if len(self.sections) <= _FEW else section


def _beside_words(n_beside: int, n_articles: int) -> str:
    were = "1 article was" if n_beside == 1 else f"{n_beside:,} articles were"
    rest = (
        "Of articles without a source the following holds."
        if n_beside < n_articles
        else "It is a reason to read on, not a proof, and says nothing of who did it."
    )
    return (
        f"{were} compared with the source that stands beside it: there a percentage is how sure the comparison of the two is, which "
        f"knows far more than a text by itself. {rest}"
    )


def _p(verdict: Verdict) -> float:
    """The probability of back-translation; -1 where nothing was judged."""
    return verdict.p if verdict.is_judged else -1.0


def _row(verdict: Verdict, name: str) -> Row:
    pivot = language_name(verdict.top_pivot) if verdict.top_pivot else ""
    cells = (
        Cell(outcome(verdict), label_html(verdict)),
        share(_p(verdict)),
        counted(verdict.n_words),
        Cell(pivot),
        counted(len(verdict.evidence)),
    )
    return Row(name, verdict.id, cells)
