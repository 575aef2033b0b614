"""House style: two wordings that say the same in the manner of another desk."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from retold.compare.numbers import numbers
from retold.text.spelling import spelling_key

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
# Names under which newsrooms and translators mention the same country or body.
_SAME_NAMES: Final = (
    frozenset("us u.s. usa u.s.a. america american americans states united".split()),
    frozenset("uk u.k. britain british britons kingdom united".split()),
    frozenset("eu e.u. europe european europeans union".split()),
    frozenset("un u.n. nations united".split()),
    frozenset("netherlands dutch holland".split()),
    frozenset("france french".split()),
    frozenset("kyiv kiev".split()),
)


def is_same_name(a: str, b: str) -> bool:
    """True for two lower-case words that newsrooms use for one country or body."""
    return any(a in names and b in names for names in _SAME_NAMES)


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
