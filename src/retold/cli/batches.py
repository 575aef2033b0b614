"""Documents in, verdicts out, in order and in bounded batches; unreadable inputs keep their place."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

from retold.cli.exit_codes import FAILED, OK, SOME_FAILED
from retold.limits import BATCH_CHARACTERS, BATCH_DOCUMENTS
from retold.reading import Document, Unreadable
from retold.report.formatting import is_judged

if TYPE_CHECKING:
    from retold.detector.verdict import Verdict


class Scorer(Protocol):
    """What the commands need of a detector."""

    def score_many(self, texts: Sequence[str], ids: Sequence[str] | None = None, jobs: int = 1) -> Iterator[Verdict]:
        """Yield the verdict of each text, in order."""
        ...


@dataclass(frozen=True, slots=True)
class Scored:
    """A verdict beside the text that its evidence indexes."""

    verdict: Verdict
    text: str


@dataclass(slots=True)
class ScoringSummary:
    """Counts what became of the inputs."""

    judged: int = 0
    unjudged: int = 0
    unread: int = 0

    def count(self, result: Scored | Unreadable) -> None:
        """Count one result."""
        if isinstance(result, Unreadable):
            self.unread += 1
        elif is_judged(result.verdict):
            self.judged += 1
        else:
            self.unjudged += 1

    @property
    def exit_code(self) -> int:
        """0 if all were judged, 2 if nothing could be read, else 1."""
        if not self.judged and not self.unjudged:
            return FAILED
        return SOME_FAILED if self.unread or self.unjudged else OK

    def __str__(self) -> str:
        parts = [f"{self.judged:,} scored"]
        parts += [f"{self.unjudged:,} not judged"] if self.unjudged else []
        parts += [f"{self.unread:,} not read"] if self.unread else []
        return ", ".join(parts)


def score_all(
    items: Iterable[Document | Unreadable], scorer: Scorer, jobs: int = 1, batch_documents: int = BATCH_DOCUMENTS
) -> Iterator[Scored | Unreadable]:
    """Yield a result for each input, in order; no more than ``batch_documents`` a process are held."""
    for batch in _batches(items, jobs, batch_documents):
        documents = [item for item in batch if isinstance(item, Document)]
        texts, ids = [item.text for item in documents], [item.id for item in documents]
        verdicts = iter(scorer.score_many(texts, ids, jobs=jobs)) if documents else iter(())
        for item in batch:
            yield _scored(next(verdicts), item) if isinstance(item, Document) else item


def _scored(verdict: Verdict, document: Document) -> Scored:
    """A verdict and its text; the warnings of reading come first."""
    return Scored(replace(verdict, warnings=(*document.warnings, *verdict.warnings)), document.text)


def _batches(
    items: Iterable[Document | Unreadable], jobs: int, batch_documents: int
) -> Iterator[list[Document | Unreadable]]:
    """Cut inputs into batches that keep every process busy."""
    batch: list[Document | Unreadable] = []
    characters = 0
    for item in items:
        batch.append(item)
        characters += len(item.text) if isinstance(item, Document) else 0
        if len(batch) >= jobs * batch_documents or characters >= jobs * BATCH_CHARACTERS:
            yield batch
            batch, characters = [], 0
    if batch:
        yield batch
