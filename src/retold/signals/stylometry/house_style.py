"""House style: conventions of a newsroom's style guide, and mixtures of two of them in one text.

Hypothesis: every newsroom keeps one style guide (spelling, courtesy titles, attribution, numbers, dates), so an article
that follows two was retold, and a re-issue for the web carries leftovers of its page. Forensic stylistics reads such
choices as marks of an author (McMenamin 2002, "Forensic Linguistics: Advances in Forensic Stylistics"); copying between
newsrooms was studied as text reuse by Clough, Gaizauskas, Piao and Wilks (2002, "METER: MEasuring TExt Reuse").

Only words count, never quotation marks, dashes or line breaks.
"""

from __future__ import annotations

from itertools import pairwise
from typing import ClassVar, NamedTuple

import numpy as np
from numpy.typing import NDArray

from retold.language_model.batch import Batch, measure_each
from retold.signals.atlantic import spelling_counts
from retold.signals.base import FeatureDescription, HandcraftedSignal
from retold.signals.stylometry.house_patterns import count_dates, count_leftovers
from retold.text import Article

_ATTRIBUTION = ("said", "says", "told", "added", "stated")
_OTHER_VERBS = frozenset("noted claimed explained insisted argued warned admitted declared announced commented".split())
_NUMBER_WORDS = frozenset(
    "one two three four five six seven eight nine ten eleven twelve twenty thirty forty fifty".split()
)
_PERCENT_SIGN = "%"
_TITLES = frozenset("mr mrs ms miss mx dr prof sir dame lord lady".split())
_SAYING = frozenset("said says told added stated noted claimed explained insisted argued warned admitted".split())
# "told" needs an object, so that a name after it is the listener.
_SAYING_BEFORE_NAME = _SAYING - {"told"}
# Capitalised words that are no names.
_NOT_NAMES = frozenset(
    "he she it they we i you the a an this that these those but and officials police who which there what "
    "monday tuesday wednesday thursday friday saturday sunday".split()
)
# What people are told that a feature measures.
_SPELLING, _TITLED, _NAMING = "British or American spelling", "courtesy titles", "how people are introduced"
_SPEECH, _FIGURES, _DAYS = "how speech is attributed", "how numbers are written", "how days and dates are written"
# Feature: aspect and quantity, in the order of the columns.
_WORDS = {
    "house_british": (_SPELLING, "British spellings"),
    "house_american": (_SPELLING, "American spellings"),
    "house_side": (_SPELLING, "British rather than American spelling"),
    "house_mixed": (_SPELLING, "mixed spellings"),
    "house_titles": (_TITLED, "titles before names"),
    "house_title_share": (_TITLED, ""),
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
    """Conventions of a style guide and breaks in them; see the module."""

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
    naming = naming_habits(article)
    attribution = [count * per_thousand for count in _attribution(article)]
    return [
        british * per_thousand,
        american * per_thousand,
        (british - american) / (british + american + 1),
        2 * min(british, american) / (british + american + 1),
        naming.titles * per_thousand,
        naming.title_share,
        naming.bare_introductions * per_thousand,
        *attribution,
        naming.verb_first_share,
        *(count * per_thousand for count in (*_numbers(article), *count_dates(text, article.counts))),
        count_leftovers(text) * per_thousand,
    ]


def _attribution(article: Article) -> list[float]:
    """Counts of the verbs of attribution, of others, and of *according to*."""
    counts, other = article.counts, article.count(_OTHER_VERBS)
    according = _count_pairs(article, "according", "to")
    return [*(float(counts[verb]) for verb in _ATTRIBUTION), float(other), float(according)]


def _count_pairs(article: Article, first: str, second: str) -> int:
    """How often two words follow each other."""
    if not article.counts[first]:
        return 0
    return sum(a == first and b == second for a, b in pairwise(article.lower))


def _numbers(article: Article) -> list[float]:
    """Counts of %, percent and per cent, of numbers to nine in digits, and of numbers in words."""
    counts = article.counts
    per_cent = _count_pairs(article, "per", "cent")
    small = sum(count for word, count in counts.items() if len(word) == 1 and word.isdecimal())
    words = article.count(_NUMBER_WORDS)
    return [float(n) for n in (counts[_PERCENT_SIGN], counts["percent"], per_cent, small, words)]


class NamingHabits(NamedTuple):
    """How an article names people.

    Attributes:
        titles: Courtesy titles.
        title_share: Their share among later mentions of a surname, 0 to 1.
        bare_introductions: People who speak under a surname that nothing introduced.
        verb_first_share: Share of attributions with the verb before the name, 0 to 1.
    """

    titles: int
    title_share: float
    bare_introductions: int
    verb_first_share: float


def naming_habits(article: Article) -> NamingHabits:
    """Count how people are named; shares have an imagined case more below the line, to steady short texts."""
    tokens, lower = article.tokens, article.lower
    # Few tokens are changed by lower case, and of those alone the first letter is looked at.
    capitalised = (
        i for i, (token, low) in enumerate(zip(tokens, lower, strict=True)) if token is not low and token != low
    )
    names = [i for i in capitalised if tokens[i][0].isupper() and _is_name(tokens[i], lower[i])]
    is_name = [False] * (len(tokens) + 1)
    for i in names:
        is_name[i] = True
    titled = bare = introductions = verb_first = name_first = 0
    introduced: set[str] = set()
    for i in names:
        begins, ends = not (i and is_name[i - 1]), not is_name[i + 1]
        after_title = not _TITLES.isdisjoint(lower[max(i - 2, 0) : i])
        speaks = ends and i + 1 < len(tokens) and lower[i + 1] in _SAYING
        verb_first += begins and i > 0 and lower[i - 1] in _SAYING_BEFORE_NAME
        name_first += speaks
        if begins and tokens[i] in introduced:
            titled, bare = titled + after_title, bare + (not after_title)
        introductions += speaks and begins and not after_title and tokens[i] not in introduced
        if ends:
            introduced.add(tokens[i])
    titles = article.count(_TITLES)
    return NamingHabits(titles, titled / (titled + bare + 1), introductions, verb_first / (verb_first + name_first + 1))


def _is_name(token: str, lower: str) -> bool:
    return lower not in _NOT_NAMES and lower not in _TITLES and token[-1].isalpha()
