"""A detector that needs no model: it flags "colony" and calls an article that has it back-translated."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from retold.detector.verdict import Verdict
from retold.signals.base import Evidence

MODEL = "stand-in 1 (0000)"


def evidence(start: int, text: str, score: float = 0.9, **changes: str | None) -> Evidence:
    """A piece of evidence that says "settlement" stood there."""
    values = {"signal": "terms", "suggestion": "settlement", "pivot": "fr"} | changes
    return Evidence(start, start + len(text), text, score=score, **values)


def verdict(id: str = "a", label: str = "original", n_words: int = 100, **changes: object) -> Verdict:
    """A verdict with 0.9 for its label."""
    probabilities = {name: 0.9 if name == label else 0.05 for name in ("original", "edited", "back-translated")}
    values = {
        "probabilities": probabilities, "abstained": False, "language": "en", "pivot": {}, "signals": {},
        "evidence": (), "warnings": (), "model": MODEL,
    }  # fmt: skip
    return Verdict(id=id, label=label, n_words=n_words, **(values | changes))


class FakeDetector:
    """Scores as a detector does, and remembers how many texts came in each batch."""

    def __init__(self, interrupt_at: str = "") -> None:
        self.batches: list[int] = []
        self.interrupt_at = interrupt_at

    def score_many(self, texts: Sequence[str], ids: Sequence[str] | None = None, jobs: int = 1) -> Iterator[Verdict]:
        """Yield a verdict for each text."""
        self.batches.append(len(texts))
        for text, id in zip(texts, ids or [""] * len(texts), strict=True):
            if id and id == self.interrupt_at:
                raise KeyboardInterrupt
            yield self._score(text, id)

    def _score(self, text: str, id: str) -> Verdict:
        found = tuple(evidence(match.start(), "colony") for match in re.finditer("colony", text))
        changes = {"evidence": found, "pivot": {"fr": 0.7} if found else {}}
        return verdict(id, "back-translated" if found else "original", len(text.split()), **changes)
