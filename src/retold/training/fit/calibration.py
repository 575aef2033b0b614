"""Fit the calibration and the operating points on predictions for groups that the classifiers have not seen."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from retold.detector.calibration import (
    BANDS,
    CONSTANT,
    OPERATING_POINTS,
    PRIOR,
    Calibration,
    band_of,
    design_matrix,
    identity,
    log_odds,
    with_prior,
)
from retold.detector.classifier import CLASSIFIER_TARGETS, NEVER, LinearClassifier, combine
from retold.detector.features import FeatureSchema
from retold.detector.normality import ABNORMAL_KINDS
from retold.detector.verdict import BACK_TRANSLATED, EDITED, LABELS, ORIGINAL
from retold.training.data.splits import fold_of
from retold.training.fit.classifier import fit_classifier

# What each operating point allows among originals of outlets that training knows. An outlet that it does not know
# is called back-translated about twice as often (the card's tables), so less than half of what is promised may be used up: by
# trial of 0.005, 0.0045 and 0.004 on the protocol of sources that ``train.py --evaluate`` reports, 1.2%, 1.0% and 0.9% of the
# originals of unknown outlets were called back-translated, and of round trips of news 50%, 48% and 47%.
_ALLOWED = {"low-fpr": 0.0045}
# Share of originals, of sources held out, that may read as translated, most of which are then not called back-translated and are left
# undecided; by trial of 0.01, 0.02 and 0.03 on sources held out: 0.4, 1.1 and 1.9% of originals, 22, 31 and 39% of human translations and
# 45, 50 and 54% of machine translations of foreign news.
_TRANSLATED = 0.02
# Share of originals, of sources held out, that may surely be called edited. By trial of 0.03, 0.02 and 0.015 on sources held out, where
# 8.5% were called so before (of news 6.1%): 3.2, 2.2 and 1.8% are (2.8, 2.1, 1.7%), and 26, 26 and 25% of what language models
# polished, before 31%, 47, 42 and 40% of what they rewrote, before 65%. All sources weighed alike gave no more.
_EDITED = 0.025
# Added to the log-odds of an edit: what passes for one alone, without its original, is mostly the manner of an outlet that
# training did not know. At 0, -0.2, -0.4 and -1.0 10.1, 7.8, 6.0 and 2.3% of the originals of sources held out were called edited, and
# 50, 44, 37 and 17% of polish; macro-F1 was 0.551, 0.536, 0.517 and 0.430, at a uniform prior 0.645, 0.646, 0.641 and 0.605.
_EDITED_SHIFT = -0.3
# Hardly any ridge: seven numbers are fitted to tens of thousands of texts.
_C = 100.0


def fit_calibrated(
    table: pd.DataFrame,
    features: NDArray[np.float64],
    schema: FeatureSchema,
    logits: NDArray[np.float64],
    sample_weight: NDArray | None = None,
) -> LinearClassifier:
    """Fit the classifiers and calibrate them on the held-out ``logits``; the rest is as for ``fit_classifier``."""
    classifier = fit_classifier(table, features, schema, sample_weight)
    raw, edited, length = combine(logits), logits[:, CLASSIFIER_TARGETS.index("edited")], features[:, -1]
    calibration = fit_calibration(table, raw, edited, length, sample_weight)
    shares = with_prior(calibration.probabilities(raw, edited, length), PRIOR)
    return replace(
        classifier,
        translated=_reached_by_few(table, logits[:, CLASSIFIER_TARGETS.index("machine")], _TRANSLATED, NEVER),
        edited_from=_reached_by_few(table, shares[:, LABELS.index(EDITED)], _EDITED, 0.0),
        calibration=calibration,
    )


def _reached_by_few(
    table: pd.DataFrame, scores: NDArray[np.float64], allowed: float, otherwise: float
) -> NDArray[np.float64]:
    """Scores, float64 (len(BANDS) + 1,), that few originals of a length band reach; ``otherwise`` for too few originals to promise that.

    Args:
        table: Labels and lengths, n rows.
        scores: float64 (n,).
        allowed: Share of the originals that may reach it.
        otherwise: The score where there are too few.
    """
    band, is_original = band_of(table["n_words"].to_numpy()), (table["label"] == ORIGINAL).to_numpy()
    own = [scores[is_original & (band == b)] for b in range(len(BANDS) + 1)]
    can_promise = [(len(part) + 1) * allowed >= 1 for part in own]
    bounds = [conformal_bound(x, allowed) if enough else otherwise for x, enough in zip(own, can_promise, strict=True)]
    return np.array(bounds)


def held_out_logits(
    table: pd.DataFrame, features: NDArray[np.float64], schema: FeatureSchema, sample_weight: NDArray | None = None
) -> NDArray[np.float64]:
    """Log-odds, float64 (n, len(CLASSIFIER_TARGETS)), of each text by classifiers that have not seen its group."""
    fold = fold_of(table["group"].tolist())
    logits = np.zeros((len(table), len(CLASSIFIER_TARGETS)))
    for k in np.unique(fold):
        seen, held = fold != k, fold == k
        weight = None if sample_weight is None else sample_weight[seen]
        classifier = fit_classifier(table[seen], features[seen], schema, weight, fit_groups=False)
        logits[held] = classifier.log_odds(features[held])
    return logits


def fit_calibration(
    table: pd.DataFrame,
    raw: NDArray[np.float64],
    edited: NDArray[np.float64],
    length: NDArray[np.float64],
    sample_weight: NDArray | None = None,
) -> Calibration:
    """Calibrate on held-out predictions.

    Args:
        table: Labels, sources and lengths of the texts.
        raw: The ranking by back-translation, float64 (n,).
        edited: Log-odds of an edit, float64 (n,).
        length: The feature ``length``, float64 (n,).
        sample_weight: Factors of the texts' weights, float64 (n,), or None.
    """
    # Spun copies are found by another classifier; as edits they would stand for edits that do not show.
    kept = (~table["kind"].isin(ABNORMAL_KINDS)).to_numpy()
    table, raw, edited, length = table[kept], raw[kept], edited[kept], length[kept]
    sample_weight = sample_weight[kept] if sample_weight is not None else None
    label = table["label"].to_numpy(dtype=object)
    if not all((label == name).any() for name in LABELS):
        return identity()
    weight = mixture_weights(table) * (1.0 if sample_weight is None else sample_weight)
    labelled, human = np.isin(label, LABELS), np.isin(label, (ORIGINAL, EDITED))
    coef = np.stack(
        [
            _platt(
                design_matrix(log_odds(raw), length)[labelled], label[labelled] == BACK_TRANSLATED, weight[labelled]
            ),
            _platt(design_matrix(edited, length)[human], label[human] == EDITED, weight[human]),
        ]
    )
    coef[1, CONSTANT] += _EDITED_SHIFT
    bare = replace(identity(), coef=coef)
    return replace(bare, thresholds=thresholds_for(table, bare.probabilities(raw, edited, length)))


def mixture_weights(table: pd.DataFrame) -> NDArray[np.float64]:
    """float64 (n,), mean 1: weights of the mixture for which probabilities are calibrated; 0 for texts that have none of the three labels.

    In every length band the three labels weigh the same; within a label, sources and engine families by the square
    root of their size, as in training.
    """
    band = pd.Series(band_of(table["n_words"].to_numpy()), index=table.index).astype(str)
    key = table["label"] + "|" + table["family"] + "|" + table["source"] + "|" + table["domain"] + "|" + band
    weight = pd.Series(1 / np.sqrt(key.map(key.value_counts())), index=table.index)
    weight[~table["label"].isin(LABELS)] = 0.0
    totals = weight.groupby([table["label"], band]).transform("sum").clip(lower=1e-12)
    size = table["label"].isin(LABELS).groupby(band).transform("sum")
    weight = weight / totals * size
    return np.asarray(weight / weight.mean())


def _platt(
    columns: NDArray[np.float64], positive: NDArray[np.bool_], weight: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Coefficients (7,) of a logistic regression whose constant is among the columns (Platt 1999)."""
    model = LogisticRegression(C=_C, fit_intercept=False, max_iter=1000)
    return np.asarray(model.fit(columns, positive, sample_weight=weight).coef_[0])


def thresholds_for(table: pd.DataFrame, probabilities: NDArray[np.float64]) -> NDArray[np.float64]:
    """Thresholds of the operating points, float64 (len(OPERATING_POINTS), len(BANDS) + 1), from held-out probabilities (n, 3)."""
    p, band = probabilities[:, LABELS.index(BACK_TRANSLATED)], band_of(table["n_words"].to_numpy())
    originals = (table["label"] == ORIGINAL).to_numpy()
    out = np.full((len(OPERATING_POINTS), len(BANDS) + 1), 0.5)
    for b in range(len(BANDS) + 1):
        out[OPERATING_POINTS.index("low-fpr"), b] = conformal_bound(p[originals & (band == b)], _ALLOWED["low-fpr"])
    return out


def conformal_bound(scores: NDArray[np.float64], allowed: float) -> float:
    """The score that a new text like these exceeds with a probability of at most ``allowed`` (Vovk et al. 2005).

    Where there are too few scores (n,) to promise that, a number above 1, which no probability reaches.
    """
    rank = int(np.ceil((len(scores) + 1) * (1 - allowed)))
    return float(np.nextafter(np.sort(scores)[rank - 1], 2)) if rank <= len(scores) else 2.0
