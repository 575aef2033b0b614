"""What is checked of paths and formats before any work is done."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path

from retold.cli.partial_results import partial_file, record_file
from retold.errors import InputError
from retold.reading import READERS, suffix_of

# Endings that promise a format; a table under such a name could not be opened.
_OTHER_FORMATS = frozenset("csv tsv json jsonl html htm xml pdf doc docx odt rtf xls xlsx ods parquet".split())


def format_of(output: str | Path | None, known: Sequence[str]) -> str:
    """The format that the name of an output ends in, such as ``html`` for report.html; else the first that is known.

    Raises:
        InputError: if the name promises a format that the command does not write.
    """
    ending = Path(output).suffix[1:].lower() if output is not None else ""
    if ending in _OTHER_FORMATS and ending not in known:
        written = ", ".join(f".{format}" for format in known if format != known[0])
        raise InputError(
            f"{output}: {ending.upper()} is not written here; let the name end in {written}, or .txt for a {known[0]}"
        )
    return ending if ending in known else known[0]


def check_format(format: str, known: Sequence[str]) -> None:
    """Refuse a format that a command does not write.

    Raises:
        InputError: if so, naming those that it does.
    """
    if format not in known:
        raise InputError(f"unknown format {format!r}; choose one of {', '.join(known)}")


def check_inputs(paths: Sequence[str | Path]) -> None:
    """Refuse paths of which none exists, so that a typing error does not replace earlier results by nothing.

    Raises:
        InputError: if so, naming them.
    """
    if not any(str(path) == "-" or os.path.exists(path) for path in paths):
        named = ", ".join(str(path) or "an empty path" for path in paths[:3]) or "nothing"
        raise InputError(f"{named}: no such file or folder; give files, folders, or - for standard input")


def check_output(output: str | Path | None, inputs: Iterable[str | Path], *folders: str | Path | None) -> None:
    """Refuse an output that could not be written or would replace an input, before any work is done.

    Args:
        output: The file to write; None or "-" is standard output.
        inputs: Every file or folder that the command reads.
        folders: Folders of models and archives, in which nothing may be written.

    Raises:
        InputError: if so; the message says what to do.
    """
    if output is None or str(output) == "-":
        return
    path = Path(output)
    if path.is_dir():
        raise InputError(f"{path} is a folder; name a file in it")
    if not path.absolute().parent.is_dir():
        raise InputError(f"there is no folder {path.parent}; run: mkdir -p {path.parent}")
    for folder in folders:
        if folder is not None and Path(folder).resolve() in path.resolve().parents:
            raise InputError(f"{path} is in {folder}, a model or an archive; name another file")
    for file in (path, partial_file(path), record_file(path)):
        if any(_is_read(file, Path(one)) for one in inputs):
            raise InputError(f"{file} is also an input, which would be lost; name another file")


def _is_read(file: Path, given: Path) -> bool:
    """True if a file is what was given, or would be read from the folder that was given."""
    if file.resolve() == given.resolve():
        return True
    if given.is_file():
        return file.is_file() and file.samefile(given)
    is_below = file.is_file() and given.is_dir() and given.resolve() in file.resolve().parents
    return is_below and suffix_of(file.name) in READERS and not file.name.startswith(".")
