"""One article explained in the terminal: the text with what gave it away marked, then the evidence."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from itertools import groupby
from typing import TYPE_CHECKING

from retold.limits import DEFAULT_WIDTH, MAX_TEXT_WIDTH
from retold.report.formatting import (
    certainty,
    evidence_words,
    is_judged,
    printable,
    printable_lines,
    segments,
    strongest_first,
    top_pivot,
    verdict_words,
)

if TYPE_CHECKING:
    from retold.detector.explanation import FeatureContributions
    from retold.detector.verdict import Verdict
    from retold.signals.base import Evidence

# Private characters mark spans while lines are wrapped; ``printable_lines`` has removed any that the text had.
_OPEN, _CLOSE = "\ue000", "\ue001"
# Enough to find a sentence by.
_SENTENCE_WORDS = 10
_PLAIN_MARKS = ("[[", "]]")
_COLOUR_MARKS = ("\x1b[1;4;31m", "\x1b[0m")


def explain(
    verdict: Verdict,
    text: str,
    width: int = DEFAULT_WIDTH,
    colour: bool = False,
    weighing: FeatureContributions | None = None,
) -> str:
    """Return the verdict in words, the article with flagged spans marked, the evidence, what weighed, and the warnings.

    Of a text that could not be judged, neither probabilities nor what weighed are shown: they are those of a guess.

    Args:
        verdict: What was found.
        text: The text that was judged; the evidence indexes it.
        width: Columns of the terminal.
        colour: Mark spans by colour instead of double brackets.
        weighing: What weighed most in the verdict, if it is known.
    """
    weighing = weighing if is_judged(verdict) else None
    parts = [
        _headline(verdict, weighing),
        _marked(verdict, text, min(width, MAX_TEXT_WIDTH), colour),
        "\n".join(_evidence(verdict)),
        "\n".join(_weighed(weighing)),
        "\n".join(_hard(weighing)),
        "\n".join(f"warning: {printable(warning)}" for warning in verdict.warnings),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _headline(verdict: Verdict, weighing: FeatureContributions | None) -> str:
    pivot = top_pivot(verdict)
    through = f", probably through {pivot} ({verdict.pivot[pivot]:.0%})" if pivot else ""
    if not pivot and weighing and (family := weighing.pivot_family):
        through = f", probably through one of the {family.name} languages ({family.probability:.0%})"
    sure, shares = "", ""
    if is_judged(verdict):
        sure = f" ({certainty(verdict)})"
        shares = "; " + ", ".join(f"{label} {share:.1%}" for label, share in verdict.probabilities.items())
    return (
        f"{printable(verdict.id) or 'article'}: {verdict_words(verdict)}{sure}{through}\n"
        f"{verdict.n_words:,} words{shares}\n"
        f"model {printable(verdict.model)}"
    )


def _marked(verdict: Verdict, text: str, width: int, colour: bool) -> str:
    pieces = (
        f"{_OPEN}{printable_lines(piece)}{_CLOSE}" if item else printable_lines(piece)
        for piece, item in segments(text, verdict.evidence)
    )
    paragraphs = "".join(pieces).split("\n")
    wrapped = "\n".join(textwrap.fill(paragraph, max(width, 20)) for paragraph in paragraphs)
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


def _weighed(weighing: FeatureContributions | None) -> Iterator[str]:
    if weighing and weighing.contributions:
        yield "what weighed most (log-odds for and against machine English)"
        yield from (f"  {c.log_odds:+.2f}  {printable(c.feature)}" for c in weighing.contributions)


def _hard(weighing: FeatureContributions | None) -> Iterator[str]:
    if weighing and weighing.hard_sentences:
        yield "sentences that read worst (share of news that reads better; by itself no sign of a machine)"
        yield from (f"  {min(s.score, 0.99):.0%}  {_beginning(s.text)}" for s in weighing.hard_sentences)


def _beginning(text: str) -> str:
    words = printable(text).split()
    return " ".join(words[:_SENTENCE_WORDS]) + (" ..." if len(words) > _SENTENCE_WORDS else "")


def _evidence_line(item: Evidence) -> str:
    pivot = f"  {item.pivot}" if item.pivot else ""
    reason = f"  {printable(item.reason)}" if item.reason else ""
    return f"  {item.score:.2f}  {evidence_words(item)}{pivot}{reason}"
