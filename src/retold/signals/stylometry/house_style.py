"""House style: the habits of a desk, and what is left when two desks had their hands on one text.

Hypothesis: every newsroom keeps one style book (spelling, courtesy titles, attribution, numbers, dates), so an article
that keeps two was retold, and a re-issue for the web carries leftovers of its page. Forensic stylistics reads such
choices as marks of an author (McMenamin 2002, "Forensic Linguistics: Advances in Forensic Stylistics"); copying between
newsrooms was studied as text reuse by Clough, Gaizauskas, Piao and Wilks (2002, "METER: MEasuring TExt Reuse").

Words alone are read, never quotation marks, dashes or line breaks.
"""

from __future__ import annotations

import re
from functools import cache
from itertools import pairwise
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from retold.language_model.batch import Batch, measure_each
from retold.signals.base import FeatureDescription, HandcraftedSignal
from retold.signals.stylometry.naming import naming_habits
from retold.text import Article
from retold.text.lemma import inflect
from retold.text.word_lists import read_table

_ISE_ENDINGS = ("e", "es", "ed", "ing", "ation", "ations", "er", "ers", "able")
_ATTRIBUTION = ("said", "says", "told", "added", "stated")
_OTHER_VERBS = frozenset("noted claimed explained insisted argued warned admitted declared announced commented".split())
_NUMBER_WORDS = frozenset(
    "one two three four five six seven eight nine ten eleven twelve twenty thirty forty fifty".split()
)
_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?"
    r"|nov(?:ember)?|dec(?:ember)?)"
)
_MONTH_FIRST = re.compile(rf"\b{_MONTH}\.? [0-3]?\d\b")
_DAY_FIRST = re.compile(rf"\b[0-3]?\d(?:st|nd|rd|th)? (?:of )?{_MONTH}\b")
_WEEKDAY = re.compile(r"\b(on )?(?:mon|tues|wednes|thurs|fri|satur|sun)day\b")
_RELATIVE_DAY = re.compile(r"\b(?:today|yesterday|tomorrow|tonight|last night)\b")
_LEFTOVER = re.compile(
    r"\b(?:read more|sign up (?:for|to) (?:our|the)|advertisement|follow us|story continues|continue reading"
    r"|click here|subscribe (?:to|now)|share this|most read|related (?:articles?|stories|topics|content)|see also"
    r"|scroll down|skip to|watch (?:the video|more|live)|image (?:source|caption)|(?:image|photo) credit|photo by"
    r"|getty images|file photo|all rights reserved|terms of (?:use|service)|privacy policy|cookies? policy"
    r"|newsletters?|our (?:app|website|channel)|leave a comment|join the conversation|have your say|more on this"
    r"|this (?:article|story) (?:was|has been|originally|first)|originally (?:published|appeared)"
    r"|last updated|breaking news|editor's note|read also|also read|don't miss|load more|what you need to know"
    r"|(?:reporting|writing|editing|edited|compiled|translated) by|additional reporting|with inputs from"
    r"|stay (?:tuned|up to date)|(?:on|via) (?:facebook|whatsapp|instagram) (?:and|or) twitter)\b"
)
_NUMBER_SIGN = "%"


_SPELLING, _TITLES_ASPECT, _NAMING = "British or American spelling", "courtesy titles", "how people are introduced"
_SPEECH, _FIGURES, _DAYS = "how speech is attributed", "how numbers are written", "how days and dates are written"
# Feature: aspect and quantity, in the order of the columns.
_WORDS = {
    "house_british": (_SPELLING, "British spellings"),
    "house_american": (_SPELLING, "American spellings"),
    "house_side": (_SPELLING, "British rather than American spelling"),
    "house_mixed": (_SPELLING, "mixed spellings"),
    "house_titles": (_TITLES_ASPECT, "titles before names"),
    "house_title_share": (_TITLES_ASPECT, ""),
    "house_bare_introductions": (_NAMING, "people introduced by surname alone"),
    "house_said": (_SPEECH, "attribution with said"),
    "house_says": (_SPEECH, "attribution with says"),
    "house_told": (_SPEECH, "attribution with told"),
    "house_added": (_SPEECH, ""),
    "house_stated": (_SPEECH, ""),
    "house_other_verbs": (_SPEECH, "attribution with rarer verbs"),
    "house_according_to": (_SPEECH, "attribution with according to"),
    "house_verb_first": (_SPEECH, ""),
    "house_percent_sign": (_FIGURES, ""),
    "house_percent_word": (_FIGURES, ""),
    "house_per_cent": (_FIGURES, ""),
    "house_small_digits": (_FIGURES, "small numbers in digits"),
    "house_number_words": (_FIGURES, "numbers in words"),
    "house_month_first": (_DAYS, ""),
    "house_day_first": (_DAYS, ""),
    "house_weekday": (_DAYS, "weekdays named"),
    "house_weekday_without_on": (_DAYS, ""),
    "house_relative_day": (_DAYS, "days told from today"),
    "house_leftovers": ("leftovers of a web page", ""),
}


