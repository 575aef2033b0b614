"""One version of an aligned pair with the facts in it: quantities, bounds, names and negators."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from retold.compare.claim_words import bounds, is_role
from retold.compare.names import is_generic, may_be_name
from retold.compare.negation import denies_implicitly, negators
from retold.compare.version import Version

Span = tuple[int, int]
# First token, the one after the last, and what is claimed there.
Item = tuple[int, int, Any]


class FactSide:
    """One version with the numbers and names in it that the other does not have in the same place."""

    def __init__(self, version: Version, kept: NDArray[np.bool_]) -> None:
        self.version, self.kept = version, kept
        self.tokens, self.lower = version.article.tokens, version.article.lower

    @cached_property
    def negators(self) -> list[bool]:
        """For each token whether it is a negator."""
        return negators(self.lower)

    def denies(self, span: Span) -> bool:
        """True if a negator stands in a span."""
        return any(self.negators[slice(*span)])

    def n_negations(self, span: Span, other: FactSide, there: Span) -> int:
        """How often a sentence denies, by negators or by words such as "failed" and, for "not clear", "unclear"."""
        bases = set(other.lower[slice(*there)])
        words = zip(self.negators[slice(*span)], self.lower[slice(*span)], strict=True)
        return sum(negates or denies_implicitly(word, bases) for negates, word in words)

    @cached_property
    def every_quantity(self) -> list[Item]:
        """All quantities."""
        return [(q.first, q.last, q) for q in self.version.quantities]

    @cached_property
    def quantities(self) -> list[Item]:
        """Quantities that are not kept whole."""
        return [item for item in self.every_quantity if not self.kept[item[0] : item[1]].all()]

    @cached_property
    def bounds(self) -> list[Item]:
        """Bounds of all quantities."""
        return list(bounds(self.lower, [first for first, _, q in self.every_quantity if not q.is_date or q.value]))

    @cached_property
    def names(self) -> list[Item]:
        """Words with a capital that does not come from opening a sentence."""
        free = np.flatnonzero(~self.kept).tolist()
        return [(i, i + 1, self.lower[i]) for i in free if may_be_name(self.tokens[i]) and self._is_name_here(i)]

    @cached_property
    def _opens(self) -> frozenset[int]:
        """Tokens whose capital may come from opening a sentence, a quotation or what follows a colon."""
        text, starts = self.version.article.text, self.version.article.starts.tolist()
        quoted = (i for i, start in enumerate(starts) if text[max(start - 2, 0) : start].strip()[-1:] in (*"\"':", ""))
        return frozenset(quoted) | frozenset(self.version.article.sentences.tolist())

    @cached_property
    def _named_elsewhere(self) -> frozenset[str]:
        return frozenset(t for i, t in enumerate(self.tokens) if i not in self._opens and t[0].isupper())

    def _is_name_here(self, i: int) -> bool:
        """False for the first word of a sentence, unless it is a name elsewhere or begins a longer one."""
        if i not in self._opens:
            return True
        if is_role(self.lower[i]) or is_generic(self.lower[i]):
            return False
        follower = self.tokens[i + 1] if i + 1 < len(self.tokens) and i + 1 not in self._opens else ""
        return self.tokens[i] in self._named_elsewhere or (bool(follower) and may_be_name(follower))


def within(items: Sequence[Item], span: Span, around: int = 0) -> Sequence[Item]:
    """Items, in order and apart from each other, that overlap a span or stand near it."""
    first = bisect_right(items, span[0] - around, key=lambda item: item[1])
    return items[first : bisect_left(items, span[1] + around, key=lambda item: item[0])]


def unmatched(
    items: Sequence[Item],
    others: Sequence[Item],
    edit: Span,
    there: Span,
    around: int,
    same: Callable[[Any, Any], bool],
) -> list[Item]:
    """Items that overlap an edit and have none like them in or around the other side of its block."""
    near = within(others, there, around)
    return [x for x in within(items, edit) if not any(same(x[2], y[2]) for y in near)]
