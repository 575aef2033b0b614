"""Spellings of both sides of the Atlantic, brought to one key."""

from __future__ import annotations

import re

# British spelling -> American, in the order in which they are applied.
_SPELLINGS = (
    ("our", "or"),
    ("is(e[drs]?|ing|ations?)$", r"iz\1"),
    ("ys(e[drs]?|ing)$", r"yz\1"),
    ("ll(?=ed|ing|er|ors?$)", "l"),
    ("tre(s?)$", r"ter\1"),
    ("ence(s?)$", r"ense\1"),
    ("ogue(s?)$", r"og\1"),
    ("amme(s?)$", r"am\1"),
    ("wards$", "ward"),
    ("ae|oe", "e"),
    ("grey", "gray"),
    ("sceptic", "skeptic"),
    ("^(en|ful|instal)l", r"\1"),
    ("whilst", "while"),
    ("amongst", "among"),
    ("plough", "plow"),
    ("cheque", "check"),
    ("^tyre", "tire"),
    ("mould", "mold"),
    ("ageing", "aging"),
    ("judgement", "judgment"),
    ("learnt", "learned"),
    ("burnt", "burned"),
    ("spelt", "spelled"),
)
_SPELLING_RULES = tuple((re.compile(pattern), by) for pattern, by in _SPELLINGS)


def spelling_key(word: str) -> str:
    """A key that spellings of both sides of the Atlantic share; not itself a word."""
    for pattern, by in _SPELLING_RULES:
        word = pattern.sub(by, word)
    return word
