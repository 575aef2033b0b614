"""Unicode and typographic normalization: one spelling of typography, with a map back to the reader's own offsets.

Engines and content systems differ in quotation marks, dashes, entities, spaces and invisible characters. A classifier
that sees them learns the format, not the translation, so every text passes through here before any feature is computed.
"""

from __future__ import annotations

import html
import re
import unicodedata
from array import array
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from retold.text.confusables import fold_confusables, truecase

_SINGLE_QUOTES = "\u2018\u2019\u201a\u201b\u2032\u2039\u203a\u0060\u00b4\u02bc\u02b9"
_DOUBLE_QUOTES = "\u201c\u201d\u201e\u201f\u2033\u00ab\u00bb\u3003"
_DASHES = "\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63\uff0d\u2e3a\u2e3b"
_PLAIN_QUOTES_AND_DASHES = (
    {ord(c): "'" for c in _SINGLE_QUOTES} | {ord(c): '"' for c in _DOUBLE_QUOTES} | {ord(c): "-" for c in _DASHES}
)
_INVISIBLE_CATEGORIES = frozenset({"Cf", "Cc", "Co", "Cs", "Cn"})
# What NFKC leaves of joiners and selectors whose categories are not those of format characters, and of marks that no letter
# takes: they print nothing, or over their letter, and were put there to break words. Two fillers print as blanks.
_BREAKS_WORDS = re.compile(r"[\u0300-\u036f\u115f\u17b4\u17b5\u180b-\u180d\ufe00-\ufe0f]")
_BLANKS = {0x1160: " ", 0x2800: " "}

_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
# A combining mark is taken with its base, so that NFKC sees whole clusters.
_MARK = re.compile(r"[\u0300-\u036f\u1ab0-\u1aff\u20d0-\u20ff\ufe20-\ufe2f]")
_UNUSUAL_ALONE = re.compile(r"[^\n\t\r -_a-~]")
_UNUSUAL = re.compile(rf"[^\n]?{_MARK.pattern}+|{_UNUSUAL_ALONE.pattern}")
# Only names of HTML, and nothing behind them but attributes, so that "a <b and c> d" stays.
_ATTRIBUTES = r"(?:\s[^<>=]{0,200}=[^<>]{0,2000}|\s{0,9}/?)>"
# Inline tags join what they stand between, the others part it.
_INLINE_TAG = re.compile(
    rf"</?(?:a|abbr|b|big|cite|em|font|i|mark|q|s|small|span|strike|strong|sub|sup|u){_ATTRIBUTES}", re.I
)
_BLOCK_TAG = re.compile(
    r"</?(?:article|aside|blockquote|body|br|dd|div|dl|dt|figcaption|figure|footer|h[1-6]|header|hr|html|img|li|main|nav|ol"
    rf"|p|section|table|tbody|td|th|tr|ul){_ATTRIBUTES}",
    re.I,
)
# Marks of Markdown: heads and quoted lines, links around their words, emphasis that hugs a word.
_MARKDOWN = re.compile(
    r"(?m:^)[ \t]*(?:#{1,6}|>)[ \t]+"
    r"|!?\[(?=[^\[\]]{1,300}\]\([^()\s]{1,500}\))|(?<=\w)\]\([^()\s]{1,500}\)"
    r"|(?<!\w)(?:\*{1,3}|_{1,3})(?=[\w\"'])|(?<=[\w\"'.,!?])(?:\*{1,3}|_{1,3})(?!\w)"
)
_MAY_BE_MARKDOWN = re.compile(r"[*_]|\]\(|(?m:^)[ \t]*[#>]")
_RUN = re.compile(r"-{2,}|''|[^\S ]\s*| \s+")
# Decoding twice undoes "&amp;quot;", the deepest nesting that content systems make.
_ENTITY_PASSES = 2
# Characters by which a text may grow beyond twice its length: NFKC makes 18 characters of U+FDFA, and texts are measured
# before it. No text in English grows by a tenth.
_FREE_GROWTH = 1_000


