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
from retold.detector.verdict import Verdict, beside_note
from retold.reading import Document, Unreadable
from retold.report.beside_source import BesideSource, beside_source, without_text
from retold.report.formatting import amount_words, outcome, relation_words

if TYPE_CHECKING:
    from retold.archive.sources import Source
    from retold.archive.tracing import AnyArchive, Trace
    from retold.report.trace_html import TracedText

# Articles among which a source is found again; it was among the first 20 when it was proved.
_CANDIDATES = 50
# Probability of back-translation from which an original is explained, too; others get none, since it takes twice the time of a score.
# By judgement.
_SUSPICIOUS = 0.1


def explained(results: Iterable[Scored | Unreadable], detector: Detector) -> Iterator[Explanation | Unreadable]:
    """Give reasons to verdicts as they come; plain originals get none.

    Args:
        results: Verdicts with their texts, or what was not read.
        detector: Gave the verdicts.
    """
    for result in results:
        if isinstance(result, Unreadable):
            yield result
        elif not _needs_reasons(result.verdict):
            yield Explanation(result.verdict, result.text)
        else:
            yield replace(detector.explain(result.text, result.verdict.id), verdict=result.verdict)


def _needs_reasons(verdict: Verdict) -> bool:
    """Whether a reader will want to know why: not of what was not judged, nor of a plain original."""
    return verdict.is_judged and (outcome(verdict) != "original" or verdict.p >= _SUSPICIOUS)


def beside_originals(
    detector: Detector, reference: Document | None, archives: Sequence[AnyArchive]
) -> Callable[[Explanation], BesideSource | None]:
    """Return what lays an article out beside the original that its verdict rests on, and returns None where it rests on none.

    Args:
        detector: Gave the verdicts.
        reference: The original that was given.
        archives: Where sources were found.
    """

    def lay_out(explanation: Explanation) -> BesideSource | None:
        verdict = explanation.verdict
        source = None
        if reference is not None and beside_note(reference.id) in verdict.warnings:
            source = Version.of(reference.id, reference.text, reference.date)
        elif verdict.source is not None:
            # Loads tantivy.
            from retold.archive.sources import Source

            return _beside_archived(
                Source(**verdict.source), Version.of(verdict.id, explanation.text), archives, detector
            )
        if source is None:
            return None
        version = Version.of(verdict.id, explanation.text)
        return beside_source(source, version, compare_pair(source, version, detector.comparison_weights))

    return lay_out


def _beside_archived(
    source: Source, version: Version, archives: Sequence[AnyArchive], detector: Detector
) -> BesideSource:
    """A text beside an article of an archive that it was made from."""
    relation = relation_words(source)
    how = f"{relation[:1].upper()}{relation[1:]}; {amount_words(source)}."
    article = _archived(version.article.raw, source, archives)
    if article is None:
        return without_text(source.id, source.outlet, source.date, how)
    changes = compare_pair(article, version, detector.comparison_weights)
    return beside_source(article, version, changes, source.outlet, how)


def _archived(text: str, source: Source, archives: Sequence[AnyArchive]) -> Version | None:
    """The source of a text; None if its text is gone. It is searched again, since a trace keeps its name alone."""
    named = (source.id, source.date, source.url)
    for archive in archives:
        for hit in archive.search(text, _CANDIDATES) if str(archive.path) == source.archive else ():
            article = hit.article
            found = archive.text(article) if (article.id, article.date, article.url) == named else None
            if found is not None:
                return Version.of(source.id, found, source.date)
    return None


def traced_texts(
    results: Iterable[tuple[Trace, Document] | Unreadable], detector: Detector, archives: Sequence[AnyArchive]
) -> Iterator[TracedText | Unreadable]:
    """Lay traces out as they come: beside each of their sources, or with reasons where there are none.

    Args:
        results: Traces, each with its document, or what was not read.
        detector: Gave the verdicts.
        archives: Where sources were found.
    """
    # Loads tantivy.
    from retold.report.trace_html import TracedText

    for result in results:
        if isinstance(result, Unreadable):
            yield result
            continue
        trace, document = result
        version = Version.of(document.id, document.text, document.date)
        beside = tuple(_beside_archived(source, version, archives, detector) for source in trace.sources)
        yield TracedText(trace, _with_reasons(trace, document.text, detector), beside)


def _with_reasons(trace: Trace, text: str, detector: Detector) -> Explanation:
    """The verdict of a trace with its text and, where it rests on the text alone and is no plain original, marks and reasons."""
    if trace.sources or not _needs_reasons(trace.verdict):
        return Explanation(trace.verdict, text)
    explanation = detector.explain(text, trace.verdict.id)
    return replace(explanation, verdict=replace(trace.verdict, evidence=explanation.verdict.evidence))


def model_card(detector: Detector) -> str:
    """The card in a detector's model folder; empty if there is none."""
    card = detector.path / "CARD.md" if detector.path is not None else None
    return card.read_text(encoding="utf-8") if card is not None and card.is_file() else ""
