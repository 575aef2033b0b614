"""``retold explain``."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from retold.cli.batches import Scored, ScoringSummary
from retold.cli.detectors import load_detector
from retold.cli.output import opened
from retold.cli.output_checks import check_format, check_inputs, check_output, format_of
from retold.cli.progress import Progress
from retold.cli.shared_arguments import Commands, add_command, add_format, add_model, add_output
from retold.cli.terminal import Streams, standard_streams, terminal_width, wants_colour
from retold.reading import Document, Unreadable, read
from retold.report import render_explanation

if TYPE_CHECKING:
    from retold.detector import Detector
    from retold.detector.explanation import Explanation

FORMATS = ("text", "json", "html")
_EXAMPLES = """
retold explain article.txt
retold explain folder/ --format json
retold explain folder/ --output report.html
"""


def add_arguments(commands: Commands) -> None:
    """Add the command to a parser."""
    command = add_command(commands, "explain", run, "print articles with their evidence marked", _EXAMPLES)
    command.add_argument("path", metavar="PATH", help="a file, a folder, or - for standard input")
    add_format(command, FORMATS, from_output=True)
    add_output(command)
    add_model(command)


def run(options: argparse.Namespace) -> int:
    """Run the command as it was parsed."""
    format = options.format or format_of(options.output, FORMATS)
    return explain(options.path, format, options.output, model=options.model)


def explain(
    path: str | Path,
    format: str = "text",
    output: str | Path | None = None,
    *,
    model: str | Path | None = None,
    detector: Detector | None = None,
    streams: Streams | None = None,
) -> int:
    """Print each document behind a path with its evidence marked, the features that weighed most, and where.

    Args:
        path: A file, a folder, or "-".
        format: One of ``FORMATS``; ``json`` is one object a line.
        output: File to write; None or "-" for standard output.
        model: Folder of the model; None for the packaged one.
        detector: Used instead of the one that ``model`` names.
        streams: Used instead of the standard streams.

    Returns:
        0 if all were judged, 1 if some were not, 2 if nothing could be read.

    Raises:
        InputError: if the format is unknown, the output cannot be written, or the path does not exist.
        RetoldError: if the model cannot be loaded.
    """
    check_format(format, FORMATS)
    check_inputs([path])
    check_output(output, [path], model)
    streams = streams or standard_streams()
    progress, summary = Progress(streams.errors, in_place=False), ScoringSummary()
    detector = detector or load_detector(model)
    results = _explained(read([path], progress.remark, streams.input), detector, summary, progress)
    with opened(output, streams.output) as out:
        for piece in _report(results, detector) if format == "html" else _formatted(results, format, out):
            out.write(piece)
            out.flush()
    return summary.exit_code


def _explained(
    items: Iterable[Document | Unreadable], detector: Detector, summary: ScoringSummary, progress: Progress
) -> Iterator[Explanation | Unreadable]:
    """Explain documents as they come, and report what could not be read."""
    for item in items:
        if isinstance(item, Unreadable):
            summary.count(item)
            progress.remark(f"{item.id}: {item.reason}")
            yield item
            continue
        explanation = detector.explain(item.text, item.id)
        explanation = replace(explanation, verdict=explanation.verdict.with_warnings(before=item.warnings))
        summary.count(Scored(explanation.verdict, item.text))
        yield explanation


def _report(results: Iterable[Explanation | Unreadable], detector: Detector) -> Iterator[str]:
    # Loads NumPy.
    from retold.cli.html_results import model_card
    from retold.report.html import render_html

    return render_html(results, model_card(detector))


def _formatted(results: Iterable[Explanation | Unreadable], format: str, out: TextIO) -> Iterator[str]:
    explanations = (result for result in results if not isinstance(result, Unreadable))
    for number, explanation in enumerate(explanations):
        if format == "json":
            yield json.dumps(explanation.as_dict(), allow_nan=False) + "\n"
        else:
            between = "\n" if number else ""
            yield between + render_explanation(explanation, terminal_width(out), wants_colour(out))
