"""``retold archive``: make and keep an archive of articles."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from retold.cli.archive_adding import add, merge, progress_of
from retold.cli.exit_codes import OK, SOME_FAILED
from retold.cli.shared_arguments import Commands, add_command, add_format, add_paths
from retold.cli.terminal import Streams, standard_streams
from retold.errors import InputError
from retold.printable import counted, printable
from retold.reading.documents import parse_day

if TYPE_CHECKING:
    from retold.archive import ArchiveInfo

_EXAMPLES = """
retold archive add wire.archive wire.jsonl more/
retold archive info wire.archive
retold archive add postgresql://desk@localhost/news wire.jsonl
retold archive remove wire.archive --before 2015-01-01
retold archive verify wire.archive
retold archive repair wire.archive
retold archive merge all.archive wire.archive daily.archive
"""
_NOTES = """
An archive is a folder, or the schema "retold" of a PostgreSQL database: postgresql://user@host/name (needs retold[postgres]; add and
info). Rows of JSONL, CSV and Parquet may have an "id", a "date", a "url" and an "outlet", which it keeps. The same article is added
once, so that an "add" that was cut short is finished by running it again.
"""
# Outlets that ``info`` lists in its table.
_SHOWN_OUTLETS = 10


def add_arguments(commands: Commands) -> None:
    """Add the command and what it does to a parser."""
    command = add_command(
        commands, "archive", run, "keep articles in which the source of a text is found", _EXAMPLES, _NOTES
    )
    actions = command.add_subparsers(dest="action", required=True, metavar="ACTION")
    adding = _add_action(actions, "add", "add articles; makes the archive if there is none")
    add_paths(adding)
    adding.add_argument(
        "--no-text",
        action="store_true",
        help="a new archive keeps addresses only and reads a text again where it was found",
    )
    add_format(_add_action(actions, "info", "say what an archive holds"), ("table", "json"))
    removing = _add_action(actions, "remove", "remove articles")
    for name in ("id", "url", "outlet"):
        removing.add_argument(
            f"--{name}", action="append", default=[], metavar=name.upper(), help=f"all with this {name}"
        )
    # Taken so that the answer can say what an id by itself lacks.
    removing.add_argument("unnamed", nargs="*", default=[], metavar="", help=argparse.SUPPRESS)
    removing.add_argument("--before", default="", metavar="DATE", help="all of a day before this one, YYYY-MM-DD")
    _add_action(actions, "verify", "check that an archive is sound")
    _add_action(actions, "repair", "make manifest and index anew from the articles")
    merging = _add_action(actions, "merge", "add all articles of other archives; makes the archive if there is none")
    merging.add_argument("others", nargs="+", metavar="OTHER", help="archives, which stay as they are")


def _add_action(actions: Commands, name: str, help: str) -> argparse.ArgumentParser:
    examples = "\n".join(f"  {line}" for line in _EXAMPLES.strip().splitlines() if f"archive {name} " in line)
    action = actions.add_parser(
        name,
        help=help,
        description=f"{help[0].upper()}{help[1:]}.",
        epilog=f"examples:\n{examples}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    action.add_argument(
        "archive",
        metavar="ARCHIVE",
        help="folder of the archive; add and info also take the address of a PostgreSQL database",
    )
    return action


def run(options: argparse.Namespace) -> int:
    """Run the command as it was parsed.

    Raises:
        InputError: if what ``remove`` names is ambiguous, or a database is named that does this itself.
        ArchiveError: if the archive cannot be opened or written.
    """
    if options.action not in ("add", "info"):
        _refuse_database(options.action, [options.archive, *getattr(options, "others", ())])
    match options.action:
        case "add":
            return add(options.archive, options.paths, keep_texts=not options.no_text)
        case "info":
            return info(options.archive, options.format)
        case "remove" if options.unnamed:
            name = options.unnamed[0]
            raise InputError(
                f"{name}: say what it is, so that nothing else is removed: --id {name}, --url {name} or --outlet {name}"
            )
        case "remove":
            return remove(options.archive, options.id, options.url, options.outlet, options.before)
        case "verify":
            return verify(options.archive)
        case "repair":
            return repair(options.archive)
        case _:
            return merge(options.archive, options.others)


def _refuse_database(action: str, archives: Sequence[str]) -> None:
    """Leave to a database what it does itself."""
    from retold.archive import is_database

    for archive in filter(is_database, archives):
        raise InputError(f"retold archive {action} takes folders; what {archive} holds is in retold.articles: use psql")


def info(archive: str | Path, format: str = "table", streams: Streams | None = None) -> int:
    """Write what an archive holds, for people or as one JSON object; 0."""
    from retold.archive import open_archive

    streams = streams or standard_streams()
    found = open_archive(archive).info()
    text = json.dumps(asdict(found), ensure_ascii=False) if format == "json" else "\n".join(_info_lines(found))
    streams.output.write(text + "\n")
    return OK


def _info_lines(info: ArchiveInfo) -> Iterator[str]:
    yield f"{printable(info.path)}: {counted(info.articles, 'article')}, {counted(info.words, 'word')}, {info.bytes / 1e6:,.1f} MB"
    if info.first_date:
        yield f"  {info.first_date} to {info.last_date}, {info.undated:,} without a date"
    listed = list(info.outlets.items())
    for outlet, count in listed[:_SHOWN_OUTLETS]:
        yield f"  {count:>12,}  {printable(outlet) or '(no outlet)'}"
    if len(listed) > _SHOWN_OUTLETS:
        yield f"  and {len(listed) - _SHOWN_OUTLETS:,} more outlets; see --format json"
    yield f"  {'texts are kept' if info.keeps_texts else 'addresses only'}; made by {printable(info.made_by)}"


def remove(
    archive: str | Path,
    ids: Sequence[str] = (),
    urls: Sequence[str] = (),
    outlets: Sequence[str] = (),
    before: str = "",
    streams: Streams | None = None,
) -> int:
    """Remove articles from an archive by what they say of themselves, and write how many; 0.

    Args:
        archive: Folder of the archive.
        ids: Ids of articles.
        urls: Addresses.
        outlets: Names of outlets.
        before: A day; what is of an earlier one goes.
        streams: Used instead of the standard streams.

    Raises:
        InputError: if nothing says which, or the date is none.
    """
    from retold.archive import Archive

    streams = streams or standard_streams()
    if not (ids or urls or outlets or before):
        raise InputError("nothing says which articles to remove; give --id, --url, --outlet or --before")
    day = parse_day(before)
    if before and not day:
        raise InputError(f"--before {before}: not a date; write it as 2024-05-31")
    opened = Archive.open(archive)
    n = opened.remove(ids, urls, outlets, day)
    streams.output.write(f"{printable(str(archive))}: {n:,} removed; {counted(len(opened), 'article')}\n")
    return OK


def verify(archive: str | Path, streams: Streams | None = None) -> int:
    """Check an archive and write every fault; 0 if it is sound, else 1."""
    from retold.archive import verify

    streams = streams or standard_streams()
    progress = progress_of(streams)
    faults = verify(archive, lambda n: progress.update(f"{n:,} articles checked"))
    progress.clear()
    name = printable(str(archive))
    for fault in faults:
        streams.output.write(f"{name}: {printable(fault)}\n")
    streams.output.write(f"{name}: run: retold archive repair {name}\n" if faults else f"{name}: sound\n")
    return SOME_FAILED if faults else OK


def repair(archive: str | Path, streams: Streams | None = None) -> int:
    """Make manifest and index of an archive anew, and write what had to be dropped; 0 if nothing had to, else 1."""
    from retold.archive import repair

    streams = streams or standard_streams()
    progress = progress_of(streams)
    n, dropped = repair(archive, lambda n: progress.update(f"{n:,} articles indexed"))
    progress.clear()
    name = printable(str(archive))
    for id in dropped:
        streams.output.write(f"{name}: dropped {printable(id)}, whose text is damaged or gone; add it again\n")
    streams.output.write(f"{name}: {counted(n, 'article')}\n")
    return SOME_FAILED if dropped else OK
