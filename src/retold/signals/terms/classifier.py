"""Term classifier: which word a suspect stands for, and whether it was changed at all.

Two logistic models over the columns named here, fitted on articles that the channel was not learned from
(``retold.training.fit.term_classifier``): one chooses among the candidates of a suspect, one decides about the suspect.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from retold.errors import ModelError

FILE = "term_classifier.json"
# A candidate's columns; ``SubstitutionScorer.describe_candidates`` says what they hold.
CANDIDATE_COLUMNS = ("gain", "gain_squared", "channel", "known", "learned", "elsewhere", "rarity")
# A suspect's columns, those of its best candidate first; see ``SubstitutionScorer.describe``.
SUSPECT_COLUMNS = (
    *(f"best_{name}" for name in CANDIDATE_COLUMNS),
    *("sure", "odds", "prior_odds", "new", "new_high", "drift", "surprise", "context_help", "rest_bits", "next_help"),
    *("rarity", "repeated", "opens_sentence", "unknown_nearby", "gain_new", "gain_prior", "odds_high"),
)


@dataclass(frozen=True)
class TermClassifier:
    """The two logistic models, and what is shown of their results.

    Attributes:
        choice: float64 (len(CANDIDATE_COLUMNS),): weights between candidates.
        suspect: float64 (len(SUSPECT_COLUMNS) + 1,): weights of "this word was changed", the intercept last.
        threshold: Posterior from which a span is evidence.
        shown: float64 (2,): slope and intercept from log-odds to those shown, which hold within machine text: the posterior
            is fitted over originals too and decides, the score tells how often such a word was changed.
    """

    choice: NDArray[np.float64]
    suspect: NDArray[np.float64]
    threshold: float
    shown: NDArray[np.float64]

    def shown_probability(self, change_logit: NDArray[np.float64]) -> NDArray[np.float64]:
        """Probability that words of such log-odds were changed, within machine text; of the shape of ``change_logit``."""
        slope, intercept = self.shown
        return np.asarray(expit(slope * change_logit + intercept))

    def to_json(self) -> str:
        """The text of ``FILE``: ``choice`` and ``suspect`` map columns to weights; ``threshold`` and ``shown`` as above."""
        suspect = zip((*SUSPECT_COLUMNS, "intercept"), self.suspect.round(5).tolist(), strict=True)
        choice = dict(zip(CANDIDATE_COLUMNS, self.choice.round(5).tolist(), strict=True))
        rest = {"threshold": round(self.threshold, 4), "shown": self.shown.round(4).tolist()}
        return json.dumps({"choice": choice, "suspect": dict(suspect), **rest}, indent=1)

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Undo ``to_json``.

        Raises:
            ModelError: if the text is no such file.
        """
        try:
            stored = json.loads(text)
            choice = _numbers([stored["choice"][name] for name in CANDIDATE_COLUMNS])
            suspect = _numbers([stored["suspect"][name] for name in (*SUSPECT_COLUMNS, "intercept")])
            slope, intercept, threshold = _numbers([*stored["shown"], stored["threshold"]])
        except (ValueError, TypeError, LookupError, RecursionError) as error:
            raise ModelError(f"{FILE}: no term classifier of this version ({error}); get the model anew") from None
        return cls(choice, suspect, float(threshold), np.array([slope, intercept]))


def _numbers(values: list[Any]) -> NDArray[np.float64]:
    found = np.array(values, dtype=np.float64)
    if found.ndim != 1 or not np.isfinite(found).all():
        raise ValueError("numbers expected")
    return found
