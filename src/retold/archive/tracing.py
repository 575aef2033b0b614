"""Where texts come from: each is scored, its sources are searched in archives, and what was changed is listed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import Any, TypeAlias

from retold.archive.archive import Archive
from retold.archive.opening import open_archive
from retold.archive.postgres import PostgresArchive
from retold.archive.search import Searchable
from retold.archive.sources import FoundSource, Source, find_sources
from retold.compare.reference import compare_pair
from retold.compare.result import Change
from retold.compare.version import Version
from retold.detector import Detector, Verdict, load
from retold.detector.batches import batches
from retold.detector.scoring import ScoringConfig
from retold.errors import InputError
from retold.reading import Document
from retold.reading.documents import parse_day
from retold.workers import in_workers

# An archive, or the folder or database of one; or several.
AnyArchive: TypeAlias = Archive | PostgresArchive
Archives: TypeAlias = AnyArchive | str | Path | Sequence[AnyArchive | str | Path]
NO_SOURCE = "no source was found in the archive, so it is judged by itself"


@dataclass(frozen=True)
class Trace:
    """Where one text comes from.

    Attributes:
        verdict: What it is, judged beside its source if there is one.
        date, url, outlet: What is known of the text, else empty.
        sources: The articles that it was made from, that of more words first; empty if the archive holds none.
        changes: Every change from the first source, changed facts first.
    """

    verdict: Verdict
    date: str
    url: str
    outlet: str
    sources: tuple[Source, ...]
    changes: tuple[Change, ...]

    @property
    def facts(self) -> tuple[Change, ...]:
        """The changes that make a different claim."""
        return tuple(change for change in self.changes if change.fact)

    def as_dict(self) -> dict[str, Any]:
        """The JSON object of this trace."""
        v = self.verdict
        return {
            **{"id": v.id, "date": self.date, "url": self.url, "outlet": self.outlet},
            **{"label": v.label, "probabilities": v.probabilities, "abstained": v.abstained, "pivot": v.pivot},
            "sources": [source.as_dict() for source in self.sources],
            "changes": [change.as_dict() for change in self.changes],
            **{"n_words": v.n_words, "warnings": list(v.warnings), "model": v.model, "signature": v.signature},
        }

    def __str__(self) -> str:
        return "; ".join(
            [str(self.verdict), *(f"from {s.id} ({s.relation}, {s.probability:.0%})" for s in self.sources)]
        )


def beside_source(
    verdict: Verdict, text: str, archives: Sequence[Searchable], detector: Detector, date: str = ""
) -> tuple[Verdict, list[FoundSource]]:
    """The verdict on a text beside its source, and its sources; the verdict on the text alone where there are none.

    Args:
        verdict: That on the text alone.
        text: The text.
        archives: One or several, searched as one.
        detector: Holds the fitted numbers of comparison.
        date: The day the text appeared, YYYY-MM-DD, or empty.
    """
    if not verdict.is_judged:
        return verdict, []
    found = find_sources(text, archives, detector.comparison_weights, date, detector.article_log_odds)
    if not found:
        return verdict.with_warnings(after=[NO_SOURCE]), []
    chief, relation = found[0].source, found[0].relation
    judged = replace(verdict.beside(relation.probabilities, relation.pivot, chief.id), source=chief.as_dict())
    also = [f"{other.source.covered:.0%} of it comes from {other.source.id}" for other in found[1:]]
    return judged.with_warnings(after=also), found


def trace_one(document: Document, verdict: Verdict, archives: Sequence[Searchable], detector: Detector) -> Trace:
    """The trace of a document whose text was scored alone.

    Args:
        document: The document; what appeared after its day is not its source.
        verdict: What its text alone is.
        archives: Where its sources are searched.
        detector: Compares it with them.
    """
    judged, found = beside_source(verdict, document.text, archives, detector, document.date)
    changes: list[Change] = []
    if found:
        version = Version.of(document.id, document.text, document.date)
        changes = compare_pair(found[0].article, version, detector.comparison_weights)
    url, outlet = (str(document.fields.get(name) or "") for name in ("url", "outlet"))
    in_order = tuple(sorted(changes, key=lambda change: (change.fact is None, change.risk == "none")))
    judged = replace(judged.with_warnings(before=document.warnings), source=None)
    return Trace(judged, document.date, url, outlet, tuple(f.source for f in found), in_order)


def trace(text: str, archive: Archives, detector: Detector, id: str = "", date: str = "") -> Trace:
    """Find the articles that a text was made from.

    Args:
        text: The text.
        archive: An archive, a folder of one, or several of either, searched as one.
        detector: Scores the text, and compares it with its sources.
        id: Its name.
        date: The day it appeared; an article of a later day is not its source.

    Raises:
        InputError: if the date is none.
        ArchiveError: if an archive cannot be opened.
    """
    day = parse_day(date)
    if date and not day:
        raise InputError(f"date={date!r}: not a date; write it as 2024-05-31")
    verdict = next(detector.score_many([text], [id], evidence=False))
    return trace_one(Document(id, text, id, (), day), verdict, as_archives(archive), detector)


def as_archives(archive: Archives) -> tuple[AnyArchive, ...]:
    """Archives from whatever names them; those that are named are opened once a process."""
    several = [archive] if isinstance(archive, (str, Path, Archive, PostgresArchive)) else list(archive)
    return tuple(opened_once((str(one),))[0] if isinstance(one, (str, Path)) else one for one in several)


def trace_many(
    documents: Iterable[Document], archives: Sequence[AnyArchive], detector: Detector, jobs: int = 1
) -> Iterator[Trace]:
    """Yield the trace of each document, in order.

    Args:
        documents: Taken a batch at a time, so that a stream of any length can be traced.
        archives: One or several, searched as one.
        detector: Scores the texts, and compares them with their sources.
        jobs: Processes; more than one needs a detector that was loaded from a folder.
    """
    cut = batches(documents, lambda document: document.text)
    has_workers = jobs > 1 and detector.path is not None
    while window := list(islice(cut, jobs if has_workers else 1)):
        if len(window) == 1:
            yield from _trace_batch(window[0], archives, detector)
            continue
        paths = tuple(str(archive.path) for archive in archives)
        calls = ((batch, paths, detector.path, detector.config) for batch in window)
        for traces in in_workers(_trace_in_worker, calls, jobs):
            yield from traces


def _trace_batch(documents: Sequence[Document], archives: Sequence[AnyArchive], detector: Detector) -> Iterator[Trace]:
    verdicts = detector.score_many([d.text for d in documents], [d.id for d in documents], evidence=False)
    for document, verdict in zip(documents, verdicts, strict=True):
        yield trace_one(document, verdict, archives, detector)


def _trace_in_worker(
    documents: Sequence[Document], archives: tuple[str, ...], model: Path, config: ScoringConfig
) -> list[Trace]:
    detector = load(model).with_options(config.prior, config.operating_point)
    return list(_trace_batch(documents, opened_once(archives), detector))


# Shards by month for ten years.
@lru_cache(maxsize=128)
def opened_once(paths: tuple[str, ...]) -> tuple[AnyArchive, ...]:
    """Archives that a process opens at its first use of them and keeps open."""
    return tuple(open_archive(path) for path in paths)
