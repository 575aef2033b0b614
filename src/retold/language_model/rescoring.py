"""The one scorer of substitutions: by how many bits a batch becomes likelier if other words stand in a place.

A 4-gram model sees a word from three words after it, so a substitution changes the bits of the words put there and of the
three that follow, and of no others. Texts are compared over these windows, as n-best lists are rescored, and all
substitutions of a batch are looked up at once.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from retold.language_model.batch import Batch
from retold.language_model.ngram_model import ORDER
from retold.language_model.vocabulary import SENTENCE_START, SPECIAL, UNKNOWN

# How many words after it a substitution reaches.
REACH = ORDER - 1
_START, _UNKNOWN = SPECIAL.index(SENTENCE_START), SPECIAL.index(UNKNOWN)


def substitution_gains(
    batch: Batch, places: NDArray[np.int64], by: NDArray[np.int32], length: int = 1
) -> NDArray[np.float32]:
    """Bits by which each substitution makes the batch likelier, under every order of the model.

    Args:
        batch: The articles.
        places: int64 (n,): the first token that goes, or the one before which words are put where none goes.
        by: int32 (n, k): vocabulary ids of the words put there; k may differ from ``length``.
        length: How many tokens go.

    Returns:
        float32 (ORDER, n): log2 P(words put there and the three after them) - log2 P(the same window as it stands),
        fewer words where the sentence ends; row k-1 is under the k-gram model.
    """
    return window_bits(batch, places, length) - substituted_bits(batch, places, by, length)


def phrase_substitution_gains(
    batch: Batch, places: NDArray[np.int64], lengths: NDArray[np.int64], phrases: Sequence[Sequence[int]]
) -> NDArray[np.float32]:
    """``substitution_gains`` of substitutions that differ in how many tokens go and in how many come.

    Args:
        batch: The articles.
        places: int64 (n,): the first token that goes.
        lengths: int64 (n,): how many tokens go.
        phrases: n runs of vocabulary ids, those put there.

    Returns:
        float32 (ORDER, n), as ``substitution_gains``.
    """
    gains = np.zeros((ORDER, len(places)), dtype=np.float32)
    widths = np.array([len(phrase) for phrase in phrases], dtype=np.int64)
    shapes, shape_of = np.unique(np.stack([lengths, widths]), axis=1, return_inverse=True)
    for number, (length, width) in enumerate(shapes.T.tolist()):
        rows = np.flatnonzero(shape_of.ravel() == number)
        by = np.array([phrases[row] for row in rows.tolist()], dtype=np.int32).reshape(len(rows), width)
        gains[:, rows] = substitution_gains(batch, places[rows], by, length)
    return gains


def window_bits(batch: Batch, places: NDArray[np.int64], length: int = 1) -> NDArray[np.float32]:
    """Surprisal of a batch as it stands, from each place to the last word that a substitution there can affect.

    Args:
        batch: The articles.
        places: int64 (n,): first token of each window.
        length: How many tokens would go.

    Returns:
        float32 (ORDER, n): bits of ``length + 3`` words, fewer where the sentence ends.
    """
    at = places[:, None] + np.arange(length + REACH)
    bits = batch.bits[:, np.minimum(at, len(batch.ids) - 1)]
    return np.asarray(np.where(_is_inside(batch.depth, places, at), bits, np.float32(0)).sum(2))


def substituted_bits(
    batch: Batch, places: NDArray[np.int64], by: NDArray[np.int32], length: int = 1
) -> NDArray[np.float32]:
    """Surprisal of the same windows after the substitutions; arguments and shape as of ``substitution_gains``."""
    windows, is_inside = _substituted_windows(batch, places, by, length)
    steps = np.arange(windows.shape[1])
    reach = np.clip(batch.depth[places][:, None] + steps - REACH, 0, np.minimum(steps, REACH))
    # The first words are context, whose own bits do not count; of them the last alone leaves mass to what follows.
    reach[:, : REACH - 1] = 0
    reach[:, REACH + by.shape[1] :][~is_inside] = 0
    probability = batch.model.probabilities(windows.ravel(), reach.ravel().astype(np.int32))
    bits = -np.log2(probability.reshape(ORDER, *windows.shape)[:, :, REACH:])
    bits[:, :, by.shape[1] :][:, ~is_inside] = 0
    return np.asarray(bits.sum(2))


def _is_inside(depth: NDArray[np.int32], places: NDArray[np.int64], tokens: NDArray[np.int64]) -> NDArray[np.bool_]:
    """bool (n, k): which of the ``tokens`` (n, k) belong to the sentence of their row's place."""
    found = depth[np.minimum(tokens, len(depth) - 1)]
    return (tokens < len(depth)) & (found == depth[places][:, None] + tokens - places[:, None])


def _substituted_windows(
    batch: Batch, places: NDArray[np.int64], by: NDArray[np.int32], length: int
) -> tuple[NDArray[np.int32], NDArray[np.bool_]]:
    """Three words, the k that are put there, and three words: int32 (n, k + 6); which of the last three are inside.

    What lies before the sentence is its start symbol; what lies after it is the unknown word, whose bits do not count.
    """
    ids, depth = batch.ids, batch.depth
    before = places[:, None] + np.arange(-REACH, 0)
    after = places[:, None] + length + np.arange(REACH)
    is_inside = _is_inside(depth, places, after)
    left = np.where(depth[places][:, None] > np.arange(REACH, 0, -1), ids[np.maximum(before, 0)], _START)
    right = np.where(is_inside, ids[np.minimum(after, len(ids) - 1)], _UNKNOWN)
    return np.hstack([left, by, right]).astype(np.int32), is_inside
