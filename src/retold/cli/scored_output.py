"""What ``retold score`` writes: verdicts as they come, in the format that was chosen."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, TextIO

from retold.cli.batches import Scored, verdict_of
from retold.cli.terminal import terminal_width, wants_colour
from retold.reading import Document, Unreadable
from retold.report import render_csv, render_jsonl, render_table

if TYPE_CHECKING:
    from retold.archive.tracing import AnyArchive
    from retold.detector import Detector

FORMATS = ("table", "jsonl", "csv", "html", "parquet")


def write_results(
    results: Iterable[Scored | Unreadable],
    format: str,
    stream: TextIO,
    detector: Detector,
    reference: Document | None,
    archives: Sequence[AnyArchive],
) -> None:
    """Write results as they come, so that whoever reads along loses nothing if the work is cut short.

    Args:
        results: Verdicts with their texts, or what was not read.
        format: One of ``FORMATS``; Parquet is written to the bytes under the stream.
        stream: Where to write.
        detector: Gave the verdicts.
        reference: The original that the texts were compared with.
        archives: Where sources were found.
    """
    if format == "parquet":
        _write_parquet(results, stream)
        return
    for piece in _page(results, detector, reference, archives) if format == "html" else _rows(results, format, stream):
        stream.write(piece)
        stream.flush()


def _page(
    results: Iterable[Scored | Unreadable],
    detector: Detector,
    reference: Document | None,
    archives: Sequence[AnyArchive],
) -> Iterator[str]:
    # Loads NumPy.
    from retold.cli.html_results import beside_originals, explained, model_card
    from retold.report.html import render_html

    beside = beside_originals(detector, reference, archives) if reference or archives else None
    return render_html(explained(results, detector), model_card(detector), beside=beside)


def _rows(results: Iterable[Scored | Unreadable], format: str, stream: TextIO) -> Iterator[str]:
    verdicts = map(verdict_of, results)
    if format == "table":
        return render_table(verdicts, terminal_width(stream), wants_colour(stream), cut_ids=stream.isatty())
    return {"jsonl": render_jsonl, "csv": render_csv}[format](verdicts)


def _write_parquet(results: Iterable[Scored | Unreadable], stream: TextIO) -> None:
    # Loads NumPy and pyarrow.
    from retold.report.parquet import write_parquet

    write_parquet(map(verdict_of, results), stream.buffer)
