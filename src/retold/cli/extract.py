"""``retold extract``."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path

from retold.cli.exit_codes import FAILED, OK, SOME_FAILED
from retold.cli.output import opened
from retold.cli.output_checks import check_format, check_inputs, check_output, format_of
from retold.cli.progress import Progress
from retold.cli.shared_arguments import Commands, add_command, add_format, add_output, add_paths
from retold.cli.terminal import Streams, standard_streams
from retold.printable import printable, printable_lines
from retold.reading import Document, read

FORMATS = ("text", "jsonl")
_EXAMPLES = """
retold extract page.html
retold extract pages/ --output articles.jsonl
"""


def add_arguments(commands: Commands) -> None:
    """Add the command to a parser."""
    command = add_command(commands, "extract", run, "print the text that would be scored", _EXAMPLES)
    add_paths(command)
    add_format(command, FORMATS, from_output=True)
    add_output(command)


def run(options: argparse.Namespace) -> int:
    """Run the command as it was parsed."""
    return extract(options.paths, options.format or format_of(options.output, FORMATS), options.output)


def extract(
    paths: Sequence[str | Path],
    format: str = "text",
    output: str | Path | None = None,
    *,
    streams: Streams | None = None,
) -> int:
    """Print the text of each document behind paths as ``score`` would take it, and warn where it is doubtful.

    Args:
        paths: Files, folders, or "-".
        format: One of ``FORMATS``; ``jsonl`` keeps every character, ``text`` leaves out what could steer a terminal.
        output: File to write; None or "-" for standard output.
        streams: Used instead of the standard streams.

    Returns:
        0 if all were read, 1 if some were not, 2 if none.

    Raises:
        InputError: if the format is unknown, the output cannot be written, or no path exists.
    """
    check_format(format, FORMATS)
    check_inputs(paths)
    check_output(output, paths)
    streams = streams or standard_streams()
    progress = Progress(streams.errors, in_place=False)
    done = failed = 0
    with opened(output, streams.output) as stream:
        for item in read(paths, progress.remark, streams.input):
            if not isinstance(item, Document):
                failed += 1
                progress.remark(f"{item.id}: {item.reason}")
                continue
            done += 1
            for warning in item.warnings:
                progress.remark(f"{item.id}: {warning}")
            stream.write(_formatted(item, format, done == 1))
            stream.flush()
    return FAILED if not done else SOME_FAILED if failed else OK


def _formatted(document: Document, format: str, is_first: bool) -> str:
    if format == "jsonl":
        return json.dumps({"id": document.id, "text": document.text, "warnings": document.warnings}) + "\n"
    start = "" if is_first else "\n"
    return f"{start}== {printable(document.id)} ==\n{printable_lines(document.text).rstrip()}\n"
