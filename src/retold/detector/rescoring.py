"""Rescoring with a machine translation engine, the second look of ``--deep``.

A cascade: what the classifier is sure of is left alone, the rest is scored again from the classifier's log-odds and from
round-trip-similarity and forced-decoding features of the article's first sentences.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, softmax

from retold.detector import calibration
from retold.detector.adaptation import bounded_log
from retold.detector.calibration import Calibration, identity, log_odds, row_products
from retold.detector.classifier import CLASSIFIER_TARGETS, CLIP, combine
from retold.detector.verdict import BACK_TRANSLATED, LABELS
from retold.errors import ModelError
from retold.signals.round_trip import similarity, token_scores
from retold.text import Article
from retold.translation import TranslationCache

# Probabilities of back-translation, at a uniform prior, at or beyond which a verdict is final without the engine, which would
# hardly change it.
SKIP_RESCORING: Final = (0.02, 0.995)
# Nats by which the engine may lower the log-odds of back-translation. Bad machine English surprises a good engine, too:
# without a limit, fewer texts of statistical engines were found than by the classifier alone. Chosen among 0, 1 and 2 on the
# held-out engines of ``retold evaluate --deep``.
_MAX_DECREASE: Final = 1.0
# Weight of the second look beside the first (logarithmic pooling: Genest and Zidek 1986), for the same reason: with
# engines held out AUROC 0.946 instead of 0.941 (statistical and early neural engines 0.934 instead of 0.897), and 10.8% instead of 13.6% of
# human translations called back-translated; 0.5 is the plain mean, nothing else was tried on calibrated probabilities.
_SECOND_LOOK: Final = 0.5
# Targets that the engine's features help with; ``edited`` stays as the classifier has it.
RESCORED_TARGETS: Final = ("machine", "not_human_translation", "not_edited")
ENGINE_FEATURES: Final = (*similarity.FEATURES, *token_scores.FEATURES)
# Products with the length, squares of the engine's features and a classifier for each of two lengths were tried: where engines are known,
# passages by Google, Bergamot and NLLB gained 0.004 to 0.016 AUROC by the first two, engines held out nothing in the mean (0.936 and, of
# passages, 0.767 before and 0.936 and 0.766 with them); the third lost.
RESCORING_FEATURES: Final = (*CLASSIFIER_TARGETS, *ENGINE_FEATURES, "length")
# Feature sets, largest first. ``full`` adds forced-decoding scores, which only the bundled engine provides;
# ``similarity_only`` works with any engine.
FEATURE_SETS: Final = {"full": ENGINE_FEATURES, "similarity_only": similarity.FEATURES}
# Features that an article must have to be scored with each set.
REQUIRED_FEATURES: Final = {"full": token_scores.FEATURES, "similarity_only": similarity.FEATURES}

_PREFIXES: Final = {"full": "rescorer_full_", "similarity_only": "rescorer_similarity_"}
_SHAPES: Final = {
    "mean": (len(RESCORING_FEATURES),),
    "scale": (len(RESCORING_FEATURES),),
    "coef": (len(RESCORED_TARGETS), len(RESCORING_FEATURES)),
    "intercept": (len(RESCORED_TARGETS),),
}
_OTHER_VERSION: Final = (
    "the model's second look (MT rescoring) was made by another version of retold, or is damaged; "
    "train it again: retold train --deep"
)


@dataclass(frozen=True)
class MTRescorer:
    """The classifier of the second look, for one feature set.

    Attributes:
        mean: float64 (len(RESCORING_FEATURES),): subtracted from the features.
        scale: float64 (len(RESCORING_FEATURES),): the result is divided by it.
        coef: float64 (len(RESCORED_TARGETS), len(RESCORING_FEATURES)): log-odds per standard deviation.
        intercept: float64 (len(RESCORED_TARGETS),).
        calibration: Maps the ranking to probabilities.
    """

    mean: NDArray[np.float64]
    scale: NDArray[np.float64]
    coef: NDArray[np.float64]
    intercept: NDArray[np.float64]
    calibration: Calibration = field(default_factory=identity)

    def standardise(self, features: NDArray[np.float64]) -> NDArray[np.float64]:
        """Clipped standard scores of features (n, len(RESCORING_FEATURES)); 0, the mean, where a feature is NaN."""
        return np.nan_to_num(np.clip((features - self.mean) / self.scale, -CLIP, CLIP), nan=0.0)

    def ranking(self, features: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Uncalibrated probability of back-translation, and log-odds of an edit if it is none; float64 (n,) each."""
        first_look = features[:, : len(CLASSIFIER_TARGETS)]
        logits = first_look.copy()
        logits[:, : len(RESCORED_TARGETS)] = self.intercept + row_products(self.standardise(features), self.coef)
        lowest = expit(log_odds(combine(first_look)) - _MAX_DECREASE)
        return np.maximum(combine(logits), lowest), logits[:, CLASSIFIER_TARGETS.index("edited")]

    def probabilities(self, features: NDArray[np.float64], first_look: NDArray[np.float64]) -> NDArray[np.float64]:
        """float64 (n, 3) at a uniform prior, rows summing to 1, in the order of ``LABELS``.

        Args:
            features: float64 (n, len(RESCORING_FEATURES)).
            first_look: The classifier's probabilities at a uniform prior, float64 (n, 3).
        """
        machine, edited = self.ranking(features)
        return pooled(first_look, self.calibration.probabilities(machine, edited, features[:, -1]))

    def arrays(self) -> dict[str, NDArray[np.float64]]:
        """The arrays to store, by name; undone by ``from_arrays``."""
        return {name: getattr(self, name) for name in _SHAPES} | self.calibration.arrays()

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray], prefix: str) -> MTRescorer:
        """The rescorer among a model's arrays, whose names begin with ``prefix``.

        Raises:
            ModelError: if an array is missing, has another shape, or holds numbers that are not finite.
        """
        found = {name: np.array(arrays.get(prefix + name, np.nan), dtype=np.float64) for name in _SHAPES}
        if any(found[name].shape != shape or not np.isfinite(found[name]).all() for name, shape in _SHAPES.items()):
            raise ModelError(_OTHER_VERSION)
        return cls(**found, calibration=calibration.from_arrays(arrays, prefix))


