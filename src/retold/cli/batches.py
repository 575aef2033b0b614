"""Documents in, verdicts out, in order; unreadable inputs keep their place."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import tee
from typing import TYPE_CHECKING, Protocol, TypeVar

from retold.cli.exit_codes import FAILED, FOUND, OK, SOME_FAILED
from retold.limits import MAX_LISTED_FAILURES
from retold.reading import Document, Unreadable

if TYPE_CHECKING:
    from retold.cli.fail_on import FailOn
    from retold.detector.verdict import Verdict

T = TypeVar("T")


class Scorer(Protocol):
    """What the commands need of a detector."""

    def score_many(
        self, texts: Iterable[str], ids: Iterable[str] | None = None, jobs: int = 1, evidence: bool = True
    ) -> Iterator[Verdict]:
        """Yield the verdict of each text, in order, taking no more texts at a time than it scores together."""
        ...


@dataclass(frozen=True, slots=True)
class Scored:
    """A verdict beside the text that its evidence indexes, and the day it appeared, empty if unknown."""

    verdict: Verdict
    text: str
    date: str = ""


@dataclass(slots=True)
class ScoringSummary:
    """Counts what became of the inputs.

    Attributes:
        fail_on: Verdicts that are counted as found, too.
        failures: The first inputs without a verdict, and why.
    """

    fail_on: FailOn | None = None
    judged: int = 0
    unjudged: int = 0
    unread: int = 0
    found: int = 0
    failures: list[str] = field(default_factory=list)

    def count(self, result: Scored | Unreadable) -> None:
        """Count one result."""
        if isinstance(result, Unreadable):
            self.unread += 1
            self._list(f"{result.id}: not read: {result.reason}")
        elif result.verdict.is_judged:
            self.judged += 1
            self.found += self.fail_on is not None and self.fail_on.matches(result.verdict)
        else:
            self.unjudged += 1
            self._list(f"{result.verdict.id or 'article'}: not judged: {'; '.join(result.verdict.warnings)}")

    def _list(self, failure: str) -> None:
        if len(self.failures) < MAX_LISTED_FAILURES:
            self.failures.append(failure)

    @property
    def lines(self) -> list[str]:
        """The counts, then the inputs without a verdict, and why."""
        more = self.unread + self.unjudged - len(self.failures)
        rest = [f"and {more:,} more: those without a label in the output"] if more else []
        return [str(self), *self.failures, *rest]

    @property
    def exit_code(self) -> int:
        """0 if all were judged, 2 if nothing could be read, 3 if a verdict was found that is not wanted, else 1."""
        if not self.judged and not self.unjudged:
            return FAILED
        if self.found:
            return FOUND
        return SOME_FAILED if self.unread or self.unjudged else OK

    def __str__(self) -> str:
        parts = [f"{self.judged:,} scored"]
        parts += [f"{self.found:,} found by --fail-on {self.fail_on}"] if self.found else []
        parts += [f"{self.unjudged:,} not judged"] if self.unjudged else []
        parts += [f"{self.unread:,} not read"] if self.unread else []
        return ", ".join(parts)


def score_all(
    items: Iterable[Document | Unreadable], scorer: Scorer, jobs: int = 1, evidence: bool = True
) -> Iterator[Scored | Unreadable]:
    """Yield a result for each input, in order; no more inputs are held than the scorer takes at a time.

    Args:
        items: Documents, and what could not be read.
        scorer: Judges the documents.
        jobs: Processes to use.
        evidence: Whether to look for evidence.
    """

    def score(documents: Iterator[Document]) -> Iterator[Verdict]:
        with_text, with_id = tee(documents)
        return scorer.score_many((d.text for d in with_text), (d.id for d in with_id), jobs, evidence)

    for result in in_place(items, score):
        if isinstance(result, Unreadable):
            yield result
        else:
            verdict, item = result
            # What was noticed in reading comes before what was noticed in scoring.
            yield Scored(verdict.with_warnings(before=item.warnings), item.text, item.date)


def in_place(
    items: Iterable[Document | Unreadable], judge: Callable[[Iterator[Document]], Iterator[T]]
) -> Iterator[tuple[T, Document] | Unreadable]:
    """Yield what ``judge`` yields for each document, beside it; what could not be read keeps its place."""
    waiting: deque[Document | Unreadable] = deque()

    def documents() -> Iterator[Document]:
        for item in items:
            waiting.append(item)
            if isinstance(item, Document):
                yield item

    for result in judge(documents()):
        while isinstance(item := waiting.popleft(), Unreadable):
            yield item
        yield result, item
    yield from (item for item in waiting if isinstance(item, Unreadable))


def verdict_of(result: Scored | Unreadable) -> Verdict:
    """The verdict of a result; of what was not read one without a label, whose warning says why."""
    if isinstance(result, Scored):
        return result.verdict
    # Loads NumPy.
    from retold.detector.verdict import unjudged

    return unjudged(result.id, f"not read: {result.reason}")
