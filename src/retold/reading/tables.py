"""CSV and Parquet: a row a document, with a column ``text`` and, if rows have names, ``id``."""

from __future__ import annotations

import csv
import importlib
import io
from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path
from types import ModuleType
from typing import Any, TextIO

from retold.errors import InputError, MissingPackageError
from retold.limits import MAX_ROW, MAX_ROW_GROUP_BYTES, PARQUET_BATCH_ROWS
from retold.reading.documents import Document, Unreadable, row_document, without_capitals
from retold.reading.encoding import encoding_of

# What parts columns: spreadsheets write semicolons where the comma is a decimal point.
_SEPARATORS = ",;\t|"


def read_csv(path: Path, source: str, fields: tuple[str, ...] = ()) -> Iterator[Document | Unreadable]:
    """Yield a document for each row of a CSV file, or why there is none; tabs, semicolons or bars may part its columns, too.

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
        try:
            yield from _csv_documents(lines, source, fields, warnings)
        except csv.Error as error:
            raise InputError(f"line {lines.first}: {error}; the rows from there on were not read") from None


def _csv_documents(
    lines: _RowLines, source: str, fields: tuple[str, ...], warnings: tuple[str, ...]
) -> Iterator[Document | Unreadable]:
    first = lines.next_that_is_not_blank()
    mark = separator_of(first)
    rows = csv.reader(chain([first], lines), delimiter=mark)
    header = without_capitals([name.strip() for name in next(rows, [])], fields)
    _check_columns(header)
    lines.begin_row()
    for number, row in enumerate(rows, start=1):
        lines.begin_row()
        if row:
            # An empty cell is none, but an empty text is a text. A row may lack its last cells, and of two columns of one
            # name the first counts.
            pairs = reversed(list(zip(header, row, strict=False)))
            cells = {"text": None} | {name: cell for name, cell in pairs if cell or name == "text"}
            yield row_document(cells, f"{source}:{number}", fields, (*warnings, *_cell_doubts(row, header, mark)))


def separator_of(header: str) -> str:
    """What parts the columns of a header: the mark by which one of them is "text", or else by which there are most."""

    def fit(mark: str) -> tuple[bool, int]:
        names = next(csv.reader([header], delimiter=mark), [])
        return any(name.strip().lower() == "text" for name in names), len(names)

    return max(_SEPARATORS, key=fit)


def is_header(line: str) -> bool:
    """True for a line that is plainly a table's header: columns of one word each, one of which is "text"."""
    columns = ([name.strip('"').lower() for name in line.strip().split(mark)] for mark in _SEPARATORS)
    return any(len(names) > 1 and "text" in names and all(map(str.isidentifier, names)) for names in columns)


def _cell_doubts(row: list[str], header: list[str], mark: str) -> tuple[str, ...]:
    """The warning on a row with more cells than columns: a text without quotation marks ends at its first comma."""
    if not any(row[len(header) :]):
        return ()
    counts = f"the row has {len(row):,} cells for {len(header):,} columns"
    return (f"{counts}, so its text may be cut short; put texts that hold {mark!r} into quotation marks",)


class _RowLines:
    """Lines for the csv module, which holds a whole row, however many lines its quotation marks join."""

    def __init__(self, stream: TextIO) -> None:
        self.stream = stream
        # Lines read, the first of this row, and characters of this row so far.
        self.number, self.first, self.held = 0, 1, 0

    def begin_row(self) -> None:
        """The row ends here."""
        self.first, self.held = self.number + 1, 0

    def next_that_is_not_blank(self) -> str:
        """The next line that is not blank; empty at the end."""
        for line in self:
            if line.strip():
                return line
            self.begin_row()
        return ""

    def __iter__(self) -> _RowLines:
        return self

    def __next__(self) -> str:
        line = self.stream.readline(MAX_ROW + 1)
        self.number += bool(line)
        if not line and self.held:
            raise csv.Error("a quotation mark is not closed; close it, or write two for one that belongs to the text")
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
            names = without_capitals(table.schema_arrow.names, fields)
            _check_columns(names)
            # Of two columns of one name the first counts.
            written = dict(reversed(list(zip(names, table.schema_arrow.names, strict=True))))
            columns = {name: written[name] for name in ("text", "id", "date", *fields) if name in written}
            yield from _parquet_documents(table, columns, source, fields)
    except (pyarrow.ArrowException, UnicodeDecodeError, OverflowError, OSError) as error:
        # pyarrow says OSError of damaged pages too, but only the system's own have a number.
        if isinstance(error, OSError) and error.errno:
            raise
        first_line = next(iter(str(error).splitlines()), "unknown error")
        raise InputError(f"not a sound Parquet file ({first_line}); write it again") from None


def _parquet_documents(
    table: Any, columns: dict[str, str], source: str, fields: tuple[str, ...]
) -> Iterator[Document | Unreadable]:
    number = 0
    """The documents of a table's rows; ``columns`` are names of fields and how the table writes them."""
    for batch in table.iter_batches(batch_size=PARQUET_BATCH_ROWS, columns=list(columns.values())):
        values = [_values(batch.column(name)) for name in columns.values()]
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
