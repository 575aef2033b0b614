"""The changes between a version and its parent, each with its kind, in the order of the version."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from retold.compare.alignment import Alignment, Edit
from retold.compare.dates import is_turned
from retold.compare.facts import changed_facts
from retold.compare.house_style import is_style
from retold.compare.result import Change
from retold.compare.retranslations import retranslated_pairs
from retold.compare.version import Version
from retold.compare.weights import PivotWeights

Span = tuple[int, int]
# Kinds by which changes are reported; what was kept is what no change covers.
KINDS: Final = (
    "number", "name", "negation", "retranslation", "paraphrase", "copy-edit", "style", "moved", "cut", "added",
    "boilerplate",
)  # fmt: skip
_RISK: Final = {"number": "fact", "name": "fact", "negation": "fact", "retranslation": "meaning"}
# Kind of change under which a changed fact is reported; facts that hang on a word are copy-edits with a risk for the meaning.
_KIND_OF_FACT: Final = {"number": "number", "unit": "number", "date": "number", "name": "name", "negation": "negation"}
# Words of a run up to which it is a copy-edit; a longer one was put in other words.
_COPY_EDIT = 3
_BOILERPLATE = re.compile(
    r"\b(?:(?:reporting|writing|editing|edited|compiled|translated|photo|additional reporting) by|all rights reserved"
    r"|(?:with|from) (?:news )?agencies|read (?:more|also)|sign up (?:for|to)|follow us|click here|subscribe"
    r"|getty images|file photo|privacy policy|newsletters?|share this|last updated|originally (?:published|appeared)"
    r"|this (?:article|story) (?:was|has been)|copyright|purchase: order|scroll (?:to|down))\b"
    r"|^\W*(?:agencies|advertisement|related|source)\W*$",
    re.IGNORECASE,
)
# Sentences longer than this are news even if they mention a newsletter.
_MAX_BOILERPLATE_TOKENS = 40


def changes_between(al: Alignment, pivots: NDArray[np.float64] | None, weights: PivotWeights) -> list[Change]:
    """Every change from ``al.a`` to ``al.b``.

    Args:
        al: The alignment, parent first.
        pivots: float64 (n_pivots,): probabilities of the pivot if the version was back-translated, else None.
        weights: The fitted numbers.
    """
    builder = _ChangeBuilder(al)
    changes = [*_sentences(al, builder), *_facts(al, pivots is not None, weights, builder)]
    reported = {(c.from_span, c.to_span) for c in changes if c.fact}
    turned = _turned_dates(al)
    changes += [builder.change("style", (x.a[0], y.a[1]), (x.b[0], y.b[1])) for x, y in turned]
    done = {edit for pair in turned for edit in pair}
    for edit in (e for e in al.edits if e not in done):
        changes += [c for c in _edit(al, edit, pivots, weights, builder) if (c.from_span, c.to_span) not in reported]
    changes += _marks(al)
    return sorted(changes, key=lambda c: (c.to_span, c.from_span, KINDS.index(c.kind)))


class _ChangeBuilder:
    """Puts token ranges into the words and offsets of the texts as given."""

    def __init__(self, al: Alignment) -> None:
        self.a, self.b = al.a, al.b

    def change(self, kind: str, a: Span, b: Span, pivot: str | None = None, fact: str | None = None) -> Change:
        """A change over token ranges, either of which may be empty."""
        spans = _raw(self.a, a), _raw(self.b, b)
        texts = self.a.article.raw[slice(*spans[0])], self.b.article.raw[slice(*spans[1])]
        risk = _RISK.get(kind, "meaning" if fact else "none")
        return Change(self.a.id, self.b.id, kind, *spans, *texts, risk, pivot, fact)


def _raw(version: Version, span: Span) -> Span:
    """Offsets in the text as given; an empty range stands before its token."""
    article = version.article
    if span[0] < span[1]:
        return article.raw_span(span[0], span[1] - 1)
    at = article.raw_span(span[0], span[0])[0] if span[0] < len(article.tokens) else len(article.raw)
    return at, at


def _sentences(al: Alignment, builder: _ChangeBuilder) -> Iterator[Change]:
    """Sentences cut, added and moved; neighbours make one change."""
    in_b = _counterpart(al)
    for span in _joined(al.cut):
        yield builder.change("boilerplate" if _is_boilerplate(al.a, span) else "cut", span, (in_b(span[0]),) * 2)
    in_a = _counterpart(al, back=True)
    for span in _joined(al.added):
        yield builder.change("boilerplate" if _is_boilerplate(al.b, span) else "added", (in_a(span[0]),) * 2, span)
    for block in al.blocks:
        if block.is_moved:
            yield builder.change("moved", block.a, block.b)


def _counterpart(al: Alignment, back: bool = False) -> Callable[[int], int]:
    """A function from a token of one version to the position in the other after what stands before it."""
    ends = sorted((b.b[1], b.a[1]) if back else (b.a[1], b.b[1]) for b in al.blocks if not b.is_moved)
    return lambda token: max((other for own, other in ends if own <= token), default=0)


def _joined(spans: list[Span]) -> list[Span]:
    out: list[Span] = []
    for span in spans:
        if out and out[-1][1] == span[0]:
            out[-1] = out[-1][0], span[1]
        else:
            out.append(span)
    return out


def _is_boilerplate(version: Version, span: Span) -> bool:
    if span[1] - span[0] > _MAX_BOILERPLATE_TOKENS:
        return False
    start, end = version.article.starts[span[0]], version.article.ends[span[1] - 1]
    return bool(_BOILERPLATE.search(version.article.text[start:end]))


def _facts(al: Alignment, is_translated: bool, weights: PivotWeights, builder: _ChangeBuilder) -> list[Change]:
    facts = changed_facts(al, weights.changes, is_translated)
    return [builder.change(_KIND_OF_FACT.get(f.kind, "copy-edit"), f.a, f.b, fact=f.kind) for f in facts]


def _edit(
    al: Alignment, edit: Edit, pivots: NDArray[np.float64] | None, weights: PivotWeights, builder: _ChangeBuilder
) -> Iterator[Change]:
    """One edit as one change, or as the retranslations in it and the rest."""
    a, b = al.a.article.lower[slice(*edit.a)], al.b.article.lower[slice(*edit.b)]
    if is_style(a, b):
        yield builder.change("style", edit.a, edit.b)
        return
    pairs = retranslated_pairs(a, b, pivots, weights) if pivots is not None else []
    for i, j, pivot in pairs:
        i, j = edit.a[0] + i, edit.b[0] + j
        yield builder.change("retranslation", (i, i + 1), (j, j + 1), pivot)
    if len(pairs) < max(len(a), len(b)):
        yield builder.change("copy-edit" if max(len(a), len(b)) <= _COPY_EDIT else "paraphrase", edit.a, edit.b)


def _turned_dates(al: Alignment) -> list[tuple[Edit, Edit]]:
    """Pairs of edits that cut a day on one side of its month and add it on the other, as the style of another desk has it."""

    def is_one(x: Edit, y: Edit) -> bool:
        a, b = al.a.article.lower[x.a[0] : y.a[1]], al.b.article.lower[x.b[0] : y.b[1]]
        return x.block == y.block and is_turned(a, b)

    return [(x, y) for x, y in pairwise(al.edits) if is_one(x, y)]


def _marks(al: Alignment) -> Iterator[Change]:
    """Quotation marks of another style, each replacement of one by another once."""
    seen: set[tuple[str, str]] = set()
    for j, mark in al.b.marks.items():
        i = int(al.kept[j])
        marks = al.a.marks.get(i, mark), mark
        if marks[0] != mark and marks not in seen:
            seen.add(marks)
            x, y = _raw(al.a, (i, i + 1))[0], _raw(al.b, (j, j + 1))[0]
            yield Change(al.a.id, al.b.id, "style", (x - 1, x), (y - 1, y), *marks, "none")
