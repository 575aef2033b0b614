"""Numbers of a text as values, so that "31", "thirty-one" and "1 900" beside "1,900" are told from real changes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

_UNITS = (
    "two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen "
    "nineteen"
)
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety"
# "one" is left out: it is a pronoun as often as a number.
_WORDS: Final = {w: float(i) for i, w in enumerate(_UNITS.split(), 2)} | {
    w: float(10 * i) for i, w in enumerate(_TENS.split(), 2)
}
SCALES: Final = {
    "hundred": 1e2, "thousand": 1e3, "million": 1e6, "m": 1e6, "mn": 1e6, "billion": 1e9, "bn": 1e9, "trillion": 1e12,
    "tn": 1e12, "dozen": 12.0, "lakh": 1e5, "crore": 1e7,
}  # fmt: skip
# Scales that are a number of their own after an article: "a million" is 1,000,000, "half a million" its half.
_COUNTED: Final = frozenset("million billion trillion".split())
_HALF: Final = ("and", "a", "half")
# Digits beyond this are identifiers; they are compared as they are written.
_MAX_DIGITS = 15


def numbers(lower: Sequence[str]) -> list[tuple[int, int, str]]:
    """Every number in lower-case tokens as ``(first, last + 1, value)``; equal values are equal strings."""
    found = []
    i = 0
    while i < len(lower):
        end, value = _number_at(lower, i)
        if end > i:
            found.append((i, end, value))
        i = max(end, i + 1)
    return found


def _number_at(lower: Sequence[str], i: int) -> tuple[int, str]:
    """End and value of the number that starts at a token; the end is ``i`` if none does."""
    token = lower[i]
    if token[0].isdecimal():
        return _from_digits(lower, i)
    if (counted := _counted_scale(lower, i)) is not None:
        return counted
    if token not in _WORDS:
        return i, ""
    value, end = _WORDS[token], i + 1
    unit = 1.0 if _at(lower, end + 1) == "one" else _WORDS.get(_at(lower, end + 1), 10.0)
    if value >= 20 and _at(lower, end) == "-" and unit < 10:
        value, end = value + unit, end + 2
    return _scaled(lower, end, value)


def _counted_scale(lower: Sequence[str], i: int) -> tuple[int, str] | None:
    """End and value of "a million", "one million" and "half a million"."""
    half = 1 if lower[i] == "half" else 0
    scale = _at(lower, i + half + 1)
    if lower[i + half : i + half + 1] not in (["a"], ["one"]) or scale not in _COUNTED:
        return None
    return i + half + 2, f"{SCALES[scale] / (1 + half):.12g}"


def _from_digits(lower: Sequence[str], i: int) -> tuple[int, str]:
    token, end = lower[i].replace(",", ""), i + 1
    if ":" in token or token.count(".") > 1 or len(token) > _MAX_DIGITS:
        return end, token
    while token.isdecimal() and len(lower[i]) <= 3 and len(token) <= 12 and _is_group(_at(lower, end)):
        token, end = token + lower[end], end + 1
    if token.isdecimal() and len(token) <= 3 and _at(lower, end) == "," and _at(lower, end + 1) == "000":
        token, end = token + "000", end + 2
    return _scaled(lower, end, float(token)) if _is_plain(token) else (end, token)


def _is_plain(token: str) -> bool:
    return token.isascii() and token.replace(".", "").isdecimal()


def _is_group(token: str) -> bool:
    return len(token) == 3 and token.isascii() and token.isdecimal()


def _at(lower: Sequence[str], i: int) -> str:
    return lower[i] if i < len(lower) else ""


def _scaled(lower: Sequence[str], end: int, value: float) -> tuple[int, str]:
    if tuple(lower[end : end + len(_HALF)]) == _HALF and _at(lower, end + len(_HALF)) in SCALES:
        value, end = value + 0.5, end + len(_HALF)
    while _at(lower, end) in SCALES and value < 1e15:
        value, end = value * SCALES[lower[end]], end + 1
    return end, f"{value:.12g}"
