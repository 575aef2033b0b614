"""Articles that are analysed together: every table is looked up once for all of them."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import count
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from retold.language_model.ngram_model import LanguageModel, ReadStream
from retold.text import Article

T = TypeVar("T")


@dataclass(frozen=True)
class DistinctWords:
    """The different words of a run.

    Attributes:
        words: Each once, in order of its first place.
        number: int64 (n,): the position in ``words`` of each word of the run.
    """

    words: list[str]
    number: NDArray[np.int64]


def distinct_words(run: Sequence[str]) -> DistinctWords:
    """Number the different words of a run."""
    place = dict(zip(dict.fromkeys(run), count()))
    return DistinctWords(list(place), np.fromiter(map(place.__getitem__, run), dtype=np.int64, count=len(run)))


@dataclass(frozen=True)
class Batch:
    """Articles analysed together, so that every table is looked up once for all of them."""

    articles: Sequence[Article]
    model: LanguageModel
    _shared: dict[Hashable, Any] = field(default_factory=dict, repr=False)

    def shared(self, key: Hashable, compute: Callable[[], T]) -> T:
        """Return what ``compute`` returned at the first call with this key.

        The one place where results are kept: features and evidence of a signal need the same analysis of a batch, and what is
        kept goes with the batch. The key is the signal itself where the analysis depends on it, else its class or a function.
        """
        if key not in self._shared:
            self._shared[key] = compute()
        result: T = self._shared[key]
        return result

    def article_of(self, tokens: NDArray[np.int64] | int) -> NDArray[np.int64]:
        """int64 array of the shape of ``tokens``: the article to which each token of the batch-long arrays belongs."""
        return self.articles_of_tokens[tokens]

    @cached_property
    def offsets(self) -> NDArray[np.int64]:
        """int64 array (n_articles + 1,): the first token of each article in the batch-long arrays."""
        return np.concatenate([[0], np.cumsum([len(a.tokens) for a in self.articles])]).astype(np.int64)

    @cached_property
    def articles_of_tokens(self) -> NDArray[np.int64]:
        """int64 array (n_tokens,): the article to which each token belongs."""
        return np.repeat(np.arange(len(self.articles)), np.diff(self.offsets))

    @cached_property
    def distinct(self) -> DistinctWords:
        """The different lower-case tokens, so that what depends on the word alone is found once for each."""
        return distinct_words([token for article in self.articles for token in article.lower])

    @cached_property
    def ids(self) -> NDArray[np.int32]:
        """int32 array (n_tokens,): vocabulary ids of all tokens, articles one after another."""
        return self.model.vocabulary.ids(self.distinct.words)[self.distinct.number]

    @cached_property
    def capitalised(self) -> NDArray[np.bool_]:
        """bool array (n_tokens,): True where a token begins with a capital."""
        cased = distinct_words([token for article in self.articles for token in article.tokens])
        return np.array([token[0].isupper() for token in cased.words], dtype=bool)[cased.number]

    @cached_property
    def opens_sentence(self) -> NDArray[np.bool_]:
        """bool array (n_tokens,): True at the first token of a sentence."""
        first = np.zeros(len(self.ids), dtype=bool)
        for article, offset in zip(self.articles, self.offsets, strict=False):
            first[offset + article.sentences[:-1]] = True
        return first

    @property
    def is_name(self) -> NDArray[np.bool_]:
        """bool array (n_tokens,): True where a capital does not come from opening a sentence."""
        return self.capitalised & ~self.opens_sentence

    @cached_property
    def depth(self) -> NDArray[np.int32]:
        """int32 array (n_tokens,): words before each token in its sentence, counting the start symbol."""
        places = np.arange(len(self.ids))
        start = np.maximum.accumulate(np.where(self.opens_sentence, places, 0)) if len(places) else places
        return (places - start + 1).astype(np.int32)

    @cached_property
    def ngrams(self) -> ReadStream:
        """What the model knows of the n-grams that end at each token, each array (4, n_tokens)."""
        return self.model.read_sentences(self.ids, self.opens_sentence)

    @cached_property
    def bits(self) -> NDArray[np.float32]:
        """float32 array (4, n_tokens): surprisal of each token in bits, under the 1-gram to the 4-gram model."""
        return -np.log2(self.ngrams.probability)

    def per_article(self, values: NDArray) -> NDArray[np.float64]:
        """Sum a batch-long array (n_tokens,) or (k, n_tokens) over each article: (n_articles,) or (k, n_articles)."""
        # Adding up each article by itself keeps its sums the same in every batch.
        filled = np.flatnonzero(np.diff(self.offsets))
        sums = np.zeros((*values.shape[:-1], len(self.articles)))
        if len(filled):
            sums[..., filled] = np.add.reduceat(values.astype(np.float64, copy=False), self.offsets[filled], axis=-1)
        return sums

    @cached_property
    def lengths(self) -> NDArray[np.float64]:
        """float64 array (n_articles,): tokens of each article, at least 1, to divide by."""
        return np.maximum(np.diff(self.offsets), 1).astype(np.float64)


def measure_each(batch: Batch, measure: Callable[[Article], Sequence[float]], n_columns: int) -> NDArray[np.float64]:
    """float64 array (n_articles, n_columns): ``measure`` of each article by itself."""
    rows = [measure(article) for article in batch.articles]
    return np.array(rows, dtype=np.float64).reshape(len(rows), n_columns)
