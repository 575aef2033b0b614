"""English inflection by rule: enough to fold forms together and to suggest a word in the form of another.

A lemma is only accepted if the vocabulary holds it and it is frequent beside its form, so that "links" folds to "link"
while "news" and "united" stay whole. Irregular verbs and nouns are listed; the list is closed-class knowledge of any
school grammar.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache

from retold.text.word_lists import read_table

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
_SIBILANT = ("s", "x", "z", "ch", "sh")
_VOWELS = "aeiou"


@cache
def irregular() -> dict[str, tuple[str, str]]:
    """Irregular form -> (lemma, tag); tags are "s" (plural), "ed" (past) and "en" (participle)."""
    table: dict[str, tuple[str, str]] = {}
    for lemma, past, participle, plural in read_table("irregular.tsv"):
        for form, tag in ((participle, "en"), (past, "ed"), (plural, "s")):
            if form:
                table[form] = (lemma, tag if form != lemma else "")
    return table


@cache
def _irregular_forms() -> dict[tuple[str, str], str]:
    out: dict[tuple[str, str], str] = {}
    for lemma, past, participle, plural in read_table("irregular.tsv"):
        out |= {(lemma, tag): form for tag, form in (("ed", past), ("en", participle), ("s", plural)) if form}
    return out


def spelling_key(word: str) -> str:
    """A key that spellings of both sides of the Atlantic share; not itself a word."""
    for pattern, by in _SPELLING_RULES:
        word = pattern.sub(by, word)
    return word


class Inflector:
    """Analyses and forms words against a vocabulary.

    Args:
        index: Word -> rank by frequency, 0 the most frequent; ``Vocabulary.index`` serves.
    """

    def __init__(self, index: Mapping[str, int]) -> None:
        self._index = index
        self._known: dict[str, tuple[str, str]] = {}
        self._folds: dict[str, str] = {}

    def analyse(self, word: str) -> tuple[str, str]:
        """(lemma, tag) of a lower-case word; the tag is "", "s", "ed", "en" or "ing"."""
        found = self._known.get(word)
        if found is None:
            found = self._known[word] = irregular().get(word) or self._regular(word)
        return found

    def fold(self, word: str) -> str:
        """Spelling key of the lemma: two words with one fold are no evidence of translation."""
        found = self._folds.get(word)
        if found is None:
            found = self._folds[word] = spelling_key(self.analyse(word)[0])
        return found

    def forms(self, lemma: str, tag: str) -> list[str]:
        """The forms of a lemma under a tag that the vocabulary holds, most frequent first; "ed" covers participles."""
        if tag == "":
            return [lemma]
        listed = _irregular_forms()
        tags = ("ed", "en") if tag in ("ed", "en") else (tag,)
        special = [listed[lemma, t] for t in tags if (lemma, t) in listed]
        if special:
            return sorted(set(special), key=lambda form: self._index.get(form, len(self._index)))
        return [form for form in _regular_forms(lemma, tag) if form in self._index][:1]

    def _regular(self, word: str) -> tuple[str, str]:
        rank = self._index.get(word, 1 << 30)
        options = [
            (self._index[lemma], lemma, tag)
            for lemma, tag in _stripped(word)
            # A lemma five times as deep in the list as its form is an accident: "unite" beside "united".
            if lemma in self._index and self._index[lemma] < 5 * rank + 5000
        ]
        return min(options)[1:] if options else (word, "")


def _stripped(word: str) -> list[tuple[str, str]]:
    """Possible (lemma, tag) of a regular form."""
    if len(word) < 4:
        return []
    if word.endswith("s"):
        return _without_s(word)
    for tag in ("ed", "ing"):
        stem = word[: -len(tag)]
        if word.endswith(tag) and len(stem) >= 2 and any(c in _VOWELS + "y" for c in stem):
            options = [stem, stem + "e"] if not stem.endswith("i") else [stem[:-1] + "y"]
            if len(stem) > 3 and stem[-1] == stem[-2] and stem[-1] not in _VOWELS:
                options.append(stem[:-1])
            return [(option, tag) for option in options if len(option) > 2]
    return []


def _without_s(word: str) -> list[tuple[str, str]]:
    if word.endswith(("ss", "us", "is")):
        return []
    if word.endswith("ies"):
        return [(word[:-3] + "y", "s")]
    options = [(word[:-1], "s")]
    if word.endswith("es") and word[:-2].endswith((*_SIBILANT, "o")):
        options.append((word[:-2], "s"))
    return options


def _regular_forms(lemma: str, tag: str) -> list[str]:
    """Spellings to try for a regular form, likeliest first."""
    consonant_y = lemma.endswith("y") and lemma[-2:-1] not in _VOWELS
    if tag == "s":
        if consonant_y:
            return [lemma[:-1] + "ies"]
        return [lemma + "es", lemma + "s"] if lemma.endswith((*_SIBILANT, "o")) else [lemma + "s"]
    ending = "ed" if tag in ("ed", "en") else "ing"
    if lemma.endswith("e") and not lemma.endswith("ee"):
        return [lemma + "d" if ending == "ed" else lemma[:-1] + "ing"]
    if consonant_y and ending == "ed":
        return [lemma[:-1] + "ied"]
    doubled = lemma + lemma[-1] + ending
    short = len(lemma) > 2 and lemma[-1] not in _VOWELS + "wxy" and lemma[-2] in _VOWELS and lemma[-3] not in _VOWELS
    return [doubled, lemma + ending] if short else [lemma + ending]
