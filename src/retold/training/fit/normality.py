"""Fit what tells texts that are no normal English, with thresholds that hardly any human text reaches."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from retold.detector.calibration import BANDS, band_of
from retold.detector.classifier import LinearClassifier
from retold.detector.normality import ABNORMAL_KINDS, NormalityClassifier
from retold.training.data.labels import sample_weights
from retold.training.data.splits import fold_of, source_parts
from retold.training.fit.calibration import conformal_bound

# Share of human texts, of sources that were held out, that may be called one kind of abnormal.
_ALLOWED = 0.001
# Ridge: of 0.02 and 1 the second found a little more.
_C = 1.0
# What word salad has more of, and less of, than any other text: words that context makes unlikely, and words that it makes likely. Their
# sum is not learned from word salad, of which a fitted classifier learned how it had been made: it found all of ours and none of an
# old engine's. This finds 85% of ours of less than 300 words, nearly all longer ones, and the old engine's.
_SALAD_SIGNS = {
    "fluency_all_above_2": 1.0,
    "fluency_function_above_2": 1.0,
    "fluency_content_helped_2": -1.0,
    "fluency_content_helped_4": -1.0,
    "fluency_function_helped_3": -1.0,
    "fluency_all_helped_3": -1.0,
}


def fit_normality(
    table: pd.DataFrame, features: NDArray[np.float64], names: Sequence[str], classifier: LinearClassifier
) -> NormalityClassifier | None:
    """Fit the classifiers; None unless there are examples of each kind.

    Args:
        table: The examples' kinds, groups, sources and lengths, n rows.
        features: float64 (n, n_features), cross-fitted.
        names: Names of the features.
        classifier: Standardises them.
    """
    if not set(ABNORMAL_KINDS) <= set(table["kind"]):
        return None
    standard = classifier.standardise(features)
    spun, intercept, spun_thresholds = _fit_spun(table, standard)
    salad = np.array([_SALAD_SIGNS.get(name, 0.0) for name in names])
    thresholds = np.stack([spun_thresholds, _thresholds(table, standard @ salad)])
    return NormalityClassifier(np.stack([spun, salad]), np.array([intercept, 0.0]), thresholds)


def _fit_spun(
    table: pd.DataFrame, standard: NDArray[np.float64]
) -> tuple[NDArray[np.float64], float, NDArray[np.float64]]:
    """Coefficients (n_features,), intercept and thresholds (len(BANDS) + 1,)."""
    spun = (table["kind"] == ABNORMAL_KINDS[0]).to_numpy()
    rest = (spun | ~table["kind"].isin(ABNORMAL_KINDS)).to_numpy()
    held_out = np.full(len(table), -np.inf)
    for seen, out in _splits(table, spun):
        coef, intercept = _fit(table[seen & rest], standard[seen & rest], spun[seen & rest])
        held_out[out] = standard[out] @ coef + intercept
    coef, intercept = _fit(table[rest], standard[rest], spun[rest])
    return coef, intercept, _thresholds(table, held_out)


def _splits(table: pd.DataFrame, abnormal: NDArray[np.bool_]) -> list[tuple[NDArray[np.bool_], NDArray[np.bool_]]]:
    """Sources held out in turn; stories, where sources cannot be."""
    parts = [(seen, out) for _, seen, out in source_parts(table) if abnormal[seen].any()]
    fold = fold_of(table["group"].tolist())
    return parts or [(fold != k, fold == k) for k in np.unique(fold) if abnormal[fold != k].any()]


def _fit(
    table: pd.DataFrame, standard: NDArray[np.float64], abnormal: NDArray[np.bool_]
) -> tuple[NDArray[np.float64], float]:
    label = abnormal.astype(np.int8)
    model = LogisticRegression(C=_C, max_iter=300)
    model.fit(standard, label, sample_weight=sample_weights(table.reset_index(drop=True), label))
    return model.coef_[0], float(model.intercept_[0])


def _thresholds(table: pd.DataFrame, log_odds: NDArray[np.float64]) -> NDArray[np.float64]:
    """float64 (len(BANDS) + 1,); where a band has too few human texts for the promise, the bound of all lengths."""
    band, human = band_of(table["n_words"].to_numpy()), is_human(table) & np.isfinite(log_odds)
    overall = conformal_bound(log_odds[human], _ALLOWED)
    out = np.full(len(BANDS) + 1, overall)
    for b in range(len(BANDS) + 1):
        own = log_odds[human & (band == b)]
        if (len(own) + 1) * _ALLOWED >= 1:
            out[b] = conformal_bound(own, _ALLOWED)
    return out


def is_human(table: pd.DataFrame) -> NDArray[np.bool_]:
    """bool (n,): texts that people wrote, edited or translated."""
    by_people = table["label"].isin(["original", "edited", "control"])
    return (by_people & ~table["kind"].isin([*ABNORMAL_KINDS, "llm_polish", "llm_rewrite", "llm_written"])).to_numpy()
