"""Estimate vectors of words from running news: what they stand beside, reduced to a few numbers.

Counts of content words within four content words, positive pointwise mutual information with smoothed contexts, and a truncated
singular value decomposition (Levy, Goldberg and Dagan 2015, "Improving distributional similarity with lessons learned from word
embeddings").
"""

from __future__ import annotations

import re
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_matrix, csr_matrix
from sklearn.utils.extmath import randomized_svd

from retold.detector.context_fit import VECTOR_LENGTH
from retold.language_model import LanguageModel
from retold.text.word_lists import function_words

# Words that get a vector, the commonest; the rarest of them stands some thirty times in the running news.
_MOST_WORDS = 30_000
_DIMENSIONS, _WINDOW, _SEED = 64, 4, 20
# Power of context counts, as the paper has it.
_SMOOTHING = 0.75
# Words whose pairs are counted at a time: some 200 MB.
_CHUNK = 2_000_000
_WORD = re.compile(r"[a-z]+(?:'[a-z]+)?")


def estimate_vectors(articles: Iterable[str], model: LanguageModel) -> NDArray[np.int8]:
    """int8 (V, 64): a vector of length ``VECTOR_LENGTH`` for each common content word of the vocabulary, zeros for the others.

    Args:
        articles: Running news.
        model: Says which words are common.
    """
    ids = _common(model)
    vectors = np.zeros((len(model.vocabulary), _DIMENSIONS), np.int8)
    counts = _counted(articles, {model.vocabulary.words[i]: k for k, i in enumerate(ids.tolist())})
    if min(counts.shape) <= _DIMENSIONS or not counts.nnz:
        return vectors
    left, values, _ = randomized_svd(_information(counts), _DIMENSIONS, n_iter=3, random_state=_SEED)
    found = left * np.sqrt(values)
    found /= np.maximum(np.linalg.norm(found, axis=1, keepdims=True), np.finfo(np.float32).tiny)
    vectors[ids] = np.round(found * VECTOR_LENGTH)
    return vectors


def _common(model: LanguageModel) -> NDArray[np.intp]:
    small, words = function_words(), model.vocabulary.words
    order = np.argsort(-model.unigrams[: len(words)], kind="stable").tolist()
    content = [i for i in order if words[i].isalpha() and len(words[i]) > 2 and words[i] not in small]
    return np.array(content[:_MOST_WORDS], dtype=np.intp)


def _counted(articles: Iterable[str], index: dict[str, int]) -> csr_matrix:
    """How often two words stand within the window, float32 CSR (len(index), len(index)), symmetric."""
    total = csr_matrix((len(index), len(index)), dtype=np.float32)
    small, run = function_words(), [-1]
    for article in articles:
        run += [index.get(word, -1) for word in _WORD.findall(article.lower()) if word not in small]
        # No window reaches into the next article.
        run += [-1] * _WINDOW
        if len(run) > _CHUNK:
            total, run = total + _pairs(run, len(index)), [-1]
    total = total + _pairs(run, len(index))
    return csr_matrix(total + total.T)


def _pairs(run: list[int], size: int) -> csr_matrix:
    words, total = np.array(run, dtype=np.int32), csr_matrix((size, size), dtype=np.float32)
    for distance in range(1, _WINDOW + 1):
        one, other = words[:-distance], words[distance:]
        kept = (one >= 0) & (other >= 0) & (one != other)
        ones = np.ones(int(kept.sum()), np.float32)
        total = total + coo_matrix((ones, (one[kept], other[kept])), shape=(size, size)).tocsr()
    return total


def _information(counts: csr_matrix) -> csr_matrix:
    """Positive pointwise mutual information of words and contexts, float32 CSR (n, n)."""
    pairs = counts.tocoo()
    of_word = np.asarray(counts.sum(axis=1)).ravel()
    of_context = of_word**_SMOOTHING / (of_word**_SMOOTHING).sum()
    information = np.log(pairs.data / (of_word[pairs.row] * of_context[pairs.col]))
    kept = information > 0
    places = (pairs.row[kept], pairs.col[kept])
    return csr_matrix((information[kept].astype(np.float32), places), shape=counts.shape)
