"""Explanations: which features weighed most in a verdict, in words, and which part of the article reads machine-made.

A feature's contribution is its standardised value times its coefficient for the target ``machine``: the log-odds by which it
moves the verdict from that of an average text. Features that measure one thing in several ways are added up, because their
coefficients share the work among themselves and mean nothing one by one.
"""

from __future__ import annotations

import html
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from retold.detector.classifier import CLASSIFIER_TARGETS, LinearClassifier
from retold.detector.features import describe
from retold.detector.pivot_language import PivotGroup
from retold.detector.segments import MachineSegment
from retold.detector.verdict import BACK_TRANSLATED, LABELS, Verdict

# Contributions shown; the rest are small.
_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Contribution:
    """How far the features that measure one thing moved a verdict.

    Attributes:
        feature: What they measure, in words.
        log_odds: How far they moved the verdict towards machine English (above 0) or away from it.
        columns: Their names in ``Detector.features``.
    """

    feature: str
    log_odds: float
    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Explanation:
    """A verdict with its reasons.

    Attributes:
        verdict: The verdict.
        text: The article as the user gave it; the evidence and the segment index it.
        contributions: The features that weighed most, strongest first; none where nothing was judged.
        pivot_family: The family of pivot languages, where the article is back-translated and shows no single one.
        machine_segment: The beginning or end that reads machine-made while the rest does not, if there is one.
    """

    verdict: Verdict
    text: str
    contributions: tuple[Contribution, ...] = ()
    pivot_family: PivotGroup | None = None
    machine_segment: MachineSegment | None = None

    def as_dict(self) -> dict[str, Any]:
        """The JSON object: that of the verdict, with reasons of the evidence, and the attributes beside it."""
        verdict = self.verdict.as_dict()
        spans = [
            {**span, "reason": evidence.reason}
            for span, evidence in zip(verdict["evidence"], self.verdict.evidence, strict=True)
        ]
        return {
            **verdict,
            "evidence": spans,
            "contributions": [{**asdict(c), "log_odds": round(c.log_odds, 4)} for c in self.contributions],
            "pivot_family": asdict(self.pivot_family) if self.pivot_family else None,
            "machine_segment": asdict(self.machine_segment) if self.machine_segment else None,
        }

    def __str__(self) -> str:
        reasons = [f"  {c.log_odds:+.2f}  {c.feature}" for c in self.contributions]
        return "\n".join([str(self.verdict), *reasons])

    def __repr__(self) -> str:
        # Without the text.
        return f"<Explanation: {self.verdict}>"

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<tr><td>{c.log_odds:+.2f}</td><td>{html.escape(c.feature)}</td></tr>" for c in self.contributions
        )
        head = "<tr><th>log-odds</th><th>feature</th></tr>"
        return self.verdict._repr_html_() + (f"<table>{head}{rows}</table>" if rows else "")


def strongest_contributions(
    classifier: LinearClassifier, features: NDArray[np.float64], names: Sequence[str]
) -> tuple[Contribution, ...]:
    """The strongest contributions to the target ``machine``, strongest first.

    Args:
        classifier: The classifier.
        features: float64 (n_features,) of one text.
        names: Their names.
    """
    standard = classifier.standardise(features[None])
    log_odds = standard[0] * _machine_coef(classifier, standard)
    columns_of: dict[str, list[int]] = defaultdict(list)
    for column, name in enumerate(names):
        columns_of[describe(name).aspect].append(column)
    contributions = [
        Contribution(feature, float(log_odds[columns].sum()), tuple(names[c] for c in columns))
        for feature, columns in columns_of.items()
    ]
    return tuple(sorted(contributions, key=lambda c: (-abs(c.log_odds), c.feature))[:_SHOWN])


def _machine_coef(classifier: LinearClassifier, standard: NDArray[np.float64]) -> NDArray[np.float64]:
    """float64 (n_features,): log-odds of machine English per standard deviation, with what adaptations add for one text (1, n_features)."""
    coef, machine = classifier.coef[CLASSIFIER_TARGETS.index("machine")], LABELS.index(BACK_TRANSLATED)
    for stage in classifier.adaptation.stages() if classifier.adaptation is not None else ():
        added = stage.coef[machine] - np.delete(stage.coef, machine, axis=0).mean(axis=0)
        coef = coef + stage.near(standard) * ((stage.slope - 1) * coef + added)
    return coef
