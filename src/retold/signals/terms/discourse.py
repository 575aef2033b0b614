"""One sense per discourse: a word used once for what the same story calls otherwise three times was put there by somebody else.

Hypothesis: a story keeps to its words for things (Gale, Church and Yarowsky 1992). Writers do vary their words ("child", "baby"), so
only pairs count that news hardly ever mixes in one story, listed in ``kept_apart.tsv``: of 27 others that fitted better by eight
bits 11 were on changed words, and originals had as many.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from retold.language_model.batch import Batch
from retold.signals.fitted_tables import parse_fitted_table
from retold.signals.terms.engine_favourites import EngineFavourites
from retold.signals.terms.substitution_scorer import ScoredCandidates

KEPT_APART_FILE = "kept_apart.tsv"
KEPT_APART_COLUMNS = ("observed", "intended")
# A word is the story's own from so many uses on; at two, twice as many words of originals would be flagged.
_DISCOURSE_USES = 3
# Of a pair that news keeps apart the context need not support the candidate, as long as it speaks against it by no more bits
# than this; by judgement.
_KEPT_APART_GAIN = -1.0
_ONCE = 1


def parse_kept_apart(text: str) -> frozenset[tuple[str, str]]:
    """Pairs ``(observed, intended)`` from the text of ``KEPT_APART_FILE``.

    A heading, then a line a pair of two tab-separated columns: ``observed``, a lemma that engines favour, and ``intended``, the
    lemma that may have stood there; news hardly ever uses both in one story with the first of them once. Lines that begin
    with ``#`` are comments.

    Raises:
        ModelError: if the text is no such table.
    """
    rows = parse_fitted_table(text, KEPT_APART_FILE, KEPT_APART_COLUMNS)
    return frozenset((observed, intended) for observed, intended in rows)


def find_kept_apart(batch: Batch, scored: ScoredCandidates, favourites: EngineFavourites) -> dict[int, int]:
    """Candidates used once for what the article says several times, where news does not mix the two words.

    Args:
        batch: The articles.
        scored: Their suspects.
        favourites: Says which words news keeps apart.

    Returns:
        The index of the suspect -> that of its candidate; the best fitting one if there are several.
    """
    suspects = scored.suspects
    observed, intended = batch.ids[suspects.place][suspects.of], scored.candidates.intended[suspects.pair]
    mask = (scored.uses[suspects.of] <= _ONCE) & (scored.candidate_uses >= _DISCOURSE_USES)
    # "A colony of bees", "the colony of Hong Kong": what follows says what it is.
    mask &= (suspects.gain >= _KEPT_APART_GAIN) & ~_followed_by_of(batch, suspects.place)[suspects.of]
    found: dict[int, int] = {}
    for i in sorted(np.flatnonzero(mask).tolist(), key=lambda i: float(suspects.gain[i])):
        if favourites.keeps_apart(int(observed[i]), int(intended[i])):
            found[int(suspects.of[i])] = i
    return found


def _followed_by_of(batch: Batch, places: NDArray[np.int64]) -> NDArray[np.bool_]:
    follows = np.minimum(places + 1, len(batch.ids) - 1)
    return (batch.ids[follows] == batch.model.vocabulary.index.get("of", -1)) & ~batch.opens_sentence[follows]
