"""From pairs of texts to what became of every word: kept, replaced by another, or new."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from retold.alignment.sentences import align_sentences
from retold.alignment.words import REACH, Pieces, anchor, link
from retold.text import Article
from retold.text.morphology import Inflector
from retold.text.word_lists import closed_class_words


@dataclass(frozen=True)
class Outcomes:
    """What became of the content words of originals; arrays of one length, one entry a word.

    Attributes:
        words: The word list that ids refer to, sorted.
        intended: int32: id of the original's word, -1 for a word that came from nothing found.
        observed: int32: id of the word in the back-translation, -1 for one that was lost.
        pair: int32: index of the pair of texts.
        place: int32: token index in the original (in the back-translation if ``intended`` is -1).
    """

    words: list[str]
    intended: NDArray[np.int32]
    observed: NDArray[np.int32]
    pair: NDArray[np.int32]
    place: NDArray[np.int32]


def is_content(token: str) -> bool:
    """True for a lower-case alphabetic word of three letters or more that is no word of grammar."""
    return len(token) > 2 and token.isalpha() and token not in closed_class_words()


def sentence_pairs(intended: Article, observed: Article) -> list[tuple[int, int, int, int]]:
    """Aligned token ranges ``(first, last + 1)`` of both articles."""
    index: dict[str, int] = {}
    a, b = _bags(intended, index), _bags(observed, index)
    width = len(index)
    left, right = (np.zeros((len(bags), width), dtype=np.float32) for bags in (a, b))
    for matrix, bags in ((left, a), (right, b)):
        for row, bag in enumerate(bags):
            matrix[row, bag] = 1
    ranges = align_sentences((left @ right.T).astype(float), left.sum(1).astype(float), right.sum(1).astype(float))
    s, t = intended.sentences.tolist(), observed.sentences.tolist()
    return [(s[i], s[k], t[j], t[m]) for i, k, j, m in ranges]


def _bags(article: Article, index: dict[str, int]) -> list[list[int]]:
    """The words of each sentence as columns of a table that grows by the way."""
    s = article.sentences.tolist()
    return [[index.setdefault(w, len(index)) for w in article.lower[i:k]] for i, k in pairwise(s)]


def changes(
    intended: Article, observed: Article, inflector: Inflector
) -> tuple[NDArray[np.int8], dict[int, list[str]]]:
    """What a judge with the original at hand says of a back-translation, without any statistics.

    Returns:
        int8 (n_tokens,): 1 for a token that its place in the original does not hold in any form, 0 for one that it does,
        -1 where no sentence was aligned; and for each changed token the words that the original has there instead.
    """
    verdict = np.full(len(observed.tokens), -1, dtype=np.int8)
    instead: dict[int, list[str]] = {}
    for i, k, j, m in sentence_pairs(intended, observed):
        a, b = intended.lower[i:k], observed.lower[j:m]
        matched, expected = anchor(a, b)
        free = sorted(set(range(len(a))) - set(matched.tolist()))
        verdict[j:m] = matched < 0
        for y in np.flatnonzero(matched < 0).tolist():
            near = [a[x] for x in free if abs(float(expected[x]) - y) <= REACH]
            if any(inflector.fold(word) == inflector.fold(b[y]) for word in near):
                verdict[j + y] = 0
            else:
                instead[j + y] = near
    return verdict, instead


class _Collector:
    """Gathers matched and unmatched words of many pairs as flat lists."""

    def __init__(self) -> None:
        self.kept: list[tuple[int, int, str]] = []
        self.intended: list[tuple[int, int, int, float, str]] = []
        self.observed: list[tuple[int, int, int, float, str]] = []
        self.n_sentences = 0

    def add(self, pair: int, intended: Article, observed: Article) -> None:
        for i, k, j, m in sentence_pairs(intended, observed):
            self._sentence(pair, intended.lower[i:k], observed.lower[j:m], i, j)
            self.n_sentences += 1

    def _sentence(self, pair: int, a: Sequence[str], b: Sequence[str], i: int, j: int) -> None:
        matched, expected = anchor(a, b)
        number = self.n_sentences
        origin = matched.tolist()
        for y, x in enumerate(origin):
            if is_content(b[y]):
                if x >= 0:
                    self.kept.append((pair, i + x, b[y]))
                else:
                    self.observed.append((pair, number, j + y, j + y, b[y]))
        for x in sorted(set(range(len(a))) - set(origin)):
            if is_content(a[x]):
                self.intended.append((pair, number, i + x, j + float(expected[x]), a[x]))


def outcomes(pairs: Iterable[tuple[Article, Article]], inflector: Inflector) -> Outcomes:
    """Align pairs of (original, back-translation) and say what became of each content word."""
    found = _Collector()
    for number, (intended, observed) in enumerate(pairs):
        found.add(number, intended, observed)
    words = sorted({row[-1] for rows in (found.kept, found.intended, found.observed) for row in rows})
    index = {word: i for i, word in enumerate(words)}
    lemmas, roots = _lexical_ids(words, inflector)
    sides = [_Side.of(rows, index) for rows in (found.intended, found.observed)]
    linked = link(sides[0].pieces(lemmas), sides[1].pieces(lemmas), roots)
    return _assemble(words, [(p, x, index[w]) for p, x, w in found.kept], sides[0], sides[1], linked)


def _lexical_ids(words: list[str], inflector: Inflector) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Lemma id of each word, and root id (first four letters) of each lemma."""
    folds = [inflector.fold(word) for word in words]
    names, lemma = np.unique(folds, return_inverse=True)
    _, roots = np.unique([str(name)[:4] for name in names], return_inverse=True)
    return lemma.astype(np.int32), roots.astype(np.int32)


@dataclass(frozen=True)
class _Side:
    pair: NDArray[np.int32]
    number: NDArray[np.int32]
    place: NDArray[np.int32]
    at: NDArray[np.float32]
    word: NDArray[np.int32]

    @classmethod
    def of(cls, rows: list[tuple[int, int, int, float, str]], index: dict[str, int]) -> _Side:
        pair, number, place = (np.array([row[k] for row in rows], dtype=np.int32) for k in range(3))
        at = np.array([row[3] for row in rows], dtype=np.float32)
        return cls(pair, number, place, at, np.array([index[row[4]] for row in rows], dtype=np.int32))

    def pieces(self, lemmas: NDArray[np.int32]) -> Pieces:
        return Pieces(self.number, self.place, self.at, lemmas[self.word])


def _assemble(
    words: list[str], kept: list[tuple[int, int, int]], intended: _Side, observed: _Side, linked: NDArray[np.int32]
) -> Outcomes:
    """Kept words, linked words, words from nothing, lost words: one after another."""
    same = np.array(kept, dtype=np.int32).reshape(-1, 3)
    from_word = linked >= 0
    lost = np.setdiff1d(np.arange(len(intended.pair)), linked[from_word])
    none = np.full
    return Outcomes(
        words,
        np.concatenate(
            [same[:, 2], intended.word[linked[from_word]], none((~from_word).sum(), -1), intended.word[lost]]
        ).astype(np.int32),
        np.concatenate([same[:, 2], observed.word[from_word], observed.word[~from_word], none(len(lost), -1)]).astype(
            np.int32
        ),
        np.concatenate([same[:, 0], observed.pair[from_word], observed.pair[~from_word], intended.pair[lost]]),
        np.concatenate(
            [same[:, 1], intended.place[linked[from_word]], observed.place[~from_word], intended.place[lost]]
        ),
    )
