"""What ``retold trace`` writes: a row a text or a row an article that was taken, in the format that was chosen."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, TextIO

from retold.cli.record_forms import Traced
from retold.cli.terminal import terminal_width
from retold.reading import Unreadable

if TYPE_CHECKING:
    from retold.archive.tracing import AnyArchive, Trace
    from retold.detector import Detector

FORMATS = ("table", "jsonl", "csv", "html")
BY = ("text", "source")


def write_traces(
    results: Iterable[Traced | Unreadable],
    by: str,
    format: str,
    stream: TextIO,
    archives: Sequence[AnyArchive],
    detector: Detector,
) -> None:
    """Write traces as they come; by source, when all are there.

    Args:
        results: Traces with their documents, or what was not read, which only the page names.
        by: One of ``BY``.
        format: One of ``FORMATS``.
        stream: Where to write.
        archives: Where sources were searched.
        detector: Gave the verdicts.
    """
    if format == "html":
        pieces = _page(results, by, archives, detector)
    else:
        traces = (found[0] for found in results if not isinstance(found, Unreadable))
        pieces = _rendered(traces, by, format, stream)
    for piece in pieces:
        stream.write(piece)
        stream.flush()


def _page(
    results: Iterable[Traced | Unreadable], by: str, archives: Sequence[AnyArchive], detector: Detector
) -> Iterator[str]:
    # Load NumPy.
    from retold.cli.html_results import model_card, traced_texts
    from retold.report.taken_html import render_taken_html
    from retold.report.trace_html import render_traces_html

    searched = ", ".join(f"{archive.path} ({len(archive):,} articles)" for archive in archives)
    render = render_taken_html if by == "source" else render_traces_html
    return render(traced_texts(results, detector, archives), searched, model_card(detector))


def _rendered(traces: Iterable[Trace], by: str, format: str, stream: TextIO) -> Iterator[str]:
    # Load NumPy.
    from retold.archive.taken import taken_articles
    from retold.report import traces as report

    width, cut = terminal_width(stream), stream.isatty()
    if by == "source":
        articles = taken_articles(traces)
        if format == "table":
            return report.render_taken(articles, width, cut)
        return {"jsonl": report.render_taken_jsonl, "csv": report.render_taken_csv}[format](articles)
    if format == "table":
        return report.render_traces(traces, width, cut)
    return {"jsonl": report.render_traces_jsonl, "csv": report.render_traces_csv}[format](traces)
