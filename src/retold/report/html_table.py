"""A table of an HTML report that sorts and filters, a row for each section that follows; ``assets/report.js`` makes it do so."""

from __future__ import annotations

import posixpath
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from retold.report.formatting import percent
from retold.report.html_page import text
from retold.report.table import shortened_in_the_middle

# Characters of an id in the table; the section has all of it.
_MAX_ID = 120


@dataclass(frozen=True, slots=True)
class Column:
    """A column.

    Attributes:
        key: What the script calls it; unique in its table.
        title: Its heading.
        is_number: Whether its values are numbers.
        is_day: Whether its values are days, which are not broken.
        is_id: Whether its values are names, which may be broken anywhere.
        is_wide: Whether it is left out where there is no room.
        filter: What the choice of its values, or the least of its numbers, is called; without one it does not filter.
        sort: How its rows are ordered at first: ``descending``, ``ascending`` or not at all.
    """

    key: str
    title: str
    is_number: bool = False
    is_day: bool = False
    is_id: bool = False
    is_wide: bool = False
    filter: str = ""
    sort: str = ""


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell.

    Attributes:
        value: What it is sorted and filtered by, as text.
        html: What is shown, where that is something else.
    """

    value: str
    html: str | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """A row; its first cell, which is not among ``cells``, is a link to the section.

    Attributes:
        name: Id of the section in the page.
        id: The reader's name for it.
        cells: Those of the other columns.
    """

    name: str
    id: str
    cells: tuple[Cell, ...]

    @property
    def shown_id(self) -> str:
        """Its name as it is shown."""
        return shortened_in_the_middle(self.id, _MAX_ID) or "article"


def counted(number: int) -> Cell:
    """A cell of a count; nothing is shown for none."""
    return Cell(str(number), f"{number:,}" if number else "") if number >= 1000 or not number else Cell(str(number))


def share(probability: float) -> Cell:
    """A cell of a probability as a percentage; nothing is shown for a negative one, which stands for none."""
    return Cell(f"{100 * probability:.2f}", text(percent(probability)) if probability >= 0 else "")


def table(columns: Sequence[Column], rows: Sequence[Row]) -> str:
    """The filters, which only the script shows since without it they would do nothing, and the table."""
    head = "".join(
        f'<th scope="col"{_classes(column)} data-key="{column.key}"{_sort(column)}>{text(column.title)}</th>'
        for column in columns
    )
    body = "".join(_row(columns, row) for row in rows)
    return (
        f'{_filters(columns, rows)}<table id="articles"><thead><tr>{head}</tr></thead><tbody>\n{body}</tbody></table>\n'
    )


def _classes(column: Column) -> str:
    held = {"n": column.is_number, "day": column.is_day, "id": column.is_id, "wide": column.is_wide}
    names = " ".join(name for name, holds in held.items() if holds)
    return f' class="{names}"' if names else ""


def _sort(column: Column) -> str:
    return f' aria-sort="{column.sort}"' if column.sort else ""


def _row(columns: Sequence[Column], row: Row) -> str:
    cells = "".join(
        f"<td{_classes(column)}{_shown(cell)}</td>" for column, cell in zip(columns[1:], row.cells, strict=True)
    )
    return f'<tr><td class="id"><a href="#{row.name}"><bdi>{text(row.shown_id)}</bdi></a></td>{cells}</tr>\n'


def _shown(cell: Cell) -> str:
    return f">{text(cell.value)}" if cell.html is None else f' data-v="{text(cell.value)}">{cell.html}'


def _filters(columns: Sequence[Column], rows: Sequence[Row]) -> str:
    fields = [_filter(column, [row.cells[place] for row in rows]) for place, column in enumerate(columns[1:])]
    fields.append(_choice("folder", "Folder", [posixpath.dirname(row.shown_id) for row in rows]))
    end = '<button type="reset">Show all</button><output></output>'
    return f'<form id="filters" class="controls" aria-label="Filter the table" hidden>{"".join(fields)}{end}</form>\n'


def _filter(column: Column, cells: Sequence[Cell]) -> str:
    if not column.filter:
        return ""
    if column.is_number:
        return f'<label>{escape(column.filter)} <input type="number" name="{column.key}" min="0"></label>'
    return _choice(column.key, column.filter, [cell.value for cell in cells])


def _choice(name: str, label: str, values: Sequence[str]) -> str:
    """A choice among the values that occur; none if there is nothing to choose."""
    different = sorted({value for value in values if value})
    if len(different) < 2 and (not different or "" not in values):
        return ""
    options = "".join(f'<option value="{text(value)}">{text(value)}</option>' for value in different)
    return f'<label>{escape(label)} <select name="{name}"><option value="">all</option>{options}</select></label>'
