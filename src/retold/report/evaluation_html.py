"""An evaluation in one HTML page: its tables, and calibration drawn as inline SVG."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from retold.report.evaluation import tables
from retold.report.html_page import bullets, page, text

ASSETS = ("page.css", "evaluation.css")
# Pixels of the drawing and of its margins, where the axes are named.
_SIZE, _MARGIN = 320, 44


def render_evaluation_html(evaluation: Mapping[str, Any]) -> Iterator[str]:
    """Yield the page of an evaluation, given as its JSON object, piece by piece."""
    yield from page("Evaluation", _body(evaluation), ASSETS)


def _body(evaluation: Mapping[str, Any]) -> Iterator[str]:
    yield f'<header><h1>Evaluation</h1><p class="soft">{text(evaluation["model"])}</p></header>\n<main>\n'
    yield bullets(evaluation["notes"], "notes")
    for table in tables(evaluation):
        yield _table(table)
    yield "<h2>Calibration</h2>\n<p>Where the line lies on the diagonal, a probability of 70% is right in 70 of 100 articles.</p>\n"
    for label, bins in evaluation["calibration"].items():
        yield calibration_svg(label, bins)
    yield "</main>\n"


def _table(table: Sequence[Sequence[str]]) -> str:
    (title,), head, *rows = table
    first = "".join(f'<th scope="col">{text(cell)}</th>' for cell in head)
    lines = "".join(f"<tr>{''.join(f'<td>{text(cell)}</td>' for cell in row)}</tr>" for row in rows)
    return (
        f'<h2>{text(title)}</h2>\n<div class="scroll" tabindex="0" role="region" aria-label="{text(title)}">'
        f"<table><thead><tr>{first}</tr></thead><tbody>{lines}</tbody></table></div>\n"
    )


def calibration_svg(label: str, bins: Sequence[Mapping[str, float]]) -> str:
    """The calibration of one label: share of articles that have it over the probability that was given."""
    points = [(_x(one["probability"]), _y(one["share"])) for one in bins]
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    dots = "".join(
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4"><title>{one["articles"]:,} articles: given {one["probability"]:.0%}, '
        f"so labelled {one['share']:.0%}</title></circle>"
        for (x, y), one in zip(points, bins, strict=True)
    )
    ticks = "".join(
        f'<text x="{_x(t):.1f}" y="{_SIZE - _MARGIN + 16}" text-anchor="middle">{t:.0%}</text>'
        f'<text x="{_MARGIN - 6}" y="{_y(t) + 4:.1f}" text-anchor="end">{t:.0%}</text>'
        for t in (0.0, 0.5, 1.0)
    )
    spoken = "; ".join(f"given {one['probability']:.0%}, so labelled {one['share']:.0%}" for one in bins)
    return (
        f'<figure><figcaption>{text(label)}</figcaption><svg class="calibration" width="{_SIZE}" height="{_SIZE}" '
        f'viewBox="0 0 {_SIZE} {_SIZE}" role="img" aria-label="Calibration, {text(label)}: {text(spoken)}">'
        f'<path class="diagonal" d="M{_x(0):.1f} {_y(0):.1f} L{_x(1):.1f} {_y(1):.1f}"/>{ticks}'
        f'<polyline points="{line}"/>{dots}'
        f'<text x="{_SIZE / 2}" y="{_SIZE - 8}" text-anchor="middle">probability given</text></svg></figure>\n'
    )


def _x(share: float) -> float:
    return _MARGIN + share * (_SIZE - 1.5 * _MARGIN)


def _y(share: float) -> float:
    return _SIZE - _MARGIN - share * (_SIZE - 1.5 * _MARGIN)
