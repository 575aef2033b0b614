"""One article explained in the terminal: the text with its evidence marked, then the reasons."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from itertools import groupby
from typing import TYPE_CHECKING

from retold.limits import DEFAULT_WIDTH, MAX_TEXT_WIDTH
from retold.printable import printable, printable_lines
from retold.report.formatting import (
    evidence_words,
    pivot_phrase,
    pivot_words,
    segment_words,
    split_at_evidence,
    strongest_first,
    verdict_words,
)

if TYPE_CHECKING:
    from retold.detector.explanation import Contribution, Explanation
    from retold.detector.verdict import Verdict
    from retold.signals.base import Evidence

# Private characters mark spans while lines are wrapped; ``printable_lines`` has removed any that the text had.
_OPEN, _CLOSE = "\ue000", "\ue001"
_PLAIN_MARKS = ("[[", "]]")
_COLOUR_MARKS = ("\x1b[1;4;31m", "\x1b[0m")
# Columns below which running text is not wrapped any narrower.
_MIN_TEXT_WIDTH = 20


def render_explanation(explanation: Explanation, width: int = DEFAULT_WIDTH, colour: bool = False) -> str:
    """Return the verdict in words, the article with its evidence marked, the evidence, the reasons and the warnings.

    Args:
        explanation: The verdict with its reasons.
        width: Columns of the terminal.
        colour: Mark spans by colour instead of double brackets.
    """
    verdict = explanation.verdict
    parts = [
        _headline(explanation),
        _marked(verdict, explanation.text, min(width, MAX_TEXT_WIDTH), colour),
        "\n".join(_evidence(verdict)),
        "\n".join(_contributions(explanation.contributions)),
        segment_words(explanation),
        "\n".join(f"warning: {printable(warning)}" for warning in verdict.warnings),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _headline(explanation: Explanation) -> str:
    verdict = explanation.verdict
    certainty, probabilities = "", ""
    through = "".join(f", {phrase}" for phrase in [pivot_phrase(explanation)] if phrase)
    if verdict.probabilities:
        certainty = f" ({verdict.certainty})"
        probabilities = "; " + ", ".join(f"{label} {p:.1%}" for label, p in verdict.probabilities.items())
    return (
        f"{printable(verdict.id) or 'article'}: {verdict_words(verdict)}{certainty}{through}\n"
        f"{verdict.n_words:,} words{probabilities}\n"
        f"signature: {printable(verdict.signature or verdict.model)}"
    )


def _marked(verdict: Verdict, text: str, width: int, colour: bool) -> str:
    pieces = (
        f"{_OPEN}{printable_lines(piece)}{_CLOSE}" if item else printable_lines(piece)
        for piece, item in split_at_evidence(text, verdict.evidence)
    )
    paragraphs = "".join(pieces).split("\n")
    wrapped = "\n".join(textwrap.fill(paragraph, max(width, _MIN_TEXT_WIDTH)) for paragraph in paragraphs)
    opening, closing = _COLOUR_MARKS if colour else _PLAIN_MARKS
    return wrapped.strip("\n").replace(_OPEN, opening).replace(_CLOSE, closing)


def _evidence(verdict: Verdict) -> Iterator[str]:
    """Evidence by signal, the signal with the strongest piece first."""
    ranked = strongest_first(verdict.evidence)
    first = {item.signal: rank for rank, item in reversed(list(enumerate(ranked)))}
    grouped = groupby(sorted(ranked, key=lambda item: first[item.signal]), key=lambda item: item.signal)
    for signal, items in grouped:
        strength = f" ({verdict.signals[signal]:.2f})" if signal in verdict.signals else ""
        yield f"{printable(signal)}{strength}"
        yield from (_evidence_line(item) for item in items)


def _evidence_line(item: Evidence) -> str:
    cells = [f"  {item.score:.2f}", evidence_words(item), pivot_words(item.pivot), printable(item.reason)]
    return "  ".join(cell for cell in cells if cell)


def _contributions(contributions: tuple[Contribution, ...]) -> Iterator[str]:
    if contributions:
        yield "what weighed most (log-odds for and against machine English)"
        yield from (f"  {c.log_odds:+.2f}  {printable(c.feature)}" for c in contributions)
