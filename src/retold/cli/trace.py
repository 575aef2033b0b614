"""``retold trace``: where texts come from, and who took an archive's articles."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from retold.cli.batches import ScoringSummary, in_place
from retold.cli.detectors import load_detector
from retold.cli.output import opened
from retold.cli.output_checks import check_format, check_inputs, check_output, format_of
from retold.cli.progress import Progress
from retold.cli.record import kept, open_record, recorded
from retold.cli.record_forms import TRACES, Traced
from retold.cli.reference import open_archives
from retold.cli.shared_arguments import (
    Commands,
    add_command,
    add_format,
    add_jobs,
    add_model,
    add_output,
    add_paths,
    add_resume,
)
from retold.cli.terminal import Streams, standard_streams
from retold.cli.traced_output import BY, FORMATS, write_traces
from retold.errors import InputError
from retold.reading import Document, Unreadable, read

if TYPE_CHECKING:
    from retold.detector import Detector

_EXAMPLES = """
retold trace suspects/ --archive wire.archive
retold trace suspects.jsonl --archive 2023.archive 2024.archive --output traces.csv
retold trace suspects.jsonl --archive wire.archive --by source
retold trace suspects/ --archive wire.archive --output traces.html --resume
retold trace suspects.jsonl --archive wire.archive --by source --output taken.html
"""
_NOTES = """
Rows of JSONL, CSV and Parquet may have an "id", a "date", a "url" and an "outlet". What appeared before an article was not made from
it, so give dates where they are known. "used" is the share of the source's words that stand in the text, "is" the share of the
text that was made from it.
"""


def add_arguments(commands: Commands) -> None:
    """Add the command to a parser."""
    command = add_command(
        commands, "trace", run, "find the articles of an archive that texts were made from", _EXAMPLES, _NOTES
    )
    add_paths(command)
    command.add_argument(
        "--archive",
        nargs="+",
        required=True,
        metavar="ARCHIVE",
        help="archives that are searched as one; see: retold archive --help",
    )
    command.add_argument(
        "--by",
        choices=BY,
        default=BY[0],
        help="a row for each text, or for each article that was taken, with who took it, when and how; default: text",
    )
    add_format(command, FORMATS, from_output=True)
    add_output(command)
    add_resume(command)
    add_jobs(command, "processes to use")
    add_model(command)


def run(options: argparse.Namespace) -> int:
    """Run the command as it was parsed."""
    return trace(
        options.paths,
        options.archive,
        options.by,
        options.format or format_of(options.output, FORMATS),
        options.output,
        jobs=options.jobs,
        model=options.model,
        resume=options.resume,
    )


def trace(
    paths: Sequence[str | Path],
    archives: Sequence[str | Path],
    by: str = "text",
    format: str = "table",
    output: str | Path | None = None,
    *,
    jobs: int = 1,
    model: str | Path | None = None,
    resume: bool = False,
    detector: Detector | None = None,
    streams: Streams | None = None,
) -> int:
    """Find the sources of every document behind paths, writing each result as soon as its batch is done.

    Args:
        paths: Files, folders, or "-".
        archives: Archives that are searched as one.
        by: One of ``BY``; by source, results are written when all is read.
        format: One of ``FORMATS``.
        output: File to write; None or "-" for standard output.
        jobs: Processes to use.
        model: Folder of the model; None for the packaged one.
        resume: Whether to use what an earlier run with the same output finished.
        detector: Used instead of the one that ``model`` names.
        streams: Used instead of the standard streams.

    Returns:
        0 if all were judged, 1 if some were not, 2 if nothing could be read.

    Raises:
        InputError: if ``by`` or the format is unknown, the output or the record of what is finished cannot be written, or no
            path exists.
        ArchiveError: if an archive cannot be opened.
    """
    check_format(format, FORMATS)
    if by not in BY:
        raise InputError(f"unknown --by {by!r}; choose one of {', '.join(BY)}")
    check_inputs(paths)
    check_output(output, [*paths, *archives], model, *archives)
    # Loads NumPy and tantivy.
    from retold.archive import FIELDS
    from retold.archive.tracing import trace_many

    streams = streams or standard_streams()
    searched, detector = open_archives(archives), detector or load_detector(model)
    progress = Progress(streams.errors, in_place=streams.errors.isatty())
    counts = _Counts()
    record = open_record(output, resume, ["trace", detector.signature, [a.state for a in searched]], progress.remark)

    def trace_items(items: Iterable[Document | Unreadable]) -> Iterator[Traced | Unreadable]:
        return in_place(items, lambda documents: trace_many(documents, searched, detector, jobs))

    with kept(record), opened(output, streams.output, progress.remark) as stream:
        items = read(paths, progress.remark, streams.input, FIELDS)
        results = recorded(items, trace_items, record, TRACES, jobs) if record else trace_items(items)
        write_traces(_counted(results, counts, progress), by, format, stream, searched, detector)
    progress.clear()
    progress.remark(str(counts))
    return counts.scored.exit_code


@dataclass(slots=True)
class _Counts:
    """What became of the inputs."""

    scored: ScoringSummary = field(default_factory=ScoringSummary)
    traced: int = 0

    def __str__(self) -> str:
        return f"{self.scored}, {self.traced:,} with a source"


def _counted(
    results: Iterable[Traced | Unreadable], counts: _Counts, progress: Progress
) -> Iterator[Traced | Unreadable]:
    """Count results as they pass, and report what could not be read."""
    for result in results:
        if isinstance(result, Unreadable):
            counts.scored.count(result)
            progress.remark(f"{result.id}: {result.reason}")
        else:
            found = result[0]
            counts.scored.judged += found.verdict.is_judged
            counts.scored.unjudged += not found.verdict.is_judged
            counts.traced += bool(found.sources)
            progress.update(counts)
        yield result
