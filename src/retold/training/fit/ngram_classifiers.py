"""Fit the n-gram classifiers: linear support vector machines over hashed counts, one set of weights for each target."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pandas as pd
from joblib import Parallel, delayed
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, vstack
from sklearn.svm import LinearSVC

from retold.signals.ngrams.classifier import NGRAM_TARGETS, NgramClassifier
from retold.signals.ngrams.hashing import BUCKETS
from retold.signals.registry import NGRAM_CLASSIFIERS
from retold.training.data import labels
from retold.training.data.code_fingerprint import code_fingerprint
from retold.training.data.feature_store import FeatureStore
from retold.training.data.segments import Segments
from retold.training.data.step_files import load_arrays, save_arrays

# Squared hinge at C = 1 to 3 was the best of liblinear, SGD and L-BFGS on held-out engines. Tolerances of 0.1, 0.5, 1 and 2
# gave the same AUROC for Google held out, 0.893, and found 36.3, 36.2, 35.4 and 35.0% at 1% false alarms; the time that
# learning takes falls with each.
_C, _TOLERANCE, _ITERATIONS = 2.0, 1.0, 200
_SEED = 20
# What decides what the classifiers learn from the same counts; a change in it makes those that are kept useless.
_LEARNING = (
    "training/fit/ngram_classifiers.py",
    "training/data/labels.py",
    "training/data/segments.py",
    "detector/segments.py",
)
# Targets that are learned from segments, too, since any part of a round trip is machine English, while an edit may be
# elsewhere; and the share of an example's weight that its segments have, if it is long enough to have any. Segments without
# the whole text were worse than none: ``benchmarks/learning_curve.py``.
_SEGMENT_TARGETS, _SEGMENTS_SHARE = ("machine", "back_translated"), 0.5


def ngram_scores(
    corpus: FeatureStore, rows: NDArray[np.intp], ngram_classifiers: tuple[NgramClassifier, ...]
) -> NDArray[np.float64]:
    """Log-odds of rows by classifiers that have not seen them, float64 array (len(rows), n_scores)."""
    return np.hstack(
        [classifier.log_odds(corpus.ngram_counts[classifier.name][rows]) for classifier in ngram_classifiers]
    )


def fit_ngram_classifiers(
    corpus: FeatureStore, rows: NDArray[np.intp], folder: Path, jobs: int = 1
) -> tuple[NgramClassifier, ...]:
    """Fit the n-gram classifiers to the given rows of a corpus; every other row stays unseen.

    What was fitted is kept in ``folder``, under a name that changes with the rows, their counts and the code.
    """
    file = folder / f"ngrams-{_digest(corpus, rows)}.npz"
    tasks = [(signal, target) for signal in NGRAM_CLASSIFIERS for target in NGRAM_TARGETS]
    if not file.exists():
        solved = Parallel(n_jobs=jobs, max_nbytes="1M")(
            delayed(fit_target)(
                corpus.ngram_counts[signal.name], corpus.table, corpus.segments, signal.name, rows, target
            )
            for signal, target in tasks
        )
        weights, intercepts = (np.stack([np.asarray(part[i]) for part in solved]) for i in (0, 1))
        save_arrays(file, {"weights": weights, "intercepts": intercepts})
    stored = load_arrays(file)
    n = len(NGRAM_TARGETS)
    return tuple(
        classifier(stored["weights"][i * n : (i + 1) * n], stored["intercepts"][i * n : (i + 1) * n])
        for i, classifier in enumerate(NGRAM_CLASSIFIERS)
    )


def _digest(corpus: FeatureStore, rows: NDArray[np.intp]) -> str:
    digest = hashlib.sha256(code_fingerprint(*_LEARNING) + rows.tobytes())
    counts = [corpus.ngram_counts, *([corpus.segments.ngram_counts] if corpus.segments is not None else [])]
    for matrix in (matrix for named in counts for matrix in named.values()):
        digest.update(np.ascontiguousarray(matrix.indptr[::7]).tobytes() + matrix.data[::10_007].tobytes())
    for column in ("label", "kind", "family", "source", "domain"):
        digest.update("\0".join(corpus.table[column].iloc[rows]).encode("utf-8", "replace"))
    return digest.hexdigest()[:24]


def fit_target(
    counts: csr_matrix,
    table: pd.DataFrame,
    segments: Segments | None,
    signal: str,
    rows: NDArray[np.intp],
    target: str,
) -> tuple[NDArray[np.float32], float]:
    """Weights float32 (BUCKETS,) and intercept of one target; zeros where only one side has examples."""
    chosen = table.iloc[rows]
    label = labels.binary_labels(chosen, target)
    used = label >= 0
    if len(np.unique(label[used])) < 2:
        return np.zeros(BUCKETS, np.float32), 0.0
    of, weight = np.arange(used.sum()), labels.sample_weights(chosen[used], label[used])
    seen, label = counts[rows[used]], label[used]
    if segments is not None and target in _SEGMENT_TARGETS:
        owned, of, weight = with_segments(segments.of, rows[used], weight)
        seen = vstack([seen, segments.ngram_counts[signal][owned]], format="csr")
    return fit_weights(seen, label[of], weight)


def fit_weights(
    counts: csr_matrix, label: NDArray[np.int8], weight: NDArray[np.float64]
) -> tuple[NDArray[np.float32], float]:
    """Weights float32 (BUCKETS,) and intercept that tell labels 1 from 0, from counts (n, BUCKETS) and sample weights (n,)."""
    model = LinearSVC(C=_C, tol=_TOLERANCE, max_iter=_ITERATIONS, dual=True, random_state=_SEED)
    model.fit(counts, label, sample_weight=weight)
    return model.coef_[0].astype(np.float32), float(model.intercept_[0])


def with_segments(
    of: NDArray[np.intp], rows: NDArray[np.intp], weight: NDArray[np.float64]
) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.float64]]:
    """Which segments belong to some rows, and the place among the rows and the weight of each row and then of each of these.

    A row that has segments weighs with them what it weighed alone.

    Args:
        of: The row that each segment was cut from, intp (n_passages,).
        rows: intp (n,).
        weight: What each of them weighs alone, float64 (n,).
    """
    place = np.full(max(int(of.max(initial=0)), int(rows.max(initial=0))) + 1, -1, dtype=np.intp)
    place[rows] = np.arange(len(rows))
    owned = np.flatnonzero(place[of] >= 0)
    owner = place[of[owned]]
    number = np.bincount(owner, minlength=len(rows))
    shared = np.where(number > 0, 1 - _SEGMENTS_SHARE, 1) * weight
    subsets = _SEGMENTS_SHARE * weight[owner] / number[owner]
    return owned, np.concatenate([np.arange(len(rows)), owner]), np.concatenate([shared, subsets])
