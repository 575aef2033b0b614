"""An evaluation as text: figures with intervals, confusion, parts, comparison, the gravest mistakes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from retold.printable import printable

# Characters of a name or of evidence that a line shows.
_WIDTH = 60


def render_evaluation(evaluation: Mapping[str, Any]) -> str:
    """The JSON object of an evaluation as a text of tables."""
    sections = [
        [f"model: {printable(evaluation['model'])}"],
        *(columns(table) for table in tables(evaluation)),
        [f"note: {printable(note)}" for note in evaluation["notes"]],
    ]
    return "\n\n".join("\n".join(section) for section in sections if section) + "\n"


def tables(evaluation: Mapping[str, Any]) -> Iterator[list[list[str]]]:
    """The tables of an evaluation, each a title, a head and rows, as text."""
    yield [
        ["Figures"],
        ["", "value", "95% interval"],
        *([name, number(f["value"]), span(f)] for name, f in evaluation["figures"].items()),
    ]
    labels = list(evaluation["confusion"])
    yield [
        ["Confusion: labels by row, what was called by column"],
        ["", *labels],
        *([label, *(f"{evaluation['confusion'][label][c]:,}" for c in labels)] for label in labels),
    ]
    if evaluation["parts"]:
        names = list(evaluation["parts"][0])[3:]
        yield [
            ["Parts"],
            ["", "", "articles", *names],
            *([p["by"], p["name"], f"{p['articles']:,}", *(number(p[n]) for n in names)] for p in evaluation["parts"]),
        ]
    if evaluation["comparison"]:
        yield [
            [f"Compared with {evaluation['other']}, on the same draws"],
            ["", "model", "other", "difference", "95% interval", "other is higher"],
            *([name, *_compared(c)] for name, c in evaluation["comparison"].items()),
        ]
    if evaluation["mistakes"]:
        yield [
            ["Gravest mistakes"],
            ["", "label", "called", "probability of the label", "evidence"],
            *([m["id"], *_mistake(m)] for m in evaluation["mistakes"]),
        ]


def columns(table: Sequence[Sequence[str]]) -> list[str]:
    """Lines of a table whose first row is its title; cells are cut to a width that a terminal shows."""
    (title,), *rows = table
    cells = [[_cut(printable(cell)) for cell in row] for row in rows]
    widths = [max(len(cell) for cell in column) for column in zip(*cells, strict=True)]
    lines = ["  ".join(c.ljust(w) for c, w in zip(row, widths, strict=True)).rstrip() for row in cells]
    return [printable(title), *lines]


def number(value: float | None) -> str:
    """Three decimals; a hyphen where there is no figure."""
    return "-" if value is None else f"{value:.3f}"


def span(figure: Mapping[str, float | None]) -> str:
    """The ends of an interval."""
    return "-" if figure["low"] is None else f"{number(figure['low'])} to {number(figure['high'])}"


def _compared(figure: Mapping[str, float | None]) -> list[str]:
    values = [number(figure[name]) for name in ("model", "other", "difference")]
    share = figure["higher"]
    return [*values, span(figure), "-" if share is None else f"in {share:.0%}"]


def _mistake(mistake: Mapping[str, Any]) -> list[str]:
    shown = ", ".join(mistake["evidence"]) or "none"
    return [mistake["label"], mistake["called"], number(mistake["probability_of_label"]), shown]


def _cut(cell: str) -> str:
    return cell if len(cell) <= _WIDTH else cell[: _WIDTH - 3] + "..."
