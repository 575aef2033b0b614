"""Changes that make a different claim: a number, a name, a "not" or another word on which the claim turns.

Only replacements count. A number that is merely gone was cut; one that stands where another stood was changed. Unless one
plainly replaces the other, a number or name is looked for in the sentences around its place too, since versions order their
clauses differently. What limits the search was chosen by judgement; ``benchmarks/comparison.py`` counts what comes of
it on facts that it changed itself.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final

import numpy as np

from retold.compare.alignment import Alignment, Block, Edit
from retold.compare.claim_words import is_opposite_order, is_other_quantifier, is_other_role, loses_hedge, opposites
from retold.compare.fact_sides import FactSide, Item, unmatched, within
from retold.compare.names import is_calendar, is_generic, is_one_name, is_short_form
from retold.compare.negation import may_deny
from retold.compare.quantities import changed_fact, same_quantity
from retold.text.morphology import stem
from retold.text.word_lists import closed_class_words

# Kinds of facts. The first three kinds, and dates and units, are plain to see; the rest are words that may mean another thing.
FACTS: Final = (
    "number", "unit", "date", "name", "negation", "bound", "order", "opposite", "role", "hedge", "quantity",
)  # fmt: skip

Span = tuple[int, int]
# Words of a page's furniture, so many tokens before a number that it is one of the page and not of the story.
_FURNITURE: Final = frozenset("posted updated published isbn".split())
_BEFORE_NUMBER = 6
# Tokens that what stands for one name has at most; longer runs of capitals are headlines and bylines.
_MAX_NAME = 5
# Tokens around a block in which a number or name may stand instead: about two sentences.
_AROUND = 50
# Words on either side up to which an edit puts one thing in the place of another.
_PLAIN = 3
# Share of a block that must be kept for its edits to be comparable one by one.
_MIN_KEPT = 0.25
# The same for words that turn a claim, which a sentence in other words carries in other ways.
_MIN_KEPT_FOR_WORDS = 0.4
# Words of a run up to which a negation in it is compared, and of one that was only cut or added; longer ones are clauses
# cut, added or rewritten, in which a round trip seldom keeps its denials.
_MAX_NEGATED, _MAX_CUT = 4, 3


@dataclass(frozen=True, slots=True)
class Fact:
    """A changed fact: one of ``FACTS`` and token ranges in both versions."""

    kind: str
    a: Span
    b: Span


def changed_facts(al: Alignment, explained: Container[str] = frozenset(), is_translated: bool = False) -> list[Fact]:
    """The facts that differ between aligned sentences, block by block in the order of the second version.

    Args:
        al: The alignment.
        explained: Replacements "x>y" of lower-case words that translations are known to make: "Chairman" for
            "President" is a rendering, not another name.
        is_translated: True if the second version was back-translated, so that names may be spelt otherwise.
    """
    kept_in_a = np.zeros(len(al.a.article.tokens), dtype=bool)
    kept_in_a[al.kept[al.kept >= 0]] = True
    a, b = FactSide(al.a, kept_in_a), FactSide(al.b, al.kept >= 0)
    facts: list[Fact] = []
    for number, edits in groupby(al.edits, key=lambda edit: edit.block):
        block, changed = al.blocks[number], list(edits)
        kept = int((al.kept[slice(*block.b)] >= 0).sum())
        longer = max(block.a[1] - block.a[0], block.b[1] - block.b[0])
        if kept >= _MIN_KEPT * longer:
            facts += [*_quantities(block, changed, a, b), *_names(block, changed, a, b, explained, is_translated)]
        if kept >= _MIN_KEPT_FOR_WORDS * longer:
            negated = list(_negations(block, changed, a, b))
            facts += [*negated, *_bounds(block, changed, a, b), *_words(block, changed, a, b, negated, explained)]
    return _once(facts)


def _once(facts: list[Fact]) -> list[Fact]:
    """Facts without those inside the same words as one before."""
    out: list[Fact] = []
    for fact in facts:
        if not any(_overlap(fact.a, other.a) and _overlap(fact.b, other.b) for other in out):
            out.append(fact)
    return out


def _overlap(x: Span, y: Span) -> bool:
    return max(x[0], y[0]) < max(min(x[1], y[1]), min(x[0], y[0]) + 1)


def _reach(edit: Edit) -> int:
    """Tokens around its block in which the facts of an edit may stand instead; a plain substitution has no excuse."""
    is_plain = 0 < edit.a[1] - edit.a[0] <= _PLAIN and 0 < edit.b[1] - edit.b[0] <= _PLAIN
    return 0 if is_plain else _AROUND


def _quantities(block: Block, edits: list[Edit], a: FactSide, b: FactSide) -> Iterator[Fact]:
    lost: dict[int, Item] = {}
    new: dict[int, Item] = {}
    for edit in edits:
        reach = _reach(edit)
        there, here = b.every_quantity, a.every_quantity
        lost |= {x[0]: x for x in unmatched(a.quantities, there, edit.a, block.b, reach, same_quantity)}
        new |= {y[0]: y for y in unmatched(b.quantities, here, edit.b, block.a, reach, same_quantity)}
    lost, new = (
        {i: x for i, x in found.items() if not _is_furniture(side, i)} for side, found in ((a, lost), (b, new))
    )
    for family in (True, False):
        xs, ys = ([q for *_, q in side.values() if q.is_date == family] for side in (lost, new))
        for x, y in zip(xs, ys, strict=False):
            kind = None if _is_same_notation(a.lower[x.first], b.lower[y.first]) else changed_fact(x, y)
            if kind == "number" and x.unit == y.unit:
                yield Fact(kind, x.number, y.number)
            elif kind is not None:
                yield Fact(kind, (x.first, x.last), (y.first, y.last))


def _is_furniture(side: FactSide, first: int) -> bool:
    """True for a number of the page and not of the story: the time when it was updated, a book's number."""
    return not _FURNITURE.isdisjoint(side.lower[max(first - _BEFORE_NUMBER, 0) : first])


