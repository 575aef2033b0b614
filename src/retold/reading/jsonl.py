"""JSON lines: one object a line with ``text`` and, if it has a name, ``id``."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import BinaryIO

from retold.limits import MAX_ROW
from retold.reading.documents import Document, Unreadable, row_document, without_capitals
from retold.reading.encoding import GUESSED, replace_surrogates

_UTF8_MARK = b"\xef\xbb\xbf"


def read_jsonl(
    stream: BinaryIO, source: str, first: bytes = b"", fields: tuple[str, ...] = ()
) -> Iterator[Document | Unreadable]:
    """Yield a document for each line that is not blank, or why there is none; later lines are still read.

    Args:
        stream: Opened in binary mode; never more than one line of it is held.
        source: Name of the file, for ids and messages.
        first: A first line that was already taken from the stream.
        fields: Keys of the objects to keep beside ``text``, ``id`` and ``date``.
    """
    for number, line in enumerate(_bounded_lines(stream, first), start=1):
        place = f"{source}:{number}"
        if line is None:
            yield Unreadable(replace_surrogates(place), f"longer than {MAX_ROW:,} bytes; split the document")
        elif stripped := line.removeprefix(_UTF8_MARK).strip():
            yield _parse(stripped, place, fields)


def _bounded_lines(stream: BinaryIO, first: bytes) -> Iterator[bytes | None]:
    """Lines of a stream; None for one that is too long, which is passed over in pieces."""
    line = first or stream.readline(MAX_ROW + 1)
    while line:
        whole = len(line) <= MAX_ROW
        yield line if whole else None
        while len(line) > MAX_ROW and not line.endswith(b"\n"):
            line = stream.readline(MAX_ROW + 1)
        line = stream.readline(MAX_ROW + 1)


def _parse(line: bytes, place: str, fields: tuple[str, ...]) -> Document | Unreadable:
    warnings: tuple[str, ...] = ()
    try:
        decoded = line.decode("utf-8")
    except UnicodeDecodeError:
        decoded, warnings = line.decode("cp1252", errors="replace"), (GUESSED,)
    try:
        row = json.loads(decoded)
    except RecursionError:
        return Unreadable(replace_surrogates(place), "nested too deeply; each line must be one object with a text")
    except ValueError as error:
        return Unreadable(replace_surrogates(place), f"not JSON ({error}); each line must be one object with a text")
    if not isinstance(row, dict):
        return Unreadable(
            replace_surrogates(place), 'not an object; each line must look like {"id": "...", "text": "..."}'
        )
    named = dict(zip(without_capitals(row, fields), row.values(), strict=True))
    return row_document(named, place, fields, warnings)
