"""What the rest of a story says of a suspect word: it uses another for the same thing, more than once.

Hypothesis: a story keeps to its words for things that English keeps apart, so that a word used once for what the story calls
otherwise several times was put there by somebody else. Sources: one sense per discourse (Gale, Church and Yarowsky 1992);
for writers who do vary, ``kept_apart.tsv`` holds only what news hardly ever does, by ``benchmarks/count_kept_apart_pairs.py``.
"""

from __future__ import annotations

from collections.abc import Set

import numpy as np
from numpy.typing import NDArray

from retold.language_model.batch import Batch
from retold.signals.terms.classifier import ScoredCandidates

# The story itself corrects a word used once: it uses the candidate three times or more, which fits better by so many bits,
# even after what the channel charges for the change. Three fifths to two thirds of such words in held-out
# back-translations proved changed, against about 0.1 per 1,000 words flagged in originals; at two uses it would be 0.2.
_STORY_USES, _STORY_GAIN, _STORY_ODDS = 3, 8.0, 4.0
# Of a pair that news keeps apart the context need not know anything, as long as it does not speak against the candidate by
# more than this.
_APART_GAIN = -1.0
_ONCE = 1


def one_sense_per_discourse(reading: ScoredCandidates) -> NDArray[np.bool_]:
    """bool (n,): suspects used once for which the article itself has the other word."""
    channel = reading.candidates.bits[reading.suspects.pair[reading.best]]
    gain = reading.suspects.gain[reading.best]
    fits = (gain >= _STORY_GAIN) & (gain + channel >= _STORY_ODDS)
    return fits & (reading.uses <= _ONCE) & (reading.elsewhere >= _STORY_USES)


def kept_apart(batch: Batch, reading: ScoredCandidates, pairs: Set[tuple[int, int]]) -> dict[int, int]:
    """Suspects used once for what the article says several times, where news does not mix the two words.

    Args:
        batch: The articles.
        reading: Their suspects.
        pairs: Ids (seen, meant) of words that news keeps apart.

    Returns:
        The index of the suspect -> that of its candidate; the best fitting one if there are several.
    """
    suspects = reading.suspects
    seen, meant = batch.ids[suspects.place][suspects.of], reading.candidates.meant[suspects.pair]
    asked = (reading.uses[suspects.of] <= _ONCE) & (reading.said >= _STORY_USES) & (suspects.gain >= _APART_GAIN)
    # "A colony of bees", "the colony of Hong Kong": what follows says what it is.
    asked &= ~_followed_by_of(batch, suspects.place)[suspects.of]
    found: dict[int, int] = {}
    for i in sorted(np.flatnonzero(asked).tolist(), key=lambda i: float(suspects.gain[i])):
        if (int(seen[i]), int(meant[i])) in pairs:
            found[int(suspects.of[i])] = i
    return found


def _followed_by_of(batch: Batch, places: NDArray[np.int64]) -> NDArray[np.bool_]:
    follows = np.minimum(places + 1, len(batch.ids) - 1)
    return (batch.ids[follows] == batch.model.vocabulary.index.get("of", -1)) & ~batch.opens_sentence[follows]
