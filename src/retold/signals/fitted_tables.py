"""Tables that training fits and the model folder carries: tab-separated text under a heading, checked before use."""

from __future__ import annotations

from collections.abc import Sequence

from retold.errors import ModelError


def parse_fitted_table(text: str, file: str, columns: Sequence[str]) -> list[list[str]]:
    """The rows of a table, each with as many fields as there are columns; short rows are filled up with empty fields.

    Args:
        text: A heading that names the columns, and a line a row. Lines that begin with ``#`` are comments.
        file: Its name in the model folder, for the message.
        columns: The names that the heading must have.

    Raises:
        ModelError: if the heading is another or a row is longer.
    """
    heading, *rows = [line.split("\t") for line in text.splitlines() if line and not line.startswith("#")] or [[]]
    if heading != list(columns) or any(len(row) > len(columns) for row in rows):
        raise ModelError(f"{file}: not a table of {', '.join(columns)}; get the model anew")
    return [row + [""] * (len(columns) - len(row)) for row in rows]
