"""What a text in lower case shows of a desk's dates, and of the page that it stood on."""

from __future__ import annotations

import re

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


def count_dates(text: str) -> list[float]:
    """Counts of *March 4*, *4 March*, weekdays, weekdays without *on*, and days relative to today."""
    weekdays = _WEEKDAY.findall(text)
    month_first, day_first, relative = (len(p.findall(text)) for p in (_MONTH_FIRST, _DAY_FIRST, _RELATIVE_DAY))
    return [float(n) for n in (month_first, day_first, len(weekdays), weekdays.count(""), relative)]


def count_leftovers(text: str) -> int:
    """CalqueFinder that belong to a web page rather than to an article."""
    return len(_LEFTOVER.findall(text))
