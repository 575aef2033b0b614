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
from retold.detector.classifier import CLASSIFIER_TARGETS, CLIP, combine
from retold.detector.verdict import BACK_TRANSLATED, LABELS
from retold.errors import ModelError
from retold.signals.round_trip import similarity, token_scores
from retold.text import Article
from retold.translation import TranslationCache

# Probabilities of back-translation, at equal priors, beyond which the engine is not asked: it would hardly change the verdict.
SKIP_RESCORING: Final = (0.02, 0.995)
# Nats of odds by which the engine may lower the head's verdict. Bad machine English is foreign to a good engine, too:
# without a limit, fewer of the statistical engines' texts were found than by the head alone. By trial of 0, 1 and 2 on the
# protocol of engines that ``train.py --evaluate --deep`` reports.
_MOST_DOUBT: Final = 1.0
# Questions that the engine helps to answer; ``edited`` stays with the head.
RESCORED_TARGETS: Final = ("machine", "not_human_translation", "not_edited")
# What the engine says of an article.
ENGINE_FEATURES: Final = (*similarity.FEATURES, *token_scores.FEATURES)
RESCORING_FEATURES: Final = (*CLASSIFIER_TARGETS, *ENGINE_FEATURES, "length")
# What each head has heard, the best informed first: everything, and all but how likely an engine finds the article's words,
# which only the packaged one says.
FEATURE_SETS: Final = {"whole": ENGINE_FEATURES, "unread": similarity.FEATURES}
# What must be known of an article for it to be judged by each.
REQUIRED_FEATURES: Final = {"whole": token_scores.FEATURES, "unread": similarity.FEATURES}

_ARRAYS: Final = ("mean", "scale", "coef", "intercept")
_WIDE: Final = (len(RESCORING_FEATURES),)
_OTHER_VERSION: Final = "the model's deep heads are of another version of retold; train it anew: retold train --deep"


