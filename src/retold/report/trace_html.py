"""Where texts come from, in one HTML file: each text beside the articles that it was made from, changed facts first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from retold.archive.tracing import Trace
from retold.compare.result import Change
from retold.detector.explanation import Explanation
from retold.language_names import language_name
from retold.reading.documents import Unreadable
from retold.report.beside_source import BesideSource
from retold.report.changed_facts import facts_table
from retold.report.formatting import outcome
from retold.report.html_article import article_section, label_html
from retold.report.html_report import HtmlReport, LaidOut, Section
from retold.report.html_summary import summary_html
from retold.report.html_table import Cell, Column, Row, share, table

# Changed facts that are listed on top; all are with their texts.
_SHOWN_FACTS = 50
_COLUMNS = (
    Column("id", "Text"),
    Column("date", "Published", is_wide=True, is_day=True),
    Column("outlet", "By", is_wide=True, filter="By"),
    Column("label", "Verdict", filter="Verdict"),
    Column("p", "Back-translated", is_number=True, is_wide=True, filter="At least %"),
    Column("pivot", "Through", is_wide=True, filter="Through"),
    Column("source", "Made from", is_id=True, filter="Made from"),
    Column("covered", "Of the text", is_number=True, is_wide=True),
    Column("facts", "Changed facts", is_number=True, filter="At least changed facts"),
)
_SOURCE_NOTE = (
    "A source is an article of the archive with which a text shares so much wording that it must have been made from it. That none was "
    'found says that the archive holds none, not that the text is an original. "Of the text" is the share of it that comes from its '
    "source. Beside a source, the percentage is how sure the "
    "comparison of the two is; of texts without one, which are judged by themselves, the following holds."
)


@dataclass(frozen=True)
class TracedText:
    """A text, where it comes from, and how it looks beside that.

    Attributes:
        trace: Its sources.
        explanation: Its text with its verdict and, where it has no source, reasons.
        beside: How it looks beside each of its sources, in their order.
    """

    trace: Trace
    explanation: Explanation
    beside: tuple[BesideSource, ...]


def render_traces_html(
    results: Iterable[TracedText | Unreadable], archives: str = "", card: str = "", made: date | None = None
) -> Iterator[str]:
    """Yield the page piece by piece, once all results have come; texts with a source first, then the most suspicious.

    Args:
        results: Texts, or what was not read.
        archives: The archives that were searched, in words.
        card: The model card, whose figures of false alarms are quoted; none are if it is empty.
        made: The day that the page bears; today if None.
    """
    return _Report(card, made or date.today(), archives=archives).render(results)


@dataclass(frozen=True, slots=True)
class _Text:
    """A text in the table, and where its section waits."""

    row: Row
    relation: str
    is_judged: bool
    p: float
    laid_out: LaidOut

    @property
    def order(self) -> tuple[bool, float]:
        return (not self.relation, -self.p)


@dataclass
class _Report(HtmlReport[TracedText]):
    archives: str = ""
    texts: list[_Text] = field(default_factory=list)
    sections: list[Section] = field(default_factory=list)
    facts: list[Change] = field(default_factory=list)
    n_facts: int = 0

    def add(self, result: TracedText) -> None:
        trace, name = result.trace, f"a{len(self.texts) + 1}"
        relation = trace.sources[0].relation if trace.sources else ""
        explanation = _shown(result)
        published = ", ".join(part for part in (trace.outlet, trace.date, trace.url) if part)
        full, brief = ("".join(forms) for forms in ([b.html for b in result.beside], [b.brief for b in result.beside]))
        laid_out = self.lay_out(
            article_section(explanation, name, full, by_itself=False, published=published),
            article_section(explanation, name, brief, by_itself=False, published=published),
            sum((b.counts for b in result.beside), Counter()),
        )
        p = trace.verdict.p if trace.verdict.is_judged else -1.0
        self.note_verdict(trace.verdict)
        self.facts += trace.facts[: _SHOWN_FACTS - len(self.facts)]
        self.n_facts += len(trace.facts)
        self.texts.append(_Text(_row(trace, explanation, name, p), relation, trace.verdict.is_judged, p, laid_out))

    def arrange(self) -> None:
        self.texts.sort(key=lambda one: one.order)
        self.sections = self.fitting(one.laid_out for one in self.texts)

    def summary(self, model: str, signature: str) -> str:
        headline = _headline(self.texts, len(self.unread))
        relations = Counter(one.relation for one in self.texts if one.relation)
        how = ", ".join(f"{n:,} {relation}" for relation, n in relations.most_common())
        notes = [f"Of those with a source: {how}.", _SOURCE_NOTE] if how else [_SOURCE_NOTE]
        return summary_html(headline, self.made, model, signature, self.card, self.archives, notes)

    def main(self) -> Iterator[str]:
        if self.texts:
            yield table(_COLUMNS, [one.row for one in self.texts])
            yield from shown_facts(self.facts, self.n_facts)
            yield f"{self.legend()}<h2>Texts</h2>\n"
        for kept in self.sections:
            section = self.spool.read(kept)
            yield section.replace("<details", "<details open", 1) if len(self.sections) == 1 else section


def shown_facts(facts: Sequence[Change], n_facts: int) -> Iterator[str]:
    """The first changed facts of a page, and how many more there are."""
    yield facts_table(facts, "h2")
    if n_facts > len(facts):
        yield f"<p>{n_facts - len(facts):,} more stand with their texts.</p>\n"


def _shown(result: TracedText) -> Explanation:
    """The explanation, its verdict naming the first source as that of ``score --archive`` does."""
    sources = result.trace.sources
    verdict = replace(result.explanation.verdict, source=sources[0].as_dict() if sources else None)
    return replace(result.explanation, verdict=verdict)


def _headline(texts: Sequence[_Text], n_unread: int) -> str:
    """The counts, such as "6 texts: 3 made from articles of the archive, 2 without a source in it, 1 not judged"."""
    n_sourced = sum(bool(one.relation) for one in texts)
    n_unjudged = sum(not one.is_judged for one in texts)
    counts = (
        (n_sourced, "made from an article of the archive" if n_sourced == 1 else "made from articles of the archive"),
        (len(texts) - n_sourced - n_unjudged, "without a source in it"),
        (n_unjudged, "not judged"),
        (n_unread, "not read"),
    )
    parts = ", ".join(f"{count:,} {words}" for count, words in counts if count)
    return f"{len(texts):,} {'text' if len(texts) == 1 else 'texts'}" + (f": {parts}" if parts else "")


def _row(trace: Trace, explanation: Explanation, name: str, p: float) -> Row:
    verdict, first = explanation.verdict, trace.sources[0] if trace.sources else None
    cells = (
        Cell(trace.date),
        Cell(trace.outlet),
        Cell(first.relation if first else outcome(verdict), label_html(verdict)),
        share(p),
        Cell(language_name(verdict.top_pivot) if verdict.top_pivot else ""),
        Cell(first.id if first else ""),
        Cell(f"{first.covered:.4f}", f"{first.covered:.0%}") if first else Cell("-1", ""),
        Cell(str(len(trace.facts))) if first else Cell("-1", ""),
    )
    return Row(name, verdict.id, cells)
