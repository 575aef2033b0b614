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


def calibration_error(
    truth: NDArray[np.bool_], probability: NDArray[np.float64], weight: NDArray[np.float64] | None = None
) -> float:
    """Expected calibration error of one class: mean gap between probability and rate over bins of equal count.

    Each text counts with its weight, all alike if None; nan if none counts.
    """
    weight = np.ones(len(truth)) if weight is None else weight
    if not weight.sum() > 0:
        return float("nan")
    order = np.argsort(probability, kind="stable")
    bins = [b for b in np.array_split(order, _BINS) if weight[b].sum() > 0]
    gaps = [abs(np.sum(weight[b] * (truth[b] - probability[b]))) for b in bins]
    return float(np.sum(gaps) / weight.sum())


def brier(truth: NDArray[np.bool_], shares: NDArray[np.float64], weight: NDArray[np.float64]) -> float:
    """Brier score: weighted mean squared distance of probabilities (n, k) from the truth (n, k); 0 to 2 (Brier 1950)."""
    return float(np.average(((truth - shares) ** 2).sum(axis=1), weights=weight))


def macro_f1(
    truth: NDArray[np.object_], predicted: NDArray[np.object_], weight: NDArray[np.float64] | None = None
) -> float:
    """Unweighted mean F1 over the classes present in ``truth``; texts count with their weight, if given."""
    labels = sorted(set(truth))
    return float(
        f1_score(
            truth.astype(str),
            predicted.astype(str),
            labels=labels,
            average="macro",
            zero_division=0,
            sample_weight=weight,
        )
    )


def rate_with_interval(hits: int, total: int) -> tuple[float, float, float]:
    """A rate with its 95% Wilson interval; nan where ``total`` is 0 (Wilson 1927)."""
    if not total:
        return float("nan"), float("nan"), float("nan")
    z, p = 1.959964, hits / total
    centre = (p + z * z / (2 * total)) / (1 + z * z / total)
    half = z * np.sqrt(p * (1 - p) / total + z * z / (4 * total * total)) / (1 + z * z / total)
    return p, float(max(centre - half, 0)), float(min(centre + half, 1))
