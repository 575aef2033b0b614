"""Train the experts: the learned views of a text, one set of weights for each question."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from joblib import Parallel, delayed
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, vstack
from sklearn.svm import LinearSVC

from retold.signals.ngrams.classifier import NGRAM_TARGETS, NgramClassifier
from retold.signals.ngrams.hashing import BUCKETS
from retold.signals.registry import NGRAM_CLASSIFIERS
from retold.training.data import labels as targets
from retold.training.data.feature_store import FeatureStore
from retold.training.data.segments import Passages

# Squared hinge at C = 1 to 3 was the best of liblinear, SGD and L-BFGS on held-out engines. Tolerances of 0.1, 0.5, 1 and 2
# gave the same AUROC for Google kept out, 0.893, and found 36.3, 36.2, 35.4 and 35.0% at 1% false alarms; the time that
# learning takes falls with each.
_C, _TOLERANCE, _ITERATIONS = 2.0, 1.0, 200
_SEED = 20
# Questions that are learned from passages, too, since any part of a round trip is machine English, while an edit may be
# elsewhere; and the share of an example's weight that its passages have, if it is long enough to have any. Passages alone,
# without the whole text, were worse than none. ``measure_augmentation.py`` prints what they are worth.
_OF_PASSAGES, _PASSAGES_SHARE = ("machine", "back_translated"), 0.5


@dataclass(frozen=True)
class Learned:
    """Experts trained on some rows, and what training and testing need of their scores.

    Attributes:
        experts: TrainedModel on all the rows.
        scores: float64 array (n, n_scores): scores of each row by experts that never saw its fold.
    """

    experts: tuple[NgramClassifier, ...]
    scores: NDArray[np.float64]


def scores_of(
    corpus: FeatureStore, rows: NDArray[np.intp], experts: tuple[NgramClassifier, ...]
) -> NDArray[np.float64]:
    """Scores of rows by experts that have not seen them, float64 array (len(rows), n_scores)."""
    return np.hstack([expert.log_odds(corpus.views[expert.name][rows]) for expert in experts])


def learn_experts(corpus: FeatureStore, rows: NDArray[np.intp], jobs: int = 1) -> Learned:
    """Train the experts on the given rows of a corpus; every other row stays unseen."""
    folds = corpus.table["fold"].to_numpy()[rows]
    parts = [rows, *(rows[folds != fold] for fold in np.unique(folds))]
    tasks = [(view.name, question, part) for part in parts for view in NGRAM_CLASSIFIERS for question in NGRAM_TARGETS]
    solved = Parallel(n_jobs=jobs, max_nbytes="1M")(
        delayed(_solve)(corpus.views[view], corpus.table, corpus.passages, view, part, question)
        for view, question, part in tasks
    )
    per_part = len(NGRAM_CLASSIFIERS) * len(NGRAM_TARGETS)
    groups = [_experts(solved[i : i + per_part]) for i in range(0, len(solved), per_part)]
    scores = np.empty((len(rows), per_part))
    for fold, experts in zip(np.unique(folds), groups[1:], strict=True):
        held = folds == fold
        scores[held] = scores_of(corpus, rows[held], experts)
    return Learned(groups[0], scores)


def _experts(solved: list[tuple[NDArray[np.float32], float]]) -> tuple[NgramClassifier, ...]:
    n = len(NGRAM_TARGETS)
    return tuple(
        expert(
            np.stack([weights for weights, _ in solved[i * n : (i + 1) * n]]),
            np.array([intercept for _, intercept in solved[i * n : (i + 1) * n]]),
        )
        for i, expert in enumerate(NGRAM_CLASSIFIERS)
    )


def _solve(
    counts: csr_matrix,
    table: pd.DataFrame,
    passages: Passages | None,
    view: str,
    rows: NDArray[np.intp],
    question: str,
) -> tuple[NDArray[np.float32], float]:
    """Weights float32 (BUCKETS,) and intercept of one expert's answer; zeros where only one side has examples."""
    chosen = table.iloc[rows]
    answer = targets.answers(chosen, question)
    asked = answer >= 0
    if len(np.unique(answer[asked])) < 2:
        return np.zeros(BUCKETS, np.float32), 0.0
    of, weight = np.arange(asked.sum()), targets.weights(chosen[asked], answer[asked])
    seen, answer = counts[rows[asked]], answer[asked]
    if passages is not None and question in _OF_PASSAGES:
        mine, of, weight = _with_passages(passages.of, rows[asked], weight)
        seen = vstack([seen, passages.views[view][mine]], format="csr")
    model = LinearSVC(C=_C, tol=_TOLERANCE, max_iter=_ITERATIONS, dual=True, random_state=_SEED)
    model.fit(seen, answer[of], sample_weight=weight)
    return model.coef_[0].astype(np.float32), float(model.intercept_[0])


def _with_passages(
    of: NDArray[np.intp], rows: NDArray[np.intp], weight: NDArray[np.float64]
) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.float64]]:
    """Which passages belong to some rows, and the place among the rows and the weight of each row and then of each of these.

    A row that has passages weighs with them what it weighed alone.

    Args:
        of: The row that each passage was cut from, intp (n_passages,).
        rows: intp (n,).
        weight: What each of them weighs alone, float64 (n,).
    """
    place = np.full(max(int(of.max(initial=0)), int(rows.max(initial=0))) + 1, -1, dtype=np.intp)
    place[rows] = np.arange(len(rows))
    mine = np.flatnonzero(place[of] >= 0)
    owner = place[of[mine]]
    number = np.bincount(owner, minlength=len(rows))
    shared = np.where(number > 0, 1 - _PASSAGES_SHARE, 1) * weight
    parts = _PASSAGES_SHARE * weight[owner] / number[owner]
    return mine, np.concatenate([np.arange(len(rows)), owner]), np.concatenate([shared, parts])
