"""Fakes with the whole interface of what they replace: a detector without a model, an engine without a translator."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np

from retold.compare.weights import ComparisonWeights
from retold.detector import load
from retold.detector.batches import batches
from retold.detector.explanation import Explanation
from retold.detector.verdict import LABELS, Verdict
from retold.limits import MIN_WORDS
from retold.signals.base import Evidence
from retold.text import Article
from retold.translation import TokenScores

if TYPE_CHECKING:
    import pandas as pd

MODEL = "stand-in 1 (0000)"
# An article of 100 words that ``FakeDetector`` calls original.
ARTICLE = "Some words of an article. " * 20


def evidence(start: int, text: str, score: float = 0.9, **changes: str | None) -> Evidence:
    """Evidence whose suggestion is "settlement"."""
    values = {"signal": "terms", "suggestion": "settlement", "pivot": "fr"} | changes
    return Evidence(start, start + len(text), text, score=score, **values)


def verdict(id: str = "a", label: str | None = "original", n_words: int = 100, **changes: object) -> Verdict:
    """A verdict with 0.9 for its label; one that was not judged if the label is None."""
    values = {
        "probabilities": {name: 0.9 if name == label else 0.05 for name in LABELS} if label else None,
        "abstained": label is None, "language": "en", "pivot": {}, "signals": {}, "evidence": (), "warnings": (),
        "model": MODEL, "signature": "retold:0|model:stand-in",
    }  # fmt: skip
    return Verdict(id=id, label=label, n_words=n_words, **(values | changes))


class FakeDetector:
    """Calls a text with "colony" in it back-translated, any other original.

    Args:
        error: Raised at a document.
        fails_at: Id of that document; the first if empty.

    Attributes:
        path: No folder.
        signature: That of its verdicts.
        prior: Equal shares.
        batches: How many texts came in each batch.
        options: What ``with_options`` was last called with.
    """

    path = None
    signature = "retold:0|model:stand-in"
    prior = (1 / 3, 1 / 3, 1 / 3)

    def __init__(self, error: BaseException | None = None, fails_at: str = "") -> None:
        self.batches: list[int] = []
        self._error, self._fails_at = error, fails_at
        self.options: dict[str, object] = {}

    def score(self, text: str, id: str = "") -> Verdict:
        """The verdict of one text; none on a short one."""
        n_words = len(text.split())
        if n_words < MIN_WORDS:
            return verdict(id, None, n_words, warnings=("too short to score",))
        found = tuple(evidence(match.start(), "colony") for match in re.finditer("colony", text))
        changes = {"evidence": found, "pivot": {"fr": 0.7} if found else {}}
        return verdict(id, "back-translated" if found else "original", n_words, **changes)

    def score_many(
        self, texts: Iterable[str], ids: Iterable[str] | None = None, jobs: int = 1, evidence: bool = True
    ) -> Iterator[Verdict]:
        """Yield a verdict for each text."""
        pairs = ((text, "") for text in texts) if ids is None else zip(texts, ids, strict=True)
        for batch in batches(pairs, lambda pair: pair[0]):
            self.batches.append(len(batch))
            for text, id in batch:
                if self._error is not None and self._fails_at in ("", id):
                    raise self._error
                yield self.score(text, id)

    @property
    def comparison_weights(self) -> ComparisonWeights:
        """Those of the shipped model."""
        return load().comparison_weights

    def article_probabilities(self, articles: Sequence[Article]) -> np.ndarray:
        """float64 (n_articles, 3)."""
        return self.predict_proba([article.raw for article in articles])

    def article_log_odds(self, articles: Sequence[Article]) -> np.ndarray:
        """float64 (n_articles, 4): it scores nothing."""
        return np.full((len(articles), 4), np.nan)

    def predict_proba(self, texts: Iterable[str]) -> np.ndarray:
        """float64 (n_texts, 3)."""
        rows = [list((self.score(text).probabilities or dict.fromkeys(LABELS, np.nan)).values()) for text in texts]
        return np.array(rows).reshape(-1, len(LABELS))

    def explain(self, text: str, id: str = "") -> Explanation:
        """The verdict without contributions."""
        return Explanation(self.score(text, id), text)

    def features(self, texts: Sequence[str]) -> pd.DataFrame:
        """One feature, the number of words."""
        # Half a second that most processes of the tests do without.
        import pandas as pd

        return pd.DataFrame({"n_words": [float(len(text.split())) for text in texts]})

    def with_options(
        self,
        prior: object = None,
        operating_point: str | None = None,
        mt_engine: object = None,
        time_limit: object = None,
    ) -> FakeDetector:
        """The same detector."""
        self.options = {"prior": prior, "operating_point": operating_point, "mt_engine": mt_engine}
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
