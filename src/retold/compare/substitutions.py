"""Scores of the words that replaced others: was a version translated or edited, and which of two came first.

Hypothesis: a translation puts other words in the place of words than an editor or a language model does ("however" where
"but" stood), and what it puts there is the plainer word; so both the relation and its direction show in substitutions. One
linear model tells round trips from edits. Direction is modelled separately for round trips, rewrites by language models and
human revisions, because their lexical preferences differ.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from retold.compare.alignment import Alignment

# Of an ordered pair: log-odds that the second was translated rather than edited from the first; that the second is the later
# one if a round trip lies between them, if a language model's rewriting does, and if a person's revision does.
SUBSTITUTION_SCORES: Final = (
    "replaced_by_translation",
    "later_if_translated",
    "later_if_rewritten",
    "later_if_revised",
)
Weights = tuple[float, float, float, float]
# Longer runs are rewritten rather than replaced; their words are counted, their pairs are not.
_MAX_RUN = 4
# Distinct pairs of a document that are looked at; an article of 5,000 words that was wholly rewritten has as many.
_MAX_PAIRS = 20_000


@dataclass(frozen=True)
class Substitutions:
    """Counts of the words that changed from the first version of a pair to the second.

    Attributes:
        words: Words gained, less those lost.
        pairs: Words and short runs of words by what replaced them; an empty string stands for nothing.
        scale: Square root of the number of changed words and one, by which counts are divided.
    """

    words: Mapping[str, int]
    pairs: Mapping[tuple[str, str], int]
    scale: float


def count_substitutions(al: Alignment) -> Substitutions:
    """Count the changes inside aligned sentences."""
    words: Counter[str] = Counter()
    pairs: Counter[tuple[str, str]] = Counter()
    total = 1
    for edit in al.edits:
        x, y = al.a.article.lower[slice(*edit.a)], al.b.article.lower[slice(*edit.b)]
        total += len(x) + len(y)
        words.update(y)
        words.subtract(x)
        if len(x) <= _MAX_RUN and len(y) <= _MAX_RUN and len(pairs) < _MAX_PAIRS:
            pairs.update({("_".join(x), "_".join(y)), *((m, s) for m in x or [""] for s in y or [""])})
    return Substitutions({w: n for w, n in words.items() if n}, pairs, total**0.5)


@dataclass(frozen=True)
class SubstitutionModel:
    """Linear models over the counts of ``Substitutions``, one for each of ``SUBSTITUTION_SCORES``.

    Attributes:
        words: What each word gained adds to each of ``SUBSTITUTION_SCORES``.
        pairs: What each replacement adds; all but the first are the negative of those of the opposite replacement.
        intercept: Added to the first.
    """

    words: Mapping[str, Weights]
    pairs: Mapping[tuple[str, str], Weights]
    intercept: float

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> SubstitutionModel:
        """Read the model from its JSON object, where "x y" stands for both directions and has two first weights.

        Raises:
            ValueError, TypeError, KeyError, AttributeError: if the object is not what ``as_dict`` makes.
        """
        pairs: dict[tuple[str, str], Weights] = {}
        for name, row in stored["pairs"].items():
            x, _, y = name.partition(" ")
            translated, translated_back, p, q, r = _finite(row)
            pairs[y, x] = translated_back, -p, -q, -r
            pairs[x, y] = translated, p, q, r
        words: dict[str, Weights] = {}
        for word, row in stored["words"].items():
            a, b, c, d = _finite(row)
            words[word] = a, b, c, d
        return cls(words, pairs, _finite([stored["intercept"]])[0])

    def as_dict(self) -> dict[str, Any]:
        """The JSON object of the model."""
        pairs = {}
        for (x, y), row in self.pairs.items():
            if x <= y:
                pairs[f"{x} {y}"] = [row[0], self.pairs[y, x][0], *row[1:]]
        return {"intercept": self.intercept, "words": {w: list(row) for w, row in self.words.items()}, "pairs": pairs}

    def scores(self, counts: Sequence[Substitutions]) -> NDArray[np.float64]:
        """float64 (n_pairs, 8): each of ``SUBSTITUTION_SCORES``, then the same with the versions swapped; log-odds."""
        rows = [self._row(pair) for pair in counts]
        return np.array(rows, dtype=np.float64).reshape(-1, 2 * len(SUBSTITUTION_SCORES))

    def _row(self, pair: Substitutions) -> NDArray[np.float64]:
        gained = _summed(self.words, pair.words)
        forward = _summed(self.pairs, pair.pairs)
        backward = _summed(self.pairs, {(y, x): n for (x, y), n in pair.pairs.items()})
        intercept = np.array([self.intercept, 0.0, 0.0, 0.0])
        return np.concatenate(
            [intercept + (forward + gained) / pair.scale, intercept + (backward - gained) / pair.scale]
        )


def _finite(values: Sequence[Any]) -> list[float]:
    numbers = [float(value) for value in values]
    if not all(map(isfinite, numbers)):
        raise ValueError("a weight is not finite")
    return numbers


def _summed(weights: Mapping[Any, Weights], counts: Mapping[Any, int]) -> NDArray[np.float64]:
    a = b = c = d = 0.0
    for name, n in counts.items():
        if name in weights:
            p, q, r, s = weights[name]
            a, b, c, d = a + n * p, b + n * q, c + n * r, d + n * s
    return np.array([a, b, c, d])
