"""House style: two wordings that say the same in the manner of another desk."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Final

from retold.compare.numbers import numbers
from retold.text.spelling import spelling_key
from retold.text.word_lists import read_table

_TITLES: Final = frozenset("mr mrs ms miss mx dr prof professor sir dame lord lady".split())
_MONTHS: Final = {
    m[:n]: m
    for m in "january february march april june july august september october november december".split()
    for n in (3, 4)
}
_EXPANDED: Final = {
    "can't": "can not", "cannot": "can not", "won't": "will not", "shan't": "shall not", "percent": "per cent",
    "%": "per cent", "&": "and", "kilometre": "km", "kilometres": "km", "kilometers": "km", "metres": "m",
}  # fmt: skip
_ENDINGS: Final = (("n't", " not"), ("'ll", " will"), ("'re", " are"), ("'ve", " have"), ("'m", " am"))


def is_same_name(a: str, b: str) -> bool:
    """True for two lower-case words that newsrooms use for one country, body or city."""
    return not _same_names(a).isdisjoint(_same_names(b))


def is_style(a: Sequence[str], b: Sequence[str]) -> bool:
    """True if two runs of lower-case tokens differ only as the style books of two desks do."""
    return bool(a or b) and (_key(a) == _key(b) or (len(a) == len(b) == 1 and is_same_name(a[0], b[0])))


def _key(tokens: Sequence[str]) -> list[str]:
    """Tokens without titles, points and hyphens; numbers as values, spellings and short forms as one."""
    values = {i: (k, value) for i, k, value in numbers(tokens)}
    key: list[str] = []
    i = 0
    while i < len(tokens):
        if i in values:
            i, value = values[i]
            key.append(value)
            continue
        key += _plain(tokens[i])
        i += 1
    return ["".join(key)] if all(len(word) < 20 for word in key) else key


def _plain(token: str) -> list[str]:
    word = token.replace(".", "")
    if word in _TITLES or not word or word == "-":
        return []
    word = _EXPANDED.get(word, _MONTHS.get(word, word))
    for ending, whole in _ENDINGS:
        word = word.removesuffix(ending) + whole if word.endswith(ending) else word
    return [spelling_key(part) for part in word.split()]


def _same_names(word: str) -> frozenset[int]:
    return _demonyms().get(word, frozenset())


@cache
def _demonyms() -> dict[str, frozenset[int]]:
    """Word -> the rows of the list that hold it."""
    rows: dict[str, set[int]] = {}
    for number, (names,) in enumerate(read_table("demonyms.tsv")):
        for name in names.split():
            rows.setdefault(name, set()).add(number)
    return {name: frozenset(numbers) for name, numbers in rows.items()}
