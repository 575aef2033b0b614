"""Days, months and "last year" as quantities."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from retold.compare.quantity import Quantity

_WEEKDAYS: Final = "monday tuesday wednesday thursday friday saturday sunday".split()
_MONTHS: Final = (
    "january february march april may june july august september october november december".split()
)  # fmt: skip
# Names of months and their first three and four letters, the earlier month first.
_MONTH_OF: Final = {name[:n]: i for i, name in reversed([*enumerate(_MONTHS)]) for n in (3, 4, None)}
_RELATIVE: Final = {
    "last": -1.0, "previous": -1.0, "past": -1.0, "this": 0.0, "current": 0.0, "next": 1.0, "coming": 1.0,
    "following": 1.0,
}  # fmt: skip
_PERIODS: Final = frozenset("year month week weekend century season".split())
# Months that are also words, and what stands before a month.
_AMBIGUOUS: Final = frozenset("may march mar dec jan sep oct nov".split())
_BEFORE_MONTH: Final = frozenset("in since until last early late".split())
# What may stand beside the number of a day.
_BESIDE_DAY: Final = frozenset(("st", "nd", "rd", "th", ","))
_DAYS: Final = {"yesterday": -1.0, "today": 0.0, "tomorrow": 1.0}
# Every word that a date without a number begins with.
DATE_WORDS: Final = frozenset([*_WEEKDAYS, *(f"{day}s" for day in _WEEKDAYS), *_MONTH_OF, *_DAYS, *_RELATIVE])


def date_at(tokens: Sequence[str], lower: Sequence[str], i: int) -> Quantity | None:
    """The day, month or period that begins at a token, if one does."""
    word = lower[i].rstrip("s") if lower[i].rstrip("s") in _WEEKDAYS else lower[i]
    if word in _WEEKDAYS:
        return Quantity(i, i + 1, _WEEKDAYS.index(word), "weekday", "weekday")
    month = _month(tokens, lower, i)
    if month is not None:
        last = i + 2 if word not in _MONTHS and _at(lower, i + 1) == "." else i + 1
        return Quantity(i, last, month, "month", "month")
    if word in _DAYS:
        return Quantity(i, i + 1, _DAYS[word], "day", "relative")
    if word in _RELATIVE and _at(lower, i + 1) in _PERIODS:
        return Quantity(i, i + 2, _RELATIVE[word], lower[i + 1], "relative")
    return None


def is_turned(a: Sequence[str], b: Sequence[str]) -> bool:
    """True for a day and its month in lower case that stand the other way round: "28th may" and "may 28,"."""
    x, y = ([word for word in side if word not in _BESIDE_DAY] for side in (a, b))
    return len(x) == 2 and x == y[::-1] and sum(word in _MONTH_OF for word in x) == sum(map(str.isdecimal, x)) == 1


def _month(tokens: Sequence[str], lower: Sequence[str], i: int) -> float | None:
    """The number of a month; "May" and "March" only beside a number or a preposition of time."""
    word = lower[i]
    if word not in _MONTH_OF or not tokens[i][0].isupper() or (word in _AMBIGUOUS and not _is_dated(lower, i)):
        return None
    return float(_MONTH_OF[word])


def _is_dated(lower: Sequence[str], i: int) -> bool:
    near = (_at(lower, i - 1), _at(lower, i + 1), _at(lower, i + 2))
    return near[0] in _BEFORE_MONTH or any(w[:1].isdecimal() for w in near)


def _at(lower: Sequence[str], i: int) -> str:
    return lower[i] if 0 <= i < len(lower) else ""
