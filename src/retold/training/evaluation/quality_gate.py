"""The quality gate: a new model is refused where it falls below the one that it would replace.

Both models are compared on cross-validated predictions, grouped by story. The old model's classifiers are refitted too; otherwise
they would be scored on their own training rows. No corpus is needed: the rows are the features that go with a model, whose n-gram
log-odds were cross-fitted when they were made, and the user's own examples, which the old model has not seen.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from retold.detector.calibration import PRIOR, with_prior
from retold.detector.classifier import LinearClassifier
from retold.detector.components import ModelComponents, build_signals
from retold.detector.features import feature_schema
from retold.detector.verdict import BACK_TRANSLATED, LABELS, ORIGINAL
from retold.errors import InputError
from retold.model_store import ModelFolder
from retold.training.data.examples import LabelledText
from retold.training.data.feature_store import build_feature_store
from retold.training.data.splits import fold_of
from retold.training.estimates import TrainingContext
from retold.training.evaluation import metrics
from retold.training.fit.calibration import fit_calibrated, held_out_logits
from retold.training.fit.classifier import SEED, features_from
from retold.training.fit.ngram_classifiers import ngram_scores
from retold.training.package import read_replay, replay_sample
from retold.training.pipeline import TrainedModel

# Rows of the rarer side below which a figure says nothing, and below which calibration says nothing.
_LEAST, _LEAST_CALIBRATION = 10, 500
# What a figure may lose: a few times what a small set of well-labelled examples costs, and less than what a hundred wrong
# labels do; a couple of dozen wrong labels may pass.
_AREA, _ALARMS = "AUROC of back-translated against original", "originals called back-translated"
_F1, _CALIBRATION = "macro-F1", "calibration error, mean of the classes"
_MARGINS = {_AREA: -0.01, _ALARMS: 0.01, _F1: -0.02, _CALIBRATION: 0.02}


@dataclass(frozen=True)
class MetricCheck:
    """One figure of the old and the new model.

    Attributes:
        rows: What it was measured on, in words.
        name: Its name.
        new: The new model's.
        old: The old model's.
        allowed: The worst that passes.
    """

    rows: str
    name: str
    new: float
    old: float
    allowed: float

    @property
    def holds(self) -> bool:
        """True if the new figure is no worse than is allowed."""
        return self.new >= self.allowed if _MARGINS[self.name] < 0 else self.new <= self.allowed

    def __str__(self) -> str:
        limit = "at least" if _MARGINS[self.name] < 0 else "at most"
        return f"{self.name}, {self.rows}: {self.new:.3f}, was {self.old:.3f}, {limit} {self.allowed:.3f} wanted"


def enforce_checks(floors: Sequence[MetricCheck], force: bool) -> tuple[str, ...]:
    """Notes on what was measured, for the card.

    Raises:
        InputError: if a floor does not hold and ``force`` is False; the message names it, both figures and what to do.
    """
    broken = [floor for floor in floors if not floor.holds]
    if broken and not force:
        raise InputError(
            f"the new model falls below the old one and was not written. {'; '.join(map(str, broken))}. Look for wrong labels "
            "among your examples (retold score shows what the old model makes of them) and add more of each label; to "
            "write the model all the same, add --force"
        )
    return tuple(f"gate {'passed' if floor.holds else 'NOT PASSED'}: {floor}" for floor in floors)


def check_own(
    examples: Sequence[LabelledText], shipped: ModelFolder, trained: TrainedModel, context: TrainingContext
) -> list[MetricCheck]:
    """Compare a model trained on one's own examples with the shipped one, on those examples, cross-fitted by group."""
    components = ModelComponents.from_folder(shipped)
    corpus = build_feature_store(
        examples, [replace(components, ngram_classifiers=())], context.cache, context.jobs, context.report
    )
    table = trained.replay[0]
    kept = replay_sample(corpus.table, SEED)
    seen = features_from(corpus, kept, ngram_scores(corpus, kept, components.ngram_classifiers))
    old = _usual(LinearClassifier.from_arrays(shipped.arrays), seen)
    new = cross_fitted(trained.components, trained.replay)
    return compared(table["label"].to_numpy(object), new, old, f"on {len(table):,} examples of yours", False)


