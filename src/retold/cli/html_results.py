"""What the HTML report of a run needs beside verdicts: reasons for those that are not plain originals, sources, and the card."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from retold.cli.batches import Scored
from retold.compare.reference import compare_pair
from retold.compare.version import Version
from retold.detector import Detector
from retold.detector.explanation import Explanation
from retold.detector.verdict import beside_note
from retold.reading import Document, Unreadable
from retold.report.beside_source import BesideSource, beside_source
from retold.report.formatting import outcome

if TYPE_CHECKING:
    from retold.archive import Archive

# Articles among which a source is found again; it was among the first 20 when it was proved.
_CANDIDATES = 50


def explained(results: Iterable[Scored | Unreadable], detector: Detector) -> Iterator[Explanation | Unreadable]:
    """Give reasons to verdicts as they come; an explanation takes twice the time of a score, so plain originals get none.

    Args:
        results: Verdicts with their texts, or what was not read.
        detector: Gave the verdicts.
    """
    for result in results:
        if isinstance(result, Unreadable):
            yield result
        elif outcome(result.verdict) in ("original", "unjudged"):
            yield Explanation(result.verdict, result.text)
        else:
            yield replace(detector.explain(result.text, result.verdict.id), verdict=result.verdict)


def beside_originals(
    detector: Detector, reference: Document | None, archives: Sequence[Archive]
) -> Callable[[Explanation], BesideSource | None]:
    """Return what lays an article out beside the original that its verdict rests on, and returns None where it rests on none.

    Args:
        detector: Gave the verdicts.
        reference: The original that was given.
        archives: Where sources were found.
    """

    def lay_out(explanation: Explanation) -> BesideSource | None:
        verdict = explanation.verdict
        source, outlet = None, ""
        if reference is not None and beside_note(reference.id) in verdict.warnings:
            source = Version.of(reference.id, reference.text, reference.date)
        elif verdict.source is not None:
            source, outlet = _archived(explanation.text, verdict.source["id"], archives), verdict.source["outlet"]
        if source is None:
            return None
        version = Version.of(verdict.id, explanation.text)
        return beside_source(source, version, compare_pair(source, version, detector.comparison_weights), outlet)

    return lay_out


def _archived(text: str, id: str, archives: Sequence[Archive]) -> Version | None:
    """The source of a text by its id; None if its text is gone. It is searched again, since a verdict keeps its name alone."""
    for archive in archives:
        for hit in archive.search(text, _CANDIDATES):
            found = archive.text(hit.article) if hit.article.id == id else None
            if found is not None:
                return Version.of(id, found, hit.article.date)
    return None


def model_card(detector: Detector) -> str:
    """The card in a detector's model folder; empty if there is none."""
    card = detector.path / "CARD.md" if detector.path is not None else None
    return card.read_text(encoding="utf-8") if card is not None and card.is_file() else ""
