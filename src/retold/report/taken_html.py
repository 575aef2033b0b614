"""Who took the articles of an archive, in one HTML file: each article with the texts that were made from it, side by side."""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import islice

from retold.archive.sources import Source
from retold.archive.taken import TakenArticle, Taker, taken_articles
from retold.archive.tracing import Trace
from retold.language_names import language_name
from retold.reading.documents import Unreadable
from retold.report.formatting import percent, relation_words
from retold.report.html_article import SYMBOLS
from retold.report.html_page import text
from retold.report.html_report import HtmlReport, LaidOut, Section, listed
from retold.report.html_summary import summary_html
from retold.report.html_table import Cell, Column, Row, counted, table
from retold.report.trace_html import TracedText, shown_facts

# Changed facts that are listed on top; all are with their texts.
_SHOWN_FACTS = 50
_COLUMNS = (
    Column("id", "Article"),
    Column("date", "Published", is_wide=True, is_day=True),
    Column("outlet", "By", is_wide=True, filter="By"),
    Column("texts", "Taken by", is_number=True, filter="At least texts"),
    Column("first", "First", is_wide=True, is_day=True),
    Column("last", "Last", is_wide=True, is_day=True),
    Column("how", "How"),
    Column("facts", "Changed facts", is_number=True, filter="At least changed facts"),
)
_NOTE = (
    "A text took an article if it shares so much wording with it that it must have been made from it, and did not appear before it. "
    '"Used" is the share of the article\'s words that stand in the text, "is" the share of the text that comes from the article. '
    "How a text was made is what the comparison of the two says, with the probability of that. It is a reason to read on, not a proof: "
    "two reports may share a press release that the archive does not hold."
)


def render_taken_html(
    results: Iterable[TracedText | Unreadable], archives: str = "", card: str = "", made: date | None = None
) -> Iterator[str]:
    """Yield the page piece by piece, once all results have come; the article of most takers first.

    Args:
        results: Texts with their sources, or what was not read.
        archives: The archives that were searched, in words.
        card: The model card, whose figures of false alarms are quoted; none are if it is empty.
        made: The day that the page bears; today if None.
    """
    return _Report(card, made or date.today(), archives=archives).render(results)


# What tells an article of an archive from all others, and a text from most.
_Key = tuple[str, str, str, str]


@dataclass
class _Report(HtmlReport[TracedText]):
    archives: str = ""
    traces: list[Trace] = field(default_factory=list)
    waiting: dict[_Key, deque[LaidOut]] = field(default_factory=lambda: defaultdict(deque))
    articles: list[TakenArticle] = field(default_factory=list)
    sections: list[Section] = field(default_factory=list)
    without: list[Unreadable] = field(default_factory=list)

    def add(self, result: TracedText) -> None:
        trace = result.trace
        self.note_verdict(trace.verdict)
        if not trace.sources:
            reason = trace.verdict.warnings[-1] if trace.verdict.warnings else "no source"
            self.without.append(Unreadable(trace.verdict.id, reason))
            return
        for source, beside in zip(trace.sources, result.beside, strict=True):
            full, brief = (_pair(trace, source, html) for html in (beside.html, beside.brief))
            self.waiting[_key(source, trace)].append(self.lay_out(full, brief, beside.counts))
        # Of the changes only those that are listed.
        self.traces.append(replace(trace, changes=trace.facts))

    def arrange(self) -> None:
        self.articles = taken_articles(self.traces)
        self.sections = self.fitting(
            self.waiting[article.archive, article.id, taker.id, taker.date].popleft()
            for article in self.articles
            for taker in article.takers
        )

    def summary(self, model: str, signature: str) -> str:
        headline = _headline(self.articles, len(self.traces))
        n_texts = len(self.traces) + len(self.without)
        read = f"{_texts(n_texts)} {'was' if n_texts == 1 else 'were'} read, {len(self.without):,} of them without a source in the archive"
        counts = f"{read}; {len(self.unread):,} could not be read." if self.unread else f"{read}."
        return summary_html(
            headline, self.made, model, signature, self.card, self.archives, [counts, _NOTE], judged_alone=False
        )

    def main(self) -> Iterator[str]:
        articles, sections = self.articles, iter(self.sections)
        if articles:
            yield table(_COLUMNS, [_row(article, f"a{n}") for n, article in enumerate(articles, 1)])
            facts = [fact for trace in self.traces for fact in trace.facts]
            yield from shown_facts(facts[:_SHOWN_FACTS], len(facts))
            yield f"{self.legend()}<h2>Articles and who took them</h2>\n"
        for n, article in enumerate(articles, 1):
            yield _opening(article, f"a{n}", len(articles) == 1)
            yield from map(self.spool.read, islice(sections, len(article.takers)))
            yield "</details>\n"
        yield listed("Without a source in the archive", "without", self.without)


