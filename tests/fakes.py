"""Fakes with the whole interface of what they replace: a detector without a model, an engine without a translator."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence

import numpy as np
import pandas as pd

from retold.detector.explanation import Explanation, FeatureContributions
from retold.detector.verdict import LABELS, Verdict
from retold.signals.base import Evidence
from retold.translation import TokenScores

MODEL = "stand-in 1 (0000)"
# An article of 100 words that ``FakeDetector`` calls original.
ARTICLE = "Some words of an article. " * 20


def evidence(start: int, text: str, score: float = 0.9, **changes: str | None) -> Evidence:
    """Evidence whose suggestion is "settlement"."""
    values = {"signal": "terms", "suggestion": "settlement", "pivot": "fr"} | changes
    return Evidence(start, start + len(text), text, score=score, **values)


def verdict(id: str = "a", label: str = "original", n_words: int = 100, **changes: object) -> Verdict:
    """A verdict with 0.9 for its label."""
    probabilities = {name: 0.9 if name == label else 0.05 for name in LABELS}
    values = {
        "probabilities": probabilities, "abstained": False, "language": "en", "pivot": {}, "signals": {},
        "evidence": (), "warnings": (), "model": MODEL,
    }  # fmt: skip
    return Verdict(id=id, label=label, n_words=n_words, **(values | changes))


class FakeDetector:
    """Calls a text with "colony" in it back-translated, any other original.

    Args:
        error: Raised at a document.
        fails_at: Id of that document; the first if empty.

    Attributes:
        batches: How many texts came in each batch.
        options: What ``using`` was last called with.
    """

    def __init__(self, error: BaseException | None = None, fails_at: str = "") -> None:
        self.batches: list[int] = []
        self._error, self._fails_at = error, fails_at
        self.options: dict[str, object] = {}

    def score(self, text: str, id: str = "") -> Verdict:
        """The verdict of one text."""
        found = tuple(evidence(match.start(), "colony") for match in re.finditer("colony", text))
        changes = {"evidence": found, "pivot": {"fr": 0.7} if found else {}}
        return verdict(id, "back-translated" if found else "original", len(text.split()), **changes)

    def score_many(self, texts: Sequence[str], ids: Sequence[str] | None = None, jobs: int = 1) -> Iterator[Verdict]:
        """Yield a verdict for each text."""
        self.batches.append(len(texts))
        for text, id in zip(texts, ids or [""] * len(texts), strict=True):
            if self._error is not None and self._fails_at in ("", id):
                raise self._error
            yield self.score(text, id)

    def predict_proba(self, texts: Sequence[str]) -> np.ndarray:
        """float64 (n_texts, 3)."""
        return np.array([list(self.score(text).probabilities.values()) for text in texts]).reshape(-1, len(LABELS))

    def explain(self, text: str, id: str = "") -> Explanation:
        """The verdict without contributions."""
        return Explanation(self.score(text, id), FeatureContributions())

    def weigh(self, verdict: Verdict, text: str) -> FeatureContributions:
        """No contributions."""
        return FeatureContributions()

    def features(self, texts: Sequence[str]) -> pd.DataFrame:
        """One feature, the number of words."""
        return pd.DataFrame({"n_words": [float(len(text.split())) for text in texts]})

    def using(
        self, prior: str | Mapping[str, float] | None = None, point: str | None = None, echoes: object = None
    ) -> FakeDetector:
        """The same detector."""
        self.options = {"prior": prior, "point": point, "echoes": echoes}
        return self


class FakeEngine:
    """An engine that needs no translator.

    Args:
        change: Makes the round trip of a sentence; capitals by default.
        fails_at: Raises ``error`` for a batch with this text in it.
        error: What is raised.
        name: Name under which translations are cached.

    Attributes:
        sentences: What was translated, in order.
    """

    def __init__(
        self,
        change: Callable[[str], str] = str.upper,
        *,
        fails_at: str | None = None,
        error: BaseException | None = None,
        name: str = "stand-in 1",
        pivot: str = "fr",
    ) -> None:
        self.name, self.pivot = name, pivot
        self.sentences: list[str] = []
        self._change, self._fails_at, self._error = change, fails_at, error or KeyboardInterrupt()

    def round_trip(self, sentences: Sequence[str]) -> list[str]:
        """Change each sentence."""
        if self._fails_at is not None and any(self._fails_at in sentence for sentence in sentences):
            raise self._error
        self.sentences += sentences
        return [self._change(sentence) for sentence in sentences]

    def force_decode(self, sentences: Sequence[str]) -> list[TokenScores | None]:
        """No scores, as of an external command."""
        return [None] * len(sentences)
