"""Scoring beside a known original, or beside the one that an archive holds: ``--reference`` and ``--archive``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import islice, tee
from pathlib import Path
from typing import TYPE_CHECKING

from retold.cli.batches import Scored
from retold.errors import InputError
from retold.reading import Document, Unreadable, read

if TYPE_CHECKING:
    from retold.archive.tracing import AnyArchive
    from retold.detector import Detector
    from retold.detector.verdict import Verdict


class ReferenceScorer:
    """Scores each text by itself and by how it differs from a reference.

    Args:
        inner: The detector.
        reference: The original that the texts may be versions of.
    """

    def __init__(self, inner: Detector, reference: Document) -> None:
        self._inner = inner
        self._reference = reference

    def score_many(
        self, texts: Iterable[str], ids: Iterable[str] | None = None, jobs: int = 1, evidence: bool = True
    ) -> Iterator[Verdict]:
        """As ``Detector.score_many``; a warning of each verdict says whether the reference took part."""
        # Load NumPy.
        from retold.compare.reference import against_reference
        from retold.detector.batches import batches

        for_detector, beside = tee(texts)
        verdicts = self._inner.score_many(for_detector, ids, jobs, evidence)
        for batch in batches(zip(verdicts, beside, strict=True), lambda pair: pair[1]):
            own = [text for _, text in batch]
            weights, scorer = self._inner.comparison_weights, self._inner.article_log_odds
            compared = against_reference(self._reference.text, own, weights, scorer)
            for (verdict, _), found in zip(batch, compared, strict=True):
                if found is None:
                    note = f"shares no wording with {self._reference.id}, so it is judged by itself"
                    yield verdict.with_warnings(after=[note])
                    continue
                yield verdict.beside(*found, self._reference.id)


def beside_sources(
    results: Iterable[Scored | Unreadable], detector: Detector, archives: Sequence[AnyArchive]
) -> Iterator[Scored | Unreadable]:
    """Judge each scored text beside the article that it was made from, where an archive holds it."""
    # Loads NumPy.
    from retold.archive.tracing import beside_source

    for result in results:
        if isinstance(result, Scored):
            verdict, _ = beside_source(result.verdict, result.text, archives, detector, result.date)
            yield replace(result, verdict=verdict)
        else:
            yield result


def open_archives(paths: Sequence[str | Path]) -> list[AnyArchive]:
    """Open archives.

    Raises:
        ArchiveError: if one is absent, damaged, foreign or of a newer program.
    """
    if not paths:
        return []
    # Loads NumPy and tantivy.
    from retold.archive import open_archive

    return [open_archive(path) for path in dict.fromkeys(map(str, paths))]


def read_reference(path: str | Path) -> Document:
    """The one document behind a path.

    Raises:
        InputError: if there is none, or it holds no words, or there are several.
    """
    items = list(islice(read([path]), 2))
    if len(items) != 1:
        raise InputError(f"--reference {path}: expected one document, found several; name a single text file")
    if not isinstance(items[0], Document):
        raise InputError(f"--reference {path}: {items[0].reason}")
    if not items[0].text.split():
        raise InputError(f"--reference {path}: holds no words; name the text file of the original")
    return items[0]
