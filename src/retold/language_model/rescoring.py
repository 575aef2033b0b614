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
from retold.language_model.ngram_model import ORDER, extend_hash, from_bits, interpolated
from retold.language_model.vocabulary import SENTENCE_START, SPECIAL

# How many words after it a substitution reaches.
REACH = ORDER - 1
_START = SPECIAL.index(SENTENCE_START)


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
    after = places[:, None] + length + np.arange(REACH)
    is_inside = _is_inside(batch.depth, places, after)
    after = np.minimum(after, len(batch.ids) - 1)
    window = _Window(batch, places)
    columns = [window.put(by[:, k]) for k in range(by.shape[1])]
    columns += [window.put_observed(after[:, k], is_inside[:, k], n_observed=k) for k in range(REACH)]
    bits = -np.log2(np.stack(columns, axis=-1))
    bits[:, :, by.shape[1] :][:, ~is_inside] = 0
    return np.asarray(bits.sum(2))


class _Window:
    """The n-grams that end at the last word of n windows, to which words are added.

    What the batch holds as it stands was looked up with it; only n-grams with a word that was put there are looked up here.

    Args:
        batch: The articles.
        places: int64 (n,): the token before which each window ends at first.
    """

    def __init__(self, batch: Batch, places: NDArray[np.int64]) -> None:
        self._model, self._known = batch.model, batch.ngrams
        self._ids, self._depth = batch.ids, batch.depth[places]
        before = np.maximum(places - 1, 0)
        # Before the first word of a sentence stands its start symbol; no longer n-gram is reached there.
        words = np.where(self._depth == 1, np.int32(_START), batch.ids[before])
        self._hashes = [_hashes_of(words), *self._known.hashes[1:REACH, before]]
        self._left = [from_bits(self._model.left[words]), *self._known.left[1:REACH, before]]

    def put(self, words: NDArray[np.int32]) -> NDArray[np.float32]:
        """Add words, int32 (n,); returns their probabilities under every order, float32 (ORDER, n)."""
        return self._add(words, np.ones(len(words), dtype=bool), [])

    def put_observed(
        self, tokens: NDArray[np.int64], is_inside: NDArray[np.bool_], n_observed: int
    ) -> NDArray[np.float32]:
        """Add tokens of the batch, as ``put``; before them ``n_observed`` of the batch stand already, behind what was put there.

        Args:
            tokens: int64 (n,).
            is_inside: bool (n,): where they belong to the sentence; elsewhere what is returned means nothing.
            n_observed: How many.
        """
        known = [
            (self._known.hashes[k, tokens], self._known.share[k, tokens], self._known.left[k, tokens])
            for k in range(1, min(n_observed, REACH - 1) + 1)
        ]
        return self._add(self._ids[tokens], is_inside, known)

    def _add(
        self,
        words: NDArray[np.int32],
        is_inside: NDArray[np.bool_],
        known: Sequence[tuple[NDArray[np.uint64], NDArray[np.float32], NDArray[np.float32]]],
    ) -> NDArray[np.float32]:
        """Add words; ``known`` has hashes, shares and masses left of the n-grams from the second order on that need no look-up."""
        probability = np.empty((ORDER, len(words)), dtype=np.float32)
        probability[0] = self._model.unigrams[words]
        hashes, left = [_hashes_of(words)], [from_bits(self._model.left[words])]
        for k in range(1, ORDER):
            is_reachable = is_inside & (self._depth >= k)
            if k <= len(known):
                joined, share, mass = known[k - 1]
            else:
                joined = extend_hash(self._hashes[k - 1], words)
                share, mass = self._model.stored(k + 1, joined, is_reachable)
            probability[k] = interpolated(probability[k - 1], self._left[k - 1], share, is_reachable)
            hashes.append(joined)
            left.append(mass)
        self._hashes, self._left, self._depth = hashes, left, self._depth + 1
        return probability


def _hashes_of(words: NDArray[np.int32]) -> NDArray[np.uint64]:
    return extend_hash(np.zeros(len(words), dtype=np.uint64), words)


def _is_inside(depth: NDArray[np.int32], places: NDArray[np.int64], tokens: NDArray[np.int64]) -> NDArray[np.bool_]:
    """bool (n, k): which of the ``tokens`` (n, k) belong to the sentence of their row's place."""
    found = depth[np.minimum(tokens, len(depth) - 1)]
    return (tokens < len(depth)) & (found == depth[places][:, None] + tokens - places[:, None])
