"""Words, numbers, punctuation and sentences of a canonical text.

Hyphens always separate and quotation marks are never tokens, so that neither the choice of dash nor of quotation mark,
which canonical form cannot always undo, can reach a feature.
"""

from __future__ import annotations

import re

import numpy as np
from numpy.typing import NDArray

# Abbreviations such as "U.S." and "a.m." are one token; "'s" stands alone so that "Ukraine's" counts as "Ukraine".
TOKEN = re.compile(
    r"[^\W\d_]\.(?:[^\W\d_]\.)++"
    r"|[^\W\d_]++(?:'(?!s\b)[^\W\d_]++)*+"
    r"|[.,;:!?()\[\]$%&/+=#@*\u20ac\u00a3-]"
    r"|\d++(?:[.,:]\d++)*+"
    r"|(?<=\w)'s\b"
)
# The tokens that do not begin with a letter or digit.
NOT_WORDS = (*".,;:!?()[]$%&/+=#@*\u20ac\u00a3-", "'s")
_PIECES = re.compile(f"({TOKEN.pattern})")
# The same in the letters and digits that an ASCII text can hold, which is twice as fast.
_ASCII_PIECES = re.compile(_PIECES.pattern.replace(r"[^\W\d_]", "[A-Za-z]").replace(r"\d", "[0-9]"), re.ASCII)
_SENTENCE_END = re.compile(r"""[.!?]["')\]]*\s+(?=["'(\[]*[A-Z0-9\u00c0-\u00de])""")
# Titles and months after which newsrooms write a full stop that does not end the sentence.
_ABBREVIATIONS = frozenset(
    "mr mrs ms dr prof sen rep gov gen col lt sgt capt cpl maj adm st no vs jr sr rev hon pres fig inc co corp ltd "
    "jan feb mar apr jun jul aug sep sept oct nov dec mt ft etc approx dept".split()
)
_LAST_WORD = re.compile(r"(?<![^\W\d_])([^\W\d_]++)\.$")


def tokenise(text: str) -> tuple[list[str], NDArray[np.int32], NDArray[np.int32]]:
    """Return the tokens of a canonical text with int32 arrays of their start and end offsets, each of shape (n,)."""
    # What stands between tokens and the tokens, in turns: half the time of a match for each.
    pieces = (_ASCII_PIECES if text.isascii() else _PIECES).split(text)
    edges = np.cumsum(np.fromiter(map(len, pieces), dtype=np.int32, count=len(pieces)), dtype=np.int32)
    return pieces[1::2], edges[:-1:2], edges[1::2]


def words_of(text: str) -> list[str]:
    """The tokens of a canonical text alone, which for a few words is far faster."""
    return TOKEN.findall(text)


def sentence_starts(text: str) -> list[int]:
    """Return the offsets in a canonical text at which sentences start, the first of them 0; [] for an empty text."""
    if not text:
        return []
    return [0, *(m.end() for m in _SENTENCE_END.finditer(text) if not _is_abbreviated(text, m.start() + 1))]


def _is_abbreviated(text: str, end: int) -> bool:
    """True if the full stop just before ``end`` belongs to a title, a month or an initial."""
    word = _LAST_WORD.search(text, max(0, end - 12), end)
    return word is not None and (len(word[1]) == 1 or word[1].lower() in _ABBREVIATIONS)
