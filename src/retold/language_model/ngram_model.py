"""An interpolated 4-gram model of news English, as sorted arrays that map from disk and are looked up in batches.

``p_n(w | h) = u_n(h w) + gamma(h) * p_{n-1}(w | h')``, the interpolated form of Kneser-Ney smoothing (Chen and Goodman
1998): ``u`` is the discounted share of the n-gram in its context and ``gamma`` the mass left to the lower order. An
n-gram is stored as the 32-bit hash of its words; with a few million entries an order, a look-up of something absent
finds a stranger less than once in a thousand times.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from retold.language_model.vocabulary import Vocabulary

ORDER = 4
# Bits are stored in eighths: a byte spans 0 to 31.9 bits, and rounding costs at most 1/16 bit a word.
STEPS_PER_BIT = 8
_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)  # 2**64 / golden ratio: Knuth's multiplicative hash
_MIXER = np.uint64(0xD6E8FEB86659FD93)  # mixing constant of Feistel-like finalisers (Mulvey)


def extend_hash(prefix: NDArray[np.uint64], words: NDArray[np.integer]) -> NDArray[np.uint64]:
    """Hash n-grams from the hashes of their first n-1 words and their last words; arrays of one shape, vectorised."""
    mixed = (prefix + np.asarray(words).astype(np.uint64) + np.uint64(1)) * _MULTIPLIER
    mixed ^= mixed >> np.uint64(32)
    return mixed * _MIXER


def keys(hashes: NDArray[np.uint64]) -> NDArray[np.uint32]:
    """The 32-bit keys under which n-grams are stored."""
    return (hashes >> np.uint64(32)).astype(np.uint32)


def from_bits(quantised: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Probabilities from their stored bytes."""
    return _BYTE_TO_PROBABILITY[quantised]


# Keys looked up at once from which on the filter pays: it takes some 50 ms to make, which a single article must not wait for.
_MANY = 20_000
# A range of 128 keys has a bit, and eight ranges a byte: 4 MB a table, and one absent key in 16 passes.
_FILTER_BITS, _FILTER_BYTES, _LOW = np.uint32(7), np.uint32(10), np.uint32(7)
_BYTE_TO_PROBABILITY = np.exp2(-np.arange(256, dtype=np.float32) / STEPS_PER_BIT)


@dataclass(frozen=True)
class NgramTable:
    """The n-grams of one order: ``keys`` sorted uint32 (n,), ``share`` uint8 (n,), ``left`` uint8 (n,) or None."""

    keys: NDArray[np.uint32]
    share: NDArray[np.uint8]
    left: NDArray[np.uint8] | None

    def find(self, wanted: NDArray[np.uint32]) -> tuple[NDArray[np.intp], NDArray[np.bool_]]:
        """Positions of keys, and which of them are present; both of the shape of ``wanted``. Positions of the others mean nothing."""
        if len(wanted) < _MANY:
            return self._search(wanted)
        # Most n-grams that a substitution would make are in no table, which a bit tells without a search.
        rows = np.flatnonzero(
            (self._filter[wanted >> _FILTER_BYTES] >> ((wanted >> _FILTER_BITS) & _LOW)) & np.uint8(1)
        )
        position, found = np.zeros(len(wanted), dtype=np.intp), np.zeros(len(wanted), dtype=bool)
        position[rows], found[rows] = self._search(wanted[rows])
        return position, found

    @cached_property
    def _filter(self) -> NDArray[np.uint8]:
        """uint8 (2**22,): a bit for each of 2**25 ranges of keys, set if the table has a key in it (Bloom 1970, with one hash)."""
        ranges = self.keys >> _FILTER_BITS
        # Keys are sorted, so those of a byte stand together.
        first = np.flatnonzero(np.diff(ranges >> np.uint32(3), prepend=np.uint32(1 << 31)))
        bits = np.zeros(1 << int(32 - _FILTER_BYTES), dtype=np.uint8)
        bits[ranges[first] >> np.uint32(3)] = np.bitwise_or.reduceat(
            np.uint8(1) << (ranges & _LOW).astype(np.uint8), first
        )
        return bits

    def _search(self, wanted: NDArray[np.uint32]) -> tuple[NDArray[np.intp], NDArray[np.bool_]]:
        # Asking in order walks through memory instead of jumping about in it: four times as fast. Keys that carry their places
        # are sorted three times as fast as places by their keys.
        packed = (wanted.astype(np.uint64) << np.uint64(32)) | np.arange(len(wanted), dtype=np.uint64)
        packed.sort()
        position = np.empty(len(wanted), dtype=np.intp)
        position[packed.astype(np.uint32)] = np.searchsorted(self.keys, (packed >> np.uint64(32)).astype(np.uint32))
        np.minimum(position, len(self.keys) - 1, out=position)
        return position, self.keys[position] == wanted


@dataclass(frozen=True)
class ReadStream:
    """What a model knows of the n-grams that end at each of n words; row k-1 of each array is of order k.

    Attributes:
        probability: float32 (ORDER, n): of the word, given the k-1 words before; 1 for a start symbol.
        hashes: uint64 (ORDER, n), of the n-grams, whether stored or not.
        share: float32 (ORDER, n): what is stored of them, else 0; the first row is 0.
        left: float32 (ORDER, n): the mass that they, as contexts, leave to the lower order; 1 where they are not stored.
    """

    probability: NDArray[np.float32]
    hashes: NDArray[np.uint64]
    share: NDArray[np.float32]
    left: NDArray[np.float32]