@dataclass(frozen=True, slots=True)
class NormalizedText:
    """A canonical text and, for each of its characters, where that came from.

    Attributes:
        text: The canonical text: one line, single spaces, straight quotes, hyphens for dashes.
        starts: int32 array of shape (len(text),): start offset in the reader's text of each canonical character.
        ends: int32 array of the same shape: end offset, exclusive.
    """

    text: str
    starts: NDArray[np.int32]
    ends: NDArray[np.int32]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Map a non-empty canonical span to the reader's offsets, so that ``raw[start:end]`` is the flagged text.

        Raises:
            ValueError: if the span is empty or lies outside the text.
        """
        if not 0 <= start < end <= len(self.text):
            raise ValueError(f"span ({start}, {end}) lies outside a canonical text of {len(self.text)} characters")
        return int(self.starts[start]), int(self.ends[end - 1])


def normalize(raw: str) -> NormalizedText:
    """Return the canonical form of ``raw`` with a map back to its offsets; an empty text gives an empty one."""
    offsets = np.arange(len(raw), dtype=np.int32)
    draft = NormalizedText(raw, offsets, offsets + 1)
    if "&" in raw:
        for _ in range(_ENTITY_PASSES):
            draft = _substitute(draft, _ENTITY, html.unescape)
    unusual = _UNUSUAL if _MARK.search(draft.text) else _UNUSUAL_ALONE
    draft = _substitute(draft, unusual, _CharacterFolder(len(raw)))
    if "<" in draft.text:
        draft = _substitute(_substitute(draft, _INLINE_TAG, lambda tag: ""), _BLOCK_TAG, lambda tag: " ")
    if _MAY_BE_MARKDOWN.search(draft.text):
        draft = _substitute(draft, _MARKDOWN, lambda mark: "")
    draft = _strip(_substitute(draft, _RUN, _collapse))
    return NormalizedText(truecase(fold_confusables(draft.text)), draft.starts, draft.ends)


class _CharacterFolder:
    """Folds the clusters of one text of ``length`` characters, and stops unfolding once it has grown too much."""

    def __init__(self, length: int) -> None:
        self._growth_left = _FREE_GROWTH + length
        self._folded: dict[str, str] = {}

    def __call__(self, cluster: str) -> str:
        plain = self._folded.get(cluster)
        if plain is None:
            plain = self._folded[cluster] = _fold_cluster(cluster)
        self._growth_left -= max(len(plain) - len(cluster), 0)
        return plain if self._growth_left >= 0 else plain[: len(cluster)]


def without_accents(text: str) -> str:
    """A text whose letters have lost their accents: NFKD without combining marks."""
    return "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))


def _fold_cluster(cluster: str) -> str:
    """NFKC, straight quotes, hyphens for dashes; format and control characters go, white space stays."""
    plain = unicodedata.normalize("NFKC", cluster.translate(_PLAIN_QUOTES_AND_DASHES))
    plain = plain.translate(_PLAIN_QUOTES_AND_DASHES)
    plain = _BREAKS_WORDS.sub("", plain.translate(_BLANKS))
    return "".join(c for c in plain if c.isspace() or unicodedata.category(c) not in _INVISIBLE_CATEGORIES)


def _collapse(run: str) -> str:
    return {"-": "-", "'": '"'}.get(run[0], " ")


def _substitute(draft: NormalizedText, pattern: re.Pattern[str], replacement: Callable[[str], str]) -> NormalizedText:
    """Replace each match; the characters that replace it all point at the whole of what stood there."""
    pieces: list[str] = []
    firsts, afters, sizes = array("i"), array("i"), array("i")
    last = 0
    for match in pattern.finditer(draft.text):
        first, after = match.span()
        by = replacement(match.group())
        pieces += (draft.text[last:first], by)
        firsts.append(first)
        afters.append(after)
        sizes.append(len(by))
        last = after
    if not pieces:
        return draft
    pieces.append(draft.text[last:])
    return _with_replaced("".join(pieces), draft, *map(np.asarray, (firsts, afters, sizes)))


def _with_replaced(
    text: str, draft: NormalizedText, firsts: NDArray[np.int32], afters: NDArray[np.int32], sizes: NDArray[np.int32]
) -> NormalizedText:
    """The text with the offsets of a draft whose spans ``firsts`` to ``afters`` were replaced by ``sizes`` characters."""
    edges = np.zeros(len(draft.text) + 1, dtype=np.int32)
    edges[firsts] += 1
    edges[afters] -= 1
    copies = 1 - np.cumsum(edges[:-1])
    copies[firsts] = sizes
    ends = draft.ends.copy()
    ends[firsts] = draft.ends[afters - 1]
    return NormalizedText(text, np.repeat(draft.starts, copies), np.repeat(ends, copies))


def _strip(draft: NormalizedText) -> NormalizedText:
    text = draft.text.strip(" ")
    first = len(draft.text) - len(draft.text.lstrip(" ")) if text else 0
    kept = slice(first, first + len(text))
    return NormalizedText(text, draft.starts[kept], draft.ends[kept])