class HouseStyle(HandcraftedSignal):
    """Habits of a desk and breaks in them; see the module."""

    name = "house_style"
    group = "style"
    title = "house style"
    descriptions: ClassVar = {name: FeatureDescription(*words) for name, words in _WORDS.items()}

    def extract(self, batch: Batch) -> NDArray[np.float64]:
        """float64 array (n_articles, 26), in the order of ``feature_names``.

        Rates per 1,000 words, but for ``house_side`` from -1 (American) to 1 and three shares from 0 to 1: ``house_mixed``,
        ``house_title_share`` and ``house_verb_first``.
        """
        return measure_each(batch, _row, len(self.feature_names))


def _row(article: Article) -> list[float]:
    per_thousand = 1000 / max(article.n_words, 1)
    text = article.text.lower()
    british, american = spelling_counts(article.lower)
    titles, title_share, bare_introductions, verb_first = naming_habits(article)
    rates = [*_attribution(article.lower), *_numbers(article.lower)]
    return [
        british * per_thousand,
        american * per_thousand,
        (british - american) / (british + american + 1),
        2 * min(british, american) / (british + american + 1),
        titles * per_thousand,
        title_share,
        bare_introductions * per_thousand,
        *(rate * per_thousand for rate in rates[:7]),
        verb_first,
        *(rate * per_thousand for rate in rates[7:]),
        *(rate * per_thousand for rate in _dates(text)),
        len(_LEFTOVER.findall(text)) * per_thousand,
    ]


def spelling_counts(lower: list[str]) -> tuple[int, int]:
    """Words in a British spelling and words in an American one."""
    sides = [side for word in lower if (side := _sides().get(word))]
    return sides.count("british"), sides.count("american")


@cache
def _sides() -> dict[str, str]:
    """Word -> "british" or "american", all inflections of the pairs of ``spellings.tsv``."""
    table: dict[str, str] = {}
    for british, american, counts in read_table("spellings.tsv"):
        table |= dict.fromkeys(_inflections(british), "british")
        if counts == "both":
            table |= {form: "american" for form in _inflections(american) if form not in table}
    return table


def _inflections(word: str) -> list[str]:
    if word.endswith(("ise", "ize")) and len(word) > 5:
        return [word[:-1] + ending for ending in _ISE_ENDINGS]
    if word.endswith(("ed", "ing", "al", "able", "ous", "ic")):
        return [word]
    return [word, *(inflect(word, form) for form in ("s", "ed", "ing"))]


def _attribution(lower: list[str]) -> list[float]:
    """Counts of the verbs of attribution, of others, and of *according to*."""
    other = sum(word in _OTHER_VERBS for word in lower)
    according = sum(a == "according" and b == "to" for a, b in pairwise(lower))
    return [*(float(lower.count(verb)) for verb in _ATTRIBUTION), float(other), float(according)]


def _numbers(lower: list[str]) -> list[float]:
    """Counts of %, percent and per cent, of numbers to nine in digits, and of numbers in words."""
    per_cent = sum(a == "per" and b == "cent" for a, b in pairwise(lower))
    small = sum(len(word) == 1 and word.isdecimal() for word in lower)
    words = sum(word in _NUMBER_WORDS for word in lower)
    return [float(n) for n in (lower.count(_NUMBER_SIGN), lower.count("percent"), per_cent, small, words)]


def _dates(text: str) -> list[float]:
    """Counts of *March 4*, *4 March*, weekdays, weekdays without *on*, and days told from today."""
    weekdays = _WEEKDAY.findall(text)
    month_first, day_first, relative = (len(p.findall(text)) for p in (_MONTH_FIRST, _DAY_FIRST, _RELATIVE_DAY))
    return [float(n) for n in (month_first, day_first, len(weekdays), weekdays.count(""), relative)]
