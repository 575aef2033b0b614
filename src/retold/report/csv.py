"""CSV: one row a verdict, for spreadsheets."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from retold.printable import escaped
from retold.report.formatting import evidence_words, strongest_first

if TYPE_CHECKING:
    from retold.detector.verdict import Verdict

_LABELS = ("original", "edited", "back-translated")
COLUMNS = (
    "id", "label", "p_original", "p_edited", "p_back_translated", "abstained", "n_words", "language", "pivot",
    "evidence", "warnings", "model", "signature",
)  # fmt: skip
# What spreadsheets take for the beginning of a formula, full-width forms included.
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def render_csv(verdicts: Iterable[Verdict]) -> Iterator[str]:
    """Yield a header and a row for each verdict (RFC 4180); cells of what was not judged are empty.

    Text that a spreadsheet would run as a formula is preceded by an apostrophe; controls are escaped as in Python.
    """
    yield csv_row(COLUMNS)
    for verdict in verdicts:
        yield csv_row(_cells(verdict))


def _cells(verdict: Verdict) -> list[str]:
    probabilities = verdict.probabilities or {}
    return [
        guarded(verdict.id),
        verdict.label or "",
        *(f"{probabilities[label]:.4f}" if label in probabilities else "" for label in _LABELS),
        str(verdict.abstained).lower(),
        str(verdict.n_words),
        guarded(verdict.language),
        guarded(verdict.top_pivot or ""),
        guarded("; ".join(dict.fromkeys(evidence_words(item) for item in strongest_first(verdict.evidence)))),
        guarded("; ".join(verdict.warnings)),
        guarded(verdict.model),
        guarded(verdict.signature),
    ]


def guarded(text: str) -> str:
    """Return a cell that no spreadsheet takes for a formula, and that holds no controls but tabs and line ends."""
    cell = escaped(text)
    return "'" + cell if cell.lstrip(" ").startswith(_FORMULA_STARTS) else cell


def csv_row(cells: Iterable[str]) -> str:
    """One row of a CSV, with its line end."""
    buffer = io.StringIO()
    csv.writer(buffer).writerow(cells)
    return buffer.getvalue()
