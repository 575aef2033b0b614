"""Bootstrap intervals: whole groups are drawn, because versions of one story are right or wrong together (Davison and Hinkley 1997)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

from retold.detector.verdict import BACK_TRANSLATED, LABELS, ORIGINAL
from retold.training.evaluation import metrics

# Draws; with 1,000 the ends of a 95% interval move by a few hundredths of its width.
DRAWS = 1_000
_SEED = 20
# Rows of a side below which a rate at a share of the other says nothing.
_FEW = 10
_BT, _OR = LABELS.index(BACK_TRANSLATED), LABELS.index(ORIGINAL)
Interval = tuple[float, float]


def resamples(groups: NDArray[np.object_], draws: int = DRAWS) -> Iterator[NDArray[np.intp]]:
    """Rows of as many groups as there are, drawn with replacement; the same for the same groups."""
    names, owner = np.unique(groups.astype(str), return_inverse=True)
    order = np.argsort(owner, kind="stable")
    members = np.split(order, np.cumsum(np.bincount(owner))[:-1])
    rng = np.random.default_rng(_SEED)
    for _ in range(draws):
        yield np.concatenate([members[i] for i in rng.integers(0, len(names), len(names))])


def interval(values: NDArray[np.float64]) -> Interval:
    """The middle 95% of values (n,) that are not NaN; NaN if most are."""
    known = values[~np.isnan(values)]
    if len(known) * 2 < len(values) or not len(known):
        return float("nan"), float("nan")
    low, high = np.quantile(known, (0.025, 0.975))
    return float(low), float(high)


def figures(labels: NDArray[np.intp], shares: NDArray[np.float64]) -> dict[str, float]:
    """Figures by name of labels (n,), as indices into ``LABELS``, and probabilities (n, 3); NaN where rows are too few."""
    counts = confusion(labels, shares)
    present = counts.sum(axis=1) > 0
    hits = np.diag(counts)
    recall = hits / np.maximum(counts.sum(axis=1), 1)
    precision = hits / np.maximum(counts.sum(axis=0), 1)
    f1 = 2 * hits / np.maximum(counts.sum(axis=0) + counts.sum(axis=1), 1)
    machine = shares[:, _BT]
    negative, positive = machine[labels == _OR], machine[labels == _BT]
    is_enough = min(len(negative), len(positive)) >= _FEW
    found = {
        "accuracy": float(hits.sum() / max(len(labels), 1)),
        "macro-F1": float(f1[present].mean()) if present.any() else float("nan"),
        "AUROC, back-translated against original": auroc(negative, positive) if is_enough else float("nan"),
        "back-translated found at 1% false alarms": metrics.true_positives_at(negative, positive, 0.01)
        if is_enough
        else float("nan"),
        "back-translated found at 5% false alarms": metrics.true_positives_at(negative, positive, 0.05)
        if is_enough
        else float("nan"),
        "originals called back-translated": float(counts[_OR, _BT] / counts[_OR].sum())
        if present[_OR]
        else float("nan"),
        "log loss": float(-np.log(np.maximum(shares[np.arange(len(labels)), labels], 1e-12)).mean()),
    }
    for i, label in enumerate(LABELS):
        found[f"precision, {label}"] = float(precision[i]) if present[i] else float("nan")
        found[f"recall, {label}"] = float(recall[i]) if present[i] else float("nan")
    return found


def confusion(labels: NDArray[np.intp], shares: NDArray[np.float64]) -> NDArray[np.intp]:
    """intp (3, 3): how often each label, by row, was called what, by column."""
    called = shares.argmax(axis=1)
    return np.bincount(labels * len(LABELS) + called, minlength=len(LABELS) ** 2).reshape(len(LABELS), -1)


def auroc(negative: NDArray[np.float64], positive: NDArray[np.float64]) -> float:
    """Area under the ROC curve, by ranks (Mann and Whitney 1947); a tenth of the time that scikit-learn takes."""
    n, m = len(negative), len(positive)
    ranks = rankdata(np.concatenate([negative, positive]))[n:].sum()
    return float((ranks - m * (m + 1) / 2) / (n * m))


def intervals(
    measure: Callable[[NDArray[np.intp]], Mapping[str, float]], groups: NDArray[np.object_]
) -> dict[str, tuple[float, Interval, float]]:
    """For each figure that ``measure`` makes of rows: its value, its interval, and the share of draws in which it is above 0."""
    value = measure(np.arange(len(groups)))
    drawn = [measure(rows) for rows in resamples(groups)]
    found = {}
    for name, whole in value.items():
        values = np.array([one[name] for one in drawn])
        known = values[~np.isnan(values)]
        found[name] = (whole, interval(values), float(np.mean(known > 0)) if len(known) else float("nan"))
    return found
