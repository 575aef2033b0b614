"""Where results go (a stream, or a file that appears whole or not at all), and what is checked before any work."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from itertools import count
from pathlib import Path
from typing import TextIO

from retold.cli.progress import Progress
from retold.cli.terminal import standard_streams
from retold.drafts import clear_abandoned, draft_file
from retold.errors import InputError
from retold.reading import READERS, suffix_of

# Bytes compared at a time.
_BLOCK = 1 << 20
# How a Parquet file begins and ends; without its end it cannot be read.
_PARQUET = b"PAR1"
# Endings that promise a format; a table under such a name could not be opened.
_OTHER_FORMATS = frozenset("csv tsv json jsonl html htm xml pdf doc docx odt rtf xls xlsx ods parquet".split())


def _remark(text: str) -> None:
    Progress(standard_streams().errors, in_place=False).remark(text)


@contextmanager
def opened(output: str | Path | None, stdout: TextIO, remark: Callable[[str], object] = _remark) -> Iterator[TextIO]:
    """Give a stream to write results to.

    A file is written beside its place and renamed when all of it is there. If the work is cut short, what was written,
    if anything, stays in FILE.partial, a note of the exception names it, and FILE is untouched. What a hard stop of an earlier
    run left comes under that name, too.

    Args:
        output: The file; None or "-" for standard output.
        stdout: Standard output.
        remark: Takes a sentence about what an earlier run left.

    Raises:
        InputError: if the file cannot be written.
    """
    if output is None or str(output) == "-":
        yield stdout
    elif is_replaced(output):
        path = Path(os.path.realpath(output))
        clear_abandoned(path, lambda draft: _adopt(draft, _partial(path), remark))
        yield from _opened_file(path)
    else:
        yield from _opened_device(Path(output))


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
    for file in (path, _partial(path), record_file(path)):
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


def record_file(output: str | Path) -> Path:
    """Where the finished results of a run lie until its output is whole."""
    path = Path(os.path.realpath(output))
    return path.with_name(path.name + ".record")


def is_replaced(output: str | Path | None) -> bool:
    """True for a file that appears whole; False for standard output, a pipe or a device, which are written in place."""
    return output is not None and str(output) != "-" and (not Path(output).exists() or Path(output).is_file())


def _partial(path: Path) -> Path:
    return path.with_name(path.name + ".partial")


def _opened_file(path: Path) -> Iterator[TextIO]:
    with ExitStack() as stack:
        try:
            draft, stream = stack.enter_context(draft_file(path, "x", encoding="utf-8", newline=""))
        except OSError as error:
            raise InputError(f"cannot write {path} ({error.strerror}); choose another place with --output") from None
        try:
            with stream:
                yield stream
            # Inside, since a signal may come here, too.
            os.replace(draft, path)
        except BaseException as error:
            kept = _keep_partial(draft, _partial(path)) if draft.exists() else None
            if kept is not None:
                error.add_note(f"the results so far are in {kept}")
            raise
    _drop_outdated(_partial(path), path)


def _adopt(draft: Path, partial: Path, remark: Callable[[str], object]) -> None:
    """Show what a run that was stopped hard left behind; delete it where partial results hold it already."""
    if partial.is_file() and _begins_with(partial, draft):
        draft.unlink()
    elif kept := _keep_partial(draft, partial):
        remark(f"an earlier run was stopped while it wrote; what it had written is in {kept}")


def _drop_outdated(partial: Path, path: Path) -> None:
    """Delete partial results that stand in the whole ones."""
    with suppress(OSError):
        if partial.is_file() and _begins_with(path, partial):
            partial.unlink()


def _keep_partial(draft: Path, partial: Path) -> Path | None:
    """Keep what was written before the work stopped, if anything that can be read.

    Earlier partial results are replaced only by results that begin with them; others get a name of their own.
    """
    if not draft.stat().st_size or _is_cut_parquet(draft):
        draft.unlink()
        return None
    names = (partial if n == 1 else partial.with_name(f"{partial.name}.{n}") for n in count(1))
    target = next(name for name in names if not name.exists() or _begins_with(draft, name))
    os.replace(draft, target)
    return target


def _is_cut_parquet(file: Path) -> bool:
    with file.open("rb") as stream:
        start = stream.read(len(_PARQUET))
        stream.seek(-min(len(_PARQUET), file.stat().st_size), os.SEEK_END)
        return start == _PARQUET and (stream.read() != _PARQUET or file.stat().st_size <= 2 * len(_PARQUET))


def _begins_with(file: Path, start: Path) -> bool:
    """True if the bytes of a file begin with all those of another."""
    with file.open("rb") as long, start.open("rb") as short:
        while block := short.read(_BLOCK):
            if long.read(len(block)) != block:
                return False
    return True


def _opened_device(path: Path) -> Iterator[TextIO]:
    """A pipe or a device is written in place, since renaming would replace it."""
    try:
        with path.open("w", encoding="utf-8", newline="") as stream:
            yield stream
    except PermissionError as error:
        raise InputError(f"cannot write {path} ({error.strerror}); choose another place with --output") from None
