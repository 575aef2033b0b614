"""Crude lemmas: one key for all inflections of a word, and a word put in the form of another.

The key is a stem, not a word: "pour", "poured" and "pouring" share one, as do "make", "made" and "making". It serves
matching, where only sameness counts, so a rare collision ("hop", "hope") costs less than a slow analysis.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache

from retold.text.word_lists import read_table

_VOWEL = re.compile("[aeiouy]")
_UNCHANGED_ENDINGS = ("ss", "us", "is", "eed", "'s")
_IRREGULAR_EXTRA = {
    "dying": "die",
    "lying": "lie",
    "tying": "tie",
    "used": "use",
    "using": "use",
    "owed": "owe",
    "owing": "owe",
    "aged": "age",
    "eyed": "eye",
    "am": "be",
    "is": "be",
    "are": "be",
    "was": "be",
    "were": "be",
    "been": "be",
    "has": "have",
    "does": "do",
}
_OTHER_WORDS = frozenset({"for", "her", "not"})  # what "fore", "here" and "note" would become
# Words whose stems are remembered: ample for the distinct words of any batch.
_CACHED_WORDS = 1 << 17


@cache
def irregular_lemmas() -> dict[str, str]:
    """Irregular form -> lemma, from the table of irregular verbs and nouns."""
    table = dict(_IRREGULAR_EXTRA)
    for lemma, *forms in read_table("irregular.tsv"):
        table |= {form: lemma for form in forms if form and form != lemma and form not in table}
    return table


@lru_cache(maxsize=_CACHED_WORDS)
def stem(word: str) -> str:
    """The key that the inflections of a lower-case word share."""
    word = irregular_lemmas().get(word, word)
    base = _without_ending(word)
    if len(base) > 3 and base[-1] == "e" and base[-2] != "e" and base[:-1] not in _OTHER_WORDS:
        base = base[:-1]
    if len(base) > 3 and base[-1] == base[-2] and base[-1] not in "aeiou":
        base = base[:-1]
    return base


def _without_ending(word: str) -> str:
    """The word without -s, -ed or -ing."""
    if len(word) < 4 or word.endswith(_UNCHANGED_ENDINGS):
        return word
    if word.endswith(("ies", "ied")):
        return word[:-1] if len(word) == 4 else word[:-3] + "y"
    for ending in ("ing", "ed"):
        rest = word.removesuffix(ending)
        if rest != word and len(rest) >= 2 and _VOWEL.search(rest):
            return rest
    return word.removesuffix("s")


def form_of(word: str) -> str:
    """The form a word seems to stand in: "ing", "ed", "en", "s" or ""."""
    for lemma, past, participle, plural in _irregular_rows_by_form().get(word, ()):
        if word != lemma:
            return "s" if word == plural else "ed" if word == past else "en" if word == participle else ""
    for ending in ("ing", "ed", "s"):
        if _without_ending(word) != word and word.endswith(ending):
            return ending
    return ""


def inflect(lemma: str, form: str) -> str:
    """A lemma in a form ("ing", "ed", "en", "s" or ""), by the irregular table or by rule."""
    for _, past, participle, plural in _irregular_rows_by_lemma().get(lemma, ()):
        listed = {"ed": past, "en": participle, "s": plural}.get(form)
        if listed:
            return listed
    return _by_rule(lemma, "ed" if form == "en" else form)


def _by_rule(lemma: str, ending: str) -> str:
    if not ending:
        return lemma
    if lemma.endswith("y") and lemma[-2:-1] not in "aeiou" and ending != "ing":
        return lemma[:-1] + ("ies" if ending == "s" else "ied")
    if ending == "s":
        return lemma + ("es" if lemma.endswith(("s", "x", "z", "ch", "sh", "o")) else "s")
    if lemma.endswith("e") and not lemma.endswith("ee"):
        return lemma[:-1] + ending
    short = re.fullmatch(r"[^aeiou]*[aeiou][^aeiouwxy]", lemma)
    return lemma + (lemma[-1] if short else "") + ending


@cache
def _irregular_rows_by_lemma() -> dict[str, list[list[str]]]:
    table: dict[str, list[list[str]]] = {}
    for row in read_table("irregular.tsv"):
        table.setdefault(row[0], []).append(row)
    return table


@cache
def _irregular_rows_by_form() -> dict[str, list[list[str]]]:
    table: dict[str, list[list[str]]] = {}
    for row in read_table("irregular.tsv"):
        for form in {form for form in row if form}:
            table.setdefault(form, []).append(row)
    return table
