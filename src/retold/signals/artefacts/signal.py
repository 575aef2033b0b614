"""Artefacts: traces of the machinery, such as "$ 5", "12. March", "the the", "a important" or a name in lower case.

Hypothesis: an engine renders numbers, dates, quotation marks and names by rules of its own or by those of the pivot, and
leaves what no desk writes (Vilar et al. 2006, "Error analysis of statistical machine translation output", lists such
errors). Only what a choice of typography cannot explain is read: straight or curly quotation marks, kinds of dashes and
line breaks are gone from the canonical text, and where a full stop stands beside a quotation mark is a desk's choice.
Turned-round attributions ("said Lavrov") are left out: newsrooms write more of them (1.0 per 1,000 words of originals) than
come back from translation (0.6 to 0.9 from Bergamot, NLLB, OPUS-MT and Argos, counted in news of the corpus).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from itertools import pairwise
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from retold.language_model.batch import Batch
from retold.signals.artefacts.explanations import unexplained_traces
from retold.signals.artefacts.rules import RULES, Trace
from retold.signals.base import Evidence, FeatureDescription, HandcraftedSignal
from retold.text import Article
from retold.text.word_lists import read_words

# The columns, rates per 1,000 words, in this order.
COLUMNS = ("numbers", "dates", "units", "articles", "titles", "chains", "repeats", "quotes", "names")
# Words that English doubles ("the talks he had had") or joins to themselves ("more and more").
_DOUBLED = frozenset("had that very so really bye no ha many far long more years on in is do her blah knock go".split())
_JOINED = frozenset(
    "more again over on years better less round through up down further higher bigger worse ever miles hours days weeks "
    "months lower faster closer stronger louder smaller fewer older deeper harder out time yes no longer greater around "
    "may can will do did her his their hundreds thousands millions farther off the and".split()
)
_JOINING = frozenset(("and", "or"))
# What stands before and after the mark that opens a quotation.
_OPENING = re.compile(r'(?:^|[\s(\[-])"[\w$\u20ac\u00a3(\[]')
# A lower-case name tells only in an article that writes at least so many of its names with capitals.
_CAPITAL_SHARE = 0.8
# Marks beside a name in a web address or a handle, and what follows one there.
_ADDRESS_MARKS = frozenset("@#/_")
_ADDRESS_ENDINGS = (".c", ".o", ".g", ".n")
# As ``Rule.score`` for what no pattern finds.
_REPEAT_SCORE, _JOINED_SCORE, _QUOTE_SCORE, _NAME_SCORE = 0.7, 0.65, 0.8, 0.65


class Artefacts(HandcraftedSignal):
    """Traces of the machinery; see the module."""

    name = group = "artefacts"
    title = "leftovers of engines"
    descriptions: ClassVar = dict.fromkeys(
        (f"artefacts_{name}" for name in COLUMNS),
        FeatureDescription("artefacts of numbers, dates, quotation marks and names"),
    )

    def extract(self, batch: Batch) -> NDArray[np.float64]:
        """float64 array (n_articles, 9): artefacts of each kind per 1,000 words, those of tables and British desks left out."""
        rows = np.zeros((len(batch.articles), len(COLUMNS)))
        for row, article, traces in zip(rows, batch.articles, self._traces(batch), strict=True):
            for trace in traces:
                row[COLUMNS.index(trace.name)] += 1000 / max(article.n_words, 1)
        return rows

    def find_evidence(self, batch: Batch) -> list[list[Evidence]]:
        """The artefacts of each article, the surest first, with what stood there before if that is plain."""
        pairs = zip(batch.articles, self._traces(batch), strict=True)
        return [[_evidence(article, trace) for trace in traces] for article, traces in pairs]

    def _traces(self, batch: Batch) -> list[list[Trace]]:
        return batch.shared(
            traces_of, lambda: [unexplained_traces(article, list(traces_of(article))) for article in batch.articles]
        )


def traces_of(article: Article) -> Iterator[Trace]:
    """The artefacts of one article, kind by kind."""
    text = article.text
    for rule in RULES:
        if not rule.needs or any(needed in text for needed in rule.needs):
            for match in rule.pattern.finditer(text):
                yield Trace(
                    rule.name,
                    *match.span(),
                    rule.repair(match),
                    rule.reason,
                    rule.score,
                    rule.conditional,
                    rule.british,
                )
    yield from _repeats(article)
    yield from _quotes(text)
    yield from _names(article)


def _repeats(article: Article) -> Iterator[Trace]:
    """A word twice in a row, or joined to itself by "and" or "or"."""
    words = article.tokens
    for i, (word, following) in enumerate(pairwise(words)):
        if word == following and _is_plain(word, _DOUBLED, article, i, i + 1):
            yield Trace("repeats", *_span(article, i, i + 1), word, "a word twice", _REPEAT_SCORE)
        elif following in _JOINING and words[i + 2 : i + 3] == [word] and _is_plain(word, _JOINED, article, i, i + 2):
            yield Trace("repeats", *_span(article, i, i + 2), None, "a word joined to itself", _JOINED_SCORE)


def _is_plain(word: str, usual: frozenset[str], article: Article, first: int, last: int) -> bool:
    """True for a lower-case word that English does not usually repeat, unless a quotation mark stands between."""
    if word in usual or len(word) < 2 or not word.isalpha() or not word.islower():
        return False
    start, end = _span(article, first, last)
    return '"' not in article.text[start:end]


def _span(article: Article, first: int, last: int) -> tuple[int, int]:
    return int(article.starts[first]), int(article.ends[last])


def _quotes(text: str) -> Iterator[Trace]:
    """Quotations that open, in the middle of a sentence, inside one that never closed."""
    is_open, place = False, text.find('"')
    while place >= 0:
        opens = _OPENING.fullmatch(text, max(place - 1, 0), place + 2) is not None
        # A long quotation opens anew with each of its paragraphs; those begin sentences.
        if opens and is_open and text[max(place - 2, 0) : place].rstrip()[-1:].isalpha():
            yield Trace("quotes", *_around(text, place), None, "a quotation opens before the last closed", _QUOTE_SCORE)
        is_open, place = opens, text.find('"', place + 1)


def _around(text: str, place: int) -> tuple[int, int]:
    """The words on both sides of a quotation mark."""
    first = text.rfind(" ", 0, max(place - 1, 0)) + 1
    last = text.find(" ", place)
    return first, last if last > 0 else len(text)


def _names(article: Article) -> Iterator[Trace]:
    """Names in lower case, in an article that writes others with capitals."""
    known = names()
    found = [i for i, word in enumerate(article.lower) if word in known]
    small = [i for i in found if article.tokens[i].islower() and not _in_address(article, i)]
    if small and len(small) <= (1 - _CAPITAL_SHARE) * len(found):
        for i in small:
            named, reason = article.tokens[i].capitalize(), "a name without its capital"
            yield Trace("names", *_span(article, i, i), named, reason, _NAME_SCORE)


def _in_address(article: Article, token: int) -> bool:
    """True for part of a web address, a handle or a file name."""
    start, end = _span(article, token, token)
    around = article.text[max(start - 1, 0) : end + 1]
    return not _ADDRESS_MARKS.isdisjoint(around) or around[0] == "." or article.text.startswith(_ADDRESS_ENDINGS, end)


@cache
def names() -> frozenset[str]:
    """Names that English always writes with a capital, in lower case; see ``data/names.txt``."""
    return read_words("names.txt")


def _evidence(article: Article, trace: Trace) -> Evidence:
    start, end = article.canonical.span(trace.start, trace.end)
    return Evidence(
        start,
        end,
        article.raw[start:end],
        "artefacts",
        trace.repaired,
        None,
        trace.score,
        trace.reason,
        conditional=trace.conditional,
    )
