"""Fit the pivot classifier: which language a round trip went through (source-language identification).

Its scores become probabilities by a temperature and a bias for each pivot, fitted to held-out stories: "bias-corrected temperature
scaling" (Alexandari, Kundaje and Shrikumar 2020). A temperature alone leaves Portuguese, of which there is most, too likely.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import log_softmax, softmax
from sklearn.linear_model import SGDClassifier

from retold.channel.lexical_table import PIVOTS
from retold.detector.pivot_language import PivotClassifier, folded
from retold.detector.verdict import BACK_TRANSLATED
from retold.signals.registry import NGRAM_CLASSIFIERS
from retold.training.data.feature_store import FeatureStore

# What scores are multiplied by at least; scores of nothing but chance would take it to zero.
_MIN_TEMPERATURE = 0.01
# Averaged stochastic gradient descent: under a minute for 58 languages on one core.
_ALPHA, _EPOCHS, _SEED = 3e-6, 8, 20
# Shorter articles do not set the temperature: too short for their pivot to be identified.
_MIN_WORDS = 150
# A pivot is named from the probability on at which this share of the named ones is right, on the held-out fold, weighed and
# counted. Of 0.8, 0.85 and 0.9 the first at which, calibrated on fold 0, the named ones of fold 1 are right in 80% at every length
# from 150 words on.
_MIN_PRECISION = 0.9
# Penalty of the squares of the biases. On halves of the stories of fold 1, calibrated on one and read on the other, 0.0003, 0.001
# and 0.003 name as many; with every pivot weighed the same instead of by the root of its number, fewer are named at 80% right.
_BIAS_PENALTY = 0.001
# A pivot with fewer texts than this is not learned.
_MIN_TEXTS = 20


def fit_pivot_classifier(corpus: FeatureStore, without_fold: int | None = None) -> PivotClassifier | None:
    """Fit to all round trips, calibration and threshold set on a held-out third of the groups; None if there are too few.

    ``without_fold`` keeps the weights from learning a fold, to be measured on it; the calibration is that of all round trips.
    """
    table = corpus.table
    counts = table.loc[table["label"] == BACK_TRANSLATED, "pivot"].value_counts()
    learned = [p for p in PIVOTS if counts.get(p, 0) >= _MIN_TEXTS]
    rows = np.flatnonzero((table["label"] == BACK_TRANSLATED) & table["pivot"].isin(learned))
    if len(learned) < 2:
        return None
    folds = table["fold"].to_numpy()[rows]
    is_held = folds == folds.min()
    settings, biases = calibrate(corpus, rows[is_held], _fit(corpus, rows[~is_held]))
    weights, intercepts = _fit(corpus, rows if without_fold is None else rows[folds != without_fold])
    return PivotClassifier(weights, intercepts + biases / settings[0], settings)


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


def calibrate(
    corpus: FeatureStore, rows: NDArray[np.intp], fitted: tuple[NDArray[np.float16], NDArray[np.float64]]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Temperature and the probability from which a pivot is named, and biases (len(PIVOTS),), on rows that training has not seen."""
    long = rows[corpus.table["n_words"].to_numpy()[rows] >= _MIN_WORDS]
    long = long if len(long) >= _MIN_TEXTS else rows
    truth = np.array([PIVOTS.index(p) for p in corpus.table["pivot"].to_numpy()[long]])
    scores = np.asarray(_counts(corpus, long) @ fitted[0].T.astype(np.float32)) + fitted[1]
    weight = pivot_weights(corpus.table.iloc[long]) * np.sqrt(np.bincount(truth))[truth]
    temperature, biases = scaled(scores, truth, weight / weight.sum())
    probability = softmax(scores * temperature + biases, axis=1)
    right = probability.argmax(axis=1) == truth
    thresholds = [_threshold(probability.max(axis=1), right, w) for w in (weight, np.ones(len(right)))]
    return np.array([temperature, max(thresholds)]), biases


def scaled(
    scores: NDArray[np.float64], truth: NDArray[np.intp], weight: NDArray[np.float64]
) -> tuple[float, NDArray[np.float64]]:
    """The temperature and biases under which the true pivots are likeliest, less the penalty."""
    places = np.arange(len(truth))
    is_true = np.zeros_like(scores)
    is_true[places, truth] = 1

    def loss(values: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        temperature, biases = values[0], values[1:]
        log_odds = log_softmax(scores * temperature + biases, axis=1)
        wrong = weight[:, None] * (np.exp(log_odds) - is_true)
        penalty = _BIAS_PENALTY * float(biases @ biases)
        slope = wrong.sum(axis=0) + 2 * _BIAS_PENALTY * biases
        return penalty - float(weight @ log_odds[places, truth]), np.concatenate([[(wrong * scores).sum()], slope])

    start = np.concatenate([[1.0 / max(np.abs(scores).max(), 1.0)], np.zeros(scores.shape[1])])
    bounds = [(_MIN_TEMPERATURE, None), *[(None, None)] * scores.shape[1]]
    found = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds)
    return float(found.x[0]), np.asarray(found.x[1:])


def _threshold(confidence: NDArray[np.float64], right: NDArray[np.bool_], weight: NDArray[np.float64]) -> float:
    """The lowest probability from which on the named pivots are right often enough; 1 if none is."""
    order = np.argsort(-confidence, kind="stable")
    share = np.cumsum((right * weight)[order]) / np.cumsum(weight[order])
    good = np.flatnonzero(share >= _MIN_PRECISION)
    return float(confidence[order[good[-1]]]) if len(good) else 1.0
