"""Adapt a model to one's own articles: measure them, fit, and check the result on them and on what the model was trained on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from retold.detector.adaptation import Adaptation
from retold.detector.calibration import OPERATING_POINTS, Calibration
from retold.detector.classifier import LinearClassifier
from retold.detector.components import ModelComponents
from retold.detector.normality import NormalityClassifier
from retold.detector.rescoring import MTRescorers
from retold.detector.verdict import BACK_TRANSLATED, LABELS, ORIGINAL
from retold.model_store import ModelFolder
from retold.training.data.examples import LabelledText
from retold.training.data.feature_store import build_feature_store
from retold.training.data.splits import halves
from retold.training.estimates import TrainingContext
from retold.training.evaluation.adaptation_gate import GateReport, measure
from retold.training.evaluation.label_errors import DoubtfulLabel, doubtful_labels, reviewed
from retold.training.fit.adaptation import AdaptedFit, adapt, own_articles
from retold.training.fit.adaptation_candidates import CANDIDATES
from retold.training.fit.calibration import conformal_bound
from retold.training.fit.classifier import features_from
from retold.training.fit.ngram_classifiers import ngram_scores
from retold.training.package import REPLAY_COLUMNS, read_replay
from retold.training.pipeline import TrainedModel

# What ``low-fpr`` promises of originals.
_ALLOWED = 0.01


@dataclass(frozen=True)
class AdaptedModel:
    """A model that was adapted, and how it does.

    Attributes:
        trained: The model, ready to be written.
        fit: The adaptation, and predictions for articles that it has not seen.
        report: What the quality gate measured.
        doubtful: Those whose label looks wrong, the most doubtful first.
    """

    trained: TrainedModel
    fit: AdaptedFit
    report: GateReport
    doubtful: tuple[DoubtfulLabel, ...]

    @property
    def words(self) -> str:
        """What was adapted, in words: the candidates that make up most of the mixture."""
        order = np.argsort(-self.fit.weights, kind="stable")[:2]
        return " and ".join(f"{CANDIDATES[i].words} ({self.fit.weights[i]:.0%})" for i in order)


def adapt_model(base: ModelFolder, examples: Sequence[LabelledText], context: TrainingContext) -> AdaptedModel:
    """Adapt a model to examples that ``check_own_examples`` passed; its signals, n-gram weights and second look stay.

    Args:
        base: The model.
        examples: Articles of two labels and two groups at least.
        context: Where and how.
    """
    components = ModelComponents.from_folder(base)
    bare = replace(components, ngram_classifiers=())
    store = build_feature_store(examples, [bare], context.cache, context.jobs, context.report)
    rows = np.arange(len(store.table))
    features = features_from(store, rows, ngram_scores(store, rows, components.ngram_classifiers))
    classifier = LinearClassifier.from_arrays(base.arrays)
    labels = store.table["label"].to_numpy(object)
    context.report("fitting adaptations of rising strength, each tested on articles that it has not seen")
    own = own_articles(classifier, features, labels, store.table["group"].to_numpy(object))
    table, replayed = read_replay(base)
    # What the nearness is fitted to says nothing of what is forgotten: halves by story.
    is_fitted = halves(table["group"])
    fit = adapt(classifier, own, replayed[is_fitted])
    adapted = _with_adaptation(classifier, fit, labels)
    replay = pd.concat([table, store.table[REPLAY_COLUMNS]], ignore_index=True), np.vstack([replayed, features])
    rescorer, comparison = MTRescorers.from_arrays(base.arrays), base.texts.get("comparison.json", "")
    # Features are standardised as before, so what finds texts that are no normal English stays.
    normality = NormalityClassifier.from_arrays(base.arrays)
    trained = TrainedModel(components, adapted, rescorer, replay, comparison, normality)
    review = reviewed(classifier, own)
    doubtful = doubtful_labels(examples, review, features, adapted, store.schema.names)
    rest = table["label"].to_numpy(object)[~is_fitted], replayed[~is_fitted]
    report = measure(fit, labels, classifier, adapted, rest, review.n_doubted)
    return AdaptedModel(trained, fit, report, doubtful)


def _with_adaptation(classifier: LinearClassifier, fit: AdaptedFit, labels: NDArray[np.object_]) -> LinearClassifier:
    adaptation = fit.adaptation.after(classifier.adaptation)
    calibration = _calibration(classifier.calibration, adaptation, fit, labels)
    return replace(classifier, adaptation=adaptation, calibration=calibration)


def _calibration(
    calibration: Calibration, adaptation: Adaptation, fit: AdaptedFit, labels: NDArray[np.object_]
) -> Calibration:
    """Raise the threshold of ``low-fpr`` to what the held-out originals among one's own articles demand.

    They are seldom enough to promise 1% by themselves; then no higher one than theirs is called back-translated.
    """
    even = fit.held_out / adaptation.prior
    scores = (even / even.sum(axis=1, keepdims=True))[labels == ORIGINAL, LABELS.index(BACK_TRANSLATED)]
    if not len(scores):
        return calibration
    bound = conformal_bound(scores, _ALLOWED)
    thresholds = calibration.thresholds.copy()
    row = OPERATING_POINTS.index("low-fpr")
    highest = float(np.nextafter(scores.max(), 2.0))
    thresholds[row] = np.maximum(thresholds[row], min(bound, highest))
    return replace(calibration, thresholds=thresholds)
