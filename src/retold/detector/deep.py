"""The deep head: the verdict from what the head says of an article, and what an engine says of its first sentences."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from retold.detector import calibration
from retold.detector.calibration import Calibration, identity, log_odds
from retold.detector.head import CLIP, QUESTIONS, combine
from retold.detector.verdict import BACK_TRANSLATED, LABELS
from retold.errors import ModelError
from retold.signals import echo, reconstruction
from retold.text import Article
from retold.translation import Memory

# Probabilities of back-translation, at equal priors, beyond which no echo is asked for: it would hardly change the verdict.
CLEAR: Final = (0.02, 0.995)
# Nats of odds by which the engine may lower the head's own verdict. Bad machine English is foreign to a good engine, too:
# without a limit, fewer of the statistical engines' texts were found than by the head alone. By trial of 0, 1 and 2 on the
# protocol of engines that ``train.py --evaluate --deep`` reports.
_MOST_DOUBT: Final = 1.0
# Questions that the echo helps to answer; ``edited`` stays with the head.
DEEP_QUESTIONS: Final = ("machine", "not_human_translation", "not_edited")
# What an engine says of an article.
HEARD: Final = (*echo.FEATURES, *reconstruction.FEATURES)
FEATURES: Final = (*QUESTIONS, *HEARD, "length")


_ARRAYS: Final = ("mean", "scale", "coef", "intercept")
# Before the names of the arrays of the head for what was not read.
_UNREAD: Final = "unread_"


@dataclass(frozen=True)
class DeepHead:
    """The learned numbers of the deep verdict.

    Attributes:
        mean: float64 (len(FEATURES),): what is taken from each feature.
        scale: float64 (len(FEATURES),): what it is then divided by.
        coef: float64 (len(DEEP_QUESTIONS), len(FEATURES)): log-odds per standard deviation.
        intercept: float64 (len(DEEP_QUESTIONS),).
        calibration: From the ranking to probabilities.
        unread: The same for articles whose words the engine does not say to be likely or not; None uses this one.
    """

    mean: NDArray[np.float64]
    scale: NDArray[np.float64]
    coef: NDArray[np.float64]
    intercept: NDArray[np.float64]
    calibration: Calibration = field(default_factory=identity)
    unread: DeepHead | None = None

    def parts(self, heard: NDArray[np.float64]) -> Iterator[tuple[DeepHead, NDArray[np.intp]]]:
        """Which head suits which rows of ``heard`` (n, len(HEARD)): this one, or the one for what was not read."""
        without = np.isnan(heard[:, len(echo.FEATURES) :]).any(axis=1)
        for head, rows in ((self, np.flatnonzero(~without)), (self.unread or self, np.flatnonzero(without))):
            if len(rows):
                yield head, rows

    def standardise(self, features: NDArray[np.float64]) -> NDArray[np.float64]:
        """Clipped standard scores of features (n, len(FEATURES)); what an engine did not say, NaN, says nothing: 0."""
        return np.nan_to_num(np.clip((features - self.mean) / self.scale, -CLIP, CLIP), nan=0.0)

    def ranking(self, features: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Uncalibrated probability of back-translation, and log-odds of an edit if it is none; float64 (n,) each."""
        answers = features[:, : len(QUESTIONS)].copy()
        answers[:, : len(DEEP_QUESTIONS)] = self.intercept + np.einsum(
            "ij,kj->ik", self.standardise(features), self.coef
        )
        lowest = expit(log_odds(combine(features[:, : len(QUESTIONS)])) - _MOST_DOUBT)
        return np.maximum(combine(answers), lowest), answers[:, QUESTIONS.index("edited")]

    def probabilities(self, features: NDArray[np.float64]) -> NDArray[np.float64]:
        """float64 (n, 3) at equal priors, rows summing to 1, in the order of ``LABELS``."""
        machine, edited = self.ranking(features)
        return self.calibration.probabilities(machine, edited, features[:, -1])

    def arrays(self) -> dict[str, NDArray[np.float64]]:
        """The arrays to store, by name."""
        own = {f"deep_{name}": getattr(self, name) for name in _ARRAYS}
        own |= {f"deep_calibration_{name}": getattr(self.calibration, name) for name in ("coef", "thresholds")}
        return own | ({f"{_UNREAD}{name}": a for name, a in self.unread.arrays().items()} if self.unread else {})

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray]) -> DeepHead | None:
        """Undo ``arrays()``; None for a model that was trained without echoes.

        Raises:
            ModelError: if another version trained it on other features.
        """
        if "deep_mean" not in arrays:
            return None
        own = {name: np.array(arrays[f"deep_{name}"]) for name in _ARRAYS}
        if own["mean"].shape != (len(FEATURES),):
            raise ModelError(
                "the model's deep head is of another version of retold; train it anew: retold train --deep"
            )
        rest = {name.removeprefix(_UNREAD): array for name, array in arrays.items() if name.startswith(_UNREAD)}
        return cls(
            **own,
            calibration=calibration.from_arrays(arrays, "deep_calibration_"),
            unread=cls.from_arrays(rest),
        )


def is_clear(equal: NDArray[np.float64]) -> NDArray[np.bool_]:
    """bool (n,): texts whose probabilities (n, 3) at equal priors need no echo."""
    machine = equal[:, LABELS.index(BACK_TRANSLATED)]
    return np.asarray((machine <= CLEAR[0]) | (machine >= CLEAR[1]))


def deep_features(
    answers: NDArray[np.float64], heard: NDArray[np.float64], octaves: NDArray[np.float64]
) -> NDArray[np.float64]:
    """float64 (n, len(FEATURES)).

    Args:
        answers: The head's log-odds for the articles, float64 (n, len(QUESTIONS)).
        heard: What the engine says of them, float64 (n, len(HEARD)); NaN where it says nothing.
        octaves: Their length in octaves, float64 (n,).
    """
    return np.hstack([answers, heard, octaves.reshape(-1, 1)])


def hear(article: Article, engine: Memory) -> NDArray[np.float64]:
    """float64 (len(HEARD),): what an engine says of an article's first sentences, by their echo and by its reading of them."""
    sentences = echo.passage(article)
    similarity = echo.similarity(sentences, engine.round_trip(sentences))
    return np.concatenate([similarity, reconstruction.reconstruction(engine.read(sentences))])
