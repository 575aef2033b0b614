"""The figures that are reported, each a pure function of labels and probabilities."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import f1_score, roc_auc_score

# Twenty equal-count bins: a few hundred documents each on the corpus, so a bin's rate is known to a few per cent.
_BINS = 20


def auroc(negative: NDArray[np.float64], positive: NDArray[np.float64]) -> float:
    """Area under the ROC curve of scores (n,) and (m,); nan if either side is empty."""
    if not len(negative) or not len(positive):
        return float("nan")
    truth = np.concatenate([np.zeros(len(negative)), np.ones(len(positive))])
    return float(roc_auc_score(truth, np.concatenate([negative, positive])))


def true_positives_at(negative: NDArray[np.float64], positive: NDArray[np.float64], rate: float) -> float:
    """Share of positives above the score that at most ``rate`` of the negatives exceed; nan if either is empty."""
    if not len(negative) or not len(positive):
        return float("nan")
    allowed = int(np.floor(rate * len(negative)))
    threshold = np.sort(negative)[::-1][allowed]
    return float(np.mean(positive > threshold))


def calibration_error(truth: NDArray[np.bool_], probability: NDArray[np.float64]) -> float:
    """Expected calibration error of one class: mean gap between probability and rate over equal-count bins."""
    order = np.argsort(probability, kind="stable")
    bins = [b for b in np.array_split(order, _BINS) if len(b)]
    gaps = [abs(truth[b].mean() - probability[b].mean()) * len(b) for b in bins]
    return float(np.sum(gaps) / len(truth))


def macro_f1(truth: NDArray[np.object_], predicted: NDArray[np.object_]) -> float:
    """Unweighted mean F1 over the classes present in ``truth``."""
    labels = sorted(set(truth))
    return float(f1_score(truth.astype(str), predicted.astype(str), labels=labels, average="macro", zero_division=0))


def rate_with_interval(hits: int, total: int) -> tuple[float, float, float]:
    """A rate with its 95% Wilson interval; nan where ``total`` is 0 (Wilson 1927)."""
    if not total:
        return float("nan"), float("nan"), float("nan")
    z, p = 1.959964, hits / total
    centre = (p + z * z / (2 * total)) / (1 + z * z / total)
    half = z * np.sqrt(p * (1 - p) / total + z * z / (4 * total * total)) / (1 + z * z / total)
    return p, float(max(centre - half, 0)), float(min(centre + half, 1))
