"""What every HTML report of many texts does: sections wait on disk until their order is known, and a summary stands on top."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from tempfile import SpooledTemporaryFile
from typing import TYPE_CHECKING, ClassVar, Generic, TypeVar

from retold.reading.documents import Unreadable
from retold.report.html_page import page, text

if TYPE_CHECKING:
    from retold.detector.verdict import Verdict

ASSETS = ("page.css", "report.css", "page.js", "report.js")
# Beside them where a text stands beside its source.
_SIDES = "sides.css"
# Bytes of sections that are kept in memory; more go to a file.
_IN_MEMORY = 1 << 24

# Bytes of sections up to which texts stand beside their source, so that a page of 1,000 stays below 4 MB, and how many do so in any
# case.
_LARGE, _AT_LEAST = 700_000, 20

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Section:
    """Where a section waits in the spool, in bytes."""

    start: int
    length: int


@dataclass(frozen=True, slots=True)
class LaidOut:
    """A text beside its sources, if it has any, and without them, for a page that would be too large.

    Attributes:
        full: Its section.
        brief: Its section without the columns.
        counts: How many changes of each kind are marked in the columns.
    """

    full: Section
    brief: Section
    counts: Counter[str]


class Spool:
    """Sections that wait on disk, so that memory holds a line an article."""

    def __init__(self) -> None:
        # Closed by ``close``.
        self._file = SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115
        self._end = 0

    def add(self, html: str) -> Section:
        """Keep a section."""
        self._file.seek(self._end)
        section = Section(self._end, self._file.write(html.encode()))
        self._end += section.length
        return section

    def read(self, section: Section) -> str:
        """A section that was kept."""
        self._file.seek(section.start)
        return self._file.read(section.length).decode()

    def close(self) -> None:
        """Forget all sections."""
        self._file.close()


@dataclass
class HtmlReport(ABC, Generic[Result]):
    """A report whose results come one by one.

    Attributes:
        card: The model card, whose figures of false alarms are quoted; none are if it is empty.
        made: The day that the report bears.
        unread: What was not read.
        models: Models of the verdicts, in the order in which they came.
        signatures: Signatures of the verdicts, in that order, too.
        changes: How many changes of each kind are marked beside sources, once sections are chosen.
        is_complete: False if the work was cut short.
        spool: Holds the sections.
    """

    title: ClassVar[str] = "retold: report"
    card: str = ""
    made: date = field(default_factory=date.today)
    unread: list[Unreadable] = field(default_factory=list)
    models: dict[str, None] = field(default_factory=dict)
    signatures: dict[str, None] = field(default_factory=dict)
    changes: Counter[str] = field(default_factory=Counter)
    is_complete: bool = True
    spool: Spool = field(default_factory=Spool)

    def render(self, results: Iterable[Result | Unreadable]) -> Iterator[str]:
        """Yield the page piece by piece, once all results have come.

        If the work is cut short, the report of what came is yielded before the exception goes on.
        """
        stopped = None
        try:
            for result in results:
                if isinstance(result, Unreadable):
                    self.unread.append(result)
                else:
                    self.add(result)
        except BaseException as error:
            stopped = error
        self.is_complete = stopped is None
        self.arrange()
        try:
            yield from page(self.title, self._body(), (*ASSETS, *([_SIDES] if self.changes else [])))
        finally:
            self.spool.close()
        if stopped is not None:
            raise stopped

    @abstractmethod
    def add(self, result: Result) -> None:
        """Take a result."""

    @abstractmethod
    def arrange(self) -> None:
        """Order what came, and choose the sections that are shown."""

    @abstractmethod
    def summary(self, model: str, signature: str) -> str:
        """What stands on top.

        Args:
            model: The first model; empty if nothing was scored.
            signature: The first signature.
        """

    @abstractmethod
    def main(self) -> Iterator[str]:
        """The table and the sections."""

    def note_verdict(self, verdict: Verdict) -> None:
        """Remember which model gave a verdict, and how."""
        self.models[verdict.model] = None
        self.signatures[verdict.signature or verdict.model] = None

    def lay_out(self, html: str, brief: str, counts: Counter[str]) -> LaidOut:
        """Keep a section and its brief form, which is kept once where it is the same."""
        full = self.spool.add(html)
        return LaidOut(full, full if brief == html else self.spool.add(brief), counts)

    def fitting(self, texts: Iterable[LaidOut]) -> list[Section]:
        """The sections of texts, in their order: the first in full, and those that would make the page too large briefly."""
        chosen, size = [], 0
        for n, one in enumerate(texts):
            is_full = size <= _LARGE or n < _AT_LEAST
            chosen.append(one.full if is_full else one.brief)
            size += chosen[-1].length
            self.changes += one.counts if is_full else Counter()
        return chosen

    def legend(self) -> str:
        """The kinds of change that are marked; nothing if none are."""
        if not self.changes:
            return ""
        # Loads comparison, and with it scikit-learn, which reports without a source do without.
        from retold.report.side_by_side import legend

        return legend(self.changes, "Marked in texts beside their source, with their number")

    def _body(self) -> Iterator[str]:
        model, signature = (next(iter(names), "") for names in (self.models, self.signatures))
        yield f"<header>\n{self.summary(model, signature)}"
        if not self.is_complete:
            yield "<p><strong>The work was cut short: this is what had been scored by then.</strong></p>\n"
        yield "</header>\n<main>\n"
        yield from self.main()
        yield listed("Not read", "unread", self.unread)
        yield "</main>\n<footer>\n"
        yield from (f'<p class="signature">signature: {text(signature)}</p>\n' for signature in self.signatures)
        yield "</footer>\n"


def listed(heading: str, name: str, items: Sequence[Unreadable]) -> str:
    """A table of inputs and why each is there; nothing if there are none."""
    rows = "".join(
        f'<tr><th scope="row" class="id"><bdi>{text(one.id)}</bdi></th><td>{text(one.reason)}</td></tr>\n'
        for one in items
    )
    head = '<thead><tr><th scope="col">Input</th><th scope="col">Why</th></tr></thead>'
    return f'<h2 id="{name}">{text(heading)}</h2>\n<table>{head}<tbody>\n{rows}</tbody></table>\n' if rows else ""
