"""How much better another word would fit its place, by the language model, for many words at once."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from retold.language_model import LanguageModel
from retold.language_model.ngram_model import ORDER
from retold.language_model.vocabulary import SENTENCE_START, SPECIAL, UNKNOWN

# A 4-gram model sees a word from three words after it, so a change reaches no further.
REACH = ORDER - 1
_START, _UNKNOWN = SPECIAL.index(SENTENCE_START), SPECIAL.index(UNKNOWN)


def window_bits(
    bits: NDArray[np.float32], depth: NDArray[np.int32], places: NDArray[np.int64], length: int = 1
) -> NDArray[np.float32]:
    """Surprisal of the text as seen, from each place to the last word that it can affect.

    Args:
        bits: float32 (n_tokens,): surprisal under the 4-gram model.
        depth: int32 (n_tokens,): words before each token in its sentence, counting the start symbol.
        places: int64 (n,): first token of each window.
        length: Words that would be replaced.

    Returns:
        float32 (n,): bits of ``length + 3`` words, fewer where the sentence ends.
    """
    at = places[:, None] + np.arange(length + REACH)
    return np.where(_inside(depth, places, at), bits[np.minimum(at, len(bits) - 1)], 0).sum(1)


def _inside(depth: NDArray[np.int32], places: NDArray[np.int64], at: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Which of the tokens ``at`` (n, k) belong to the sentence of their row's place."""
    reachable = depth[np.minimum(at, len(depth) - 1)]
    return (at < len(depth)) & (reachable == depth[places][:, None] + at - places[:, None])


def replaced_bits(
    model: LanguageModel,
    ids: NDArray[np.int32],
    depth: NDArray[np.int32],
    places: NDArray[np.int64],
    by: NDArray[np.int32],
    length: int = 1,
) -> NDArray[np.float32]:
    """Surprisal of the same windows with ``length`` words at each place replaced.

    Args:
        model: The language model.
        ids: int32 (n_tokens,): words of the batch.
        depth: As in ``window_bits``.
        places: int64 (n,): first word replaced.
        by: int32 (n, k): the words put there; k may differ from ``length``.
        length: How many words go.

    Returns:
        float32 (n,): bits of the k new words and the three words after them, fewer where the sentence ends.
    """
    return replaced_by_order(model, ids, depth, places, by, length)[ORDER - 1]


def replaced_by_order(
    model: LanguageModel,
    ids: NDArray[np.int32],
    depth: NDArray[np.int32],
    places: NDArray[np.int64],
    by: NDArray[np.int32],
    length: int = 1,
) -> NDArray[np.float32]:
    """As ``replaced_bits``, under every order of the model from 1 up: float32 (ORDER, n)."""
    window, inside = _windows(ids, depth, places, by, length)
    steps = np.arange(window.shape[1])
    reach = np.clip(depth[places][:, None] + steps - REACH, 0, np.minimum(steps, REACH))
    # The first words are context, whose own bits do not count; of them the last alone leaves mass to what follows.
    reach[:, : REACH - 1] = 0
    reach[:, REACH + by.shape[1] :][~inside] = 0
    probability = model.probabilities(window.ravel(), reach.ravel().astype(np.int32))
    found = -np.log2(probability.reshape(ORDER, *window.shape)[:, :, REACH:])
    found[:, :, by.shape[1] :][:, ~inside] = 0
    return np.asarray(found.sum(2))


def _windows(
    ids: NDArray[np.int32], depth: NDArray[np.int32], places: NDArray[np.int64], by: NDArray[np.int32], length: int
) -> tuple[NDArray[np.int32], NDArray[np.bool_]]:
    """Three words, the k that are put there, and three words: int32 (n, k + 6); which of the last three are inside.

    What lies before the sentence is its start symbol; what lies after it is the unknown word, whose bits do not count.
    """
    before = places[:, None] + np.arange(-REACH, 0)
    after = places[:, None] + length + np.arange(REACH)
    inside = _inside(depth, places, after)
    left = np.where(depth[places][:, None] > np.arange(REACH, 0, -1), ids[np.maximum(before, 0)], _START)
    right = np.where(inside, ids[np.minimum(after, len(ids) - 1)], _UNKNOWN)
    return np.hstack([left, by, right]).astype(np.int32), inside
