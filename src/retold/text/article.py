"""One analysed article: canonical text, tokens and sentences, computed once and shared by every signal."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from itertools import repeat

import numpy as np
from numpy.typing import NDArray

from retold.text.normalization import NormalizedText, normalize
from retold.text.tokenization import NOT_WORDS, sentence_starts, tokenise


@dataclass(frozen=True, eq=False)
class Article:
    """An article as every signal sees it.

    Attributes:
        raw: The text as the reader gave it; evidence offsets index this.
        canonical: Its canonical form and the map back.
        tokens: Words, numbers and punctuation, in the article's own case.
        starts: int32 array (n_tokens,): offsets of the tokens in the canonical text.
        ends: int32 array (n_tokens,): their ends, exclusive.
        sentences: int32 array (n_sentences + 1,): index of each sentence's first token; the last entry is n_tokens.
    """

    raw: str
    canonical: NormalizedText
    tokens: list[str]
    starts: NDArray[np.int32]
    ends: NDArray[np.int32]
    sentences: NDArray[np.int32]

    @property
    def text(self) -> str:
        """The canonical text."""
        return self.canonical.text

    @cached_property
    def lower(self) -> list[str]:
        """The tokens in lower case."""
        return list(map(str.lower, self.tokens))

    @cached_property
    def counts(self) -> Counter[str]:
        """How often each lower-case token occurs; 0 for any other."""
        return Counter(self.lower)

    def count(self, words: Iterable[str]) -> int:
        """How often the article has any of these lower-case tokens."""
        # A ``Counter`` answers what it does not hold by a function of Python's own, at five times the time of ``get``.
        return sum(map(self.counts.get, words, repeat(0)))

    @cached_property
    def words(self) -> list[str]:
        """The lower-case tokens that begin with a letter."""
        return [token for token in self.lower if token[0].isalpha()]

    @cached_property
    def n_words(self) -> int:
        """Tokens that begin with a letter or digit."""
        return len(self.tokens) - self.count(NOT_WORDS)

    def raw_span(self, first: int, last: int) -> tuple[int, int]:
        """Offsets in ``raw`` of the tokens ``first`` to ``last``, both included."""
        return self.canonical.span(int(self.starts[first]), int(self.ends[last]))


def analyse(raw: str) -> Article:
    """Analyse one text. Deterministic; never raises for a str, an empty one gives an article without tokens."""
    canonical = normalize(raw)
    tokens, starts, ends = tokenise(canonical.text)
    firsts = np.searchsorted(starts, np.asarray(sentence_starts(canonical.text), dtype=np.int32))
    sentences = np.unique(np.append(firsts, len(tokens))).astype(np.int32)
    return Article(raw, canonical, tokens, starts, ends, sentences)
