"""Which documents tell the same story: near-duplicate search over weighted words.

Every document becomes a vector of word stems and of pairs of neighbouring content words, weighted by how rare they are
in news at large, not in the collection at hand: whether two documents belong together must not depend on a third.
Sparse products find the candidates; a pair is one story if enough of the smaller document's weight is shared.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, triu
from sklearn.feature_extraction.text import HashingVectorizer
from sklearn.preprocessing import normalize

from retold.compare.weights import StoryWeights
from retold.text import Article
from retold.text.morphology import stem
from retold.text.word_lists import closed_class_words

# Hash buckets, a power of two: several times the distinct stems and pairs of them that a large collection has.
_BUCKETS = 1 << 22
# Tokens of a document that are looked at; the longest magazine articles stay below.
MAX_TOKENS = 30_000
# Rows multiplied at a time, so that the dense worst case of a block stays near 100 MB.
_BLOCK = 512
# A stem that more than this share of the collection holds proposes no candidates unless it is rare in news at large, as
# the names of a story with many versions are. It still counts in the score.
_COMMON_SHARE, _COMMON_FLOOR, _RARE = 0.05, 200, 3.0
# Candidates of one document among those after it. A larger story holds together all the same: its versions are linked through
# one another.
_MAX_CANDIDATES = 64


def story_words(article: Article) -> list[str]:
    """Stems of an article's words, without words of grammar and punctuation."""
    skipped = closed_class_words()
    return [stem(w) for w in article.lower[:MAX_TOKENS] if w[0].isalnum() and w not in skipped]


def vectors(articles: Sequence[Article], weights: StoryWeights) -> tuple[csr_matrix, csr_matrix]:
    """Two csr matrices (n_articles, buckets), rows of length 1 or 0: of stems and of neighbouring stems."""
    words = [story_words(article) for article in articles]
    pairs = [[f"{a} {b}" for a, b in pairwise(row)] for row in words]
    return _weighted(words, weights), _weighted(pairs, weights)


def _weighted(rows: Sequence[Sequence[str]], weights: StoryWeights) -> csr_matrix:
    counts = _hashing().transform(rows)
    counts.data = (1 + np.log(counts.data)) * _rarity(counts.indices, weights)
    return normalize(counts)


def _hashing() -> HashingVectorizer:
    return HashingVectorizer(analyzer=_identity, n_features=_BUCKETS, norm=None, alternate_sign=False)


def _identity(words: Sequence[str]) -> Sequence[str]:
    return words


def _rarity(buckets: NDArray[np.int32], weights: StoryWeights) -> NDArray[np.float64]:
    """float64 (n,): rarity of the stems in each bucket."""
    known, values = _listed_rarity(weights)
    place = np.minimum(np.searchsorted(known, buckets), len(known) - 1)
    return np.where(known[place] == buckets, values[place], weights.unlisted_rarity)


@lru_cache(maxsize=4)
def _listed_rarity(weights: StoryWeights) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """The buckets of the listed stems, int64 (n_listed,), sorted, and the rarity of each; takes 0.1 s, once for each model."""
    listed = _hashing().transform([[stem] for stem in weights.rarity]).indices
    table = dict(zip(listed.tolist(), weights.rarity.values(), strict=True))
    known = np.array(sorted(table))
    return known, np.array([table[bucket] for bucket in known.tolist()])


def similar_pairs(articles: Sequence[Article], weights: StoryWeights) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Pairs of documents that may tell one story.

    Returns:
        int64 (n_pairs, 2) with the smaller index first, sorted, and float64 (n_pairs,): log-odds that they do.
    """
    stems, neighbours = vectors(articles, weights)
    candidates = list(_candidates(_proposing(stems, weights), weights.candidate_floor))
    pairs = np.vstack(candidates) if candidates else np.zeros((0, 2), dtype=np.int64)
    return pairs, log_odds_of_one_story(stems, neighbours, pairs, weights)


def log_odds_of_one_story(
    stems: csr_matrix, neighbours: csr_matrix, pairs: NDArray[np.int64], weights: StoryWeights
) -> NDArray[np.float64]:
    """float64 (n_pairs,): log-odds that the documents of each pair, (n_pairs, 2), tell one story."""
    return np.asarray(pair_similarities(stems, neighbours, pairs) @ weights.coef[:-1] + weights.coef[-1])


def _candidates(rare: csr_matrix, floor: float) -> Iterator[NDArray[np.int64]]:
    """Pairs with a cosine of at least ``floor``, block by block: of each document the nearest that come after it."""
    for first in range(0, rare.shape[0], _BLOCK):
        block = triu(rare[first : first + _BLOCK] @ rare[first:].T, k=1).tocoo()
        near = block.data >= floor
        rows, columns = block.row[near], block.col[near]
        order = np.lexsort((columns, -np.round(block.data[near], 6), rows))
        rows, columns = rows[order], columns[order]
        rank = np.arange(len(rows)) - np.searchsorted(rows, rows)
        pairs = np.column_stack([rows, columns])[rank < _MAX_CANDIDATES] + first
        yield pairs[np.lexsort((pairs[:, 1], pairs[:, 0]))].astype(np.int64)


def _proposing(stems: csr_matrix, weights: StoryWeights) -> csr_matrix:
    """The vectors without stems that are common both in this collection and in news at large."""
    used, column = np.unique(stems.indices, return_inverse=True)
    frequent = np.bincount(column, minlength=len(used)) > max(_COMMON_FLOOR, _COMMON_SHARE * stems.shape[0])
    frequent &= _rarity(used, weights) < _RARE
    values = np.where(frequent[column], 0.0, stems.data)
    rare = csr_matrix((values, column, stems.indptr.copy()), (stems.shape[0], len(used)))
    rare.eliminate_zeros()
    return rare


def pair_similarities(stems: csr_matrix, neighbours: csr_matrix, pairs: NDArray[np.int64]) -> NDArray[np.float64]:
    """float64 (n_pairs, 5): cosine, containment of the smaller and of the larger, the same of neighbouring stems."""
    out = np.zeros((len(pairs), 5))
    for first in range(0, len(pairs), _BLOCK * 8):
        part = pairs[first : first + _BLOCK * 8]
        for matrix, columns in ((stems, (0, 1, 2)), (neighbours, (3, 4))):
            a, b = matrix[part[:, 0]], matrix[part[:, 1]]
            cosine = _sums(a.multiply(b))
            shared = np.column_stack([_sums(a.multiply(b > 0)) / _floored(a), _sums(b.multiply(a > 0)) / _floored(b)])
            values = [cosine, shared.max(1), shared.min(1)] if len(columns) == 3 else [cosine, shared.max(1)]
            out[first : first + len(part), columns[0] : columns[-1] + 1] = np.column_stack(values)
    return out


def _sums(matrix: csr_matrix) -> NDArray[np.float64]:
    return np.asarray(matrix.sum(axis=1)).ravel()


def _floored(matrix: csr_matrix) -> NDArray[np.float64]:
    return np.maximum(_sums(matrix), 1e-9)
