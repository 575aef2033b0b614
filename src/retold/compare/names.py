"""Names of a text: what may be one, and which two are forms of one."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import SequenceMatcher
from functools import cache
from typing import Final

from retold.compare.house_style import is_same_name
from retold.text.normalization import without_accents
from retold.text.word_lists import closed_class_words, read_words

# Letters that must be alike for two names to be spellings of one; transliterations of Slavic and Arabic names reach it.
_ONE_NAME = 0.75
# Endings by which the forms of one name differ: of peoples and places, of families, of genitives.
_ENDINGS: Final = frozenset(
    [
        "",
        *"a e i o s y an ian ians ean ese ish i is ic er ers ens ov ova eva ev na ia ya ne ns y n en es ist ists ism".split(),
    ]
)
# Letters that two forms of a name share at least, and that an abbreviation has; the likeness of short names, where one letter
# weighs more, and of names that went through another alphabet; letters of the longest acronym.
_MIN_STEM, _MIN_ABBREVIATION, _SHORT_NAME, _TRANSLITERATED, _MAX_ACRONYM = 4, 3, 0.8, 0.45, 6
_CALENDAR: Final = frozenset(
    "monday tuesday wednesday thursday friday saturday sunday january february march april may june july august "
    "september october november december jan feb mar apr jun jul aug sep sept oct nov dec".split()
)
# Letters that transliterations choose freely between.
_ALIKE: Final = str.maketrans("wyjckqzx", "viikkkss")
# The same for the first letter, which no transliteration changes into one of another sound.
_SOUND: Final = str.maketrans("vpfwdkqcjzxieouyh", "bbbbtggggssaaaaaa")


def may_be_name(token: str) -> bool:
    """True for a word with a capital that is no word of grammar, as headlines and "I'll" capitalise them."""
    is_grammar = token.lower().partition("'")[0] in closed_class_words()
    return token[0].isupper() and len(token) > 2 and token[-1].isalpha() and not is_grammar


def is_calendar(word: str) -> bool:
    """True for a lower-case weekday or month, which are written with a capital but name no one."""
    return word in _CALENDAR


def is_generic(word: str) -> bool:
    """True for a lower-case word that stands in names and names nothing by itself: "Ministry", "National"."""
    return word.removesuffix("'s") in _generic_words()


def is_one_name(x: str, y: str, is_translated: bool = False) -> bool:
    """True for two lower-case forms of one name: another ending, a similar spelling, another script, a listed pair.

    Through a translation names are spelt more freely.
    """
    p, q = _folded(x), _folded(y)
    if is_same_name(x, y) or p.isascii() != q.isascii() or p == q:
        return True
    shared = next((i for i, (c, d) in enumerate(zip(p, q, strict=False)) if c != d), min(len(p), len(q)))
    if shared >= _MIN_STEM and p[shared:] in _ENDINGS and q[shared:] in _ENDINGS:
        return True
    if shared == min(len(p), len(q)) >= _MIN_ABBREVIATION:
        return True
    if p[0].translate(_SOUND) != q[0].translate(_SOUND) or abs(len(p) - len(q)) >= 4:
        return False
    if _skeleton(p) == _skeleton(q):
        return True
    limit = _TRANSLITERATED if is_translated else _ONE_NAME if len(p) > 4 else _SHORT_NAME
    return SequenceMatcher(None, p, q).ratio() >= limit


def is_short_form(name: str, words: Sequence[str]) -> bool:
    """True for an acronym beside a name of several words: "NHS" and "National Health Service"."""
    return name.isupper() and len(name) <= _MAX_ACRONYM and len(words) > 1


def _skeleton(name: str) -> str:
    """The consonants of a folded name, each sound once: of "shire" and "scheer" the same."""
    sounds = [c for c in name.translate(_SOUND) if c != "a"]
    return "".join(c for c, before in zip(sounds, ["", *sounds], strict=False) if c != before)


@cache
def _generic_words() -> frozenset[str]:
    return read_words("name_words.txt")


def _folded(name: str) -> str:
    """A name without accents, in letters that transliterations do not tell apart: "Wladimir" is "Vladimir"."""
    return without_accents(name).translate(_ALIKE)
