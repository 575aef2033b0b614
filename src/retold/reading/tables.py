"""CSV and Parquet: a row a document, with a column ``text`` and, if rows have names, ``id``."""

from __future__ import annotations

import csv
import importlib
import io
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any, TextIO

from retold.errors import InputError, MissingPackageError
from retold.limits import MAX_ROW, MAX_ROW_GROUP_BYTES, PARQUET_BATCH_ROWS
from retold.reading.documents import Document, Unreadable, row_document
from retold.reading.encoding import encoding_of

# What spreadsheets put between columns where the comma is a decimal point.
_OTHER_SEPARATORS = ";\t|"


def read_csv(path: Path, source: str, fields: tuple[str, ...] = ()) -> Iterator[Document | Unreadable]:
    """Yield a document for each row of a CSV file, or why there is none.

    Raises:
        InputError: if there is no column ``text``, the file is binary, or a row is too long or malformed; the rows
            after that cannot be told apart.
        OSError: if the file cannot be read.
    """
    with path.open("rb") as stream:
        encoding, warnings = encoding_of(stream)
        lines = _RowLines(io.TextIOWrapper(stream, encoding=encoding, errors="replace", newline=""))
        # The limit is the whole process's; nothing else here reads CSV. A whole row may be one cell: what is too long for
        # a document is refused by itself, and the rows after it are still read.
        csv.field_size_limit(MAX_ROW)
        rows = csv.reader(lines)
        try:
            yield from _csv_documents(rows, lines, source, fields, warnings)
        except csv.Error as error:
            raise InputError(f"line {rows.line_num}: {error}; the rows from there on were not read") from None


def _csv_documents(
    rows: Iterator[list[str]], lines: _RowLines, source: str, fields: tuple[str, ...], warnings: tuple[str, ...]
) -> Iterator[Document | Unreadable]:
    header = _without_capitals([name.strip() for name in next(filter(None, rows), [])], fields)
    if len(header) == 1 and any(mark in header[0] for mark in _OTHER_SEPARATORS):
        raise InputError(f"not comma-separated ({header[0][:40]!r}); save it as CSV with commas")
    _check_columns(header)
    for number, row in enumerate(rows, start=1):
        lines.held = 0
        if row:
            # An empty cell is none, but an empty text is a text. A row may lack its last cells, and of two columns of one
            # name the first counts.
            pairs = reversed(list(zip(header, row, strict=False)))
            cells = {name: cell for name, cell in pairs if cell or name == "text"}
            yield row_document(cells, f"{source}:{number}", fields, warnings)


def _without_capitals(header: list[str], fields: tuple[str, ...]) -> list[str]:
    """Take "Text" for text where no column is named so."""
    wanted = {name.lower(): name for name in ("text", "id", "date", *fields) if name not in header}
    return [wanted.get(name.lower(), name) for name in header]


class _RowLines:
    """Lines for the csv module, which holds a whole row, however many lines its quotation marks join."""

    def __init__(self, stream: TextIO) -> None:
        self.stream = stream
        self.held = 0

    def __iter__(self) -> _RowLines:
        return self

    def __next__(self) -> str:
        line = self.stream.readline(MAX_ROW + 1)
        self.held += len(line)
        if self.held > MAX_ROW:
            raise csv.Error(f"a row longer than {MAX_ROW:,} characters; check its quotation marks")
        if not line:
            raise StopIteration
        return line


def read_parquet(path: Path, source: str, fields: tuple[str, ...] = ()) -> Iterator[Document | Unreadable]:
    """Yield a document for each row of a Parquet file, or why there is none; a few rows are held at a time.

    Raises:
        MissingPackageError: if pyarrow is not installed.
        InputError: if there is no column ``text`` or the file is damaged.
        OSError: if the file cannot be read.
    """
    pyarrow, parquet = _pyarrow()
    try:
        with parquet.ParquetFile(path) as table:
            _check_row_groups(table.metadata)
            names = table.schema_arrow.names
            _check_columns(names)
            columns = [name for name in dict.fromkeys(("text", "id", "date", *fields)) if name in names]
            yield from _parquet_documents(table, columns, source, fields)
    except (pyarrow.ArrowException, UnicodeDecodeError, OverflowError, OSError) as error:
        # pyarrow says OSError of damaged pages too, but only the system's own have a number.
        if isinstance(error, OSError) and error.errno:
            raise
        first_line = next(iter(str(error).splitlines()), "unknown error")
        raise InputError(f"not a sound Parquet file ({first_line}); write it again") from None


def _parquet_documents(
    table: Any, columns: list[str], source: str, fields: tuple[str, ...]
) -> Iterator[Document | Unreadable]:
    number = 0
    for batch in table.iter_batches(batch_size=PARQUET_BATCH_ROWS, columns=columns):
        values = [_values(batch.column(name)) for name in columns]
        for row in zip(*values, strict=True):
            number += 1
            yield row_document(dict(zip(columns, row, strict=True)), f"{source}:{number}", fields)


def _values(column: Any) -> list[Any]:
    """The values of a column; None for one that Python cannot hold, such as a date in the year 148,108."""
    try:
        return list(column.to_pylist())
    except (ValueError, OverflowError):
        return [_value(scalar) for scalar in column]


def _value(scalar: Any) -> Any:
    try:
        return scalar.as_py()
    except (ValueError, OverflowError):
        return None


def _check_row_groups(metadata: Any) -> None:
    """Refuse what would not fit in memory once unpacked."""
    sizes = (metadata.row_group(index).total_byte_size for index in range(metadata.num_row_groups))
    if max(sizes, default=0) > MAX_ROW_GROUP_BYTES:
        raise InputError(f"a row group of more than {MAX_ROW_GROUP_BYTES:,} bytes; write it with smaller row groups")


def _pyarrow() -> tuple[ModuleType, ModuleType]:
    try:
        return importlib.import_module("pyarrow"), importlib.import_module("pyarrow.parquet")
    except ImportError:
        raise MissingPackageError("pyarrow", "reading Parquet") from None


def _check_columns(names: Iterable[str]) -> None:
    found = list(names)
    if "text" not in found:
        shown = ", ".join(name[:40] for name in found[:12]) or "none"
        raise InputError(f"no column named text (found: {shown}); rename the column that holds the articles")
