"""Quantities of a text: numbers with their unit, shares, multiples, ordinals, and the days and months of dates.

Equal claims are equal whatever their form: "31" and "thirty-one", "$1.2 million" and "$1,200,000", "half" and "50 percent",
"six miles" and "10 km".
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from math import prod
from typing import Final

from retold.compare.dates import DATE_WORDS, date_at
from retold.compare.numbers import SCALES, numbers
from retold.compare.quantity import Quantity, Span
from retold.text.word_lists import read_table

# Share by which two measures in different units may differ and still be one, rounded: 6 miles are 9.7 km, "10 km".
_ROUNDING = 0.08
_MULTIPLES: Final = {"twice": 2.0, "double": 2.0, "thrice": 3.0, "triple": 3.0, "quadruple": 4.0}
_TIMES: Final = frozenset("times fold -fold".split())
_FRACTIONS: Final = {
    "half": 2.0, "third": 3.0, "thirds": 3.0, "quarter": 4.0, "quarters": 4.0, "fourth": 4.0, "fourths": 4.0, "fifth": 5.0, "fifths": 5.0,
    "sixth": 6.0, "eighth": 8.0, "tenth": 10.0, "tenths": 10.0,
}  # fmt: skip
# What may stand before a fraction; after anything else "third" is a rank.
_BEFORE_FRACTION: Final = frozenset("a an one two three four five nine about nearly almost roughly over".split())
_RANKS: Final = {
    word: float(rank)
    for rank, word in enumerate(
        "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth fifteenth "
        "sixteenth seventeenth eighteenth nineteenth twentieth".split(),
        start=1,
    )
}
# Every word that a quantity without a number begins with; most words of a text are none.
_WORDED: Final = DATE_WORDS | _MULTIPLES.keys() | _FRACTIONS.keys() | _RANKS.keys()
_RANK_ENDINGS: Final = frozenset("st nd rd th".split())
# Words between the two numbers of a range; years are above this number.
_RANGES: Final = frozenset("to - or and".split())
_CENTURY, _NOON = 1000, 12
# Words between a number and its unit, as in "three long weeks"; more are another phrase.
_UNIT_WORDS = 3


def quantities(tokens: Sequence[str], lower: Sequence[str]) -> list[Quantity]:
    """Every quantity of a text in order, apart from each other.

    Args:
        tokens: The tokens of an article.
        lower: The same in lower case.
    """
    counted = {i: (end, value) for i, end, value in numbers(lower)}
    _complete(counted, lower)
    out: list[Quantity] = []
    i = 0
    while i < len(lower):
        if i in counted:
            found: Quantity | None = _counted(lower, i, *counted[i])
        else:
            found = _worded(tokens, lower, i) if lower[i] in _WORDED else None
        if found is not None:
            out.append(found)
        i = max(found.last if found is not None else 0, i + 1)
    return out


def _complete(counted: dict[int, tuple[int, str]], lower: Sequence[str]) -> None:
    """Fill in what ranges leave out: "five to six million", "2015-16"."""
    for i, (end, written) in list(counted.items()):
        following = counted.get(end + 1) if _at(lower, end) in _RANGES else None
        if following is None or not (_is_digits(written) and _is_digits(following[1])):
            continue
        low, high = float(written), float(following[1])
        if lower[end] == "-" and _CENTURY < low < 3000 and high < _CENTURY / 10 and low % 100 < high:
            counted[end + 1] = following[0], f"{low - low % 100 + high:.12g}"
        scale = prod(SCALES.get(word, 1.0) for word in lower[end + 1 : following[0]])
        if low < _CENTURY:
            counted[i] = end, f"{low * scale:.12g}"


def _is_digits(written: str) -> bool:
    return written.replace(".", "", 1).isdecimal() and written.isascii()


def _counted(lower: Sequence[str], i: int, end: int, written: str) -> Quantity:
    """A number in digits or words, with the unit around it."""
    try:
        value = float(written.replace(":", ".") if written.count(":") == 1 else written)
    except ValueError:
        return Quantity(i, end, 0.0, written=written)
    if _at(lower, end) in _RANK_ENDINGS:
        return Quantity(i, end + 1, value, "rank", "rank")
    if (fraction := _fraction(lower, i, end, value)) is not None:
        return fraction
    gap = end + 1 if _at(lower, end) == "-" else end
    if _at(lower, gap) in _TIMES:
        return Quantity(i, gap + 1, value, "times", "times")
    unit = _unit_at(lower, gap)
    if unit is not None:
        return _measured((i, gap + unit[0]), (i, end), value, unit[1])
    sign = _units().get(_at(lower, i - 1))
    if sign is not None and sign[0] == "money":
        first = i - 2 if _at(lower, i - 2) in ("us", "a", "hk") and lower[i - 1] == "$" else i - 1
        return _measured((first, end), (i, end), value, sign)
    return Quantity(i, end, value)


def _measured(span: Span, bare: Span, value: float, unit: tuple[str, float, str]) -> Quantity:
    dimension, _, name = unit
    return Quantity(*span, value, name, dimension, bare=bare)


def _fraction(lower: Sequence[str], i: int, end: int, value: float) -> Quantity | None:
    """A share such as "two-thirds" or "1/3"."""
    if _at(lower, end) == "-" and (parts := _FRACTIONS.get(_at(lower, end + 1))):
        return Quantity(i, end + 2, value / parts, "share", "ratio")
    if _at(lower, end) == "/" and _at(lower, end + 1).isdecimal() and 0 < (below := float(lower[end + 1])) <= 10:
        return Quantity(i, end + 2, value / below, "share", "ratio") if value < below else None
    if (parts := _FRACTIONS.get(_at(lower, end))) and _at(lower, end).endswith("s"):
        return Quantity(i, end + 1, value / parts, "share", "ratio")
    return None


def _worded(tokens: Sequence[str], lower: Sequence[str], i: int) -> Quantity | None:
    """A quantity without a number: a share, a multiple, a rank, a day."""
    word = lower[i]
    if word in _MULTIPLES:
        return Quantity(i, i + 1, _MULTIPLES[word], "times", "times")
    before = _at(lower, i - 2) if _at(lower, i - 1) == "-" else _at(lower, i - 1)
    is_share = before in _BEFORE_FRACTION and (_at(lower, i + 1) == "of" or _at(lower, i - 1) == "-")
    if word == "half" or (word in _FRACTIONS and is_share):
        return Quantity(i, i + 1, 1 / _FRACTIONS[word], "share", "ratio")
    if word in _RANKS and word != "second":
        return Quantity(i, i + 1, _RANKS[word], "rank", "rank")
    return date_at(tokens, lower, i)


def _unit_at(lower: Sequence[str], i: int) -> tuple[int, tuple[str, float, str]] | None:
    """How many tokens the unit at a place takes, and the unit; the longest that stands there."""
    for n in range(_UNIT_WORDS, 0, -1):
        words = list(lower[i : i + n])
        unit = _units().get("".join(words) if "/" in words else "_".join(words))
        if unit is not None and len(words) == n:
            return n, unit
    return None


@cache
def _units() -> dict[str, tuple[str, float, str]]:
    """Word or words joined by underscores -> dimension, factor to the base unit (0 for money), name."""
    rows = read_table("units.tsv")
    return {w: (dimension, float(factor or 0), name) for dimension, factor, name, words in rows for w in words.split()}


@cache
def _factors() -> dict[str, float]:
    return {name: factor for _, factor, name in _units().values()} | {"share": 1.0}


def same_quantity(x: Quantity, y: Quantity) -> bool:
    """True if two quantities claim the same: equal, converted correctly, or one without the unit that the other has."""
    if x.written or y.written:
        return x.written == y.written
    if x.unit == y.unit or not x.unit or not y.unit:
        # "m" is millions or metres; hours are counted to 12 or to 24.
        p, q = sorted((x.value, y.value))
        return p == q or p * 1e6 == q or (x.unit == y.unit == "" and q - p == _NOON and _NOON < q < 2 * _NOON)
    if {x.unit, y.unit} == {"pound", "GBP"}:
        return x.value == y.value
    # Pounds are money or mass.
    x, y = (replace(side, unit="lb", dimension="mass") if side.unit == "pound" else side for side in (x, y))
    p, q = (side.value * _factors().get(side.unit, 0.0) for side in (x, y))
    is_converted = x.dimension == y.dimension and p > 0 and abs(p - q) <= _ROUNDING * max(p, q)
    return is_converted and x.dimension not in ("money", "times", "rank")


def changed_fact(x: Quantity, y: Quantity) -> str | None:
    """Kind of the fact that differs between two quantities that stand in each other's place: "number", "unit" or "date".

    None if neither can replace the other, as a weekday does no month.
    """
    if x.dimension == y.dimension == "duration" and x.unit == y.unit:
        return "number"
    if x.is_date or y.is_date:
        return "date" if x.dimension == y.dimension else None
    if x.value == y.value and x.unit and y.unit and not x.written:
        return "unit"
    return "number"


def _at(lower: Sequence[str], i: int) -> str:
    return lower[i] if 0 <= i < len(lower) else ""
