"""CSV: one row a verdict, for spreadsheets."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from retold.report.formatting import evidence_words, strongest_first, top_pivot

if TYPE_CHECKING:
    from retold.detector.verdict import Verdict

COLUMNS = (
    "id", "label", "p_original", "p_edited", "p_back_translated", "abstained", "n_words", "language", "pivot",
    "evidence", "warnings", "model",
)  # fmt: skip
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def sheet(verdicts: Iterable[Verdict]) -> Iterator[str]:
    """Yield a header and a row for each verdict, as RFC 4180 has them.

    Text that a spreadsheet would run as a formula is preceded by an apostrophe.
    """
    yield _row(COLUMNS)
    for verdict in verdicts:
        yield _row(_cells(verdict))


def _cells(verdict: Verdict) -> list[str]:
    shares = [verdict.probabilities.get(label, 0.0) for label in ("original", "edited", "back-translated")]
    texts = [
        verdict.language,
        top_pivot(verdict),
        "; ".join(dict.fromkeys(evidence_words(item) for item in strongest_first(verdict.evidence))),
        "; ".join(verdict.warnings),
        verdict.model,
    ]
    numbers = [*(f"{share:.4f}" for share in shares), str(verdict.abstained).lower(), str(verdict.n_words)]
    return [guarded(verdict.id), guarded(verdict.label), *numbers, *map(guarded, texts)]


def guarded(text: str) -> str:
    """Return a cell that no spreadsheet takes for a formula."""
    return "'" + text if text.lstrip(" ").startswith(_FORMULA_STARTS) else text


def _row(cells: Iterable[str]) -> str:
    buffer = io.StringIO()
    csv.writer(buffer).writerow(cells)
    return buffer.getvalue()
