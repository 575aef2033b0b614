"""Changed words that a translation explains: pairs learned from round trips, and pairs from the curated lexicon."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import numpy as np
from numpy.typing import NDArray

from retold.channel.curated_lexicon import curated_pairs
from retold.channel.lexical_table import PIVOTS
from retold.compare.weights import PivotWeights
from retold.text.morphology import Inflector, stem
from retold.text.word_lists import closed_class_words

# Words of a run that are paired; a longer run was rewritten, not translated word by word.
_MAX_RUN = 12


@cache
def _curated() -> dict[tuple[str, str], NDArray[np.float64]]:
    """(stem of the source word, of the target word) -> float64 (len(PIVOTS),): weight of each pivot in bits."""
    pairs, bits = curated_pairs(Inflector({}))
    return {(stem(source), stem(target)): bits[row] for target, source, _, row in pairs}


def retranslated_pairs(
    source: Sequence[str], target: Sequence[str], pivots: NDArray[np.float64], weights: PivotWeights
) -> list[tuple[int, int, str]]:
    """Pairs of words in two runs that a translation explains.

    Args:
        source: Lower-case words of the run before the change.
        target: The same after it.
        pivots: float64 (n_pivots,): probability of each of ``weights.names`` for the whole text.
        weights: The fitted numbers.

    Returns:
        ``(i, j, pivot)``: position in both runs and the language that explains the pair best; each position once.
    """
    ranked = []
    for i, x in enumerate(source[:_MAX_RUN]):
        for j, y in enumerate(target[:_MAX_RUN]):
            votes = _votes(x, y, weights)
            if votes is not None:
                scores = np.log(pivots + 1e-6) + votes
                best = int(np.argmax(scores))
                ranked.append((-float(scores[best]), i, j, weights.names[best]))
    return _one_to_one(sorted(ranked))


def _one_to_one(ranked: list[tuple[float, int, int, str]]) -> list[tuple[int, int, str]]:
    used_a: set[int] = set()
    used_b: set[int] = set()
    pairs = []
    for _, i, j, pivot in ranked:
        if i not in used_a and j not in used_b:
            used_a.add(i)
            used_b.add(j)
            pairs.append((i, j, pivot))
    return sorted(pairs, key=lambda pair: pair[1])


def _votes(source: str, target: str, weights: PivotWeights) -> NDArray[np.float64] | None:
    """float64 (n_pivots,): weight of a pair for each pivot, or None where no translation is known to make it."""
    if not (_is_content(source) and _is_content(target)) or stem(source) == stem(target):
        return None
    row = weights.row_of.get(f"{source}>{target}")
    curated = _curated().get((stem(source), stem(target)))
    if row is None and curated is None:
        return None
    votes = np.zeros(len(weights.names))
    if row is not None:
        votes += weights.coef[row].toarray()[0]
    if curated is not None:
        votes += curated[[PIVOTS.index(name) for name in weights.names]] / 2
    return votes


def _is_content(word: str) -> bool:
    return len(word) > 2 and word.isalpha() and word not in closed_class_words()
