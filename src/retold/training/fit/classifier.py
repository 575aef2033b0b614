"""Fit the head: the last step, which turns features into a verdict."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from retold.detector.classifier import CLASSIFIER_TARGETS as HEAD_QUESTIONS
from retold.detector.classifier import CLIP, LinearClassifier
from retold.detector.features import with_length
from retold.detector.verdict import EDITED, ORIGINAL
from retold.signals.registry import FEATURE_GROUPS
from retold.training.data import labels as targets
from retold.training.data.feature_store import FeatureStore

# Ridge of the head, chosen on held-out engines, where it hardly matters.
_HEAD_C = 0.01
# Added to the log-odds of the head's questions before they are combined: they set what the vetoes weigh beside ``machine``.
# The calibration undoes them as far as probabilities go.
_SHIFTS = {"machine": -1.8, "not_human_translation": -0.3}
# Powers of the weights of examples. Edits come from few sources, of which small ones would otherwise say too much: 1, 0.5 and 0
# told polish of sources kept out from its originals at AUROC 0.895, 0.901 and 0.903, and probabilities of texts of 600
# words and more were off by 0.03, 0.04 and 0.09.
_TEMPERS = {"edited": 0.5}
# Kinds of edits that people made.
_BY_PEOPLE = ("human_edit", "syndication", "desk_edit")
SEED = 20


def features_from(corpus: FeatureStore, rows: NDArray[np.intp], scores: NDArray[np.float64]) -> NDArray[np.float64]:
    """Features of rows, float64 array (len(rows), n_features), from the experts' scores of them."""
    return with_length(corpus.written[rows], scores, corpus.table["n_words"].to_numpy()[rows])


def fit_head(
    table: pd.DataFrame,
    features: NDArray[np.float64],
    families: tuple[str, ...],
    boost: NDArray | None = None,
    alone: bool = True,
) -> LinearClassifier:
    """Fit the last step, uncalibrated.

    Args:
        table: The rows' labels and sources.
        features: float64 (n, n_features).
        families: The family of each feature.
        boost: What to multiply the rows' weights by, float64 (n,), or None.
        alone: Whether to fit what each family says by itself, too; zeros if not.
    """
    boost = np.ones(len(table)) if boost is None else boost
    mean, scale = _standard(table, features)
    standard = np.clip((features - mean) / scale, -CLIP, CLIP)
    answers = [_logistic(standard, table, question, boost) for question in HEAD_QUESTIONS]
    owners = [np.array([alone and f == family for f in families]) for family in FEATURE_GROUPS]
    group_scores = [_alone(standard, table, mine, boost) for mine in owners]
    return LinearClassifier(
        mean,
        scale,
        np.stack([coef for coef, _ in answers]),
        np.array([b + _SHIFTS.get(q, 0.0) for q, (_, b) in zip(HEAD_QUESTIONS, answers, strict=True)]),
        np.stack([coef for coef, _ in group_scores]),
        np.array([intercept for _, intercept in group_scores]),
    )


def machine_log_odds(
    table: pd.DataFrame, seen: NDArray[np.float64], unseen: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Fit the question ``machine`` alone to features (n, k) and answer it for others (m, k): float64 (m,)."""
    mean, scale = _standard(table, seen)
    standard, other = (np.clip((x - mean) / scale, -CLIP, CLIP) for x in (seen, unseen))
    coef, intercept = _logistic(standard, table, "machine", np.ones(len(table)))
    return other @ coef + intercept


def _standard(table: pd.DataFrame, features: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    answer = targets.answers(table, "machine")
    weight = np.where(answer >= 0, targets.weights(table, answer), 0)
    weight = weight if weight.any() else np.ones(len(table))
    mean = np.average(features, axis=0, weights=weight)
    spread = np.sqrt(np.average((features - mean) ** 2, axis=0, weights=weight))
    return mean, np.where(spread > 1e-9, spread, 1.0)


def _alone(
    standard: NDArray[np.float64], table: pd.DataFrame, mine: NDArray[np.bool_], boost: NDArray
) -> tuple[NDArray[np.float64], float]:
    coef = np.zeros(standard.shape[1])
    coef[mine], intercept = _logistic(standard[:, mine], table, "machine", boost) if mine.any() else (0.0, 0.0)
    return coef, intercept


def _logistic(
    standard: NDArray[np.float64], table: pd.DataFrame, question: str, boost: NDArray
) -> tuple[NDArray[np.float64], float]:
    """Coefficients (n_features,) and intercept of one question; zeros where only one side has examples."""
    answer = _edits_that_show(table) if question == "edited" else targets.answers(table, question)
    asked = answer >= 0
    if len(np.unique(answer[asked])) < 2:
        return np.zeros(standard.shape[1]), 0.0
    weight = targets.weights(table[asked], answer[asked]) ** _TEMPERS.get(question, 1.0) * boost[asked]
    model = LogisticRegression(C=_HEAD_C, max_iter=1000)
    model.fit(standard[asked], answer[asked], sample_weight=weight)
    return model.coef_[0], float(model.intercept_[0])


def _edits_that_show(table: pd.DataFrame) -> NDArray[np.int8]:
    """Answers to ``edited``: all edits but those known to be people's, against the originals of the same groups and one's own.

    People's edits do not show in a single text of a source kept out, and among the examples they only blur those of language
    models, which do. Where people's are all there is, they count.
    """
    kind = table["kind"].fillna("")
    yes = ((table["label"] == EDITED) & ~kind.isin(_BY_PEOPLE)).to_numpy()
    if not yes.any():
        return targets.answers(table, "edited")
    original = (table["label"] == ORIGINAL).to_numpy()
    beside = original & (table["group"].isin(set(table["group"][yes])) | (kind == "")).to_numpy()
    return np.where(yes, 1, np.where(beside if beside.any() else original, 0, -1)).astype(np.int8)
