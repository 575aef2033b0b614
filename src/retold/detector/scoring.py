"""One pass over a batch: analysis, features, classifier, and the second look if there is an engine."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from retold.detector.calibration import PRIOR, with_prior
from retold.detector.classifier import LinearClassifier
from retold.detector.components import ModelComponents
from retold.detector.features import extract_features
from retold.detector.normality import MAY_BE_MANNER, NOT_NORMAL, READS_TRANSLATED, NormalityClassifier, reasons
from retold.detector.rescoring import ENGINE_FEATURES, MTRescorers, extract_engine_features
from retold.detector.scorability import rejection_reason
from retold.detector.verdict import BACK_TRANSLATED, EDITED, LABELS, ORIGINAL, most_probable
from retold.errors import EngineError, ModelError
from retold.language_model.batch import Batch
from retold.signals.base import FeatureExtractor
from retold.signals.stylometry.language import LanguageProfile, language_profiles
from retold.text import Article
from retold.translation import TranslationCache


@dataclass(frozen=True)
class ScoringConfig:
    """How a detector scores.

    Attributes:
        prior: Expected shares of original, edited and back-translated articles.
        operating_point: Where a text is called back-translated, one of ``OPERATING_POINTS``; None gives every text its most
            probable label.
        mt_engine: Scores uncertain articles again from their round trips; None leaves them as they are.
        time_limit: Seconds of the processor that one text may take; None for no limit.
    """

    prior: tuple[float, ...] = PRIOR
    operating_point: str | None = None
    mt_engine: TranslationCache | None = None
    time_limit: float | None = None


@dataclass(frozen=True)
class ScoredBatch:
    """What was measured of a batch of n articles.

    Attributes:
        batch: The analysed articles.
        features: float64 (n, n_features).
        languages: The language of each article.
        probabilities: float64 (n, 3) at the expected prior, in the order of ``LABELS``; NaN where nothing was judged.
        labels: The label of each article, as the operating point decides if there is one; None where nothing was judged.
        engine_failures: Why the engine could not rescore an article, by its row.
        abnormal: Why an article cannot be relied on to be judged rightly, in words; empty where nothing is odd.
    """

    batch: Batch
    features: NDArray[np.float64]
    languages: list[LanguageProfile]
    probabilities: NDArray[np.float64]
    labels: list[str | None]
    engine_failures: dict[int, str]
    abnormal: list[str]


@dataclass(frozen=True)
class Scorer:
    """The parts of a model that probabilities need, and the options.

    Attributes:
        components: What the signals are built from.
        signals: The signals, in the order of their columns.
        classifier: From features to probabilities.
        rescorers: The classifiers of the second look, if the model has them.
        normality: Finds texts that are no normal English, if the model has it.
        config: The options.
        name: Name, version and digest of the model.
        training_data: Identifies the data that the model was trained on.
    """

    components: ModelComponents
    signals: tuple[FeatureExtractor, ...]
    classifier: LinearClassifier
    rescorers: MTRescorers | None
    normality: NormalityClassifier | None
    config: ScoringConfig
    name: str
    training_data: str

    def features(self, articles: Sequence[Article]) -> NDArray[np.float64]:
        """float64 (n, n_features), finite."""
        return extract_features(Batch(articles, self.components.language_model), self.signals)

    def score(self, articles: Sequence[Article]) -> ScoredBatch:
        """Measure and classify articles: what ``predict_proba`` needs, and nothing else.

        Raises:
            ModelError: if the model gives numbers that are not finite.
        """
        batch = Batch(articles, self.components.language_model)
        features = extract_features(batch, self.signals)
        languages = language_profiles(batch)
        probabilities = self.uniform_probabilities(features)
        rejected = _rejected(articles, languages)
        probabilities[rejected] = np.nan
        is_positive, failures = self._rescore(articles, features, probabilities)
        probabilities = with_prior(probabilities, self.config.prior)
        replaced_words = self.components.replaced_words
        found = reasons(self.normality, replaced_words, self.classifier.standardise(features), batch)
        # What is not judged at all has its own warning, and gets no label from here.
        abnormal = ["" if out else reason for out, reason in zip(rejected.tolist(), found, strict=True)]
        labels = _labels(probabilities, is_positive, abnormal)
        self._doubt(articles, features, probabilities, labels, abnormal)
        return ScoredBatch(batch, features, languages, probabilities, labels, failures, abnormal)

    def _doubt(
        self,
        articles: Sequence[Article],
        features: NDArray[np.float64],
        probabilities: NDArray[np.float64],
        labels: list[str | None],
        abnormal: list[str],
    ) -> None:
        """Give doubtful edits the benefit of the doubt, and add to ``abnormal`` (n,) what is doubtful.

        An edit that many an original of an unknown outlet shows as well is called original, and what reads as translated keeps its label.
        """
        n_words = np.array([article.n_words for article in articles], dtype=int)
        translated = self.classifier.reads_translated(features, n_words)
        manner = self.classifier.may_be_manner(probabilities[:, LABELS.index(EDITED)], features, n_words)
        for row in (row for row, reason in enumerate(abnormal) if not reason):
            if manner[row] and labels[row] == EDITED:
                labels[row], abnormal[row] = ORIGINAL, MAY_BE_MANNER
            if translated[row] and labels[row] in (ORIGINAL, EDITED):
                abnormal[row] = READS_TRANSLATED

    def log_odds(self, articles: Sequence[Article]) -> NDArray[np.float64]:
        """float64 (n, n_targets): the classifier's, before calibration; NaN where nothing can be judged."""
        batch = Batch(articles, self.components.language_model)
        log_odds = self.classifier.log_odds(extract_features(batch, self.signals))
        log_odds[_rejected(articles, language_profiles(batch))] = np.nan
        return log_odds

    def uniform_probabilities(self, features: NDArray[np.float64]) -> NDArray[np.float64]:
        """The classifier's probabilities at a uniform prior, float64 (n, 3), from features (n, n_features).

        Raises:
            ModelError: if they are not finite.
        """
        probabilities = self.classifier.probabilities(features)
        if not np.isfinite(probabilities).all():
            raise ModelError(f"{self.name}: gives numbers that are not finite, so it is damaged; get the model anew")
        return probabilities

    def _rescore(
        self, articles: Sequence[Article], features: NDArray[np.float64], probabilities: NDArray[np.float64]
    ) -> tuple[NDArray[np.bool_] | None, dict[int, str]]:
        """Let the engine, if there is one, change ``probabilities`` (n, 3).

        Returns:
            What is positive at the operating point, and why the engine failed on a row; its probabilities stay.
        """
        point, engine = self.config.operating_point, self.config.mt_engine
        n_words = np.array([article.n_words for article in articles])
        is_positive = self.classifier.calibration.is_positive(probabilities, n_words, point) if point else None
        if self.rescorers is None or engine is None:
            return is_positive, {}
        failures: dict[int, str] = {}

        def extract(rows: NDArray[np.intp]) -> NDArray[np.float64]:
            found = np.full((len(rows), len(ENGINE_FEATURES)), np.nan)
            for i, row in enumerate(rows.tolist()):
                try:
                    found[i] = extract_engine_features(articles[row], engine)
                except EngineError as error:
                    failures[row] = str(error)
            return found

        logits, first_look = self.classifier.log_odds(features), self.classifier.before_adaptation(features)
        for rescorer, rows in self.rescorers.rescore(probabilities, first_look, logits, features[:, -1], extract):
            probabilities[rows] = self.classifier.adapted(probabilities[rows], features[rows])
            if is_positive is not None and point:
                adapted = self.classifier.adaptation is not None
                calibration = self.classifier.calibration if adapted else rescorer.calibration
                is_positive[rows] = calibration.is_positive(probabilities[rows], n_words[rows], point)
        return is_positive, failures


def _rejected(articles: Sequence[Article], languages: Sequence[LanguageProfile]) -> NDArray[np.bool_]:
    """bool (n,): True for what cannot be judged."""
    return np.array([bool(rejection_reason(a, own.code)) for a, own in zip(articles, languages, strict=True)], bool)


def _labels(
    probabilities: NDArray[np.float64], is_positive: NDArray[np.bool_] | None, abnormal: Sequence[str]
) -> list[str | None]:
    """The most probable label of each text, unless an operating point decides what is back-translated.

    A spun text was edited in English and word salad is a machine's, whatever is most probable.
    """
    shares = probabilities.copy()
    for label, reason in zip((EDITED, BACK_TRANSLATED), NOT_NORMAL, strict=True):
        rows = np.array([found == reason for found in abnormal], dtype=bool)
        shares[rows, LABELS.index(ORIGINAL)], shares[rows, LABELS.index(label)] = -2.0, 1.5
    if is_positive is not None:
        # Above and below every probability.
        shares[:, LABELS.index(BACK_TRANSLATED)] = np.where(is_positive, 2.0, -1.0)
    return most_probable(shares)
