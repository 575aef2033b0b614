"""The deep head: the verdict from the article, its first passage, and what an engine made of that passage.

The head's own questions are asked again of the passage and of its echo. The echo is machine English for certain, and of the
same topic, so the difference says how far the passage is from machine English whatever it is about.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from retold.detector import calibration
from retold.detector.calibration import Calibration, identity
from retold.detector.head import CLIP, QUESTIONS, combine
from retold.detector.verdict import BACK_TRANSLATED, LABELS
from retold.signals import echo
from retold.text import Article
from retold.translation import Memory

# Probabilities of back-translation, at equal priors, beyond which no echo is asked for: it would hardly change the verdict.
CLEAR: Final = (0.02, 0.995)
# Questions that the echo helps to answer; ``edited`` stays with the head.
DEEP_QUESTIONS: Final = ("machine", "not_human_translation", "not_edited")
FEATURES: Final = (
    *QUESTIONS,
    *(f"{question}_beyond_echo" for question in QUESTIONS),
    *echo.FEATURES,
    "length",
)


@dataclass(frozen=True)
class DeepHead:
    """The learned numbers of the deep verdict.

    Attributes:
        mean: float64 (len(FEATURES),): what is taken from each feature.
        scale: float64 (len(FEATURES),): what it is then divided by.
        coef: float64 (len(DEEP_QUESTIONS), len(FEATURES)): log-odds per standard deviation.
        intercept: float64 (len(DEEP_QUESTIONS),).
        calibration: From the ranking to probabilities.
    """

    mean: NDArray[np.float64]
    scale: NDArray[np.float64]
    coef: NDArray[np.float64]
    intercept: NDArray[np.float64]
    calibration: Calibration = field(default_factory=identity)

    def ranking(self, features: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Uncalibrated probability of back-translation, and log-odds of an edit if it is none; float64 (n,) each."""
        standard = np.clip((features - self.mean) / self.scale, -CLIP, CLIP)
        answers = features[:, : len(QUESTIONS)].copy()
        answers[:, : len(DEEP_QUESTIONS)] = np.einsum("ij,kj->ik", standard, self.coef) + self.intercept
        return combine(answers), answers[:, QUESTIONS.index("edited")]

    def probabilities(self, features: NDArray[np.float64]) -> NDArray[np.float64]:
        """float64 (n, 3) at equal priors, rows summing to 1, in the order of ``LABELS``."""
        machine, edited = self.ranking(features)
        return self.calibration.probabilities(machine, edited, features[:, -1])

    def arrays(self) -> dict[str, NDArray[np.float64]]:
        """The arrays to store, by name."""
        own = {f"deep_{name}": getattr(self, name) for name in ("mean", "scale", "coef", "intercept")}
        return own | {f"deep_calibration_{name}": getattr(self.calibration, name) for name in ("coef", "thresholds")}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray]) -> DeepHead | None:
        """Undo ``arrays()``; None for a model that was trained without echoes."""
        own = {
            name[5:]: np.array(a)
            for name, a in arrays.items()
            if name.startswith("deep_") and not name.startswith("deep_calibration_")
        }
        return cls(**own, calibration=calibration.from_arrays(arrays, "deep_calibration_")) if own else None


def is_clear(equal: NDArray[np.float64]) -> NDArray[np.bool_]:
    """bool (n,): texts whose probabilities (n, 3) at equal priors need no echo."""
    machine = equal[:, LABELS.index(BACK_TRANSLATED)]
    return np.asarray((machine <= CLEAR[0]) | (machine >= CLEAR[1]))


def deep_features(
    article: NDArray[np.float64],
    passage: NDArray[np.float64],
    echoed: NDArray[np.float64],
    similarity: NDArray[np.float64],
    octaves: NDArray[np.float64],
) -> NDArray[np.float64]:
    """float64 (n, len(FEATURES)).

    Args:
        article: The head's log-odds for the articles, float64 (n, len(QUESTIONS)).
        passage: The same for their first passages.
        echoed: The same for the passages' echoes.
        similarity: How much the echoes keep, float64 (n, len(echo.FEATURES)).
        octaves: Length of the articles in octaves, float64 (n,).
    """
    return np.hstack([article, passage - echoed, similarity, octaves.reshape(-1, 1)])


def echoed(
    articles: Sequence[Article], echoes: Memory, answers: Callable[[Sequence[str]], NDArray[np.float64]]
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Take the first passages of articles through an engine: three of the arguments of ``deep_features``.

    Args:
        articles: n articles.
        echoes: Whom to ask.
        answers: The head's log-odds for m texts, float64 (m, len(QUESTIONS)).
    """
    passages = [echo.passage(article) for article in articles]
    said = [echoes.round_trip(sentences) for sentences in passages]
    similarity = np.array([echo.similarity(a, b) for a, b in zip(passages, said, strict=True)])
    one, other = (answers([" ".join(sentences) for sentences in side]) for side in (passages, said))
    return one, other, similarity
