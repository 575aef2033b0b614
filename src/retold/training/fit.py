"""Fit a detector: experts, their cross-fitted scores, the verdict, the families' own strengths, the temperature."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from joblib import Parallel, delayed
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression
from sklearn.svm import LinearSVC

from retold.detector.classifier import VerdictClassifier
from retold.detector.verdict import BACK_TRANSLATED
from retold.features import with_length
from retold.signals.experts import QUESTIONS, NgramExpert
from retold.signals.ngrams import BUCKETS
from retold.signals.registry import EXPERTS
from retold.training import targets
from retold.training.prepare import Prepared

# Squared hinge at C = 1 was the best of liblinear, SGD and L-BFGS on held-out engines; a looser stopping rule than 0.1
# changed nothing but the time.
_EXPERT_C, _EXPERT_TOLERANCE, _EXPERT_ITERATIONS = 1.0, 0.1, 200
# Ridge of the verdict: the best of 0.001 to 1 on held-out engines, see the model's card.
VERDICT_C = 0.01
SEED = 20


@dataclass(frozen=True)
class Fitted:
    """What training gives.

    Attributes:
        experts: Trained on everything.
        classifier: The verdict over all features.
        features: float64 array (n, n_features): the features it was trained on, expert scores cross-fitted.
        rows: The rows of the corpus that these are.
    """

    experts: tuple[NgramExpert, ...]
    classifier: VerdictClassifier
    features: NDArray[np.float64]
    rows: NDArray[np.intp]


def fit(corpus: Prepared, rows: NDArray[np.intp], jobs: int = 1) -> Fitted:
    """Fit to the given rows of a corpus; every other row stays unseen."""
    experts, scores = _cross_fit(corpus, rows, jobs)
    features = with_length(corpus.written[rows], scores, corpus.table["n_words"].to_numpy()[rows])
    classifier = fit_verdict(corpus.table.iloc[rows], features)
    return Fitted(experts, classifier, features, rows)


def features_of(corpus: Prepared, rows: NDArray[np.intp], experts: tuple[NgramExpert, ...]) -> NDArray[np.float64]:
    """Features of rows that the experts have not seen, float64 array (len(rows), n_features)."""
    scores = np.hstack([expert.log_odds(corpus.views[expert.name][rows]) for expert in experts])
    return with_length(corpus.written[rows], scores, corpus.table["n_words"].to_numpy()[rows])


def fit_verdict(table: pd.DataFrame, features: NDArray[np.float64]) -> VerdictClassifier:
    """Fit the last step to the rows that have a label."""
    target = targets.verdict_target(table)
    used = target != ""
    weight = targets.weights(table[used], target[used])
    return VerdictClassifier(C=VERDICT_C).fit(features[used], target[used].astype(str), sample_weight=weight)


def _cross_fit(
    corpus: Prepared, rows: NDArray[np.intp], jobs: int
) -> tuple[tuple[NgramExpert, ...], NDArray[np.float64]]:
    """Experts trained on all rows, and scores of each row by experts that never saw its fold."""
    folds = corpus.table["fold"].to_numpy()[rows]
    parts = [rows, *(rows[folds != fold] for fold in np.unique(folds))]
    tasks = [(view, question, part) for part in parts for view in range(len(EXPERTS)) for question in QUESTIONS]
    solved = Parallel(n_jobs=jobs, max_nbytes="1M")(
        delayed(_solve)(corpus.views[EXPERTS[view].name], corpus.table, part, question)
        for view, question, part in tasks
    )
    per_part = len(EXPERTS) * len(QUESTIONS)
    groups = [_experts(solved[i : i + per_part]) for i in range(0, len(solved), per_part)]
    scores = np.empty((len(rows), per_part))
    for fold, experts in zip(np.unique(folds), groups[1:], strict=True):
        held = folds == fold
        scores[held] = np.hstack([e.log_odds(corpus.views[e.name][rows[held]]) for e in experts])
    return groups[0], scores


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
