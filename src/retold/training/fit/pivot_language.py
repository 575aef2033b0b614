"""Fit the pivot classifier: which language a round trip went through (source-language identification)."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax, softmax
from sklearn.linear_model import SGDClassifier

from retold.channel.lexical_table import PIVOTS
from retold.detector.pivot_language import PivotClassifier, folded
from retold.detector.verdict import BACK_TRANSLATED
from retold.signals.registry import NGRAM_CLASSIFIERS
from retold.training.data.feature_store import FeatureStore

# Averaged stochastic gradient descent: under a minute for 58 languages on one core.
_ALPHA, _EPOCHS, _SEED = 3e-6, 8, 20
# Shorter articles do not set the temperature: too short for their pivot to be identified.
_MIN_WORDS = 150
# A pivot is named from the probability on at which this share of the named ones is right, on the held-out fold.
_MIN_PRECISION = 0.65
# A pivot with fewer texts than this is not learned.
_MIN_TEXTS = 20


def fit_pivot_classifier(corpus: FeatureStore) -> PivotClassifier | None:
    """Fit to all round trips, temperature and threshold set on a held-out third of the groups; None if there are too few."""
    table = corpus.table
    counts = table.loc[table["label"] == BACK_TRANSLATED, "pivot"].value_counts()
    learned = [p for p in PIVOTS if counts.get(p, 0) >= _MIN_TEXTS]
    rows = np.flatnonzero((table["label"] == BACK_TRANSLATED) & table["pivot"].isin(learned))
    if len(learned) < 2:
        return None
    held = table["fold"].to_numpy()[rows] == 0
    settings = _settings(corpus, rows[held], _fit(corpus, rows[~held]))
    return PivotClassifier(*_fit(corpus, rows), settings)


def _fit(corpus: FeatureStore, rows: NDArray[np.intp]) -> tuple[NDArray[np.float16], NDArray[np.float64]]:
    table = corpus.table.iloc[rows]
    pivot = table["pivot"].to_numpy().astype(str)
    weight = pivot_weights(table)
    model = SGDClassifier(loss="log_loss", alpha=_ALPHA, max_iter=_EPOCHS, tol=None, average=True, random_state=_SEED)
    model.fit(_counts(corpus, rows), pivot, sample_weight=weight / weight.mean())
    return _spread(model)


def pivot_weights(table: pd.DataFrame) -> NDArray[np.float64]:
    """float64 (n,): every pivot weighs the same, and within a pivot no engine, source or forward leg dominates.

    Five in six Portuguese round trips are one engine's with both legs by machine; weighed by the root of their number, they made whatever
    a machine had translated twice Portuguese.
    """
    length = (table["n_words"].to_numpy() / 300).clip(0.1, 3)
    cell = table["pivot"] + "|" + table["family"] + "|" + table["source"] + "|" + table["forward"]
    weight = pd.Series(length / np.sqrt(cell.map(cell.value_counts()).to_numpy(dtype=float)), index=table.index)
    return np.asarray(weight / weight.groupby(table["pivot"]).transform("sum"))


def _counts(corpus: FeatureStore, rows: NDArray[np.intp]):  # type: ignore[no-untyped-def]  # SciPy has no types
    return folded([corpus.ngram_counts[classifier.name][rows] for classifier in NGRAM_CLASSIFIERS])


def _spread(model: SGDClassifier) -> tuple[NDArray[np.float16], NDArray[np.float64]]:
    """Rows for every pivot in the order of ``PIVOTS``; those never seen can never win."""
    coef, intercept = model.coef_, model.intercept_
    if len(model.classes_) == 2:
        coef, intercept = np.vstack([-coef, coef]), np.hstack([-intercept, intercept])
    weights = np.zeros((len(PIVOTS), coef.shape[1]), dtype=np.float16)
    intercepts = np.full(len(PIVOTS), -100.0)
    places = [PIVOTS.index(p) for p in model.classes_]
    weights[places], intercepts[places] = coef.astype(np.float16), intercept
    return weights, intercepts


def _settings(
    corpus: FeatureStore, rows: NDArray[np.intp], fitted: tuple[NDArray[np.float16], NDArray[np.float64]]
) -> NDArray[np.float64]:
    """Temperature and the probability from which a pivot is named, on rows that training has not seen."""
    long = rows[corpus.table["n_words"].to_numpy()[rows] >= _MIN_WORDS]
    long = long if len(long) >= _MIN_TEXTS else rows
    truth = np.array([PIVOTS.index(p) for p in corpus.table["pivot"].to_numpy()[long]])
    scores = np.asarray(_counts(corpus, long) @ fitted[0].T.astype(np.float32)) + fitted[1]
    places, weight = np.arange(len(truth)), pivot_weights(corpus.table.iloc[long])
    best = minimize_scalar(
        lambda t: -np.average(log_softmax(scores * t, axis=1)[places, truth], weights=weight),
        bounds=(0.01, 10),
        method="bounded",
    )
    probability = softmax(scores * best.x, axis=1)
    return np.array([best.x, _threshold(probability.max(axis=1), probability.argmax(axis=1) == truth, weight)])


def _threshold(confidence: NDArray[np.float64], right: NDArray[np.bool_], weight: NDArray[np.float64]) -> float:
    """The lowest probability from which on the named pivots are right often enough; 1 if none is."""
    order = np.argsort(-confidence, kind="stable")
    share = np.cumsum((right * weight)[order]) / np.cumsum(weight[order])
    good = np.flatnonzero(share >= _MIN_PRECISION)
    return float(confidence[order[good[-1]]]) if len(good) else 1.0