@dataclass(frozen=True)
class MTRescorer:
    """The learned numbers of a deep verdict.

    Attributes:
        mean: float64 (len(RESCORING_FEATURES),): what is taken from each feature.
        scale: float64 (len(RESCORING_FEATURES),): what it is then divided by.
        coef: float64 (len(RESCORED_TARGETS), len(RESCORING_FEATURES)): log-odds per standard deviation.
        intercept: float64 (len(RESCORED_TARGETS),).
        calibration: From the ranking to probabilities.
    """

    mean: NDArray[np.float64]
    scale: NDArray[np.float64]
    coef: NDArray[np.float64]
    intercept: NDArray[np.float64]
    calibration: Calibration = field(default_factory=identity)

    def standardise(self, features: NDArray[np.float64]) -> NDArray[np.float64]:
        """Clipped standard scores of features (n, len(RESCORING_FEATURES)); what was not heard, NaN, says nothing: 0."""
        return np.nan_to_num(np.clip((features - self.mean) / self.scale, -CLIP, CLIP), nan=0.0)

    def ranking(self, features: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Uncalibrated probability of back-translation, and log-odds of an edit if it is none; float64 (n,) each."""
        answers = features[:, : len(CLASSIFIER_TARGETS)].copy()
        answers[:, : len(RESCORED_TARGETS)] = self.intercept + np.einsum(
            "ij,kj->ik", self.standardise(features), self.coef
        )
        lowest = expit(log_odds(combine(features[:, : len(CLASSIFIER_TARGETS)])) - _MOST_DOUBT)
        return np.maximum(combine(answers), lowest), answers[:, CLASSIFIER_TARGETS.index("edited")]

    def probabilities(self, features: NDArray[np.float64]) -> NDArray[np.float64]:
        """float64 (n, 3) at equal priors, rows summing to 1, in the order of ``LABELS``."""
        machine, edited = self.ranking(features)
        return self.calibration.probabilities(machine, edited, features[:, -1])

    def arrays(self) -> dict[str, NDArray[np.float64]]:
        """The arrays to store, by name."""
        own = {name: getattr(self, name) for name in _ARRAYS}
        return own | {f"calibration_{name}": getattr(self.calibration, name) for name in ("coef", "thresholds")}


@dataclass(frozen=True)
class MTRescorers:
    """The deep heads of a model.

    Attributes:
        heads: By their names in ``FEATURE_SETS``, as many as the training heard enough for.
    """

    heads: Mapping[str, MTRescorer]

    def parts(self, heard: NDArray[np.float64]) -> Iterator[tuple[MTRescorer, NDArray[np.intp]]]:
        """Which head suits which rows of ``heard`` (n, len(ENGINE_FEATURES)): the best informed of those that have what they need."""
        left = np.ones(len(heard), dtype=bool)
        for kind in FEATURE_SETS:
            known = ~np.isnan(heard[:, [ENGINE_FEATURES.index(name) for name in REQUIRED_FEATURES[kind]]]).any(axis=1)
            rows = np.flatnonzero(left & known)
            if kind in self.heads and len(rows):
                left[rows] = False
                yield self.heads[kind], rows

    def rescore(
        self,
        equal: NDArray[np.float64],
        answers: NDArray[np.float64],
        octaves: NDArray[np.float64],
        ask: Callable[[NDArray[np.intp]], NDArray[np.float64]],
    ) -> Iterator[tuple[MTRescorer, NDArray[np.intp]]]:
        """Judge anew what is not clear; yields which head judged which rows.

        Args:
            equal: Probabilities at equal priors, float64 (n, 3), which are changed in place.
            answers: The head's log-odds, float64 (n, len(CLASSIFIER_TARGETS)).
            octaves: Lengths in octaves, float64 (n,).
            ask: Gives what is heard of the rows it is called with, float64 (n_rows, len(ENGINE_FEATURES)).
        """
        doubtful = np.flatnonzero(~is_confident(equal))
        heard = ask(doubtful)
        features = rescoring_features(answers[doubtful], heard, octaves[doubtful])
        for head, some in self.parts(heard):
            equal[doubtful[some]] = head.probabilities(features[some])
            yield head, doubtful[some]

    def arrays(self) -> dict[str, NDArray[np.float64]]:
        """The arrays to store, by name."""
        return {f"deep_{kind}_{name}": a for kind, head in self.heads.items() for name, a in head.arrays().items()}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray]) -> MTRescorers | None:
        """Undo ``arrays()``; None for a model that was trained without.

        Raises:
            ModelError: if another version trained it on other features.
        """
        if not any(name.startswith("deep_") for name in arrays):
            return None
        heads = {kind: _head(arrays, f"deep_{kind}_") for kind in FEATURE_SETS if f"deep_{kind}_mean" in arrays}
        if not heads:
            raise ModelError(_OTHER_VERSION)
        return cls(heads)


def _head(arrays: Mapping[str, NDArray], prefix: str) -> MTRescorer:
    found = [arrays.get(f"{prefix}{name}", np.zeros(0)) for name in _ARRAYS]
    if [array.shape for array in found] != [_WIDE, _WIDE, (len(RESCORED_TARGETS), *_WIDE), (len(RESCORED_TARGETS),)]:
        raise ModelError(_OTHER_VERSION)
    own = dict(zip(_ARRAYS, map(np.array, found), strict=True))
    return MTRescorer(**own, calibration=calibration.from_arrays(arrays, f"{prefix}calibration_"))


def is_confident(equal: NDArray[np.float64]) -> NDArray[np.bool_]:
    """bool (n,): texts whose probabilities (n, 3) at equal priors need no deeper look."""
    machine = equal[:, LABELS.index(BACK_TRANSLATED)]
    return np.asarray((machine <= SKIP_RESCORING[0]) | (machine >= SKIP_RESCORING[1]))


def rescoring_features(
    answers: NDArray[np.float64], heard: NDArray[np.float64], octaves: NDArray[np.float64]
) -> NDArray[np.float64]:
    """float64 (n, len(RESCORING_FEATURES)).

    Args:
        answers: The head's log-odds for the articles, float64 (n, len(CLASSIFIER_TARGETS)).
        heard: What the engine says of them, float64 (n, len(ENGINE_FEATURES)); NaN where they say nothing.
        octaves: Their length in octaves, float64 (n,).
    """
    return np.hstack([answers, heard, octaves.reshape(-1, 1)])


def extract_engine_features(article: Article, engine: TranslationCache) -> NDArray[np.float64]:
    """What an engine says of an article's first sentences, by their echo and by its reading of them, float64 (len(ENGINE_FEATURES),)."""
    sentences = similarity.passage(article)
    scores = similarity.similarity(sentences, engine.round_trip(sentences))
    return np.concatenate([scores, token_scores.reconstruction(engine.force_decode(sentences))])
