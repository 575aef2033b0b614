"""Labels that look wrong: examples of which a cross-validated model says, with confidence, that they are something else.

Confident learning (Northcutt, Jiang and Chuang 2021): a label is doubted where another one reaches at least the mean
probability that it has among the examples that carry it. What is doubted is then left out of the fits, so that wrong labels do not
defend one another, and all are judged again; the more doubtful half is listed. With a third of the labels of 60 or 240 articles of
seven held-out domains changed at random, 41 to 68% of the first doubts were right, and of what is listed 45 to 100%, in 11 of 14
cases 70% and more.
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
# One in so many of the doubted is listed.
_ONE_IN = 2


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


def doubtful_rows(labels: NDArray[np.intp], probabilities: NDArray[np.float64]) -> NDArray[np.intp]:
    """Rows whose label looks wrong, the most doubtful first.

    Args:
        labels: Indices into ``LABELS``, intp (n,).
        probabilities: Cross-validated, float64 (n, 3).
    """
    usual = np.array(
        [probabilities[labels == k, k].mean() if (labels == k).any() else np.inf for k in range(len(LABELS))]
    )
    confident = np.where(probabilities >= usual, probabilities, -1.0)
    likely, rows = confident.argmax(axis=1), np.arange(len(labels))
    doubted = (confident.max(axis=1) > 0) & (likely != labels)
    margin = probabilities[rows, labels] - probabilities[rows, likely]
    return np.asarray(sorted(np.flatnonzero(doubted).tolist(), key=lambda row: (margin[row], row)), dtype=np.intp)


def reviewed(classifier: LinearClassifier, own: OwnArticles) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
    """Rows whose label looks wrong on a second look, the most doubtful first, and that look's probabilities (n, 3)."""
    doubted = doubtful_rows(own.labels, cross_validated(classifier, own))
    probabilities = cross_validated(classifier, own, doubted)
    found = doubtful_rows(own.labels, probabilities)
    return found[: -(-len(found) // _ONE_IN)], probabilities


def doubtful_labels(
    examples: Sequence[LabelledText],
    review: tuple[NDArray[np.intp], NDArray[np.float64]],
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
    rows, probabilities = review
    found = []
    for row in rows.tolist():
        others = np.where(np.array(LABELS) == examples[row].label, -1.0, probabilities[row])
        likely = LABELS[int(others.argmax())]
        why = _reasons(likely, classifier, features[row], names)
        found.append(DoubtfulLabel(examples[row].id, examples[row].label, likely, float(others.max()), why))
    return tuple(found)


def _reasons(likely: str, classifier: LinearClassifier, features: NDArray[np.float64], names: Sequence[str]) -> str:
    """The features that moved the verdict most towards what the model says; none for an edit, which has no single target."""
    sign = {BACK_TRANSLATED: 1, ORIGINAL: -1}.get(likely, 0)
    moved = [c for c in strongest_contributions(classifier, features, names) if c.log_odds * sign > 0]
    return ", ".join(c.feature for c in moved[:_REASONS])