def _opening(article: TakenArticle, name: str, is_open: bool) -> str:
    """The beginning of the section of an article: what is known of it, and who took it."""
    published = ", ".join(part for part in (article.outlet, article.date, article.url) if part)
    soft = "".join(f'<span class="soft">{text(part)}</span>' for part in (published, _taken_by(article)) if part)
    return (
        f'<details class="article" id="{name}"{" open" if is_open else ""}>\n'
        f"<summary><h3><bdi>{text(article.id)}</bdi></h3> {soft}</summary>\n{_takers(article.takers)}"
    )


def _key(source: Source, trace: Trace) -> _Key:
    return source.archive, source.id, trace.verdict.id, trace.date


def _headline(articles: Sequence[TakenArticle], n_takers: int) -> str:
    """The counts, such as "2 articles of the archive were taken, by 3 texts"."""
    if not articles:
        return "No article of the archive was taken"
    noun = "article of the archive was" if len(articles) == 1 else "articles of the archive were"
    return f"{len(articles):,} {noun} taken, by {_texts(n_takers)}"


def _texts(number: int) -> str:
    return f"{number:,} {'text' if number == 1 else 'texts'}"


def _taken_by(article: TakenArticle) -> str:
    return f"taken by {_texts(len(article.takers))}"


def _row(article: TakenArticle, name: str) -> Row:
    days = [taker.date for taker in article.takers if taker.date]
    relations = Counter(taker.relation for taker in article.takers)
    cells = (
        Cell(article.date),
        Cell(article.outlet),
        counted(len(article.takers)),
        Cell(min(days, default="")),
        Cell(max(days, default="")),
        Cell(", ".join(f"{n:,} {relation}" for relation, n in relations.most_common())),
        Cell(str(sum(len(taker.facts) for taker in article.takers))),
    )
    return Row(name, article.id, cells)


def _takers(takers: Sequence[Taker]) -> str:
    """Who took an article, in the order of their days."""
    head = "".join(
        f'<th scope="col"{classes}>{title}</th>'
        for title, classes in (
            ("Published", ""), ("Text", ""), ("By", ""), ("How", ""), ("Through", ' class="wide"'),
            ("Used", ' class="n wide"'), ("Is", ' class="n wide"'), ("Changed facts", ' class="n wide"'),
        )
    )  # fmt: skip
    rows = "".join(map(_taker, takers))
    return f"<table><thead><tr>{head}</tr></thead><tbody>\n{rows}</tbody></table>\n"


def _taker(taker: Taker) -> str:
    pivot = next(iter(taker.pivot), "")
    through = f"{language_name(pivot)} {percent(taker.pivot[pivot])}" if pivot else ""
    return (
        f'<tr><td class="day">{text(taker.date)}</td><td class="id"><bdi>{text(taker.id)}</bdi></td><td>{text(taker.outlet)}</td>'
        f'<td>{_relation(taker)}</td><td class="wide">{text(through)}</td><td class="n wide">{taker.shared:.0%}</td>'
        f'<td class="n wide">{taker.covered:.0%}</td><td class="n wide">{len(taker.facts) or ""}</td></tr>\n'
    )


def _relation(taker: Taker) -> str:
    """The relation with its probability, in the colour of what it makes of a text."""
    shown = (
        "original"
        if taker.relation == "copied"
        else "back-translated"
        if taker.relation == "back-translated"
        else "edited"
    )
    return (
        f'<span class="{shown}"><span aria-hidden="true">{SYMBOLS[shown]}</span> {text(taker.relation)}</span> '
        f"{percent(taker.probability)}"
    )


def _pair(trace: Trace, source: Source, beside: str) -> str:
    """A text beside the article, closed."""
    n_facts = len(trace.facts) if source is trace.sources[0] else 0
    facts = f", {n_facts:,} changed {'fact' if n_facts == 1 else 'facts'}" if n_facts else ""
    published = ", ".join(part for part in (trace.outlet, trace.date, trace.url) if part)
    soft = "".join(
        f'<span class="soft">{text(part)}</span>' for part in (published, f"{relation_words(source)}{facts}") if part
    )
    return (
        f'<details class="pair"><summary><h4><bdi>{text(trace.verdict.id) or "text"}</bdi></h4>{soft}</summary>\n'
        f"{beside}</details>\n"
    )
