"""What the words that replaced others say of a pair: was it translated or edited, and which of the two came first.

Hypothesis: a translation puts other words in the place of words than an editor or a language model does ("however" where
"but" stood), and what it puts there is the plainer word; so both the manner and the direction show in replacements. One
linear model tells round trips from edits. Round trips, what language models rewrote and what people revised have a model
of direction each, since each loves words that another avoids.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from retold.compare.alignment import Alignment

# What is said of an ordered pair: log-odds that the second was translated rather than edited from the first; that the
# second is the later one if a round trip lies between them, if a language model's rewriting does, and if a person's.
REPLACED: Final = ("replaced_by_translation", "later_if_translated", "later_if_rewritten", "later_if_revised")
Weights = tuple[float, float, float, float]
# Longer runs are rewritten rather than replaced; their words are counted, their pairs are not.
_MAX_RUN = 4
# Distinct pairs of a document that are looked at; an article of 5,000 words that was wholly rewritten has as many.
_MAX_PAIRS = 20_000


@dataclass(frozen=True)
class Replaced:
    """Counts of what changed from the first version of a pair to the second.

    Attributes:
        words: Words gained, less those lost.
        pairs: Words and short runs of words by what replaced them; an empty string stands for nothing.
        scale: Square root of the number of changed words and one, by which counts are divided.
    """

    words: Mapping[str, int]
    pairs: Mapping[tuple[str, str], int]
    scale: float


def replaced(al: Alignment) -> Replaced:
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
    return Replaced({w: n for w, n in words.items() if n}, pairs, total**0.5)


@dataclass(frozen=True)
class SubstitutionModel:
    """Linear models over the counts of ``Replaced``, one for each of ``REPLACED``.

    Attributes:
        words: What each word gained adds to each of ``REPLACED``.
        pairs: What each replacement adds; all but the first are the negative of those of the opposite replacement.
        intercept: Added to the first.
    """

    words: Mapping[str, Weights]
    pairs: Mapping[tuple[str, str], Weights]
    intercept: float

    @classmethod
    def of(cls, stored: Mapping[str, Any]) -> SubstitutionModel:
        """Read the model from its JSON object, where "x y" stands for both directions and has two first weights."""
        pairs: dict[tuple[str, str], Weights] = {}
        for name, (forth, back, p, q, r) in stored["pairs"].items():
            x, _, y = name.partition(" ")
            pairs[y, x] = back, -p, -q, -r
            pairs[x, y] = forth, p, q, r
        return cls({w: tuple(row) for w, row in stored["words"].items()}, pairs, float(stored["intercept"]))

    def scores(self, found: Sequence[Replaced]) -> NDArray[np.float64]:
        """float64 (n_pairs, 2 * len(REPLACED)): log-odds of each of ``REPLACED``, then with the versions swapped."""
        rows = [self._row(one) for one in found]
        return np.array(rows, dtype=np.float64).reshape(-1, 2 * len(REPLACED))

    def _row(self, one: Replaced) -> NDArray[np.float64]:
        gained = _summed(self.words, one.words)
        forth = _summed(self.pairs, one.pairs)
        back = _summed(self.pairs, {(y, x): n for (x, y), n in one.pairs.items()})
        start = np.array([self.intercept, 0.0, 0.0, 0.0])
        return np.concatenate([start + (forth + gained) / one.scale, start + (back - gained) / one.scale])


def _summed(weights: Mapping[Any, Weights], counts: Mapping[Any, int]) -> NDArray[np.float64]:
    a = b = c = d = 0.0
    for name, n in counts.items():
        if name in weights:
            p, q, r, s = weights[name]
            a, b, c, d = a + n * p, b + n * q, c + n * r, d + n * s
    return np.array([a, b, c, d])
