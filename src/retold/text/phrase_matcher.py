"""Many phrases found at once: each is indexed under neighbouring words, so that a text costs one look-up a word.

A phrase is written as words with ``~word`` for any inflection of a word, ``_`` for a slot of one to three words,
``one's`` for a possessor and ``*`` for exactly one word, whichever it is.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from retold.text.morphology import stem
from retold.text.tokenization import words_of

SLOT, OWNER, ANY = "_", "one's", "*"
OPEN = frozenset({SLOT, OWNER, ANY})
_MAX_SLOT = 3  # words that a slot or a possessor may span
_POSSESSIVES = frozenset("my your his her its our their whose".split())
Spans = tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Match:
    """A phrase found: its number in the index and, for each element, its first word and the one after its last."""

    phrase: int
    spans: Spans

    @property
    def start(self) -> int:
        """Index of the first word."""
        return self.spans[0][0]

    @property
    def end(self) -> int:
        """Index after the last word."""
        return self.spans[-1][1]


def parse(phrase: str) -> list[str]:
    """Split a phrase into its elements; hyphens go, as they do from the words that are searched."""
    elements: list[str] = []
    for part in phrase.lower().replace("-", " ").split():
        elements += [part] if part in OPEN or part[0] == "~" else words_of(part)
    return elements


def element_matches(element: str, word: str) -> bool:
    """True if a word, ``~word`` or ``*`` stands for a lower-case word."""
    if element == ANY:
        return word[0].isalpha()
    return stem(word) == stem(element[1:]) if element[0] == "~" else element == word


class PhraseIndex:
    """Finds phrases in running words.

    Args:
        phrases: Element lists as ``parse`` gives them, each with at least one word that is not open.
        common: Words that are poor anchors because every text holds them.
    """

    def __init__(self, phrases: Sequence[Sequence[str]], common: frozenset[str] = frozenset()) -> None:
        self._phrases = [tuple(phrase) for phrase in phrases]
        self._codes: dict[str, int] = {}
        self._at: dict[int, list[tuple[int, int]]] = {}
        elements = {element for phrase in self._phrases for element in phrase}
        weights = {element: _weight(element, common) for element in elements}
        for number, phrase in enumerate(self._phrases):
            place, width = _anchor([weights[element] for element in phrase])
            codes = [self._code(element.removeprefix("~")) for element in phrase[place : place + width]]
            key = sum(code << shift for code, shift in zip(codes, _SHIFTS, strict=False))
            self._at.setdefault(key, []).append((number, place))
        self._keys = np.array(sorted(self._at), dtype=np.int64)
        # What is compared of the phrases whose anchors were found, by number: few of fourteen thousand.
        self._fixed: dict[int, list[tuple[bool, str | None]] | None] = {}

    def _code(self, word: str) -> int:
        return self._codes.setdefault(stem(word), len(self._codes) + 1)

    def find(self, words: Sequence[str]) -> Iterator[Match]:
        """Yield every match in lower-case words, in order of the width of its anchor and then of its place."""
        return iter(self.find_each([words])[0])

    def find_each(self, runs: Sequence[Sequence[str]]) -> list[list[Match]]:
        """As ``find``, for several runs of words, whose words are looked up together."""
        found: list[list[Match]] = [[] for _ in runs]
        # A gap after each run keeps anchors inside it.
        offsets = np.cumsum([0, *(len(words) + len(_SHIFTS) - 1 for words in runs)])
        codes = self._codes_of(runs, offsets)
        if not len(self._keys) or not codes.any():
            return found
        keys = np.zeros(len(codes) - len(_SHIFTS) + 1, dtype=np.int64)
        for width, shift in enumerate(_SHIFTS):
            last = codes[width : width + len(keys)]
            keys = keys + (last << shift)
            places = np.flatnonzero((last > 0) & self._is_anchor(keys))
            run_of = np.searchsorted(offsets, places, side="right") - 1
            inside = (places - offsets[run_of]).tolist()
            for run, at, key in zip(run_of.tolist(), inside, keys[places].tolist(), strict=True):
                found[run] += self._matches(key, runs[run], at)
        return found

    def _codes_of(self, runs: Sequence[Sequence[str]], offsets: NDArray[np.int64]) -> NDArray[np.int64]:
        """The code of each word of the runs, from their offsets on; 0 for words of no phrase, and in the gaps."""
        different = dict.fromkeys(chain.from_iterable(runs))
        code_of = {word: self._codes.get(stem(word), 0) for word in different}
        codes = np.zeros(int(offsets[-1]), dtype=np.int64)
        for words, offset in zip(runs, offsets.tolist(), strict=False):
            codes[offset : offset + len(words)] = list(map(code_of.__getitem__, words))
        return codes

    def _matches(self, key: int, words: Sequence[str], at: int) -> Iterator[Match]:
        """Phrases whose anchor stands at a word."""
        for number, place in self._at[key]:
            phrase, fixed = self._phrases[number], self._fixed_of(number)
            spans = _match(phrase, place, words, at) if fixed is None else _match_fixed(fixed, at - place, words)
            if spans:
                yield Match(number, spans)

    def _fixed_of(self, number: int) -> list[tuple[bool, str | None]] | None:
        """Most phrases have no slot, and are compared word by word: inflections as stems, None for any word."""
        if number not in self._fixed:
            phrase = self._phrases[number]
            self._fixed[number] = None if {SLOT, OWNER} & {*phrase} else [_compared(e) for e in phrase]
        return self._fixed[number]

    def _is_anchor(self, keys: NDArray[np.int64]) -> NDArray[np.bool_]:
        place = np.minimum(np.searchsorted(self._keys, keys), len(self._keys) - 1)
        found: NDArray[np.bool_] = self._keys[place] == keys
        return found


_RARE = 20  # outweighs the length of any three common words
# Where the codes of up to three neighbours stand in a key; each has 20 bits, ample for all words of the phrases.
_SHIFTS = (40, 20, 0)


def _weight(element: str, common: frozenset[str]) -> int:
    """How good an anchor an element is; 0 for one that is open."""
    return 0 if element in OPEN else len(element) + _RARE * (element.removeprefix("~") not in common)


def _anchor(weights: Sequence[int]) -> tuple[int, int]:
    """Place and width, at most three, of the neighbouring words to index a phrase under: rare words, and many."""
    best = 0, 0, 0
    for place in range(len(weights)):
        total = 0
        for width, weight in enumerate(weights[place : place + len(_SHIFTS)], start=1):
            if not weight:
                break
            total += weight
            best = max(best, (total, width, -place))
    _, width, place = best
    return -place, width


def _compared(element: str) -> tuple[bool, str | None]:
    """Whether an element is compared by its stem, and with what; None for any word."""
    if element[0] == "~":
        return True, stem(element[1:])
    return False, None if element == ANY else element


def _match_fixed(phrase: Sequence[tuple[bool, str | None]], first: int, words: Sequence[str]) -> Spans | None:
    """Match a phrase of elements of one word each at the words from ``first`` on."""
    if first < 0 or first + len(phrase) > len(words):
        return None
    for at, (is_stem, wanted) in enumerate(phrase, start=first):
        if wanted is None:
            if not words[at][0].isalpha():
                return None
        elif wanted != (stem(words[at]) if is_stem else words[at]):
            return None
    return tuple((at, at + 1) for at in range(first, first + len(phrase)))


def _match(phrase: Sequence[str], place: int, words: Sequence[str], at: int) -> Spans | None:
    """Match a whole phrase around its anchor, the element ``place`` standing at the word ``at``."""
    right = _forward(phrase, place, words, at)
    if right is None:
        return None
    left = _backward(phrase, place - 1, words, at)
    return None if left is None else (*left, *right)


def _forward(phrase: Sequence[str], e: int, words: Sequence[str], at: int) -> Spans | None:
    """Match the elements from ``e`` on at the words from ``at`` on."""
    if e == len(phrase):
        return ()
    for width in _widths(phrase[e]):
        if at + width <= len(words) and _fits(phrase[e], words[at : at + width]):
            rest = _forward(phrase, e + 1, words, at + width)
            if rest is not None:
                return ((at, at + width), *rest)
    return None


def _backward(phrase: Sequence[str], e: int, words: Sequence[str], end: int) -> Spans | None:
    """Match the elements up to ``e`` at the words before ``end``."""
    if e < 0:
        return ()
    for width in _widths(phrase[e]):
        if end - width >= 0 and _fits(phrase[e], words[end - width : end]):
            rest = _backward(phrase, e - 1, words, end - width)
            if rest is not None:
                return (*rest, (end - width, end))
    return None


def _widths(element: str) -> range:
    return range(1, _MAX_SLOT + 2) if element == OWNER else range(1, _MAX_SLOT + 1) if element == SLOT else range(1, 2)


def _fits(element: str, words: Sequence[str]) -> bool:
    if element == SLOT:
        return all(word[0].isalnum() or word == "'s" for word in words)
    if element == OWNER:
        own = words[0] in _POSSESSIVES if len(words) == 1 else words[-1] == "'s"
        return own and all(word[0].isalnum() for word in words[:-1])
    return element_matches(element, words[0])
