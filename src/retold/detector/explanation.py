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
from retold.detector.pivot_language import PivotGroup
from retold.detector.segments import MachineSegment
from retold.detector.verdict import Verdict

# Contributions shown; the rest are small.
_SHOWN = 5
_GROUPS = {"all": "words", "function": "words of grammar", "content": "words of substance"}
# Words for features by the beginning of their names; the longest that fits counts.
_WORDS = {
    **{
        f"fluency_{group}_{prefix}": words.format(name)
        for group, name in _GROUPS.items()
        for prefix, words in (
            ("bits", "how predictable its {} are"),
            ("hurt", "how often context speaks against its {}"),
            ("helped", "how often context helps to predict its {}"),
            ("above", "how many of its {} surprise"),
            ("share", "how many of its words are {}"),
        )
    },
    "terms_suspects": "how many of its words may stand for others",
    "terms_suspicion": "how likely its words stand for others",
    "terms_posterior": "how likely its words stand for others",
    "terms_pivot": "how well its odd words fit one pivot language",
    "terms_drift": "words that translation brings in",
    "terms_newness": "words that translation brings in",
    "terms_calques": "phrases rendered word for word",
    "idioms_intact": "whole fixed expressions",
    "idioms_broken": "broken fixed expressions",
    "readability": "length of words and sentences, formality",
    "readability_contract": "contractions",
    "house": "habits of a desk",
    "house_british": "British or American spelling",
    "house_american": "British or American spelling",
    "house_side": "British or American spelling",
    "house_mixed": "British or American spelling",
    "house_title": "courtesy titles",
    "house_bare": "how people are introduced",
    **{
        f"house_{verb}": "how speech is attributed"
        for verb in ("said", "says", "told", "added", "stated", "other_verbs", "according", "verb_first")
    },
    **{f"house_{name}": "how numbers are written" for name in ("percent", "per_cent", "small_digits", "number_words")},
    **{f"house_{name}": "how days and dates are written" for name in ("month", "day", "weekday", "relative_day")},
    "house_leftovers": "leftovers of a web page",
    "language": "passages that are hardly English",
    "shape": "grammar, words of substance left out",
    "wording": "choice of words",
    "artefacts": "artefacts of numbers, dates, quotation marks and names",
    "length": "length of the article",
}


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
    log_odds = classifier.standardise(features[None])[0] * classifier.coef[CLASSIFIER_TARGETS.index("machine")]
    columns_of: dict[str, list[int]] = defaultdict(list)
    for column, name in enumerate(names):
        columns_of[in_words(name)].append(column)
    contributions = [
        Contribution(feature, float(log_odds[columns].sum()), tuple(names[c] for c in columns))
        for feature, columns in columns_of.items()
    ]
    return tuple(sorted(contributions, key=lambda c: (-abs(c.log_odds), c.feature))[:_SHOWN])


def in_words(name: str) -> str:
    """What a feature measures."""
    fitting = [prefix for prefix in _WORDS if name.startswith(prefix)]
    return _WORDS[max(fitting, key=len)] if fitting else name
