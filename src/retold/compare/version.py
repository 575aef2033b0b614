"""A version of a story, prepared once for all its comparisons."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from retold.compare.quantities import quantities
from retold.compare.quantity import Quantity
from retold.text import Article, analyse
from retold.text.morphology import stem
from retold.text.word_lists import closed_class_words

# Sentences of one document that are aligned; the longest magazine articles have about 700. What follows them is left
# out of the comparison, which keeps a hostile document from costing more than a second.
MAX_SENTENCES = 800
# Tokens of a sentence; a longer "sentence" is a list, a text without capitals or an attack. It is cut into pieces, since
# alignment is quadratic in it.
MAX_SENTENCE_TOKENS = 80
# A quotation inside one paragraph; a longer one is two marks that do not belong together.
_QUOTATION = re.compile(r'"[^"\n]{0,600}"')
_STOPS = frozenset(".;!?")
# Quotation marks as the reader sees them; in the normal form each is one of the straight two.
_MARKS, _STRAIGHT = frozenset("\"'\u2018\u201c\u00ab\u201e\u2039"), frozenset("\"'")
# What a word of grammar and a mark of punctuation count in the overlap of sentences, against 1 for any other word.
_GRAMMAR_WEIGHT, _MARK_WEIGHT = 0.15, 0.02


@dataclass(frozen=True)
class Version:
    """One text with what every comparison needs of it."""

    id: str
    article: Article
    date: str = ""

    @classmethod
    def of(cls, id: str, text: str, date: str = "") -> Version:
        """Analyse a text; never raises for a str. The date is YYYY-MM-DD, or empty if unknown."""
        return cls(id, analyse(text), date)

    @cached_property
    def bounds(self) -> list[tuple[int, int]]:
        """First token and the one after the last of each sentence that is aligned."""
        starts = self.article.sentences.tolist()[: MAX_SENTENCES + 1]
        pieces = [piece for i, k in pairwise(starts) for piece in self._pieces(i, k)]
        return pieces[:MAX_SENTENCES]

    def _pieces(self, first: int, end: int) -> Iterator[tuple[int, int]]:
        """A sentence, or the pieces of one that is too long, cut after a full stop if there is one."""
        while end - first > MAX_SENTENCE_TOKENS:
            window = self.article.tokens[first : first + MAX_SENTENCE_TOKENS]
            stops = [i + 1 for i, token in enumerate(window) if token in _STOPS]
            cut = first + (stops[-1] if stops else MAX_SENTENCE_TOKENS)
            yield first, cut
            first = cut
        yield first, end

    @property
    def end(self) -> int:
        """The token after the last that is aligned."""
        return self.bounds[-1][1] if self.bounds else 0

    @cached_property
    def is_word(self) -> NDArray[np.bool_]:
        """bool (n_tokens,): True for words and numbers, False for punctuation."""
        return np.fromiter((t[0].isalnum() for t in self.article.tokens), bool, len(self.article.tokens))

    @cached_property
    def is_quoted(self) -> NDArray[np.bool_]:
        """bool (n_tokens,): True inside double quotation marks, which every second mark closes."""
        marks = np.array([i for i, c in enumerate(self.article.text) if c == '"'], dtype=np.int64)
        return np.asarray(np.searchsorted(marks, self.article.starts) % 2 == 1)

    @cached_property
    def _in_quotation(self) -> NDArray[np.bool_]:
        """As ``is_quoted``, but a mark that is never closed, as before a paragraph of a long quotation, quotes nothing."""
        starts, found = self.article.starts, np.zeros(len(self.article.tokens), dtype=bool)
        for quotation in _QUOTATION.finditer(self.article.text):
            first, end = np.searchsorted(starts, quotation.span()).tolist()
            found[first:end] = True
        return found

    @cached_property
    def is_prose(self) -> NDArray[np.bool_]:
        """bool (n_tokens,): True for words outside quotation marks that are neither numbers nor names."""
        tokens, lower = self.article.tokens, self.article.lower
        common = {token for token in tokens if token[0].islower()} | closed_class_words()
        is_plain = [t[0].isalpha() and (t[0].islower() or w in common) for t, w in zip(tokens, lower, strict=True)]
        return np.array(is_plain, dtype=bool) & ~self._in_quotation

    @cached_property
    def is_content(self) -> NDArray[np.bool_]:
        """bool (n_tokens,): True for prose that is no word of grammar."""
        skipped = closed_class_words()
        return self.is_prose & np.fromiter((w not in skipped for w in self.article.lower), bool, len(self.is_prose))

    @cached_property
    def quantities(self) -> list[Quantity]:
        """Every quantity, in order."""
        return quantities(self.article.tokens, self.article.lower)

    @cached_property
    def marks(self) -> dict[int, str]:
        """The quotation mark right before each token that has one, as the reader sees it."""
        text, raw, starts = self.article.text, self.article.raw, self.article.starts.tolist()
        places = [i for i, start in enumerate(starts) if start and text[start - 1] in _STRAIGHT]
        before = {i: raw[self.article.raw_span(i, i)[0] - 1] for i in places}
        return {i: mark for i, mark in before.items() if mark in _MARKS}

    @cached_property
    def bags(self) -> list[dict[str, float]]:
        """The stems of each sentence with their weights."""
        lower = self.article.lower
        return [{stem(w): _weight(w) for w in lower[i:k]} for i, k in self.bounds]


def _weight(word: str) -> float:
    if not word[0].isalnum():
        return _MARK_WEIGHT
    return _GRAMMAR_WEIGHT if word in closed_class_words() else 1.0


def overlaps(a: Version, b: Version) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Weight that the sentences of two versions share, float64 (m, n), and the sentences' own, (m,) and (n,)."""
    index: dict[str, int] = {}
    left, right = _matrix(a.bags, index), _matrix(b.bags, index)
    left = np.pad(left, ((0, 0), (0, right.shape[1] - left.shape[1])))
    return left @ (right > 0).T.astype(np.float64), left.sum(1), right.sum(1)


def _matrix(bags: Sequence[dict[str, float]], index: dict[str, int]) -> NDArray[np.float64]:
    cells = [
        (row, index.setdefault(w, len(index)), weight) for row, bag in enumerate(bags) for w, weight in bag.items()
    ]
    out = np.zeros((len(bags), len(index)))
    if cells:
        rows, columns, weights = zip(*cells, strict=True)
        out[list(rows), list(columns)] = weights
    return out
