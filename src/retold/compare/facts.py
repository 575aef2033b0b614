"""Changes that make a different claim: a number, a name or a negation that one version has and the other has not.

Only replacements count. A number that is merely gone was cut; one that stands where another stood was changed. Unless one
plainly replaces the other, a number or name is looked for in the sentences around its place too, since versions order their
clauses differently. What limits the search was chosen by judgement; ``benchmarks/comparison.py`` counts what comes of
it on facts that it changed itself.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Container, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from retold.compare.alignment import Alignment, Block, Edit
from retold.compare.names import is_calendar, is_one_name, may_be_name
from retold.compare.negation import has_implicit_negation, has_negation
from retold.compare.numbers import numbers
from retold.compare.version import Version

Span = tuple[int, int]
Item = tuple[int, int, str]
# Tokens around a block in which a number or name may stand instead: about two sentences.
_AROUND = 50
# Words on either side up to which an edit puts one thing in the place of another.
_PLAIN = 3
# Share of a block that must be kept for its edits to be comparable one by one.
_MIN_KEPT = 0.25
# The same for negations, which a sentence in other words carries in other ways.
_MIN_KEPT_TO_DENY = 0.4
# Words of a run up to which a negation in it is compared, and of one that was only cut or added; longer ones are clauses
# cut, added or rewritten, in which a round trip seldom keeps its denials.
_MAX_NEGATED, _MAX_CUT = 4, 3


@dataclass(frozen=True, slots=True)
class Fact:
    """A changed fact: its kind (number, name, negation) and token ranges in both versions."""

    kind: str
    a: Span
    b: Span


def changed_facts(al: Alignment, explained: Container[str] = frozenset()) -> list[Fact]:
    """The facts that differ between aligned sentences, block by block in the order of the second version.

    Args:
        al: The alignment.
        explained: Replacements "x>y" of lower-case words that translations are known to make: "Chairman" for
            "President" is a rendering, not another name.
    """
    kept_in_a = np.zeros(len(al.a.article.tokens), dtype=bool)
    kept_in_a[al.kept[al.kept >= 0]] = True
    a, b = _Side(al.a, kept_in_a), _Side(al.b, al.kept >= 0)
    found: list[Fact] = []
    for number, edits in groupby(al.edits, key=lambda edit: edit.block):
        block, changed = al.blocks[number], list(edits)
        kept = int((al.kept[slice(*block.b)] >= 0).sum())
        if kept >= _MIN_KEPT * max(block.a[1] - block.a[0], block.b[1] - block.b[0]):
            found += [*_numbers(block, changed, a, b), *_names(block, changed, a, b, explained)]
        if kept >= _MIN_KEPT_TO_DENY * max(block.a[1] - block.a[0], block.b[1] - block.b[0]):
            found += _negations(block, changed, a, b)
    return found


class _Side:
    """One version with the numbers and names in it that the other does not have in the same place."""

    def __init__(self, version: Version, kept: NDArray[np.bool_]) -> None:
        self.version, self.kept = version, kept
        self.tokens, self.lower = version.article.tokens, version.article.lower

    @cached_property
    def plain(self) -> list[str]:
        """Lower-case tokens, with "number" for the "No." of a list or a rank."""
        ahead = zip(self.lower, [*self.lower[1:], ""], [*self.lower[2:], "", ""], strict=False)
        return ["number" if w == "no" and dot == "." and n[:1].isdecimal() else w for w, dot, n in ahead]

    @cached_property
    def numbers(self) -> list[Item]:
        """Numbers as ``(first, last + 1, value)``."""
        return [item for item in numbers(self.lower) if not self.kept[item[0] : item[1]].all()]

    @cached_property
    def names(self) -> list[Item]:
        """Words with a capital that does not come from opening a sentence."""
        first = np.zeros(len(self.tokens) + 1, dtype=bool)
        first[self.version.article.sentences] = True
        free = np.flatnonzero(~self.kept & ~first[:-1]).tolist()
        return [(i, i + 1, self.lower[i]) for i in free if may_be_name(self.tokens[i])]


def _within(items: list[Item], span: Span, around: int = 0) -> list[Item]:
    """Items, in order and apart from each other, that overlap a span or stand near it."""
    first = bisect_right(items, span[0] - around, key=lambda item: item[1])
    return items[first : bisect_left(items, span[1] + around, key=lambda item: item[0])]


def _reach(edit: Edit) -> int:
    """Tokens around its block in which the facts of an edit may stand instead; a plain substitution has no excuse."""
    is_plain = 0 < edit.a[1] - edit.a[0] <= _PLAIN and 0 < edit.b[1] - edit.b[0] <= _PLAIN
    return 0 if is_plain else _AROUND


def _numbers(block: Block, edits: list[Edit], a: _Side, b: _Side) -> Iterator[Fact]:
    lost: dict[Item, None] = {}
    new: dict[Item, None] = {}
    for edit in edits:
        there = {value for *_, value in _within(b.numbers, block.b, _reach(edit))}
        here = {value for *_, value in _within(a.numbers, block.a, _reach(edit))}
        lost |= {x: None for x in _within(a.numbers, edit.a) if x[2] not in there}
        new |= {y: None for y in _within(b.numbers, edit.b) if y[2] not in here}
    for (i, k, _), (j, m, _) in zip(lost, new, strict=False):
        if not _is_same_notation(a.lower[i], b.lower[j]):
            yield Fact("number", (i, k), (j, m))


def _is_same_notation(x: str, y: str) -> bool:
    """True for digits that differ in the separator alone: "15.9" and "15,9"; which is meant depends on the country."""
    return x != y and re.sub("[.,]", ".", x) == re.sub("[.,]", ".", y)


def _names(block: Block, edits: list[Edit], a: _Side, b: _Side, explained: Container[str]) -> Iterator[Fact]:
    for edit in edits:
        there, here = (_within(s.names, span, _reach(edit)) for s, span in ((b, block.b), (a, block.a)))
        lost = [x for x in _within(a.names, edit.a) if not any(is_one_name(x[2], y[2]) for y in there)]
        new = [y for y in _within(b.names, edit.b) if not any(is_one_name(x[2], y[2]) for x in here)]
        if any(f"{x[2]}>{y[2]}" in explained for x in lost for y in new):
            continue
        if lost and new and is_calendar(lost[0][2]) == is_calendar(new[0][2]):
            yield Fact("name", (lost[0][0], lost[-1][1]), (new[0][0], new[-1][1]))


def _negations(block: Block, edits: list[Edit], a: _Side, b: _Side) -> Iterator[Fact]:
    """Negators that stand on one side only, where the other side of the sentence has_negation less often in any way."""
    for edit in edits:
        x, y = a.plain[slice(*edit.a)], b.plain[slice(*edit.b)]
        if has_negation(x) == has_negation(y) or max(len(x), len(y)) > (_MAX_NEGATED if x and y else _MAX_CUT):
            continue
        (denied, here), (other, there) = (
            ((a, block.a), (b, block.b)) if has_negation(x) else ((b, block.b), (a, block.a))
        )
        if _denials(denied, here, other, there) > _denials(other, there, denied, here):
            yield Fact("negation", edit.a, edit.b)


def _denials(side: _Side, span: Span, other: _Side, there: Span) -> int:
    """How often a sentence has_negation, by negators or by words such as "failed" and, for "not clear", "unclear"."""
    bases = set(other.lower[slice(*there)])
    return sum(has_negation([w]) or has_implicit_negation(w, bases) for w in side.plain[slice(*span)])