def interpolated(
    lower: NDArray[np.float32], left: NDArray[np.float32], share: NDArray[np.float32], is_reachable: NDArray[np.bool_]
) -> NDArray[np.float32]:
    """Probabilities of one order from those of the order below, where a sentence holds the n-gram; float32 (n,) all."""
    return np.asarray(np.where(is_reachable, lower * left + share, lower))


class LanguageModel:
    """A 4-gram model.

    Args:
        vocabulary: Its words.
        unigrams: float32 array (len(vocabulary),) of probabilities.
        left: uint8 array (len(vocabulary),): mass that each word as a context leaves to the unigrams.
        tables: The orders 2 to 4.
    """

    def __init__(
        self,
        vocabulary: Vocabulary,
        unigrams: NDArray[np.float32],
        left: NDArray[np.uint8],
        tables: tuple[NgramTable, NgramTable, NgramTable],
    ) -> None:
        self.vocabulary = vocabulary
        self.unigrams = unigrams
        self.left = left
        self.tables = tables

    def stored(
        self, order: int, hashes: NDArray[np.uint64], is_reachable: NDArray[np.bool_]
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """What is stored of n-grams of one order.

        Args:
            order: 2 to 4.
            hashes: uint64 (n,), from ``extend_hash``.
            is_reachable: bool (n,): False for what no sentence holds; only the rest is looked up, which takes most of the time.

        Returns:
            Two float32 (n,): the share, 0 where nothing is stored, and the mass left to the lower order, 1 where nothing is.
        """
        table = self.tables[order - 2]
        reachable = np.flatnonzero(is_reachable)
        position, found = table.find(keys(hashes[reachable]))
        position, rows = position[found], reachable[found]
        share, left = np.zeros(len(hashes), dtype=np.float32), np.ones(len(hashes), dtype=np.float32)
        share[rows] = from_bits(table.share[position])
        if table.left is not None:
            left[rows] = from_bits(table.left[position])
        return share, left

    def read(self, ids: NDArray[np.int32], depth: NDArray[np.integer]) -> ReadStream:
        """Look up every n-gram of a stream of words.

        Args:
            ids: int32 array (n,), sentences one after another, each beginning with the start symbol (id 0).
            depth: integer array (n,): how many words before each belong to its sentence, counting the start symbol.
        """
        n = len(ids)
        probability, left = np.empty((ORDER, n), dtype=np.float32), np.empty((ORDER, n), dtype=np.float32)
        hashes = np.empty((ORDER, n), dtype=np.uint64)
        probability[0], left[0] = self.unigrams[ids], from_bits(self.left[ids])
        hashes[0] = extend_hash(np.zeros(n, dtype=np.uint64), ids)
        share = np.zeros((ORDER, n), dtype=np.float32)
        for k in range(1, ORDER):
            hashes[k] = extend_hash(_shift(hashes[k - 1], np.uint64(0)), ids)
            is_reachable = depth >= k
            share[k], left[k] = self.stored(k + 1, hashes[k], is_reachable)
            probability[k] = interpolated(
                probability[k - 1], _shift(left[k - 1], np.float32(1)), share[k], is_reachable
            )
        probability[:, ids == 0] = 1
        return ReadStream(probability, hashes, share, left)

    def probabilities(self, ids: NDArray[np.int32], depth: NDArray[np.integer]) -> NDArray[np.float32]:
        """Probability of every word of a stream under each order, float32 (ORDER, n); arguments as of ``read``."""
        return self.read(ids, depth).probability

    def read_sentences(self, ids: NDArray[np.int32], opens_sentence: NDArray[np.bool_]) -> ReadStream:
        """Look up every n-gram of running text, start symbols put in and taken out again.

        Args:
            ids: int32 array (n,) without start symbols.
            opens_sentence: bool array (n,): True at the first word of a sentence.
        """
        places = np.arange(len(ids)) + np.cumsum(opens_sentence)
        stream = np.zeros(len(ids) + int(opens_sentence.sum()), dtype=np.int32)
        stream[places] = ids
        is_word = np.zeros(len(stream), dtype=bool)
        is_word[places] = True
        indices = np.arange(len(stream))
        depth = indices - np.maximum.accumulate(np.where(is_word, 0, indices)) if len(ids) else indices
        found = self.read(stream, depth)
        probability, hashes, share, left = found.probability, found.hashes, found.share, found.left
        return ReadStream(probability[:, places], hashes[:, places], share[:, places], left[:, places])

    def arrays(self) -> dict[str, NDArray]:
        """The arrays to store, by name; ``from_arrays`` undoes this."""
        named: dict[str, NDArray] = {"unigrams": self.unigrams, "left_1": self.left}
        for order, table in enumerate(self.tables, start=2):
            named[f"keys_{order}"], named[f"share_{order}"] = table.keys, table.share
            if table.left is not None:
                named[f"left_{order}"] = table.left
        return named

    @classmethod
    def from_arrays(cls, vocabulary: Vocabulary, arrays: Mapping[str, NDArray]) -> LanguageModel:
        """Rebuild a model from ``arrays()``.

        Raises:
            ValueError: if there are not as many words as numbers about words.
        """
        if len(vocabulary) != len(arrays["unigrams"]):
            raise ValueError(f"{len(vocabulary):,} words in the vocabulary, numbers for {len(arrays['unigrams']):,}")
        tables = tuple(
            NgramTable(arrays[f"keys_{k}"], arrays[f"share_{k}"], arrays.get(f"left_{k}")) for k in range(2, ORDER + 1)
        )
        return cls(vocabulary, arrays["unigrams"], arrays["left_1"], tables)  # type: ignore[arg-type]


def _shift(values: NDArray, first: np.generic) -> NDArray:
    """The array moved one place to the right."""
    return np.concatenate([np.array([first], dtype=values.dtype), values[:-1]])
