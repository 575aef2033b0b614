"""The names of the numbers by which suspects are judged, and the weights of the two models that judge them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

CANDIDATE_COLUMNS = ("gain", "gain_squared", "channel", "known", "learned", "elsewhere", "rarity")
SUSPECT_COLUMNS = (
    *(f"best_{name}" for name in CANDIDATE_COLUMNS),
    *("sure", "odds", "prior_odds", "new", "new_high", "drift", "surprise", "context_help", "rest_bits", "next_help"),
    *("rarity", "repeated", "opens_sentence", "unknown_nearby", "gain_new", "gain_prior", "odds_high"),
)


@dataclass(frozen=True)
class TermWeights:
    """The two logistic models, and the floor below which a span is not shown.

    Attributes:
        choice: (len(CANDIDATE_COLUMNS),): weights between candidates.
        suspect: (len(SUSPECT_COLUMNS) + 1,): weights of "this word was changed", the intercept last.
        threshold: Posterior from which a span is evidence.
        shown: (2,): slope and intercept from log-odds to those shown, which hold within machine text: the posterior is
            fitted over originals too and decides, the score tells how often such a word was changed.
    """

    choice: NDArray[np.float64]
    suspect: NDArray[np.float64]
    threshold: float
    shown: NDArray[np.float64]

    def chance(self, change_logit: NDArray[np.float64]) -> NDArray[np.float64]:
        """The chance that words of such log-odds were changed, within machine text; of the same shape."""
        slope, intercept = self.shown
        return np.asarray(1 / (1 + np.exp(-slope * change_logit - intercept)))

    def to_json(self) -> str:
        """As JSON, weights by name."""
        suspect = zip((*SUSPECT_COLUMNS, "intercept"), self.suspect.round(5).tolist(), strict=True)
        choice = dict(zip(CANDIDATE_COLUMNS, self.choice.round(5).tolist(), strict=True))
        rest = {"threshold": round(self.threshold, 4), "shown": self.shown.round(4).tolist()}
        return json.dumps({"choice": choice, "suspect": dict(suspect), **rest}, indent=1)


def load_weights() -> TermWeights:
    """The weights that the package carries; ``benchmarks/evidence.py --write`` fits them anew."""
    stored = json.loads((files("retold") / "data" / "term_weights.json").read_text(encoding="utf-8"))
    choice = np.array([stored["choice"][name] for name in CANDIDATE_COLUMNS])
    suspect = np.array([stored["suspect"][name] for name in (*SUSPECT_COLUMNS, "intercept")])
    return TermWeights(choice, suspect, float(stored["threshold"]), np.array(stored["shown"]))
