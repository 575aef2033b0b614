"""Names of a text: what may be one, and which two are forms of one."""

from __future__ import annotations

import unicodedata
from difflib import SequenceMatcher
from typing import Final

from retold.compare.house_style import is_same_name
from retold.text.word_lists import closed_class_words

# Names as similar as this are spellings of one name; transliterations of Slavic and Arabic names reach it.
_ONE_NAME = 0.75
_CALENDAR: Final = frozenset(
    "monday tuesday wednesday thursday friday saturday sunday january february march april may june july august "
    "september october november december jan feb mar apr jun jul aug sep sept oct nov dec".split()
)
# Letters that transliterations choose freely between.
_ALIKE: Final = str.maketrans("wyjckqzx", "viikkkss")


def may_be_name(token: str) -> bool:
    """True for a word with a capital that is no word of grammar, as headlines and "I'll" capitalise them."""
    is_grammar = token.lower().partition("'")[0] in closed_class_words()
    return token[0].isupper() and len(token) > 2 and token[-1].isalpha() and not is_grammar


def is_calendar(word: str) -> bool:
    """True for a lower-case weekday or month, which are written with a capital but name no one."""
    return word in _CALENDAR


def is_one_name(x: str, y: str) -> bool:
    """True for two lower-case forms of one name: a shared stem, a similar spelling, another script, a listed pair."""
    p, q = _folded(x), _folded(y)
    if p.startswith(q[:4]) or q.startswith(p[:4]) or is_same_name(x, y) or p.isascii() != q.isascii():
        return True
    return abs(len(p) - len(q)) < 4 and SequenceMatcher(None, p, q).ratio() >= _ONE_NAME


def _folded(name: str) -> str:
    """A name without accents, in letters that transliterations do not tell apart: "Wladimir" is "Vladimir"."""
    plain = "".join(c for c in unicodedata.normalize("NFKD", name) if not unicodedata.combining(c))
    return plain.translate(_ALIKE)
