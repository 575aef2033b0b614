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
from retold.detector.context_fit import CLIP, ContextFit, with_first
from retold.detector.normality import ABNORMAL_KINDS, NormalityClassifier
from retold.training.data.context_columns import ContextColumns, is_human
from retold.training.data.labels import sample_weights
from retold.training.data.splits import fold_of, source_parts
from retold.training.fit.calibration import conformal_bound
from retold.training.fit.ngram_classifiers import fit_weights

# Share of human texts, of sources that were held out, that may be called spun, and word salad. At 0.001, 0.003 and 0.01 of 300 words and
# more 58, 77 and 92% of copies by another thesaurus (Moby's) were found; without the words 44, 66 and 80%.
_ALLOWED = (0.003, 0.001)
# Share of human texts that the first stage suspects, so that the second measures them.
_MEASURED = 0.2
# Log-odds of the second stage for a text that the first does not suspect.
_NEVER = -1_000.0
# What does not vary is not divided by.
_LEAST_DEVIATION = 1e-6
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
    table: pd.DataFrame,
    features: NDArray[np.float64],
    word_counts: csr_matrix,
    names: Sequence[str],
    classifier: LinearClassifier,
    context: ContextColumns | None = None,
) -> NormalityClassifier | None:
    """Fit the classifiers; None unless there are examples of each kind.

    Args:
        table: The examples' kinds, groups, sources and lengths, n rows.
        features: float64 (n, n_features), cross-fitted.
        word_counts: Scaled counts of word n-grams, float32 CSR (n, BUCKETS).
        names: Names of the features.
        classifier: Standardises them.
        context: How the words of the texts fit, n rows; None leaves the second stage out.
    """
    if not set(ABNORMAL_KINDS) <= set(table["kind"]):
        return None
    standard = classifier.standardise(features)
    spun, held_out = _fit_spun(table, standard, word_counts)
    thresholds = _thresholds(table, held_out, _ALLOWED[0])
    second = _fit_second(table, held_out, context) if context is not None else None
    salad = np.array([_SALAD_SIGNS.get(name, 0.0) for name in names])
    return NormalityClassifier(
        np.stack([spun.coef, salad]),
        np.array([spun.intercept, 0.0]),
        np.stack([thresholds, _thresholds(table, standard @ salad, _ALLOWED[1])]),
        spun.wording,
        second,
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
    """The classifier, and log-odds (n,) by classifiers that have seen neither a text's source nor its story; -inf for word salad."""
    spun = (table["kind"] == ABNORMAL_KINDS[0]).to_numpy()
    rest = (spun | ~table["kind"].isin(ABNORMAL_KINDS)).to_numpy()
    wording, fold = np.zeros(len(table)), fold_of(table["group"].tolist())
    for k in np.unique(fold):
        weights, intercept = _fit_wording(table, word_counts, spun, rest & (fold != k))
        wording[fold == k] = word_counts[fold == k] @ weights + intercept
    with_wording = np.column_stack([standard, wording])
    held_out, family = np.full(len(table), -np.inf), table["family"].to_numpy()
    families = sorted(set(family[spun]))
    for number, (seen, out) in enumerate(_splits(table, spun)):
        # With each part of the sources one family of rules is held out, too: what is learned from these log-odds is for unseen spinners.
        own = spun & (family == families[number % len(families)]) & (len(families) > 1)
        fitted = _fit(table, with_wording, word_counts, spun, seen & rest & ~own)
        out = out & (~spun | own) if own.any() else out
        held_out[out] = fitted.log_odds(standard[out], word_counts[out])
    return _fit(table, with_wording, word_counts, spun, rest), held_out


def _fit_second(table: pd.DataFrame, first: NDArray[np.float64], context: ContextColumns) -> ContextFit | None:
    """Fit the second stage to log-odds of the first (n,) that have not seen a text's source or rule; None with too few texts."""
    spun, n_words = (table["kind"] == ABNORMAL_KINDS[0]).to_numpy(), table["n_words"].to_numpy()
    is_salad = (table["kind"] == ABNORMAL_KINDS[1]).to_numpy()
    used = np.isfinite(context.columns).all(axis=1) & np.isfinite(first) & ~is_salad
    weighed = np.where(used[:, None], with_first(first, context.columns, n_words), 0.0)
    gate = _thresholds(table, first, _MEASURED)
    suspect = used & (first >= gate[band_of(n_words)])
    held_out = np.where(used & ~suspect, _NEVER, -np.inf)
    for seen, out in [(suspect & seen, suspect & out) for seen, out in _splits(table, spun)]:
        if len(np.unique(spun[seen])) < 2:
            return None
        fitted = ContextFit(context.vectors, *_weights(table, weighed, spun, seen), gate, gate)
        held_out[out] = fitted.log_odds(weighed[out])
    whole = _weights(table, weighed, spun, suspect)
    return ContextFit(context.vectors, *whole, gate, _thresholds(table, held_out, _ALLOWED[0]))


def _weights(
    table: pd.DataFrame, weighed: NDArray[np.float64], spun: NDArray[np.bool_], seen: NDArray[np.bool_]
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Means and deviations (k,), and coefficients with intercept (k + 1,), by the rows that are ``seen``."""
    label = spun[seen].astype(np.int8)
    mean, scale = weighed[seen].mean(axis=0), np.maximum(weighed[seen].std(axis=0), _LEAST_DEVIATION)
    standard = np.clip((weighed[seen] - mean) / scale, -CLIP, CLIP)
    weight = sample_weights(table[seen].reset_index(drop=True), label)
    model = LogisticRegression(C=_C, max_iter=300).fit(standard, label, sample_weight=weight)
    return mean, scale, np.append(model.coef_[0], model.intercept_[0])


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


def _thresholds(table: pd.DataFrame, log_odds: NDArray[np.float64], allowed: float) -> NDArray[np.float64]:
    """float64 (len(BANDS) + 1,); where a band has too few human texts for the promise, the bound of all lengths."""
    band, human = band_of(table["n_words"].to_numpy()), is_human(table) & np.isfinite(log_odds)
    overall = conformal_bound(log_odds[human], allowed)
    out = np.full(len(BANDS) + 1, overall)
    for b in range(len(BANDS) + 1):
        own = log_odds[human & (band == b)]
        if (len(own) + 1) * allowed >= 1:
            out[b] = conformal_bound(own, allowed)
    return out
