"""Contributions: which features weighed most in a verdict, in words, and what else a reader may ask of an article.

Beside them stand the family of pivots, where no single one shows, and the sentences that read worst.

A feature's contribution is its standardised value times the coefficient of the question ``machine``: the log-odds by which
it moves the verdict from that of an average text. Features that measure one thing in several ways are added up, because
their coefficients share the work among themselves and mean nothing one by one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from retold.detector.classifier import CLASSIFIER_TARGETS, LinearClassifier
from retold.detector.features import layout, measure
from retold.detector.pivot_language import PivotGroup
from retold.detector.verdict import BACK_TRANSLATED, Verdict
from retold.language_model.batch import Batch
from retold.signals.fluency.sentences import HardSentence, hard_sentences
from retold.text import analyse

if TYPE_CHECKING:
    from retold.detector.detector import Detector

# What a reader is shown.
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
    """What some features that measure one thing added to a verdict.

    Attributes:
        feature: What they measure, in words.
        log_odds: How far they moved the verdict towards machine English (above 0) or away from it.
        columns: Their names in ``Detector.features``.
    """

    feature: str
    log_odds: float
    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FeatureContributions:
    """What weighed most in a verdict, and what else there is to say of the article.

    Attributes:
        contributions: What weighed most, strongest first.
        pivot_family: The family of pivots, where the article carries no single one.
        hard_sentences: Sentences that read worse than nearly all of news, worst first; next to no evidence.
    """

    contributions: tuple[Contribution, ...] = ()
    pivot_family: PivotGroup | None = None
    hard_sentences: tuple[HardSentence, ...] = ()


@dataclass(frozen=True, slots=True)
class Explanation:
    """A verdict with its reasons."""

    verdict: Verdict
    weighing: FeatureContributions = FeatureContributions()

    def as_dict(self) -> dict[str, Any]:
        """The JSON object: that of the verdict, with reasons of the evidence, and what the weighing holds, by name."""
        spans = [
            {**shown, "reason": e.reason}
            for shown, e in zip(self.verdict.as_dict()["evidence"], self.verdict.evidence, strict=True)
        ]
        weighed = [{**asdict(c), "log_odds": round(c.log_odds, 4)} for c in self.weighing.contributions]
        family = asdict(self.weighing.pivot_family) if self.weighing.pivot_family else None
        hard = [asdict(sentence) for sentence in self.weighing.hard_sentences]
        reasons = {"contributions": weighed, "pivot_family": family, "hard_sentences": hard}
        return {**self.verdict.as_dict(), "evidence": spans, **reasons}


def weigh(detector: Detector, verdict: Verdict, text: str) -> FeatureContributions:
    """What weighed most in the verdict on a text; a family of pivots only where the verdict names machine and no pivot."""
    batch = Batch([analyse(text)], detector.resources.language_model)
    found = contributions(detector.head, measure(batch, detector.signals)[0], layout(detector.signals).names)
    pivots = detector.resources.pivots
    asked = verdict.label == BACK_TRANSLATED and not verdict.pivot and pivots is not None
    family = pivots.groups(batch)[0] if asked and pivots is not None else None
    return FeatureContributions(found, family, hard_sentences(batch)[0])


def contributions(
    head: LinearClassifier, features: NDArray[np.float64], names: Sequence[str]
) -> tuple[Contribution, ...]:
    """The strongest contributions to the question ``machine``, strongest first.

    Args:
        head: The last step.
        features: float64 (n_features,) of one text.
        names: Their names.
    """
    moved = head.standardise(features[None])[0] * head.coef[CLASSIFIER_TARGETS.index("machine")]
    together: dict[str, list[int]] = defaultdict(list)
    for column, name in enumerate(names):
        together[in_words(name)].append(column)
    found = [
        Contribution(feature, float(moved[columns].sum()), tuple(names[c] for c in columns))
        for feature, columns in together.items()
    ]
    return tuple(sorted(found, key=lambda c: (-abs(c.log_odds), c.feature))[:_SHOWN])


def in_words(name: str) -> str:
    """What a feature measures."""
    fitting = [prefix for prefix in _WORDS if name.startswith(prefix)]
    return _WORDS[max(fitting, key=len)] if fitting else name
