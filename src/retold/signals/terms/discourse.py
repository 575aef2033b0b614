"""One sense per discourse: a word used once for what the same story calls otherwise three times was put there by somebody else.

Hypothesis: a story keeps to its words for things (Gale, Church and Yarowsky 1992). Writers do vary their words;
``kept_apart.tsv`` lists the pairs of words that news hardly ever mixes in one story, and of those less is required.
"""

from __future__ import annotations

from collections.abc import Set

import numpy as np
from numpy.typing import NDArray

from retold.language_model.batch import Batch
from retold.signals.fitted_tables import parse_fitted_table
from retold.signals.terms.substitution_scorer import ScoredCandidates

KEPT_APART_FILE = "kept_apart.tsv"
KEPT_APART_COLUMNS = ("observed", "intended")
# The story corrects a word used once: it uses the candidate three times or more, which fits better by so many bits, even
# after what the channel charges for the change. Three fifths to two thirds of such words in held-out back-translations
# proved changed, against about 0.1 per 1,000 words flagged in originals; at two uses it would be 0.2.
_DISCOURSE_USES, _DISCOURSE_GAIN, _DISCOURSE_ODDS = 3, 8.0, 4.0
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


def one_sense_per_discourse(scored: ScoredCandidates) -> NDArray[np.bool_]:
    """bool (n,): suspects used once for which the article itself has the other word."""
    channel = scored.candidates.bits[scored.suspects.pair[scored.best]]
    gain = scored.suspects.gain[scored.best]
    fits = (gain >= _DISCOURSE_GAIN) & (gain + channel >= _DISCOURSE_ODDS)
    return fits & (scored.uses <= _ONCE) & (scored.best_uses >= _DISCOURSE_USES)


def find_kept_apart(batch: Batch, scored: ScoredCandidates, pairs: Set[tuple[int, int]]) -> dict[int, int]:
    """Candidates used once for what the article says several times, where news does not mix the two words.

    Args:
        batch: The articles.
        scored: Their suspects.
        pairs: Vocabulary ids (observed, intended) of words that news keeps apart.

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
        if (int(observed[i]), int(intended[i])) in pairs:
            found[int(suspects.of[i])] = i
    return found


def _followed_by_of(batch: Batch, places: NDArray[np.int64]) -> NDArray[np.bool_]:
    follows = np.minimum(places + 1, len(batch.ids) - 1)
    return (batch.ids[follows] == batch.model.vocabulary.index.get("of", -1)) & ~batch.opens_sentence[follows]
