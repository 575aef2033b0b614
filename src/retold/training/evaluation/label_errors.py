"""Labels that look wrong: examples of which a cross-validated model says, with confidence, that they are something else.

Confident learning (Northcutt, Jiang and Chuang 2021): a label is doubted where another one reaches at least the mean
probability that it has among the examples that carry it, and relative to these means its own falls short. Only the most doubtful few
are listed: where many labels are wrong, so are many doubts, and correcting the surest first makes the next list better.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from retold.detector.classifier import LinearClassifier
from retold.detector.explanation import strongest_contributions
from retold.detector.verdict import BACK_TRANSLATED, LABELS, ORIGINAL
from retold.training.data.examples import LabelledText
from retold.training.fit.adaptation import cross_validated
from retold.training.fit.adaptation_candidates import OwnArticles

# Reasons given for a doubt; the strongest say most.
_REASONS = 2
# Listed are one in so many of the doubts, and one in so many of the articles at most, but always one.
_ONE_IN, _ROWS_A_DOUBT = 3, 15


@dataclass(frozen=True)
class DoubtfulLabel:
    """An example whose label looks wrong.

    Attributes:
        id: The example's name.
        label: What it was labelled.
        likely: What the model says.
        probability: How sure it is.
        why: The features that weighed most in what it says, in words; empty where they say nothing.
    """

    id: str
    label: str
    likely: str
    probability: float
    why: str

    def __str__(self) -> str:
        reason = f" ({self.why})" if self.why else ""
        return f"{self.id}: labelled {self.label}, looks {self.likely} ({self.probability:.0%}){reason}"


@dataclass(frozen=True)
class Review:
    """What a cross-validated model makes of labels.

    Attributes:
        rows: Those that convincingly look wrong, the most doubtful first, intp (k,).
        n_doubted: All that are doubted.
        probabilities: Cross-validated, float64 (n, 3).
    """

    rows: NDArray[np.intp]
    n_doubted: int
    probabilities: NDArray[np.float64]


def doubtful_rows(labels: NDArray[np.intp], probabilities: NDArray[np.float64]) -> NDArray[np.intp]:
    """Rows whose label looks wrong, the most doubtful first.

    Args:
        labels: Indices into ``LABELS``, intp (n,).
        probabilities: Cross-validated, float64 (n, 3).
    """
    rows = np.arange(len(labels))
    usual = np.array(
        [probabilities[labels == k, k].mean() if (labels == k).any() else np.inf for k in range(len(LABELS))]
    )
    confidence = np.log(np.maximum(probabilities, 1e-12)) - np.log(usual)
    others = np.where(np.eye(len(LABELS), dtype=bool)[labels], -np.inf, confidence)
    margin = confidence[rows, labels] - others.max(axis=1)
    doubted = (others.max(axis=1) >= 0) & (margin < 0)
    return np.asarray(sorted(np.flatnonzero(doubted).tolist(), key=lambda row: (margin[row], row)), dtype=np.intp)


def reviewed(classifier: LinearClassifier, own: OwnArticles) -> Review:
    """Find the labels of one's own articles that look wrong."""
    probabilities = cross_validated(classifier, own)
    found = doubtful_rows(own.labels, probabilities)
    most = min(len(own.labels) // _ROWS_A_DOUBT, -(-len(found) // _ONE_IN))
    return Review(found[: max(most, 1)], len(found), probabilities)


def doubtful_labels(
    examples: Sequence[LabelledText],
    review: Review,
    features: NDArray[np.float64],
    classifier: LinearClassifier,
    names: Sequence[str],
) -> tuple[DoubtfulLabel, ...]:
    """The examples whose label looks wrong, the most doubtful first.

    Args:
        examples: n labelled articles.
        review: What ``reviewed`` found.
        features: float64 (n, n_features).
        classifier: Says which features weigh most.
        names: Their names.
    """
    found = []
    for row in review.rows.tolist():
        others = np.where(np.array(LABELS) == examples[row].label, -1.0, review.probabilities[row])
        likely = LABELS[int(others.argmax())]
        why = _reasons(likely, classifier, features[row], names)
        found.append(DoubtfulLabel(examples[row].id, examples[row].label, likely, float(others.max()), why))
    return tuple(found)


def _reasons(likely: str, classifier: LinearClassifier, features: NDArray[np.float64], names: Sequence[str]) -> str:
    """The features that moved the verdict most towards what the model says; none for an edit, which has no single target."""
    sign = {BACK_TRANSLATED: 1, ORIGINAL: -1}.get(likely, 0)
    moved = [c for c in strongest_contributions(classifier, features, names) if c.log_odds * sign > 0]
    return ", ".join(c.feature for c in moved[:_REASONS])
