"""Adding articles to an archive: ``retold archive add`` and ``retold archive merge``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from retold.cli.exit_codes import FAILED, OK, SOME_FAILED
from retold.cli.output_checks import check_inputs
from retold.cli.progress import Progress
from retold.cli.terminal import Streams, standard_streams
from retold.errors import InputError
from retold.printable import counted, printable
from retold.reading import Document, Unreadable, read

if TYPE_CHECKING:
    from retold.archive import AddSummary
    from retold.archive.tracing import AnyArchive

# Ids that a remark names.
_SHOWN_IDS = 3


def add(
    archive: str | Path, paths: Sequence[str | Path], keep_texts: bool = True, streams: Streams | None = None
) -> int:
    """Add the documents behind paths to an archive, which is made if there is none.

    Args:
        archive: A folder, or the address of a database.
        paths: Files, folders, or "-".
        keep_texts: Whether a new archive keeps texts; a database always does.
        streams: Used instead of the standard streams.

    Returns:
        0 if all were read, 1 if some were not, 2 if none was.

    Raises:
        InputError: if no path exists, or the archive is among them.
        ArchiveError: if the archive cannot be opened or written.
    """
    from retold.archive import FIELDS

    streams = streams or standard_streams()
    check_inputs(paths)
    if any(Path(path).resolve() == Path(archive).resolve() for path in paths):
        raise InputError(
            f"{archive} is the archive itself; give articles, or for those of another: retold archive merge"
        )
    progress = progress_of(streams)
    return _add(archive, read(paths, progress.remark, streams.input, FIELDS), keep_texts, progress, streams)


def merge(archive: str | Path, others: Sequence[str | Path], streams: Streams | None = None) -> int:
    """Add the articles of other archives to one, which is made if there is none.

    Returns:
        0 if all texts were there, 1 if some were not, 2 if none was.

    Raises:
        InputError: if the archive is among the others.
        ArchiveError: if one cannot be opened, or the archive cannot be written.
    """
    from retold.archive import Archive

    streams = streams or standard_streams()
    opened = [Archive.open(other) for other in others]
    if any(other.path.resolve() == Path(archive).resolve() for other in opened):
        raise InputError(f"{archive} cannot be merged into itself; name another archive")
    documents = chain.from_iterable(other.documents() for other in opened)
    keep_texts = any(other.manifest.keeps_texts for other in opened)
    return _add(archive, documents, keep_texts, progress_of(streams), streams)


def _add(
    path: str | Path,
    items: Iterable[Document | Unreadable],
    keep_texts: bool,
    progress: Progress,
    streams: Streams,
) -> int:
    from retold.archive import Archive, PostgresArchive, is_database

    if is_database(path):
        if not keep_texts:
            raise InputError(f"--no-text: {path} keeps texts; leave the option out")
        archive: AnyArchive = PostgresArchive.create(str(path))
    else:
        archive = Archive.open(path) if Path(path).exists() else Archive.create(path, keep_texts)
    last = archive.last_number
    summary = archive.add(_remarked(items, progress), progress.update)
    _remark_shared_ids(archive, last, progress)
    progress.clear()
    streams.output.write(f"{printable(str(path))}: {summary}; {counted(len(archive), 'article')}\n")
    return _exit_code(summary)


def _remarked(items: Iterable[Document | Unreadable], progress: Progress) -> Iterator[Document | Unreadable]:
    """Report what could not be read as it passes."""
    for item in items:
        if isinstance(item, Unreadable):
            progress.remark(f"{item.id}: {item.reason}")
        yield item


def _remark_shared_ids(archive: AnyArchive, since: int, progress: Progress) -> None:
    """Name ids of articles added after a number that stand for other articles, too."""
    if shared := archive.shared_ids(since, _SHOWN_IDS + 1):
        names = ", ".join(shared[:_SHOWN_IDS]) + (", and so on" if len(shared) > _SHOWN_IDS else "")
        progress.remark(
            f"different articles of the same id are kept: {names}; give each an id of its own, or to keep only the latest remove"
            " the id (retold archive remove) and add it again"
        )


def _exit_code(summary: AddSummary) -> int:
    if not summary.unreadable:
        return OK
    return SOME_FAILED if summary.added or summary.repeated or summary.empty else FAILED


def progress_of(streams: Streams) -> Progress:
    """Progress on the errors; in place where these are a terminal."""
    return Progress(streams.errors, in_place=streams.errors.isatty())
