"""The hand-written lists: words with several senses in a pivot, and calques.

``lexicon/<pivot>.tsv`` gives a headword's English senses, first the one that an engine tends to produce; each sense may
have been any other. ``lexicon/calques_*.tsv`` gives multi-word renderings and what a newsroom writes.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import permutations

import numpy as np
from numpy.typing import NDArray

from retold.channel.lexical_table import PIVOTS
from retold.text.morphology import Inflector
from retold.text.word_lists import closed_class_words, read_tables

# log2 P(observed | intended) granted to a listed pair: an engine falls for its default_sense sense about once in sixteen times, for
# another sense once in a hundred. The order of magnitude is that of learned pairs whose first sense is listed.
DEFAULT_SENSE_BITS, OTHER_BITS = -4.0, -6.5
# What a listed pivot adds to that, and what an unlisted one takes away: the pair has reasons, but not that pivot's.
_LISTED_BITS, _UNLISTED_BITS = 1.0, -2.0
_VERB_TAGS = ("", "s", "ed", "ing")
_TAGS = {"noun": ("", "s"), "verb": _VERB_TAGS}


def _rows(prefix: str) -> Iterator[tuple[str, list[str]]]:
    """(table, fields) of every entry of the words' or of the calques' tables, in file order."""
    for name, rows in read_tables("lexicon"):
        if name.startswith("calques") == (prefix == "calques"):
            for row in rows:
                yield name, row


def curated_pairs(inflector: Inflector) -> tuple[list[tuple[str, str, float, int]], NDArray[np.float64]]:
    """Every inflected ``(observed, intended, bits, row)`` of the lists, and the pivots' bits (n_rows, n_pivots)."""
    lemmas = _listed_lemmas()
    pairs = []
    matrix = np.full((len(lemmas), len(PIVOTS)), _UNLISTED_BITS)
    for row, ((observed, intended, pos), (bits, pivots)) in enumerate(sorted(lemmas.items())):
        matrix[row, [PIVOTS.index(p) for p in sorted(pivots)]] = _LISTED_BITS
        pairs += [(s, m, bits, row) for s, m in _inflected(observed, intended, pos, inflector)]
    return pairs, matrix


def _listed_lemmas() -> dict[tuple[str, str, str], tuple[float, set[str]]]:
    """Bits and pivots of every ``(observed, intended, part of speech)`` of the lists."""
    lemmas: dict[tuple[str, str, str], tuple[float, set[str]]] = {}
    for pivot, (_, pos, senses, *_) in _rows("words"):
        default_sense = senses.split("|")[0]
        for observed, intended in permutations(_options(senses), 2):
            bits, pivots = lemmas.get((observed, intended, pos), (OTHER_BITS, set()))
            bits = DEFAULT_SENSE_BITS if observed == default_sense else bits
            lemmas[observed, intended, pos] = bits, pivots | {pivot}
    return lemmas


def _options(senses: str) -> list[str]:
    """The senses of an entry that are single words of substance."""
    return [s for s in senses.split("|") if s.isalpha() and s.islower() and s not in closed_class_words()]


def default_senses(inflector: Inflector) -> frozenset[tuple[str, str]]:
    """Every inflected ``(observed, intended)`` whose first word a linguist listed as what engines tend to produce."""
    return frozenset(pair for lemmas in _default_lemmas() for pair in _inflected(*lemmas, inflector))


def _default_lemmas() -> set[tuple[str, str, str]]:
    """``(observed, intended, part of speech)`` of every entry whose first sense is a word, with each other sense."""
    lemmas = set()
    for _, (_, pos, senses, *_) in _rows("words"):
        options = _options(senses)
        default_sense = senses.split("|")[0]
        if default_sense in options:
            lemmas |= {(default_sense, other, pos) for other in options if other != default_sense}
    return lemmas


class DefaultSenses:
    """Whether a pair is one of ``default_senses``: answered pair by pair, since a text needs few of eight thousand.

    Args:
        inflector: Forms the words.
    """

    def __init__(self, inflector: Inflector) -> None:
        self._inflector, self._lemmas = inflector, _default_lemmas()
        # Word -> lemma, part of speech and form that it may be.
        self._readings: dict[str, set[tuple[str, str, str]]] = {}
        for lemma, pos in {(lemma, pos) for *pair, pos in self._lemmas for lemma in pair}:
            for tag in _TAGS.get(pos, ("",)):
                for word in inflector.forms(lemma, tag):
                    self._readings.setdefault(word, set()).add((lemma, pos, tag))

    def has(self, observed: str, intended: str) -> bool:
        """True if the pair is one of ``default_senses``."""
        return any(
            (a, b, pos) in self._lemmas and self._inflector.fold(a) != self._inflector.fold(b)
            for a, pos, tag in self._readings.get(observed, ())
            for b, *same in self._readings.get(intended, ())
            if same == [pos, tag]
        )


def _inflected(observed: str, intended: str, pos: str, inflector: Inflector) -> Iterator[tuple[str, str]]:
    if inflector.fold(observed) == inflector.fold(intended):
        return
    for tag in _TAGS.get(pos, ("",)):
        for a in inflector.forms(observed, tag):
            for b in inflector.forms(intended, tag):
                yield a, b


def calques(inflector: Inflector) -> list[tuple[str, str, str]]:
    """Inflected ``(observed, intended, pivots)`` of the multi-word lists, lower case, one entry a form observed."""
    found: dict[str, tuple[str, str]] = {}
    for _, (pivots, observed, intended, *_) in _rows("calques"):
        for a, b in _phrase_forms(observed.lower().split(), intended.split(), inflector):
            found.setdefault(a, (b, pivots.replace(",", " ")))
    return [(observed, *rest) for observed, rest in sorted(found.items())]


def _phrase_forms(observed: list[str], intended: list[str], inflector: Inflector) -> Iterator[tuple[str, str]]:
    """The phrase as listed, with its first words conjugated alike, and with its last words in the plural."""
    yield " ".join(observed), " ".join(intended)
    for at, tags in ((0, ("s", "ed", "ing")), (-1, ("s",))):
        if inflector.analyse(observed[at])[1] or inflector.analyse(intended[at])[1]:
            continue
        if {observed[at], intended[at].lower()} & closed_class_words():
            continue
        for tag in tags:
            for a in inflector.forms(observed[at], tag):
                for b in inflector.forms(intended[at], tag):
                    yield _with(observed, at, a), _with(intended, at, b)


def _with(words: list[str], at: int, word: str) -> str:
    return " ".join([*words[:at], word, *(words[at:][1:])])
