"""The terminal's table: a line a document."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from retold.language_names import language_name
from retold.limits import DEFAULT_WIDTH, MIN_TABLE_WIDTH
from retold.printable import printable
from retold.report.formatting import evidence_words, strongest_first

if TYPE_CHECKING:
    from retold.detector.verdict import Verdict

# Codes of ANSI terminals: green, yellow, red; faint.
_COLOURS = {"original": "32", "edited": "33", "back-translated": "31"}
_DIM = "2"
# Columns of a doubtful "back-translated?", of the longest usual name of a language, of "sure" and "words", and of the gaps
# between all six.
_VERDICT_WIDTH, _PIVOT_WIDTH = 16, 10
_FIXED = _VERDICT_WIDTH + 4 + 7 + _PIVOT_WIDTH + 5 * 2
# Characters at the end of a name that are shown before a second one of its beginning is: most of "council.txt".
_LAST = 8
# Columns. Below this, evidence would be cut to nothing and is left out.
_MIN_EVIDENCE = 16


def render_table(
    verdicts: Iterable[Verdict], width: int = DEFAULT_WIDTH, colour: bool = False, cut_ids: bool = True
) -> Iterator[str]:
    """Yield a header and a line for each verdict, as they come, then why some have a question mark, and the signature.

    A label with a question mark should not be relied on.

    Args:
        verdicts: What to show.
        width: Columns of the terminal; ids and evidence are cut to fit.
        colour: Colour the verdicts, for a terminal.
        cut_ids: False where another program reads on: there an id is whole, if it takes more columns or not.
    """
    id_width, evidence_width = _widths(width)
    yield _line("document", "verdict", "sure", "words", "pivot", "evidence" if evidence_width else "", id_width)
    signatures: dict[str, None] = {}
    doubts: Counter[str] = Counter()
    for verdict in verdicts:
        label = f"{_label(verdict):<{_VERDICT_WIDTH}}"
        signatures[verdict.signature] = None
        doubts.update([_doubt(verdict)] if verdict.label and verdict.abstained else [])
        yield _line(
            shown_id(verdict.id, id_width, cut_ids),
            f"\x1b[{_style(verdict)}m{label}\x1b[0m" if colour else label,
            verdict.certainty,
            f"{verdict.n_words:,}",
            shortened(language_name(verdict.top_pivot or "-"), _PIVOT_WIDTH),
            _evidence(verdict, evidence_width),
            id_width,
        )
    yield from (f"? on {count:,}: {reason}\n" for reason, count in doubts.most_common())
    yield from (f"signature: {printable(signature)}\n" for signature in signatures if signature)


def _line(id: str, label: str, certainty: str, n_words: str, pivot: str, evidence: str, id_width: int) -> str:
    cells = f"{id:<{id_width}}  {label:<{_VERDICT_WIDTH}}  {certainty:>4}  {n_words:>7}  {pivot:<{_PIVOT_WIDTH}}"
    return f"{cells}  {evidence}".rstrip() + "\n"


def _widths(width: int) -> tuple[int, int]:
    """Columns for ids and for evidence; evidence gets two thirds of what is left."""
    free = max(width, MIN_TABLE_WIDTH) - _FIXED
    id_width = min(40, max(free // 3, 8))
    evidence_width = free - id_width
    return (id_width, evidence_width) if evidence_width >= _MIN_EVIDENCE else (free, 0)


def _label(verdict: Verdict) -> str:
    if verdict.label is None:
        return "not judged"
    return f"{verdict.label}?" if verdict.abstained else verdict.label


def _doubt(verdict: Verdict) -> str:
    """Why a verdict has a question mark."""
    # Loads NumPy and SciPy, which are loaded wherever something was scored.
    from retold.detector.normality import REASONS

    return next((warning for warning in verdict.warnings if warning in REASONS), "no label is probable enough")


def _evidence(verdict: Verdict, width: int) -> str:
    """The strongest pieces that fit, the first of them cut if it must be; a warning if there is none."""
    pieces = list(dict.fromkeys(evidence_words(item) for item in strongest_first(verdict.evidence)))
    pieces = pieces or [printable(warning) for warning in verdict.warnings[:1]]
    if not pieces or not width:
        return ""
    shown = shortened(pieces[0], width)
    for piece in pieces[1:]:
        if len(shown) + len(piece) + 2 > width:
            break
        shown += ", " + piece
    return shown


def _style(verdict: Verdict) -> str:
    return _COLOURS.get(verdict.label, _DIM) if verdict.label and not verdict.abstained else _DIM


def shown_id(id: str, width: int, cut: bool = True) -> str:
    """An id on one line, cut to a width if it may be."""
    return shortened_in_the_middle(printable(id), width) if cut else printable(id)


def shortened(text: str, width: int) -> str:
    """Cut the end of text to fit a width."""
    return text if len(text) <= width else text[: width - 3] + "..."


def shortened_in_the_middle(name: str, width: int) -> str:
    """Cut a path or a name to fit a width of more than 3; of its two ends the last is kept longer, since it tells more."""
    if len(name) <= width:
        return name
    n_first = max(1, (width - 3 - _LAST) // 2)
    return f"{name[:n_first]}...{name[len(name) - (width - 3 - n_first) :]}"
