"""The linear classifier: from the features of all signals to three probabilities.

Four logistic regressions share the features. ``machine`` ranks the texts (machine English against originals); it finds the
most, but calls many human translations machine-made, so two veto classifiers, ``not_human_translation`` and ``not_edited``,
lower that score. ``edited`` tells edits from originals among the rest. The ranking is calibrated afterwards. One multinomial
model in their place lost a sixth of the back-translations found at 2% false alarms.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, log_expit

from retold.detector import calibration
from retold.detector.adaptation import Adaptation
from retold.detector.calibration import BANDS, Calibration, band_of, identity, row_products
from retold.errors import ModelError

CLASSIFIER_TARGETS = ("machine", "not_human_translation", "not_edited", "edited")
# Standard deviations at which features are clipped: one extreme rate must not decide a verdict. Chosen by judgement.
CLIP = 4.0
# Log-odds of ``machine`` (an even chance of 1 to 3) below which the vetoes change nothing, and which they leave, so that the order of
# doubtful texts, most of them originals, stays that of ``machine``; and how often a veto counts. Chosen on the log-odds of sources
# held out, at as many human translations called back-translated (8%) as by a product of probabilities, to which the surest machine
# English is as doubtful as any other: 1.0% of originals called so instead of 1.4%, and 34% of back-translations instead of 26% found at
# 1% of originals. With engines held out instead 49% instead of 50% are found there.
VETO_FLOOR, VETO_POWER = -1.1, 2.0
# What is left of the order of ``machine`` among texts that a veto brought down to the floor: enough to rank them.
_ORDER_KEPT = 0.01
_ARRAYS = ("mean", "scale", "coef", "intercept", "group_coef", "group_intercept", "translated", "edited_from")
# Log-odds that no text reaches: without a threshold nothing reads as translated.
NEVER = 1e3
_PREFIX = "classifier_"


@dataclass(frozen=True)
class LinearClassifier:
    """Standardisation, coefficients and calibration.

    Attributes:
        mean: float64 (n_features,): subtracted from the features.
        scale: float64 (n_features,): the result is divided by it.
        coef: float64 (len(CLASSIFIER_TARGETS), n_features): log-odds per standard deviation.
        intercept: float64 (len(CLASSIFIER_TARGETS),).
        group_coef: float64 (n_groups, n_features): log-odds of back-translation from the features of one group alone.
        group_intercept: float64 (n_groups,).
        translated: float64 (len(BANDS) + 1,): log-odds of ``machine``, by length band, which few originals reach.
        edited_from: float64 (len(BANDS) + 1,): probability of an edit, by length band, that few originals of unknown outlets reach.
        calibration: Maps the ranking to probabilities.
        adaptation: What one's own labelled articles change; None for a model that was not adapted.
    """

    mean: NDArray[np.float64]
    scale: NDArray[np.float64]
    coef: NDArray[np.float64]
    intercept: NDArray[np.float64]
    group_coef: NDArray[np.float64]
    group_intercept: NDArray[np.float64]
    translated: NDArray[np.float64] = field(default_factory=lambda: np.full(len(BANDS) + 1, NEVER))
    edited_from: NDArray[np.float64] = field(default_factory=lambda: np.zeros(len(BANDS) + 1))
    calibration: Calibration = field(default_factory=identity)
    adaptation: Adaptation | None = None

    def standardise(self, features: NDArray[np.float64]) -> NDArray[np.float64]:
        """Clipped standard scores of features (n, n_features)."""
        return np.clip((features - self.mean) / self.scale, -CLIP, CLIP)

    def log_odds(self, features: NDArray[np.float64]) -> NDArray[np.float64]:
        """float64 (n, len(CLASSIFIER_TARGETS))."""
        return row_products(self.standardise(features), self.coef) + self.intercept

    def group_scores(self, features: NDArray[np.float64]) -> NDArray[np.float64]:
        """float64 (n, n_groups): probability of back-translation from the features of each group alone."""
        return np.asarray(expit(row_products(self.standardise(features), self.group_coef) + self.group_intercept))

    def ranking(self, features: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Uncalibrated probability of back-translation, and log-odds of an edit if it is none; float64 (n,) each."""
        logits = self.log_odds(features)
        return combine(logits), logits[:, CLASSIFIER_TARGETS.index("edited")]

    def reads_translated(self, features: NDArray[np.float64], n_words: NDArray[np.integer]) -> NDArray[np.bool_]:
        """bool (n,): texts that read as machine English, whatever else speaks for a person who translated them.

        A human translation of foreign news and a machine's are alike to ``machine`` and to ``not_human_translation``, which goes by
        the subject. Of texts that are not called back-translated, these are human translations or machine English more often than
        anything else. An adapted model has seen what one's own translators write, and doubts no article like one's own.

        Args:
            features: float64 (n, n_features).
            n_words: Lengths, (n,).
        """
        reads = self.log_odds(features)[:, 0] >= self.translated[band_of(n_words)]
        return np.asarray(reads & ~self._is_like_own(features))

    def may_be_manner(
        self, probability: NDArray[np.float64], features: NDArray[np.float64], n_words: NDArray[np.integer]
    ) -> NDArray[np.bool_]:
        """bool (n,): texts whose probability of an edit (n,) many an original of an outlet that training did not know has, too.

        What shows of an edit in one text alone is mostly a manner of writing, and an outlet has one of its own. An adapted model knows
        the manner of articles like one's own.

        Args:
            probability: Of an edit, float64 (n,).
            features: float64 (n, n_features).
            n_words: Lengths, (n,).
        """
        return np.asarray((probability < self.edited_from[band_of(n_words)]) & ~self._is_like_own(features))

    def _is_like_own(self, features: NDArray[np.float64]) -> NDArray[np.bool_]:
        """bool (n,): what is like the articles that the model was adapted to."""
        if self.adaptation is None:
            return np.zeros(len(features), dtype=bool)
        return np.asarray(self.adaptation.is_like_own(self.standardise(features)))

    def probabilities(self, features: NDArray[np.float64]) -> NDArray[np.float64]:
        """float64 (n, 3) at a uniform prior, rows summing to 1, in the order of ``LABELS``."""
        return self.adapted(self.before_adaptation(features), features)

    def before_adaptation(self, features: NDArray[np.float64]) -> NDArray[np.float64]:
        """As ``probabilities``, whatever the model was adapted to."""
        machine, edited = self.ranking(features)
        return self.calibration.probabilities(machine, edited, features[:, -1])

    def adapted(self, probabilities: NDArray[np.float64], features: NDArray[np.float64]) -> NDArray[np.float64]:
        """What the adaptation, if there is one, makes of probabilities (n, 3) at a uniform prior."""
        if self.adaptation is None:
            return probabilities
        return self.adaptation.probabilities(probabilities, self.standardise(features))

    def arrays(self) -> dict[str, NDArray[np.float64]]:
        """The arrays to store, by name; undone by ``from_arrays``."""
        own = {f"{_PREFIX}{name}": getattr(self, name) for name in _ARRAYS}
        return own | self.calibration.arrays() | (self.adaptation.arrays() if self.adaptation is not None else {})

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray]) -> LinearClassifier:
        """The classifier among a model's arrays.

        Raises:
            ModelError: if an array is missing, or holds numbers that are not finite.
        """
        found = {name: np.array(arrays.get(f"{_PREFIX}{name}", np.nan), dtype=np.float64) for name in _ARRAYS}
        for name, array in found.items():
            if not np.isfinite(array).all():
                raise ModelError(
                    f"the model's array {_PREFIX}{name} is missing or not finite; get the model anew, or: retold train"
                )
        adaptation = Adaptation.from_arrays(arrays, found["mean"].size)
        return cls(**found, calibration=calibration.from_arrays(arrays), adaptation=adaptation)


def combine(logits: NDArray[np.float64]) -> NDArray[np.float64]:
    """Ranking by back-translation, float64 (n,) from 0 to 1, from the log-odds (n, len(CLASSIFIER_TARGETS))."""
    machine = logits[:, 0]
    vetoed = machine + VETO_POWER * (log_expit(logits[:, 1]) + log_expit(logits[:, 2]))
    lowest = VETO_FLOOR + _ORDER_KEPT * (machine - VETO_FLOOR)
    return np.asarray(expit(np.where(machine > VETO_FLOOR, np.maximum(vetoed, lowest), machine)))
