"""Paths to documents, lazily: files by their suffix, folders in sorted order, ``-`` for standard input."""

from __future__ import annotations

import gzip
import lzma
import os
import re
import sys
import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

from retold.errors import InputError, RetoldError
from retold.limits import MAX_FILE_BYTES, MAX_HTML_BYTES, MAX_MARKDOWN_BYTES, MAX_ROW, SNIFFED_BYTES
from retold.printable import counted
from retold.reading.documents import Document, Unreadable, make_document
from retold.reading.encoding import decode, refuse_binary, refuse_utf16
from retold.reading.html import extract_article
from retold.reading.jsonl import read_jsonl
from retold.reading.markdown import markdown_text
from retold.reading.paths import OPENERS, shown_path, suffix_of, walk
from retold.reading.tables import is_header, read_csv, read_parquet

DocumentStream = Iterator[Document | Unreadable]
# Takes a path, its name in messages, and the columns to keep.
Reader = Callable[[Path, str, tuple[str, ...]], DocumentStream]
Note = Callable[[str], None]


def read(
    paths: Iterable[str | Path],
    note: Note | None = None,
    stdin: BinaryIO | None = None,
    fields: Iterable[str] = (),
) -> DocumentStream:
    """Yield the documents behind paths, one at a time, or why there is none.

    Args:
        paths: Files, folders, or "-" for standard input (plain text, or JSONL if it begins with "{").
        note: Called with remarks that are no failure, such as how many files of a folder were passed over.
        stdin: Read instead of standard input.
        fields: Columns of JSONL, CSV and Parquet to keep in ``Document.fields``.

    A file named here is read as plain text if its suffix is not known; in folders such files, hidden ones and
    symbolic links are passed over. Never raises for what is in a file.
    """
    columns = tuple(fields)
    for path in paths:
        if str(path) == "-":
            yield from _read_guarded("-", lambda: _read_stream(stdin or sys.stdin.buffer, columns))
        elif os.path.isdir(path):
            yield from _read_folder(Path(path), note or (lambda _: None), columns)
        else:
            yield from _read_file(Path(path), columns)


def _read_file(path: Path, fields: tuple[str, ...]) -> DocumentStream:
    reader = READERS.get(suffix_of(path.name), _read_plain)
    return _read_guarded(shown_path(path), lambda: reader(path, shown_path(path), fields))


def _read_guarded(name: str, reading: Callable[[], DocumentStream]) -> DocumentStream:
    """Turn the failure of one file into its result; a file without a single document is one too."""
    is_empty = True
    try:
        for result in reading():
            is_empty = False
            yield result
        if is_empty:
            yield Unreadable(name, "no documents in it; give each its own line or row, with a text")
    except RetoldError as error:
        yield Unreadable(name, str(error))
    except (EOFError, zlib.error, lzma.LZMAError, gzip.BadGzipFile) as error:
        yield Unreadable(name, f"damaged: cannot be unpacked ({error}); get it again")
    except OSError as error:
        yield Unreadable(name, f"{error.strerror or error}; check the path and its permissions")
    except (ValueError, ArithmeticError, MemoryError, RecursionError) as error:
        yield Unreadable(name, f"cannot be read ({type(error).__name__}: {error}); save it as plain text in UTF-8")


def _read_folder(folder: Path, note: Note, fields: tuple[str, ...]) -> DocumentStream:
    passed_over: Counter[str] = Counter()
    found = 0
    for path in walk(folder, READERS, passed_over):
        found += 1
        yield from [path] if isinstance(path, Unreadable) else _read_file(path, fields)
    if passed_over:
        kinds = ", ".join(counted(count, kind) for kind, count in sorted(passed_over.items()))
        note(f"{shown_path(folder)}: passed over {kinds}")
    if not found:
        yield Unreadable(
            shown_path(folder), f"no files to read; known suffixes are {' '.join(sorted(READERS.keys() - _REFUSED))}"
        )


def _read_plain(path: Path, source: str, fields: tuple[str, ...]) -> DocumentStream:
    text, warnings = decode(_bytes_of(path, MAX_FILE_BYTES))
    yield _document_of(text, source, warnings)


