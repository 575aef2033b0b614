"""What the HTML report of a run needs beside verdicts: reasons for those that are not plain originals, and the model's card."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from retold.cli.batches import Scored
from retold.detector import Detector
from retold.detector.explanation import Explanation
from retold.reading import Unreadable
from retold.report.formatting import outcome


def explained(results: Iterable[Scored | Unreadable], detector: Detector) -> Iterator[Explanation | Unreadable]:
    """Give reasons to verdicts as they come; an explanation takes twice the time of a score, so plain originals get none.

    Args:
        results: Verdicts with their texts, or what was not read.
        detector: Gave the verdicts.
    """
    for result in results:
        if isinstance(result, Unreadable):
            yield result
        elif outcome(result.verdict) in ("original", "unjudged"):
            yield Explanation(result.verdict, result.text)
        else:
            yield replace(detector.explain(result.text, result.verdict.id), verdict=result.verdict)


def model_card(detector: Detector) -> str:
    """The card in a detector's model folder; empty if there is none."""
    card = detector.path / "CARD.md" if detector.path is not None else None
    return card.read_text(encoding="utf-8") if card is not None and card.is_file() else ""