def check_stored(shipped: ModelFolder | None, trained: TrainedModel) -> list[MetricCheck]:
    """Compare a model trained from a corpus with the shipped one, each on the rows that are stored with it.

    Without a shipped model there are no checks.
    """
    if shipped is None:
        return []
    old_replay = read_replay(shipped)
    old = cross_fitted(ModelComponents.from_folder(shipped), old_replay)
    new = cross_fitted(trained.components, trained.replay)
    labels, old_labels = (replay[0]["label"].to_numpy(object) for replay in (trained.replay, old_replay))
    words = f"on {len(labels):,} stored examples, against the shipped model's {len(old_labels):,}"
    return _checks(figures(labels, new), figures(old_labels, old), words)


def cross_fitted(
    components: ModelComponents,
    replay: tuple[pd.DataFrame, NDArray[np.float64]],
    sample_weight: NDArray[np.float64] | None = None,
) -> NDArray[np.float64]:
    """Probabilities (n, 3) of each stored row by classifiers that were fitted to the rows of other folds."""
    table, features = replay
    schema = feature_schema(build_signals(components))
    sample_weight = np.ones(len(table)) if sample_weight is None else sample_weight
    folds = fold_of(list(table["group"]))
    found = np.full((len(table), len(LABELS)), 1 / len(LABELS))
    for fold in np.unique(folds):
        seen = folds != fold
        if seen.any():
            rest = table[seen].reset_index(drop=True)
            logits = held_out_logits(rest, features[seen], schema, sample_weight[seen])
            classifier = fit_calibrated(rest, features[seen], schema, logits, sample_weight[seen])
            found[~seen] = _usual(classifier, features[~seen])
    return found


def compared(labels: NDArray[np.object_], new: NDArray, old: NDArray, words: str, exact: bool) -> list[MetricCheck]:
    """Checks of two models' probabilities (n, 3) for the same rows; few rows are allowed what chance would do to them."""
    slack = 0.0 if exact else 1 / np.sqrt(max(_rarer(labels), 1))
    return _checks(figures(labels, new), figures(labels, old), words, slack)


def _rarer(labels: NDArray[np.object_]) -> int:
    return min((int(n) for label in LABELS if (n := np.sum(labels == label))), default=0)


def _checks(new: dict[str, float], old: dict[str, float], words: str, slack: float = 0.0) -> list[MetricCheck]:
    found = []
    for name, margin in _MARGINS.items():
        if name in new and name in old:
            allowed = old[name] + np.sign(margin) * max(abs(margin), slack)
            found.append(MetricCheck(words, name, new[name], old[name], float(allowed)))
    return found


def figures(labels: NDArray[np.object_], probabilities: NDArray[np.float64]) -> dict[str, float]:
    """The gate's figures, by name, of labels (n,) and probabilities (n, 3); those with too few rows are left out."""
    judged = np.isin(labels, LABELS)
    truth, shares = labels[judged], probabilities[judged]
    called = np.array(LABELS, dtype=object)[shares.argmax(axis=1)]
    machine = shares[:, LABELS.index(BACK_TRANSLATED)]
    originals, trips = truth == ORIGINAL, truth == BACK_TRANSLATED
    found: dict[str, float] = {}
    if min(originals.sum(), trips.sum()) >= _LEAST:
        found[_AREA] = metrics.auroc(machine[originals], machine[trips])
    if originals.sum() >= _LEAST:
        found[_ALARMS] = float(np.mean(called[originals] == BACK_TRANSLATED))
    if _rarer(truth) >= _LEAST and len(set(truth)) > 1:
        found[_F1] = metrics.macro_f1(truth, called)
    if len(truth) >= _LEAST_CALIBRATION:
        errors = [metrics.calibration_error(truth == label, shares[:, i]) for i, label in enumerate(LABELS)]
        found[_CALIBRATION] = float(np.mean(errors))
    return found


def _usual(classifier: LinearClassifier, features: NDArray[np.float64]) -> NDArray[np.float64]:
    """Probabilities (n, 3) for the mixture that is assumed where none is stated."""
    return with_prior(classifier.probabilities(features), PRIOR)
