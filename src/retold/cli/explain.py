"""``retold explain``."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from retold.cli.batches import Scored, ScoringSummary, score_all
from retold.cli.output import check_format, check_inputs
from retold.cli.progress import Progress
from retold.cli.score import load_detector
from retold.cli.shared_arguments import Commands, add_command, add_format, add_model
from retold.cli.terminal import Streams, standard_streams, terminal_width, wants_colour
from retold.reading import read
from retold.report import explain as explained
from retold.report.formatting import is_judged
from retold.report.passages import part_words

if TYPE_CHECKING:
    from retold.detector import Detector

FORMATS = ("text", "json")
_EXAMPLES = """
retold explain article.txt
retold explain folder/ --format json
"""


def add_arguments(commands: Commands) -> None:
    """Add the command to a parser."""
    command = add_command(commands, "explain", run, "print articles with their evidence marked", _EXAMPLES)
    command.add_argument("path", metavar="PATH", help="a file, a folder, or - for standard input")
    add_format(command, FORMATS)
    add_model(command)


def run(options: argparse.Namespace) -> int:
    """Run the command as it was parsed."""
    return explain(options.path, options.format, model=options.model)


def explain(
    path: str | Path,
    format: str = "text",
    *,
    model: str | Path | None = None,
    detector: Detector | None = None,
    streams: Streams | None = None,
) -> int:
    """Print each document behind a path with its evidence marked, the features that weighed most, and where.

    Args:
        path: A file, a folder, or "-".
        format: One of ``FORMATS``; ``json`` is one object a line.
        model: Folder of the model; None for the packaged one.
        detector: Used instead of the one that ``model`` names.
        streams: Used instead of the standard streams.

    Returns:
        0 if all were judged, 1 if some were not, 2 if nothing could be read.

    Raises:
        InputError: if the format is unknown or the path does not exist.
        RetoldError: if the model cannot be loaded.
    """
    check_format(format, FORMATS)
    check_inputs([path])
    streams = streams or standard_streams()
    out, progress, summary = streams.output, Progress(streams.errors, in_place=False), ScoringSummary()
    detector = detector or load_detector(model)
    for result in score_all(read([path], progress.remark, streams.input), detector):
        summary.count(result)
        if not isinstance(result, Scored):
            progress.remark(f"{result.id}: {result.reason}")
            continue
        if format == "text" and summary.judged + summary.unjudged > 1:
            out.write("\n")
        out.write(_formatted(detector, result, format, out))
        out.flush()
    return summary.exit_code


def _formatted(detector: Detector, result: Scored, format: str, out: TextIO) -> str:
    # Loads NumPy.
    from retold.detector.explanation import Explanation

    weighing = detector.weigh(result.verdict, result.text)
    if format == "json":
        return json.dumps(Explanation(result.verdict, weighing).as_dict()) + "\n"
    article = explained(result.verdict, result.text, terminal_width(out), wants_colour(out), weighing)
    return article + _machine_segment(detector, result)


def _machine_segment(detector: Detector, result: Scored) -> str:
    """A paragraph on the segment that reads machine-made while the rest does not, or an empty string."""
    # Loads NumPy.
    from retold.detector.calibration import EQUAL
    from retold.detector.segments import machine_segment, score_segments

    if not is_judged(result.verdict):
        return ""
    # Segments are compared with each other, so the expected mixture of articles does not matter.
    part = machine_segment(score_segments(result.text, detector.using(prior=EQUAL).predict_proba))
    return "\n" + part_words(part, result.text, result.verdict.n_words) if part else ""
