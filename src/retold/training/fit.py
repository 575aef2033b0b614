"""Fit a detector: experts, their cross-fitted scores, and the head that turns features into a verdict."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from joblib import Parallel, delayed
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression
from sklearn.svm import LinearSVC

from retold.detector.head import CLIP, Head
from retold.detector.head import QUESTIONS as HEAD_QUESTIONS
from retold.features import with_length
from retold.signals.experts import QUESTIONS, NgramExpert
from retold.signals.ngrams import BUCKETS
from retold.signals.registry import EXPERTS, FAMILIES
from retold.training import targets
from retold.training.prepare import Prepared

# Squared hinge at C = 1 to 3 was the best of liblinear, SGD and L-BFGS on held-out engines; a stricter stopping rule than
# 0.1 changed nothing but the time.
_EXPERT_C, _EXPERT_TOLERANCE, _EXPERT_ITERATIONS = 2.0, 0.1, 200
# Ridge of the head: C of 0.001 to 1 differ by less than 0.01 AUROC on held-out engines.
_HEAD_C = 0.01
# Added to the log-odds of the head's questions. With these, chosen on groups kept out of training, 2% of news originals and
# 15% of human translations were called back-translated; without them 3% and 25%, for a tenth fewer round trips found.
_SHIFTS = {"machine": -0.8, "not_human_translation": -1.0}
# Where no label reaches an even chance the detector abstains.
DOUBT = 0.5
SEED = 20


@dataclass(frozen=True)
class Learned:
    """Experts trained on some rows, and what training and testing need of their scores.

    Attributes:
        experts: Trained on all the rows.
        scores: float64 array (n, n_scores): scores of each row by experts that never saw its fold.
    """

    experts: tuple[NgramExpert, ...]
    scores: NDArray[np.float64]


def features_from(corpus: Prepared, rows: NDArray[np.intp], scores: NDArray[np.float64]) -> NDArray[np.float64]:
    """Features of rows, float64 array (len(rows), n_features), from the experts' scores of them."""
    return with_length(corpus.written[rows], scores, corpus.table["n_words"].to_numpy()[rows])


def scores_of(corpus: Prepared, rows: NDArray[np.intp], experts: tuple[NgramExpert, ...]) -> NDArray[np.float64]:
    """Scores of rows by experts that have not seen them, float64 array (len(rows), n_scores)."""
    return np.hstack([expert.log_odds(corpus.views[expert.name][rows]) for expert in experts])


def fit_head(
    table: pd.DataFrame, features: NDArray[np.float64], families: tuple[str, ...], boost: NDArray | None = None
) -> Head:
    """Fit the last step.

    Args:
        table: The rows' labels and sources.
        features: float64 (n, n_features).
        families: The family of each feature.
        boost: What to multiply the rows' weights by, float64 (n,), or None.
    """
    boost = np.ones(len(table)) if boost is None else boost
    mean, scale = _standard(table, features)
    standard = np.clip((features - mean) / scale, -CLIP, CLIP)
    answers = [_logistic(standard, table, question, boost) for question in HEAD_QUESTIONS]
    alone = [_alone(standard, table, np.array([f == family for f in families]), boost) for family in FAMILIES]
    return Head(
        mean,
        scale,
        np.stack([coef for coef, _ in answers]),
        np.array([b + _SHIFTS.get(q, 0.0) for q, (_, b) in zip(HEAD_QUESTIONS, answers, strict=True)]),
        np.stack([coef for coef, _ in alone]),
        np.array([intercept for _, intercept in alone]),
        doubt=DOUBT,
    )


def _standard(table: pd.DataFrame, features: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    answer = targets.answers(table, "machine")
    weight = np.where(answer >= 0, targets.weights(table, answer), 0)
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
    answer = targets.answers(table, question)
    asked = answer >= 0
    if len(np.unique(answer[asked])) < 2:
        return np.zeros(standard.shape[1]), 0.0
    weight = targets.weights(table[asked], answer[asked]) * boost[asked]
    model = LogisticRegression(C=_HEAD_C, max_iter=1000)
    model.fit(standard[asked], answer[asked], sample_weight=weight)
    return model.coef_[0], float(model.intercept_[0])


def learn_experts(corpus: Prepared, rows: NDArray[np.intp], jobs: int = 1) -> Learned:
    """Train the experts on the given rows of a corpus; every other row stays unseen."""
    folds = corpus.table["fold"].to_numpy()[rows]
    parts = [rows, *(rows[folds != fold] for fold in np.unique(folds))]
    tasks = [(view.name, question, part) for part in parts for view in EXPERTS for question in QUESTIONS]
    solved = Parallel(n_jobs=jobs, max_nbytes="1M")(
        delayed(_solve)(corpus.views[view], corpus.table, part, question) for view, question, part in tasks
    )
    per_part = len(EXPERTS) * len(QUESTIONS)
    groups = [_experts(solved[i : i + per_part]) for i in range(0, len(solved), per_part)]
    scores = np.empty((len(rows), per_part))
    for fold, experts in zip(np.unique(folds), groups[1:], strict=True):
        held = folds == fold
        scores[held] = scores_of(corpus, rows[held], experts)
    return Learned(groups[0], scores)


def _experts(solved: list[tuple[NDArray[np.float32], float]]) -> tuple[NgramExpert, ...]:
    n = len(QUESTIONS)
    return tuple(
        expert(
            np.stack([weights for weights, _ in solved[i * n : (i + 1) * n]]),
            np.array([intercept for _, intercept in solved[i * n : (i + 1) * n]]),
        )
        for i, expert in enumerate(EXPERTS)
    )


def _solve(
    counts: csr_matrix, table: pd.DataFrame, rows: NDArray[np.intp], question: str
) -> tuple[NDArray[np.float32], float]:
    """Weights float32 (BUCKETS,) and intercept of one expert's answer; zeros where only one side has examples."""
    chosen = table.iloc[rows]
    answer = targets.answers(chosen, question)
    asked = answer >= 0
    if len(np.unique(answer[asked])) < 2:
        return np.zeros(BUCKETS, np.float32), 0.0
    weight = targets.weights(chosen[asked], answer[asked])
    model = LinearSVC(C=_EXPERT_C, tol=_EXPERT_TOLERANCE, max_iter=_EXPERT_ITERATIONS, dual=True, random_state=SEED)
    model.fit(counts[rows[asked]], answer[asked], sample_weight=weight)
    return model.coef_[0].astype(np.float32), float(model.intercept_[0])
