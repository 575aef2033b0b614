"""Parquet: a row a verdict, written by row groups as they come, for tables that no memory holds."""

from __future__ import annotations

import importlib
import math
from collections.abc import Iterable
from itertools import islice
from typing import BinaryIO, Final

from retold.detector.columns import TYPES, cells
from retold.detector.verdict import Verdict
from retold.errors import MissingPackageError

# Rows of a group: some megabytes, so that readers can skip and share them out, and a writer holds little.
_GROUP_ROWS: Final = 1_024


def write_parquet(verdicts: Iterable[Verdict], sink: BinaryIO) -> None:
    """Write verdicts with the columns of ``score_frame`` after ``id``; null where nothing is known.

    If the work is cut short, what came is a whole file before the exception goes on.

    Raises:
        MissingPackageError: if pyarrow is not installed.
    """
    try:
        pyarrow, parquet = importlib.import_module("pyarrow"), importlib.import_module("pyarrow.parquet")
    except ImportError:
        raise MissingPackageError("pyarrow", "writing Parquet") from None
    types = {name: pyarrow.type_for_alias(kind) for name, kind in _names().items()}
    rows, waiting = iter(verdicts), []
    with parquet.ParquetWriter(sink, pyarrow.schema(list(types.items()))) as writer:
        try:
            for verdict in rows:
                waiting.append(_row(verdict))
                waiting += map(_row, islice(rows, _GROUP_ROWS - 1))
                writer.write_table(pyarrow.Table.from_pylist(waiting, schema=writer.schema))
                waiting = []
        finally:
            if waiting:
                writer.write_table(pyarrow.Table.from_pylist(waiting, schema=writer.schema))


def _names() -> dict[str, str]:
    return {"id": "string", **TYPES}


def _row(verdict: Verdict) -> dict[str, object]:
    row = {"id": verdict.id, **cells(verdict)}
    return {name: None if isinstance(value, float) and math.isnan(value) else value for name, value in row.items()}
