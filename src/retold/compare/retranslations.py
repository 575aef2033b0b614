"""Which changed words a translation explains: pairs learned from round trips, and pairs that linguists listed."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import numpy as np
from numpy.typing import NDArray

from retold.channel.curated_lexicon import known_pairs
from retold.channel.lexical_table import PIVOTS
from retold.compare.weights import ComparisonWeights
from retold.text.lemma import stem
from retold.text.morphology import Inflector
from retold.text.word_lists import closed_class_words

# Words of a run that are paired; a longer run was rewritten, not translated word by word.
_MAX_RUN = 12


@cache
def _listed() -> dict[tuple[str, str], NDArray[np.float64]]:
    """(stem meant, stem seen) -> float64 (len(PIVOTS),): what each pivot adds to a listed pair, in bits."""
    pairs, bits = known_pairs(Inflector({}))
    return {(stem(meant), stem(seen)): bits[row] for seen, meant, _, row in pairs}


def explained(
    meant: Sequence[str], seen: Sequence[str], pivots: NDArray[np.float64], known: ComparisonWeights
) -> list[tuple[int, int, str]]:
    """Pairs of words in two runs that a translation explains.

    Args:
        meant: Lower-case words of the run, before.
        seen: The same, after.
        pivots: float64 (n_pivots,): probability of each of ``known.pivot_names`` for the whole text.
        known: What was learned.

    Returns:
        ``(i, j, pivot)``: place in both runs and the language that explains the pair best; each place once.
    """
    found = []
    for i, m in enumerate(meant[:_MAX_RUN]):
        for j, s in enumerate(seen[:_MAX_RUN]):
            votes = _votes(m, s, known)
            if votes is not None:
                log_shares = np.log(pivots + 1e-6) + votes
                best = int(np.argmax(log_shares))
                found.append((-float(log_shares[best]), i, j, known.pivot_names[best]))
    return _one_to_one(sorted(found))


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


def _votes(meant: str, seen: str, known: ComparisonWeights) -> NDArray[np.float64] | None:
    """What a pair says of each pivot, or None where no translation is known to make it."""
    if not (_is_content(meant) and _is_content(seen)) or stem(meant) == stem(seen):
        return None
    row = known.changes.get(f"{meant}>{seen}")
    listed = _listed().get((stem(meant), stem(seen)))
    if row is None and listed is None:
        return None
    votes = np.zeros(len(known.pivot_names))
    if row is not None:
        votes += known.pivot_weights[row].toarray()[0]
    if listed is not None:
        votes += listed[[PIVOTS.index(name) for name in known.pivot_names]] / 2
    return votes


def _is_content(word: str) -> bool:
    return len(word) > 2 and word.isalpha() and word not in closed_class_words()
