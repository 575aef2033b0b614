"""Hashed n-gram counts of a batch: what the n-gram classifiers count."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from retold.language_model.batch import Batch
from retold.language_model.ngram_model import extend_hash
from retold.language_model.vocabulary import SPECIAL, UNKNOWN
from retold.text.word_lists import function_words

# 2**18 columns: measured on held-out engines, 2**20 were no better and made the model four times as large.
BUCKET_BITS = 18
BUCKETS = 1 << BUCKET_BITS
# Endings that show the part of speech or the inflection of a masked word, longest first where they overlap.
_ENDINGS = (
    "ing ed ly tion sion ment ity ness ism ist ers er ors or al ive ous ful less able ible ant ent ance ence ic est "
    "ies s y e an"
).split()
NAME = "<Name>"
_UNKNOWN = SPECIAL.index(UNKNOWN)


@lru_cache(maxsize=100_000)
def word_class(word: str) -> str:
    """Return a lower-case word itself if it carries grammar, else its masked class, such as ``-ing``."""
    if word in function_words() or not word[0].isalpha():
        return word
    if "." in word:
        return "<abbr>"
    if "'" in word:
        return "<'>"
    return next((f"-{e}" for e in _ENDINGS if word.endswith(e) and len(word) >= len(e) + 3), "-")


def _class_id(name: str) -> int:
    return zlib.crc32(name.encode())


@dataclass(frozen=True)
class WordClasses:
    """The class of every token of a batch, each array of shape (n_tokens,).

    Attributes:
        ids: int64: the number of the class.
        is_masked: bool: True for content words.
        is_grammar: bool: True for words of the vocabulary that carry grammar, and for punctuation.
    """

    ids: NDArray[np.int64]
    is_masked: NDArray[np.bool_]
    is_grammar: NDArray[np.bool_]


def word_classes(batch: Batch) -> WordClasses:
    """The classes of a batch, computed once."""
    return batch.shared(word_classes, lambda: _word_classes(batch))


def _word_classes(batch: Batch) -> WordClasses:
    known, distinct, place = batch.model.vocabulary.words, batch.distinct.words, batch.distinct.number
    ids = np.zeros(len(distinct), np.int32)
    ids[place] = batch.ids
    words = [word if i == _UNKNOWN else known[i] for i, word in zip(ids.tolist(), distinct, strict=True)]
    classes = [word_class(word) for word in words]
    class_of = np.array([_class_id(name) for name in classes], np.int64)
    is_masked = np.array([name.startswith("-") for name in classes], bool)
    is_grammar = np.array([not name.startswith(("-", "<")) for name in classes], bool)
    return WordClasses(class_of[place], is_masked[place], is_grammar[place] & (batch.ids != _UNKNOWN))


def class_ids(batch: Batch) -> NDArray[np.int64]:
    """int64 array (n_tokens,): the class of every token; capitalised content words within a sentence are names."""
    classes = word_classes(batch)
    is_name = classes.is_masked & batch.is_name
    return np.where(is_name, _class_id(NAME), classes.ids)


def hashed_ngrams(batch: Batch, symbols: NDArray[np.int64], orders: Sequence[int], salt: int) -> csr_matrix:
    """Count hashed n-grams within sentences.

    Args:
        batch: The articles.
        symbols: int64 array (n_tokens,): what to count.
        orders: Lengths of the n-grams.
        salt: Keeps different kinds of symbols apart.

    Returns:
        float32 CSR matrix (n_articles, BUCKETS): log(1 + count), each row scaled to unit Euclidean length.
    """
    rows, columns = [], []
    for order in orders:
        inside = batch.depth >= order
        rows.append(batch.articles_of_tokens[inside])
        columns.append(_buckets(symbols, order, salt)[inside])
    row, column = np.concatenate(rows), np.concatenate(columns)
    shape = (len(batch.articles), BUCKETS)
    counts = csr_matrix((np.ones(len(row), np.float32), (row, column)), shape=shape)
    counts.sum_duplicates()
    return _unit_rows(counts)


def _buckets(symbols: NDArray[np.int64], order: int, salt: int) -> NDArray[np.int32]:
    """Bucket of the n-gram that ends at each token."""
    hashes = np.full(len(symbols), salt + order, dtype=np.uint64)
    for back in range(order - 1, -1, -1):
        shifted = np.concatenate([np.zeros(back, symbols.dtype), symbols])[: len(symbols)]
        hashes = extend_hash(hashes, shifted)
    return (hashes >> np.uint64(64 - BUCKET_BITS)).astype(np.int32)


def _unit_rows(counts: csr_matrix) -> csr_matrix:
    counts.data = np.log1p(counts.data)
    squares = np.concatenate([[0.0], np.cumsum(counts.data.astype(np.float64) ** 2)])
    norms = np.sqrt(np.maximum(squares[counts.indptr[1:]] - squares[counts.indptr[:-1]], 1e-12))
    counts.data /= np.repeat(norms, np.diff(counts.indptr)).astype(np.float32)
    return counts
