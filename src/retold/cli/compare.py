"""``retold compare``."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from retold.cli.compared_output import FORMATS, OUTLET, comparison_page, comparison_text, difference
from retold.cli.exit_codes import FAILED, OK, SOME_FAILED
from retold.cli.filtering import rejection
from retold.cli.output import opened
from retold.cli.output_checks import check_format, check_inputs, check_output, format_of
from retold.cli.progress import Progress
from retold.cli.shared_arguments import Commands, add_command, add_format, add_jobs, add_model, add_output, add_paths
from retold.cli.terminal import Streams, standard_streams
from retold.cli.unique_ids import UniqueIds
from retold.errors import InputError
from retold.limits import MAX_COMPARED_CHARACTERS, MAX_COMPARED_DOCUMENTS
from retold.reading import Document, Unreadable, read

if TYPE_CHECKING:
    from retold.compare import Comparison
    from retold.compare.api import SupportsComparison

_EXAMPLES = """
retold compare folder/
retold compare folder/ --show a.txt b.txt
retold compare folder/ --output lineage.html
retold compare versions.jsonl --format json --output lineage.json
"""


def add_arguments(commands: Commands) -> None:
    """Add the command to a parser."""
    command = add_command(commands, "compare", run, "compare versions of stories", _EXAMPLES)
    add_paths(command)
    add_format(command, FORMATS, from_output=True)
    command.add_argument("--show", nargs=2, metavar=("A", "B"), help="print what changed from document A to document B")
    add_output(command)
    add_model(command)
    add_jobs(command, "processes to use")


def run(options: argparse.Namespace) -> int:
    """Run the command as it was parsed."""
    format = options.format or format_of(options.output, FORMATS)
    return compare(options.paths, format, options.show, options.output, options.model, jobs=options.jobs)


def compare(
    paths: Sequence[str | Path],
    format: str = "table",
    show: Sequence[str] | None = None,
    output: str | Path | None = None,
    model: str | Path | None = None,
    detector: SupportsComparison | None = None,
    streams: Streams | None = None,
    jobs: int = 1,
) -> int:
    """Compare every document behind paths: stories, lineage, labels and changes.

    Args:
        paths: Files, folders, or "-".
        format: One of ``FORMATS``.
        show: Ids of two documents whose word diff is printed instead, the earlier first.
        output: File to write; None or "-" for standard output.
        model: Folder of the model; None for the shipped one.
        detector: Used instead of the detector that ``model`` names.
        streams: Used instead of the standard streams.
        jobs: Processes.

    Returns:
        0 if all were compared, 1 if some could not be read, 2 if nothing could be read.

    Raises:
        InputError: if the format is unknown, the output cannot be written, an id is not there, or there are too many.
        ModelError: if there is no sound model.
    """
    check_format(format, FORMATS)
    check_inputs(paths)
    check_output(output, paths, model)
    streams = streams or standard_streams()
    progress = Progress(streams.errors, in_place=False)
    documents, unread = _read(paths, progress, streams)
    if not documents:
        return FAILED
    if len(documents) == 1:
        progress.remark(f"{documents[0].id} is alone: give its versions, too, or run: retold score {documents[0].id}")
    detector = detector or _load(model)
    with opened(output, streams.output) as stream:
        if show:
            stream.write(difference(documents, show, detector, format, stream))
        else:
            result = _compared(documents, detector, jobs)
            _remark_on_unjudged(documents, result, progress)
            if format == "html":
                stream.writelines(comparison_page(result, documents, detector, unread))
            else:
                stream.write(comparison_text(result, format, stream))
    if unread:
        progress.remark(f"{len(documents):,} compared, {len(unread):,} not read")
    return SOME_FAILED if unread else OK


def _read(paths: Sequence[str | Path], progress: Progress, streams: Streams) -> tuple[list[Document], list[Unreadable]]:
    """All documents, their ids made different, and the inputs that gave none."""
    documents: list[Document] = []
    unread: list[Unreadable] = []
    names, characters = UniqueIds(), 0
    for item in read(paths, progress.remark, streams.input, (OUTLET,)):
        if not isinstance(item, Document):
            progress.remark(f"{item.id}: {item.reason}")
            unread.append(item)
            continue
        characters += len(item.text)
        if len(documents) == MAX_COMPARED_DOCUMENTS or characters > MAX_COMPARED_CHARACTERS:
            raise InputError(
                f"more than {MAX_COMPARED_DOCUMENTS:,} documents or {MAX_COMPARED_CHARACTERS:,} characters; compare fewer"
            )
        documents.append(replace(item, id=names.free(item.id)))
    return documents, unread


def _load(model: str | Path | None) -> SupportsComparison:
    # Loads NumPy and the model.
    from retold.detector import load

    return load(model)


def _compared(documents: list[Document], detector: SupportsComparison, jobs: int) -> Comparison:
    # Loads NumPy.
    from retold.compare import compare as compared

    texts, ids, dates = zip(*((d.text, d.id, d.date) for d in documents), strict=True)
    return compared(texts, ids, detector, dates, jobs=jobs)


def _remark_on_unjudged(documents: list[Document], result: Comparison, progress: Progress) -> None:
    """Say of each document without a label why it has none."""
    unjudged = {d.id for d in result.documents if d.label is None}
    for document in documents:
        if document.id in unjudged:
            progress.remark(f"{document.id}: no other version, and {rejection(document.text)[1]}")
