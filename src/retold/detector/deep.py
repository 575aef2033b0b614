"""The deep heads: the verdict from the head's answers and from what an engine says of the article."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
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

# Probabilities of back-translation, at equal priors, beyond which the engine is not asked: it would hardly change the verdict.
CLEAR: Final = (0.02, 0.995)
# Nats of odds by which the engine may lower the head's verdict. Bad machine English is foreign to a good engine, too:
# without a limit, fewer of the statistical engines' texts were found than by the head alone. By trial of 0, 1 and 2 on the
# protocol of engines that ``train.py --evaluate --deep`` reports.
_MOST_DOUBT: Final = 1.0
# Questions that the engine helps to answer; ``edited`` stays with the head.
DEEP_QUESTIONS: Final = ("machine", "not_human_translation", "not_edited")
# What the engine says of an article.
HEARD: Final = (*echo.FEATURES, *reconstruction.FEATURES)
FEATURES: Final = (*QUESTIONS, *HEARD, "length")
# What each head has heard, the best informed first: everything, and all but how likely an engine finds the article's words,
# which only the packaged one says.
KINDS: Final = {"whole": HEARD, "unread": echo.FEATURES}
# What must be known of an article for it to be judged by each.
NEEDED: Final = {"whole": reconstruction.FEATURES, "unread": echo.FEATURES}

_ARRAYS: Final = ("mean", "scale", "coef", "intercept")
_WIDE: Final = (len(FEATURES),)
_OTHER_VERSION: Final = "the model's deep heads are of another version of retold; train it anew: retold train --deep"


@dataclass(frozen=True)
class DeepHead:
    """The learned numbers of a deep verdict.

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

    def standardise(self, features: NDArray[np.float64]) -> NDArray[np.float64]:
        """Clipped standard scores of features (n, len(FEATURES)); what was not heard, NaN, says nothing: 0."""
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
        own = {name: getattr(self, name) for name in _ARRAYS}
        return own | {f"calibration_{name}": getattr(self.calibration, name) for name in ("coef", "thresholds")}


@dataclass(frozen=True)
class DeepHeads:
    """The deep heads of a model.

    Attributes:
        heads: By their names in ``KINDS``, as many as the training heard enough for.
    """

    heads: Mapping[str, DeepHead]

    def parts(self, heard: NDArray[np.float64]) -> Iterator[tuple[DeepHead, NDArray[np.intp]]]:
        """Which head suits which rows of ``heard`` (n, len(HEARD)): the best informed of those that have what they need."""
        left = np.ones(len(heard), dtype=bool)
        for kind in KINDS:
            known = ~np.isnan(heard[:, [HEARD.index(name) for name in NEEDED[kind]]]).any(axis=1)
            rows = np.flatnonzero(left & known)
            if kind in self.heads and len(rows):
                left[rows] = False
                yield self.heads[kind], rows

    def look_again(
        self,
        equal: NDArray[np.float64],
        answers: NDArray[np.float64],
        octaves: NDArray[np.float64],
        ask: Callable[[NDArray[np.intp]], NDArray[np.float64]],
    ) -> Iterator[tuple[DeepHead, NDArray[np.intp]]]:
        """Judge anew what is not clear; yields which head judged which rows.

        Args:
            equal: Probabilities at equal priors, float64 (n, 3), which are changed in place.
            answers: The head's log-odds, float64 (n, len(QUESTIONS)).
            octaves: Lengths in octaves, float64 (n,).
            ask: Gives what is heard of the rows it is called with, float64 (n_rows, len(HEARD)).
        """
        doubtful = np.flatnonzero(~is_clear(equal))
        heard = ask(doubtful)
        features = deep_features(answers[doubtful], heard, octaves[doubtful])
        for head, some in self.parts(heard):
            equal[doubtful[some]] = head.probabilities(features[some])
            yield head, doubtful[some]

    def arrays(self) -> dict[str, NDArray[np.float64]]:
        """The arrays to store, by name."""
        return {f"deep_{kind}_{name}": a for kind, head in self.heads.items() for name, a in head.arrays().items()}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray]) -> DeepHeads | None:
        """Undo ``arrays()``; None for a model that was trained without.

        Raises:
            ModelError: if another version trained it on other features.
        """
        if not any(name.startswith("deep_") for name in arrays):
            return None
        heads = {kind: _head(arrays, f"deep_{kind}_") for kind in KINDS if f"deep_{kind}_mean" in arrays}
        if not heads:
            raise ModelError(_OTHER_VERSION)
        return cls(heads)


def _head(arrays: Mapping[str, NDArray], prefix: str) -> DeepHead:
    found = [arrays.get(f"{prefix}{name}", np.zeros(0)) for name in _ARRAYS]
    if [array.shape for array in found] != [_WIDE, _WIDE, (len(DEEP_QUESTIONS), *_WIDE), (len(DEEP_QUESTIONS),)]:
        raise ModelError(_OTHER_VERSION)
    own = dict(zip(_ARRAYS, map(np.array, found), strict=True))
    return DeepHead(**own, calibration=calibration.from_arrays(arrays, f"{prefix}calibration_"))


def is_clear(equal: NDArray[np.float64]) -> NDArray[np.bool_]:
    """bool (n,): texts whose probabilities (n, 3) at equal priors need no deeper look."""
    machine = equal[:, LABELS.index(BACK_TRANSLATED)]
    return np.asarray((machine <= CLEAR[0]) | (machine >= CLEAR[1]))


def deep_features(
    answers: NDArray[np.float64], heard: NDArray[np.float64], octaves: NDArray[np.float64]
) -> NDArray[np.float64]:
    """float64 (n, len(FEATURES)).

    Args:
        answers: The head's log-odds for the articles, float64 (n, len(QUESTIONS)).
        heard: What the engine says of them, float64 (n, len(HEARD)); NaN where they say nothing.
        octaves: Their length in octaves, float64 (n,).
    """
    return np.hstack([answers, heard, octaves.reshape(-1, 1)])


def asked_engine(article: Article, engine: Memory) -> NDArray[np.float64]:
    """What an engine says of an article's first sentences, by their echo and by its reading of them, float64 (len(HEARD),)."""
    sentences = echo.passage(article)
    similarity = echo.similarity(sentences, engine.round_trip(sentences))
    return np.concatenate([similarity, reconstruction.reconstruction(engine.read(sentences))])
