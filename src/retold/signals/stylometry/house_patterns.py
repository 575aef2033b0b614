"""What a text in lower case shows of a desk's dates, and of the page that it stood on."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?"
    r"|nov(?:ember)?|dec(?:ember)?)"
)
_MONTH_FIRST = re.compile(rf"\b{_MONTH}\.? [0-3]?\d\b")
_DAY_FIRST = re.compile(rf"\b[0-3]?\d(?:st|nd|rd|th)? (?:of )?{_MONTH}\b")
_MONTHS = frozenset(
    "jan january feb february mar march apr april may jun june jul july aug august sep sept september oct october nov november "
    "dec december".split()
)
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_RELATIVE_DAYS = ("today", "yesterday", "tomorrow", "tonight", "last night")
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


def count_dates(text: str, words: Collection[str]) -> list[float]:
    """Counts of *March 4*, *4 March*, weekdays, weekdays without *on*, and days relative to today.

    Args:
        text: In lower case.
        words: Its different tokens; the patterns are tried only where there is a month among them.
    """
    # An apostrophe joins what the patterns part, and so does the dot that lower case takes off a Turkish capital.
    has_month = not _MONTHS.isdisjoint(words) or "\u0307" in text
    has_month = has_month or any("'" in word and not _MONTHS.isdisjoint(word.split("'")) for word in words)
    month_first, day_first = (len(p.findall(text)) if has_month else 0 for p in (_MONTH_FIRST, _DAY_FIRST))
    weekdays = [place for day in _WEEKDAYS for place in _whole(day, text)]
    without_on = sum(not (text.startswith("on ", at - 3) and _is_edge(text, at - 3)) for at in weekdays)
    relative = sum(1 for day in _RELATIVE_DAYS for _ in _whole(day, text))
    return [float(n) for n in (month_first, day_first, len(weekdays), without_on, relative)]


def _whole(word: str, text: str) -> Iterator[int]:
    """Where a word stands with no letter, digit or underscore beside it: ten times as fast as a regular expression."""
    place = text.find(word)
    while place >= 0:
        after = place + len(word)
        if _is_edge(text, place) and (after == len(text) or not _is_word_character(text[after])):
            yield place
        place = text.find(word, after)


def _is_edge(text: str, place: int) -> bool:
    return place == 0 or not _is_word_character(text[place - 1])


def _is_word_character(character: str) -> bool:
    return character.isalnum() or character == "_"


def count_leftovers(text: str) -> int:
    """CalqueFinder that belong to a web page rather than to an article."""
    return len(_LEFTOVER.findall(text))
