"""Fit what tells texts that are no normal English, with thresholds that hardly any human text reaches."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression

from retold.detector.calibration import BANDS, band_of
from retold.detector.classifier import LinearClassifier
from retold.detector.normality import ABNORMAL_KINDS, NormalityClassifier, spun_deviations
from retold.training.data.labels import sample_weights
from retold.training.data.splits import fold_of, source_parts
from retold.training.fit.calibration import conformal_bound
from retold.training.fit.ngram_classifiers import fit_weights

# Share of human texts, of sources that were held out, that may be called spun, and word salad. By their features and words alone, at 0.001,
# 0.003 and 0.01, of 300 words and more 58, 77 and 92% of copies by another thesaurus (Moby's) were found; without the words 44, 66 and 80%.
_ALLOWED = (0.003, 0.001)
# Least threshold, far below any that texts have reached.
_LOWEST = -100.0
# Human texts from which on a band has a mean and deviation of its own, by judgement; and what a deviation is at least.
_LEAST_TEXTS, _TINY = 100, 1e-6
# Ridge: of 0.02 and 1 the second found a little more.
_C = 1.0
# What word salad has more of, and less of, than any other text: words that context makes unlikely, grammar that is all but
# impossible; words that context makes likely, and contexts that are known and mislead. Their sum is not learned from word salad,
# of which a fitted classifier learned how it had been made: it found all of ours and none of an old engine's. The signs beside
# the first six were chosen on two thirds of the stories, at the same alarms: of ours 15 and 12% by two families of rules were called
# original before, 3 and 2% since; on the last third 8 and 17% before, 5 and 3% since. The old engine's is found, and of people's
# texts fewer are, learners' among them.
_SALAD_SIGNS = {
    "fluency_all_above_2": 1.0,
    "fluency_function_above_2": 1.0,
    "fluency_content_helped_2": -1.0,
    "fluency_content_helped_4": -1.0,
    "fluency_function_helped_3": -1.0,
    "fluency_all_helped_3": -1.0,
    "fluency_function_above_12": 1.0,
    "fluency_all_hurt_4": -1.0,
}


def fit_normality(
    table: pd.DataFrame,
    features: NDArray[np.float64],
    word_counts: csr_matrix,
    misfit: NDArray[np.float64],
    names: Sequence[str],
    classifier: LinearClassifier,
) -> NormalityClassifier | None:
    """Fit the classifiers; None unless there are examples of each kind.

    Args:
        table: The examples' kinds, groups, sources and lengths, n rows.
        features: float64 (n, n_features), cross-fitted.
        word_counts: Scaled counts of word n-grams, float32 CSR (n, BUCKETS).
        misfit: How badly the words of each text fit where they stand, float64 (n,).
        names: Names of the features.
        classifier: Standardises them.
    """
    if not set(ABNORMAL_KINDS) <= set(table["kind"]):
        return None
    standard = classifier.standardise(features)
    spun, held_out = _fit_spun(table, standard, word_counts)
    deviations = np.stack([*_standard(table, held_out), *_standard(table, misfit)])
    unlike = spun_deviations(held_out, misfit.__getitem__, deviations.T[band_of(table["n_words"].to_numpy())])
    unlike[np.isnan(held_out)] = np.nan
    salad = np.array([_SALAD_SIGNS.get(name, 0.0) for name in names])
    return NormalityClassifier(
        np.stack([spun.coef, salad]),
        np.array([spun.intercept, 0.0]),
        np.stack(
            [_thresholds(table, unlike, _ALLOWED[0]), _thresholds(table, standard @ salad, _ALLOWED[1])],
        ),
        deviations,
        spun.wording,
    )


@dataclass(frozen=True)
class _Spun:
    """Log-odds of a spun copy: of standardised features (n_features,), and of word n-grams (BUCKETS,)."""

    coef: NDArray[np.float64]
    intercept: float
    wording: NDArray[np.float32]

    def log_odds(self, standard: NDArray[np.float64], word_counts: csr_matrix) -> NDArray[np.float64]:
        return np.asarray(standard @ self.coef + self.intercept + word_counts @ self.wording)


def _fit_spun(
    table: pd.DataFrame, standard: NDArray[np.float64], word_counts: csr_matrix
) -> tuple[_Spun, NDArray[np.float64]]:
    """The classifier, and the log-odds (n,) of each text by one that has not seen its source; NaN where none was."""
    spun = (table["kind"] == ABNORMAL_KINDS[0]).to_numpy()
    rest = (spun | ~table["kind"].isin(ABNORMAL_KINDS)).to_numpy()
    wording, fold = np.zeros(len(table)), fold_of(table["group"].tolist())
    for k in np.unique(fold):
        weights, intercept = _fit_wording(table, word_counts, spun, rest & (fold != k))
        wording[fold == k] = word_counts[fold == k] @ weights + intercept
    with_wording = np.column_stack([standard, wording])
    held_out = np.full(len(table), np.nan)
    for seen, out in _splits(table, spun):
        fitted = _fit(table, with_wording, word_counts, spun, seen & rest)
        held_out[out] = fitted.log_odds(standard[out], word_counts[out])
    return _fit(table, with_wording, word_counts, spun, rest), held_out


def _splits(table: pd.DataFrame, abnormal: NDArray[np.bool_]) -> list[tuple[NDArray[np.bool_], NDArray[np.bool_]]]:
    """Sources held out in turn; stories, where sources cannot be."""
    parts = [(seen, out) for _, seen, out in source_parts(table) if abnormal[seen].any()]
    fold = fold_of(table["group"].tolist())
    return parts or [(fold != k, fold == k) for k in np.unique(fold) if abnormal[fold != k].any()]


def _fit(
    table: pd.DataFrame,
    with_wording: NDArray[np.float64],
    word_counts: csr_matrix,
    spun: NDArray[np.bool_],
    seen: NDArray[np.bool_],
) -> _Spun:
    """Fit to the rows that are ``seen``; the last column (n,) of ``with_wording`` has what words alone make of each, cross-fitted."""
    label = spun[seen].astype(np.int8)
    model = LogisticRegression(C=_C, max_iter=300)
    weight = sample_weights(table[seen].reset_index(drop=True), label)
    *coef, slope = model.fit(with_wording[seen], label, sample_weight=weight).coef_[0]
    weights, intercept = _fit_wording(table, word_counts, spun, seen)
    return _Spun(np.array(coef), float(model.intercept_[0] + slope * intercept), (slope * weights).astype(np.float32))


def _fit_wording(
    table: pd.DataFrame, word_counts: csr_matrix, spun: NDArray[np.bool_], seen: NDArray[np.bool_]
) -> tuple[NDArray[np.float32], float]:
    """Weights (BUCKETS,) and intercept of word n-grams alone."""
    label = spun[seen].astype(np.int8)
    if len(np.unique(label)) < 2:
        return np.zeros(word_counts.shape[1], np.float32), 0.0
    return fit_weights(word_counts[seen], label, sample_weights(table[seen].reset_index(drop=True), label))


def _standard(table: pd.DataFrame, values: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Mean and deviation of human texts, float64 (len(BANDS) + 1,) each; of all lengths where a band has too few of them."""
    band, human = band_of(table["n_words"].to_numpy()), is_human(table) & np.isfinite(values)
    chosen = [human & (band == b) for b in range(len(BANDS) + 1)]
    parts = [values[own if own.sum() >= _LEAST_TEXTS else human] for own in chosen]
    return np.array([part.mean() for part in parts]), np.array([part.std() + _TINY for part in parts])


def _thresholds(table: pd.DataFrame, log_odds: NDArray[np.float64], allowed: float) -> NDArray[np.float64]:
    """float64 (len(BANDS) + 1,); where a band has too few human texts for the promise, the bound of all lengths.

    Texts of which nothing is known, NaN, count for nothing; those that are not even suspect, minus infinity, count as the others do.
    """
    band, human = band_of(table["n_words"].to_numpy()), is_human(table) & ~np.isnan(log_odds)
    overall = conformal_bound(log_odds[human], allowed)
    out = np.full(len(BANDS) + 1, overall)
    for b in range(len(BANDS) + 1):
        own = log_odds[human & (band == b)]
        if (len(own) + 1) * allowed >= 1:
            out[b] = conformal_bound(own, allowed)
    # Where hardly any text is even suspect, the bound is the least number that there is, and no model may hold it.
    return np.maximum(out, _LOWEST)


def is_human(table: pd.DataFrame) -> NDArray[np.bool_]:
    """bool (n,): texts that people wrote, edited or translated."""
    by_people = table["label"].isin(["original", "edited", "control"])
    return (by_people & ~table["kind"].isin([*ABNORMAL_KINDS, "llm_polish", "llm_rewrite", "llm_written"])).to_numpy()
