"""Word pieces: frequent words whole, others in the longest parts that are known (Schuster and Nakajima 2012)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Final

from retold.errors import ModelError

# What every vocabulary begins with: an unknown word, and the begin and end of a passage.
MARKERS: Final = ("[UNK]", "[CLS]", "[SEP]")
UNKNOWN, BEGIN, END = range(len(MARKERS))
# Before a piece that goes on a word.
_ON: Final = "##"
# Characters of a word beyond which it is unknown; the search for parts grows with their square.
_LONGEST_WORD: Final = 100
# A run of letters and digits, or a single other character.
_WORD = re.compile(r"[^\W_]+|[^\s]")
# Different words whose pieces are remembered: more than a language's frequent ones, less than 10 MB.
_REMEMBERED: Final = 50_000


class Pieces:
    """Words to numbers of pieces.

    Args:
        names: The pieces in the order of their numbers, ``MARKERS`` first; ``##`` before those that go on a word.

    Raises:
        ModelError: if the markers are not there.
    """

    def __init__(self, names: Sequence[str]) -> None:
        if tuple(names[: len(MARKERS)]) != MARKERS:
            raise ModelError("the reader's word pieces do not begin with their markers; get the model anew")
        self.names = tuple(names)
        self._number = {name: number for number, name in enumerate(names)}
        self._of_token = lru_cache(maxsize=_REMEMBERED)(self._cut)

    def encode(self, tokens: Iterable[str]) -> list[int]:
        """Numbers of the pieces of tokens, case and accents aside."""
        return [number for token in tokens for number in self._of_token(token)]

    def _cut(self, token: str) -> tuple[int, ...]:
        plain = unicodedata.normalize("NFD", token.lower())
        plain = "".join(c for c in plain if unicodedata.category(c) != "Mn")
        return tuple(number for word in _WORD.findall(plain) for number in self._parts(word))

    def _parts(self, word: str) -> list[int]:
        found: list[int] = []
        start = 0
        while start < len(word) <= _LONGEST_WORD:
            lead = _ON if start else ""
            ends = (end for end in range(len(word), start, -1) if lead + word[start:end] in self._number)
            end = next(ends, None)
            if end is None:
                return [UNKNOWN]
            found.append(self._number[lead + word[start:end]])
            start = end
        return found or [UNKNOWN]
