"""Matching: whole expressions of an article, and what may be a broken one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from retold.signals.idioms.lexicon import COMMON, KINDS, Form, expressions, is_filler, restored, running_words
from retold.text import Article
from retold.text.phrase_matcher import Match, PhraseIndex


@dataclass(frozen=True, slots=True)
class Restoration:
    """A form of an expression where it was found, and the whole expression that may have stood there.

    Attributes:
        form: The form.
        first: Index of its first token in the article.
        last: Index of its last token.
        words: The whole expression, in lower case.
    """

    form: Form
    first: int
    last: int
    words: tuple[str, ...]


class ExpressionMatcher:
    """Finds expressions and forms of them.

    Args:
        forms: The forms in which expressions break.
    """

    def __init__(self, forms: Sequence[Form]) -> None:
        self._forms = forms
        # Whole expressions first, then broken forms.
        self._index = PhraseIndex([*(e.elements for e in expressions()), *(f.elements for f in forms)], COMMON)

    def match(self, articles: Sequence[Article]) -> list[tuple[NDArray[np.int64], list[Restoration]]]:
        """Of each article, whole expressions by kind, int64 (len(KINDS),), and what may be a broken one.

        Of whole ones that overlap the longest counts. The words of all articles are looked up together.
        """
        running = [running_words(article) for article in articles]
        found = self._index.find_each([words for words, _ in running])
        return [
            self._judged(article, matches, words, places)
            for article, matches, (words, places) in zip(articles, found, running, strict=True)
        ]

    def _judged(
        self, article: Article, found: Sequence[Match], words: Sequence[str], places: Sequence[int]
    ) -> tuple[NDArray[np.int64], list[Restoration]]:
        matches = sorted(found, key=lambda m: (m.start - m.end, m.phrase))
        counts, covering = _count_whole(matches)
        broken = [m for m in matches if m.phrase >= len(expressions()) and not _is_refuted(m, covering)]
        return counts, list(self._restorations(article, broken, words, places))

    def _restorations(
        self, article: Article, broken: Sequence[Match], words: Sequence[str], places: Sequence[int]
    ) -> Iterator[Restoration]:
        """Those whose open place holds a word that may have displaced another."""
        for match in broken:
            form = self._forms[match.phrase - len(expressions())]
            filler = article.tokens[places[match.spans[form.open_place][0]]] if form.open_place >= 0 else ""
            if not filler or is_filler(filler, form):
                whole = tuple(restored(form, match, words))
                yield Restoration(form, places[match.start], places[match.end - 1], whole)


def _count_whole(matches: Sequence[Match]) -> tuple[NDArray[np.int64], dict[int, Match]]:
    """Whole expressions by kind, none over the words of an earlier one, and the one that covers each word."""
    counts = np.zeros(len(KINDS), dtype=np.int64)
    # Looking overlaps up by word keeps a text of nothing but expressions linear.
    covering: dict[int, Match] = {}
    for match in matches:
        if match.phrase < len(expressions()) and covering.keys().isdisjoint(_words_of(match)):
            counts[KINDS.index(expressions()[match.phrase].kind)] += 1
            covering |= dict.fromkeys(_words_of(match), match)
    return counts, covering


def _words_of(match: Match) -> range:
    return range(match.start, match.end)


def _is_refuted(broken: Match, covering: Mapping[int, Match]) -> bool:
    """True if a whole expression explains words of a broken one; "on the table" does not refute "seat on the table"."""
    wholes = {covering[word] for word in _words_of(broken) if word in covering}
    return any(not _is_smaller_part(whole, broken) for whole in wholes)


def _is_smaller_part(whole: Match, broken: Match) -> bool:
    inside = broken.start <= whole.start and whole.end <= broken.end
    return inside and whole.end - whole.start < broken.end - broken.start