def _document_of(text: str, source: str, warnings: tuple[str, ...]) -> Document | Unreadable:
    """A text as it is, or the article of a page that was saved or piped as text.

    Raises:
        InputError: if it is no running text but rows of data, which would be judged as one text.
    """
    if _JSON.match(text):
        raise InputError(_NOT_LINES)
    if is_header(next(iter(text[:SNIFFED_BYTES].lstrip().splitlines()), "")):
        raise InputError("rows of a table; save it under a name that ends in .csv")
    if not _PAGE.match(text):
        return make_document(text, source, warnings)
    if len(text) > MAX_HTML_BYTES:
        raise InputError(f"a page of more than {MAX_HTML_BYTES:,} characters; save the article's text")
    return _article_of(text, source, (*warnings, "read as HTML, since it begins as a page does"))


def _article_of(markup: str, source: str, warnings: tuple[str, ...]) -> Document | Unreadable:
    article = extract_article(markup)
    if not article.text:
        raise InputError("no text in this HTML; save the article's text as .txt")
    return make_document(article.text, source, (*warnings, *article.warnings))


def _read_markdown(path: Path, source: str, fields: tuple[str, ...]) -> DocumentStream:
    markup, warnings = decode(_bytes_of(path, MAX_MARKDOWN_BYTES))
    yield make_document(markdown_text(markup), source, warnings)


def _read_html(path: Path, source: str, fields: tuple[str, ...]) -> DocumentStream:
    markup, warnings = decode(_bytes_of(path, MAX_HTML_BYTES))
    yield _article_of(markup, source, warnings)


def _read_jsonl_file(path: Path, source: str, fields: tuple[str, ...]) -> DocumentStream:
    with OPENERS.get(path.suffix.lower(), Path.open)(path, "rb") as stream:
        first = stream.readline(MAX_ROW + 1)
        refuse_binary(first[:SNIFFED_BYTES])
        refuse_utf16(first)
        yield from read_jsonl(stream, source, first, fields)


def _read_json(path: Path, source: str, fields: tuple[str, ...]) -> DocumentStream:
    raise InputError(_NOT_LINES)


def _read_mail(path: Path, source: str, fields: tuple[str, ...]) -> DocumentStream:
    raise InputError("an e-mail or a page saved as one; save the text as .txt, or the page as .html")


def _read_stream(stream: BinaryIO, fields: tuple[str, ...]) -> DocumentStream:
    """Standard input: JSONL if it begins with a brace, else one document, plain or a page."""
    first = stream.readline(MAX_ROW + 1)
    if first.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"{") and not first.startswith(b"{\\rtf"):
        yield from read_jsonl(stream, "-", first, fields)
        return
    data = first + stream.read(MAX_FILE_BYTES + 1 - len(first))
    text, warnings = decode(_within(data, MAX_FILE_BYTES))
    yield _document_of(text, "-", warnings)


def _bytes_of(path: Path, limit: int) -> bytes:
    with path.open("rb") as stream:
        return _within(stream.read(limit + 1), limit)


def _within(data: bytes, limit: int) -> bytes:
    if len(data) > limit:
        raise InputError(f"larger than {limit:,} bytes; split it, or give articles as JSONL, which is read by the line")
    return data


_NOT_LINES = "JSON in one piece; write one object a line into a .jsonl file, e.g. jq -c '.[]' FILE"
# How JSON begins that holds objects.
_JSON = re.compile(r'\s{0,100}(?:\[\s{0,100})?\{\s{0,100}"')
# How a page begins.
_PAGE = re.compile(r"\s{0,100}(?:<\?xml[^<>]{0,200}>\s{0,100})?<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE)
# By suffix, in lower case; in folders, files of other suffixes are passed over.
READERS: dict[str, Reader] = {
    ".txt": _read_plain,
    ".text": _read_plain,
    ".md": _read_markdown,
    ".markdown": _read_markdown,
    ".html": _read_html,
    ".htm": _read_html,
    ".xhtml": _read_html,
    ".jsonl": _read_jsonl_file,
    ".ndjson": _read_jsonl_file,
    ".jsonl.gz": _read_jsonl_file,
    ".jsonl.xz": _read_jsonl_file,
    ".json": _read_json,
    ".eml": _read_mail,
    ".mht": _read_mail,
    ".mhtml": _read_mail,
    ".csv": read_csv,
    ".tsv": read_csv,
    ".parquet": read_parquet,
}
# Those of files that are named with what to do instead.
_REFUSED = frozenset((".json", ".eml", ".mht", ".mhtml"))
