"""Pivot identification: which language a machine translation came through, by its grammar and wording.

Hypothesis: each pivot leaves its own articles, orders and favourite words in the English made from it, so that text alone
names the language better than chance; sources: Koppel and Ordan 2011, van Halteren 2008 (source languages of translated
text). It is no feature of the verdict and is reported only of what was judged machine-made.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, hstack
from scipy.special import softmax

from retold.channel.lexical_table import LANGUAGE_FAMILIES, PIVOTS
from retold.language_model.batch import Batch
from retold.signals.ngrams.hashing import BUCKET_BITS
from retold.signals.ngrams.masked import MaskedNgrams
from retold.signals.ngrams.words import WordNgrams

# Counts of each kind of n-gram are folded to 2**14 columns: 58 languages at full width would take 60 MB.
PIVOT_BITS = 14
# Pivots reported; a reader takes in no more.
_TOP = 5
_COUNTED = (MaskedNgrams, WordNgrams)
# Groups whose languages leave much the same English, the closest first; named where no single language shows.
GROUPS: Mapping[str, tuple[str, ...]] = {
    "Nordic": ("da", "is", "nb", "sv"),
    "Iberian": ("ca", "es", "gl", "pt"),
    "East Slavic": ("be", "ru", "uk"),
    "West Slavic": ("cs", "pl", "sk"),
    "South Slavic": ("bg", "bs", "hr", "sl", "sr"),
    "Baltic": LANGUAGE_FAMILIES["baltic"],
    "Uralic": LANGUAGE_FAMILIES["uralic"],
    "Turkic": LANGUAGE_FAMILIES["turkic"],
    "Indo-Iranian": LANGUAGE_FAMILIES["indo-iranian"],
    "Dravidian": LANGUAGE_FAMILIES["dravidian"],
    "Semitic": LANGUAGE_FAMILIES["semitic"],
    "Austronesian": LANGUAGE_FAMILIES["austronesian"],
    "East Asian": LANGUAGE_FAMILIES["east-asian"],
    "Germanic": LANGUAGE_FAMILIES["germanic"],
    "Romance": LANGUAGE_FAMILIES["romance"],
    "Slavic": LANGUAGE_FAMILIES["slavic"],
}
# A pivot is named if it is so many times as likely as the next of its group; chosen by judgement.
_STANDS_OUT = 2.0


@dataclass(frozen=True, slots=True)
class PivotGroup:
    """A group of related pivots: its name, its languages and the probability that one of them was the pivot."""

    name: str
    pivots: tuple[str, ...]
    probability: float


@dataclass(frozen=True, slots=True)
class PivotPrediction:
    """The pivot of an article.

    Attributes:
        pivots: ISO 639-1 codes of the likeliest pivots with their probabilities, strongest first; empty where none is named.
        group: The group of related pivots that is probable enough to be named, if there is one.
    """

    pivots: dict[str, float]
    group: PivotGroup | None


@dataclass(frozen=True)
class PivotClassifier:
    """Linear scores of every pivot.

    Attributes:
        weights: float16 or float32 array (len(PIVOTS), 2 * 2**PIVOT_BITS).
        intercepts: float64 array (len(PIVOTS),).
        settings: float64 array (2,): what scores are multiplied by, and the probability below which neither pivot nor group is
            named.
    """

    weights: NDArray[np.floating]
    intercepts: NDArray[np.float64]
    settings: NDArray[np.float64]

    def arrays(self) -> dict[str, NDArray[np.floating]]:
        """The constructor's arguments, by name."""
        return {"weights": self.weights, "intercepts": self.intercepts, "settings": self.settings}

    def predict(self, batch: Batch) -> list[PivotPrediction]:
        """The pivot of each article; n-grams are counted once for this and for the features."""
        probabilities = self.probabilities(folded([signal.counts_of(batch) for signal in _COUNTED]))
        return [PivotPrediction(self.top_k(row), self.group(row)) for row in probabilities]

    def top_k(self, row: NDArray[np.float64], k: int = _TOP) -> dict[str, float]:
        """The k likeliest pivots with their probabilities, strongest first, of an article's (len(PIVOTS),).

        Empty if none reaches the probability below which no single pivot is named, or another of its family is nearly as likely.
        """
        best = np.argsort(-row, kind="stable")[:k]
        if row[best[0]] < self.settings[1] or row[best[0]] < _STANDS_OUT * _next_of_family(row, int(best[0])):
            return {}
        return {PIVOTS[i]: round(float(row[i]), 6) for i in best}

    def group(self, row: NDArray[np.float64]) -> PivotGroup | None:
        """The closest group of pivots that is probable enough to be named, of an article's probabilities (len(PIVOTS),)."""
        for name, codes in GROUPS.items():
            share = float(row[[PIVOTS.index(code) for code in codes]].sum())
            if share >= self.settings[1]:
                return PivotGroup(name, codes, round(min(share, 1.0), 6))
        return None

    def probabilities(self, counts: csr_matrix) -> NDArray[np.float64]:
        """float64 array (n_articles, len(PIVOTS)) from folded counts."""
        scores = np.asarray(counts @ self.weights.T.astype(np.float32), dtype=np.float64) + self.intercepts
        return np.asarray(softmax(scores * self.settings[0], axis=1))


def _next_of_family(row: NDArray[np.float64], best: int) -> float:
    """Probability of the likeliest other pivot that shares a group with one; 0 if it has no group."""
    related = {code for codes in GROUPS.values() if PIVOTS[best] in codes for code in codes} - {PIVOTS[best]}
    return max((float(row[PIVOTS.index(code)]) for code in related), default=0.0)


def folded(counts: list[csr_matrix]) -> csr_matrix:
    """Fold the columns of counts, each (n, BUCKETS), and set them side by side: float32 CSR (n, 2 * 2**PIVOT_BITS)."""
    shift, width = BUCKET_BITS - PIVOT_BITS, 1 << PIVOT_BITS
    narrow = [csr_matrix((v.data, v.indices >> shift, v.indptr), shape=(v.shape[0], width)) for v in counts]
    both = hstack(narrow, format="csr")
    both.sum_duplicates()
    return both