def _is_same_notation(x: str, y: str) -> bool:
    """True for digits that differ in the separator alone: "15.9" and "15,9"; which is meant depends on the country."""
    return x != y and x[0].isdecimal() and re.sub("[.,:]", ".", x) == re.sub("[.,:]", ".", y)


def _names(
    block: Block, edits: list[Edit], a: FactSide, b: FactSide, explained: Container[str], is_translated: bool
) -> Iterator[Fact]:
    def same(x: str, y: str) -> bool:
        return is_one_name(x, y, is_translated)

    def names_someone(item: Item) -> bool:
        word = item[2]
        # Translators replace words, which headlines write with a capital, and seldom names.
        is_word = is_translated and (f"-{word}" in explained or f"+{word}" in explained)
        return not (is_calendar(word) or is_generic(word) or is_word)

    for edit in edits:
        lost, new = (
            list(filter(names_someone, side))
            for side in (
                unmatched(a.names, b.names, edit.a, block.b, _reach(edit), same),
                unmatched(b.names, a.names, edit.b, block.a, _reach(edit), same),
            )
        )
        if not lost or not new or any(f"{x[2]}>{y[2]}" in explained for x in lost for y in new):
            continue
        spans = (lost[0][0], lost[-1][1]), (new[0][0], new[-1][1])
        if max(last - first for first, last in spans) > _MAX_NAME:
            continue
        words = a.tokens[slice(*spans[0])], b.tokens[slice(*spans[1])]
        if not (is_short_form(words[0][0], words[1]) or is_short_form(words[1][0], words[0])):
            yield Fact("name", *spans)


def _negations(block: Block, edits: list[Edit], a: FactSide, b: FactSide) -> Iterator[Fact]:
    """Negators that stand on one side only, where the other side of the sentence denies less often in any way."""
    for edit in edits:
        in_a, in_b = a.denies(edit.a), b.denies(edit.b)
        sizes = edit.a[1] - edit.a[0], edit.b[1] - edit.b[0]
        if in_a == in_b or max(sizes) > (_MAX_NEGATED if min(sizes) else _MAX_CUT):
            continue
        sides = ((a, block.a), (b, block.b)) if in_a else ((b, block.b), (a, block.a))
        x, y = a.lower[slice(*edit.a)], b.lower[slice(*edit.b)]
        instead = y if in_a else x
        if any(map(may_deny, instead)) or {"or", "nor"} & {*x, *y} or _content(x) != _content(y):
            continue
        if sides[0][0].n_negations(sides[0][1], *sides[1]) > sides[1][0].n_negations(sides[1][1], *sides[0]):
            yield Fact("negation", edit.a, edit.b)


def _content(words: Sequence[str]) -> set[str]:
    return {stem(w) for w in words if w[0].isalnum() and w not in closed_class_words()}


def _bounds(block: Block, edits: list[Edit], a: FactSide, b: FactSide) -> Iterator[Fact]:
    """Bounds of a quantity that turned round; a bound that is gone is no other claim."""
    for edit in edits:
        xs, ys = within(a.bounds, edit.a), within(b.bounds, edit.b)
        if len(xs) == len(ys) == 1 and xs[0][2] != ys[0][2]:
            yield Fact("bound", xs[0][:2], ys[0][:2])


def _words(
    block: Block, edits: list[Edit], a: FactSide, b: FactSide, negated: list[Fact], explained: Container[str]
) -> Iterator[Fact]:
    """Other words that turn a claim, one kind an edit."""
    around = a.lower[slice(*block.a)], b.lower[slice(*block.b)]
    denied = {(fact.a, fact.b) for fact in negated}
    denies_alike = sum(a.negators[slice(*block.a)]) == sum(b.negators[slice(*block.b)])
    for edit in edits:
        x, y = a.lower[slice(*edit.a)], b.lower[slice(*edit.b)]
        if (edit.a, edit.b) in denied or a.denies(edit.a) != b.denies(edit.b) or not x:
            continue
        if denies_alike and (pair := opposites(x, y, *around)) is not None:
            i, j = edit.a[0] + pair[0], edit.b[0] + pair[1]
            yield Fact("opposite", (i, i + 1), (j, j + 1))
        elif is_opposite_order(x, y):
            yield Fact("order", edit.a, edit.b)
        elif is_other_role(x, y) and not any(f"{p}>{q}" in explained for p in x for q in y):
            yield Fact("role", edit.a, edit.b)
        elif is_other_quantifier(x, y):
            yield Fact("quantity", edit.a, edit.b)
        elif loses_hedge(x, y, *around):
            yield Fact("hedge", edit.a, edit.b)