@dataclass(frozen=True)
class MTRescorers:
    """The rescorers of a model.

    Attributes:
        by_feature_set: Rescorers by their names in ``FEATURE_SETS``, for the sets that training had features for.
    """

    by_feature_set: Mapping[str, MTRescorer]

    def assign(self, engine_features: NDArray[np.float64]) -> Iterator[tuple[MTRescorer, NDArray[np.intp]]]:
        """Which rescorer scores which rows of ``engine_features`` (n, len(ENGINE_FEATURES)): the one with the largest set."""
        unassigned = np.ones(len(engine_features), dtype=bool)
        for name, required in REQUIRED_FEATURES.items():
            has_required = ~np.isnan(engine_features[:, np.isin(ENGINE_FEATURES, required)]).any(axis=1)
            rows = np.flatnonzero(unassigned & has_required)
            if name in self.by_feature_set and len(rows):
                unassigned[rows] = False
                yield self.by_feature_set[name], rows

    def rescore(
        self,
        probabilities: NDArray[np.float64],
        first_look: NDArray[np.float64],
        logits: NDArray[np.float64],
        log2_length_ratio: NDArray[np.float64],
        extract: Callable[[NDArray[np.intp]], NDArray[np.float64]],
    ) -> Iterator[tuple[MTRescorer, NDArray[np.intp]]]:
        """Score the texts again of which the classifier is not confident; yields which rescorer scored which rows.

        Args:
            probabilities: At a uniform prior, float64 (n, 3); changed in place.
            first_look: The same before any adaptation, float64 (n, 3).
            logits: The classifier's log-odds, float64 (n, len(CLASSIFIER_TARGETS)).
            log2_length_ratio: The feature ``length``, float64 (n,).
            extract: Returns the engine features of the rows it is called with, float64 (n_rows, len(ENGINE_FEATURES)).
        """
        uncertain = np.flatnonzero(~is_confident(probabilities))
        engine_features = extract(uncertain)
        features = rescoring_features(logits[uncertain], engine_features, log2_length_ratio[uncertain])
        for rescorer, rows in self.assign(engine_features):
            probabilities[uncertain[rows]] = rescorer.probabilities(features[rows], first_look[uncertain[rows]])
            yield rescorer, uncertain[rows]

    def arrays(self) -> dict[str, NDArray[np.float64]]:
        """The arrays to store, by name; undone by ``from_arrays``."""
        return {
            _PREFIXES[feature_set] + name: array
            for feature_set, rescorer in self.by_feature_set.items()
            for name, array in rescorer.arrays().items()
        }

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray]) -> MTRescorers | None:
        """The rescorers among a model's arrays; None for a model that was trained without.

        Raises:
            ModelError: if they were trained on other features, or are damaged.
        """
        if not any(name.startswith("rescorer_") for name in arrays):
            return None
        found = {
            feature_set: MTRescorer.from_arrays(arrays, prefix)
            for feature_set, prefix in _PREFIXES.items()
            if f"{prefix}mean" in arrays
        }
        if not found:
            raise ModelError(_OTHER_VERSION)
        return cls(found)


def pooled(first_look: NDArray[np.float64], second_look: NDArray[np.float64]) -> NDArray[np.float64]:
    """Probabilities, float64 (n, 3), of both looks together: their weighted geometric mean, rows summing to 1."""
    mean = (1 - _SECOND_LOOK) * bounded_log(first_look) + _SECOND_LOOK * bounded_log(second_look)
    return np.asarray(softmax(mean, axis=1))


def is_confident(probabilities: NDArray[np.float64]) -> NDArray[np.bool_]:
    """bool (n,): texts whose probabilities (n, 3) at a uniform prior need no rescoring; those without any, NaN, among them."""
    machine = probabilities[:, LABELS.index(BACK_TRANSLATED)]
    return np.asarray(~((machine > SKIP_RESCORING[0]) & (machine < SKIP_RESCORING[1])))


def rescoring_features(
    logits: NDArray[np.float64], engine_features: NDArray[np.float64], log2_length_ratio: NDArray[np.float64]
) -> NDArray[np.float64]:
    """float64 (n, len(RESCORING_FEATURES)).

    Args:
        logits: The classifier's log-odds for the articles, float64 (n, len(CLASSIFIER_TARGETS)).
        engine_features: float64 (n, len(ENGINE_FEATURES)); NaN where the engine provides none.
        log2_length_ratio: The feature ``length``, float64 (n,).
    """
    return np.hstack([logits, engine_features, log2_length_ratio.reshape(-1, 1)])


def extract_engine_features(article: Article, engine: TranslationCache) -> NDArray[np.float64]:
    """Round-trip-similarity and forced-decoding features of an article's first sentences, float64 (len(ENGINE_FEATURES),)."""
    sentences = similarity.leading_sentences(article)
    scores = similarity.similarity_features(sentences, engine.round_trip(sentences))
    return np.concatenate([scores, token_scores.token_score_features(engine.force_decode(sentences))])
