"""HTML to blocks of text, each with the elements that it stands in.

The standard html.parser takes time quadratic in the length of unclosed markup (two minutes for 500 kB of "<!--"), so
tags are found by expressions that never look past the next "<", and searches for open elements are bounded: time is
linear in the length of the page, whatever its nesting.
"""

from __future__ import annotations

import re
from typing import Final

from retold.reading.html_names import is_furniture, is_hidden, names_of
from retold.reading.html_text import plain_text
from retold.reading.html_tree import Block, Page, take_for_lines

# Elements that end a line but seldom hold whole paragraphs, and those that stand within a line; all others are containers.
_LINES: Final = frozenset("address blockquote dd dl dt h1 h2 h3 h4 h5 h6 li ol p pre summary tr ul".split())
_INLINE: Final = frozenset(
    "a abbr acronym audio b bdi bdo big canvas cite code data del dfn em font i ins kbd label map mark nobr object picture "
    "q s samp small span strike strong sub sup time tt u var video".split()
)
_EMPTY: Final = frozenset("area base br col embed hr img input link meta param source track wbr".split())
# Elements whose text is no part of an article.
_SKIPPED: Final = frozenset(
    "amp-ad amp-consent amp-lightbox amp-sidebar amp-social-share amp-user-notification aside button datalist dialog figcaption "
    "footer header menu nav noscript select svg template textarea".split()
)
# Elements that are never furniture, since blogs list an article's topics in its class.
_MAIN: Final = frozenset({"article", "body", "html", "main"})
# Elements that are furniture by their tag: of these, a time is left out only where it stands alone.
_SET_APART: Final = frozenset({"form", "time"})
# Comments, declarations and elements whose content is not markup; unclosed, they run to the end, as in a browser.
_INVISIBLE: Final = re.compile(
    r"<!--(?:-?>|.*?(?:--!?>|\Z))|<(script|style|textarea|iframe|title)\b.*?(?:</\1\s*>|\Z)|<[!?][^<>]*+>?",
    re.DOTALL | re.IGNORECASE,
)
# A quoted value may hold ">", and markup if another attribute or the end of the tag follows it; the last alternative takes tags whose
# quotation marks do not close. Linear: what follows a quotation mark is read alike from wherever a tag began, so that no character
# is read for more than three beginnings.
_TAG: Final = re.compile(
    r"""<(/?)([A-Za-z][^\s/<>]{0,40})((?:[^<>"']++|"[^"<]*+"|'[^'<]*+'|"[^"]*+"(?=[\s/>])|'[^']*+'(?=[\s/>]))*+>|[^<>]*+>)"""
)
_BLANK_LINE: Final = re.compile(r"\n[^\S\n]*\n")
# Open elements among which the one that a tag closes is looked for, and those that are kept at all. Real pages nest
# about forty deep.
_SEARCHED_DEPTH, _MAX_DEPTH = 64, 400


def parse_page(markup: str) -> Page:
    """Cut a page into blocks; never raises for a str."""
    parser = _Parser()
    visible = _INVISIBLE.sub(" ", markup)
    last = 0
    for match in _TAG.finditer(visible):
        parser.text(visible[last : match.start()])
        last = match.end()
        if match[1]:
            parser.close(match[2].lower())
        else:
            parser.open(match[2].lower(), match[3])
    parser.text(visible[last:])
    parser.end_block()
    take_for_lines(parser.page)
    return parser.page


class _Parser:
    """Keeps the open elements and the text since the last block.

    Elements within a line end no block, so those that are furniture or hidden are kept on lists of their own.
    """

    def __init__(self) -> None:
        self.page = Page()
        self._open = [0]
        self._is_skipped = [False]
        self._pieces: list[str] = []
        self._open_furniture: list[int] = []
        self._open_hidden: list[int] = []
        self._link_words = self._furniture_words = self._furniture = self._open_links = self._open_pre = (
            self._line_breaks
        ) = 0

    def text(self, text: str) -> None:
        """Take text between two tags."""
        if self._open_hidden:
            return
        for i, part in enumerate(_BLANK_LINE.split(text) if self._open_pre else [text]):
            if i:
                self.end_block()
            self._add(part)

    def _add(self, text: str) -> None:
        if text and not text.isspace():
            self._line_breaks = 0
            n_words = len(text.split())
            self._link_words += n_words if self._open_links else 0
            if self._open_furniture:
                self._furniture_words += n_words
                self._furniture = self._open_furniture[0]
        self._pieces.append(text)

    def open(self, tag: str, rest: str) -> None:
        """Take an opening tag."""
        if tag == "br":
            self._line_breaks += 1
            self._pieces.append(" ")
        if tag in ("br", "hr") and (tag == "hr" or self._line_breaks > 1):
            self.end_block()
        if tag in _EMPTY or (rest.endswith("/>") and tag not in _INLINE):
            return
        if tag not in _INLINE:
            self.end_block()
            self._close_implied(tag)
        if len(self._open) < _MAX_DEPTH:
            self._push(tag, rest)

    def _push(self, tag: str, rest: str) -> None:
        page, parent = self.page, self._open[-1]
        number = len(page.tags)
        page.tags.append(tag)
        page.parents.append(parent)
        page.names.append(names_of(rest))
        page.containers.append(page.containers[parent] if tag in _LINES or tag in _INLINE else number)
        hides = is_hidden(rest)
        is_named = tag in _SET_APART or is_furniture(page.names[-1])
        page.furniture.append(tag not in _MAIN and (is_named or hides))
        page.hidden.append(hides and not is_named)
        self._is_skipped.append(self._is_skipped[parent] or tag in _SKIPPED)
        self._open.append(number)
        self._open_links += tag == "a"
        self._open_pre += tag == "pre"
        if tag in _INLINE and page.furniture[-1]:
            (self._open_hidden if hides else self._open_furniture).append(number)

    def _close_implied(self, tag: str) -> None:
        """A paragraph ends where a block begins, a list item where the next one does."""
        for number in reversed(self._open[-_SEARCHED_DEPTH:]):
            name = self.page.tags[number]
            if name == "p" or name == tag == "li":
                self.close(name)
            if name == "p" or name not in _INLINE:
                return

    def close(self, tag: str) -> None:
        """Take a closing tag: all elements inside the one that it closes end, too."""
        names = [self.page.tags[number] for number in self._open[-_SEARCHED_DEPTH:]]
        if tag not in names:
            return
        for _ in range(names[::-1].index(tag) + 1):
            name = self.page.tags[self._open[-1]]
            if name not in _INLINE:
                self.end_block()
            self._open_links -= name == "a"
            self._open_pre -= name == "pre"
            number = self._open.pop()
            for marked in (self._open_furniture, self._open_hidden):
                if marked and marked[-1] == number:
                    marked.pop()

    def end_block(self) -> None:
        """Make a block of the text since the last one."""
        text = plain_text("".join(self._pieces))
        if text:
            n_words = len(text.split(" "))
            self.page.n_words += n_words
            if not self._is_skipped[self._open[-1]]:
                element = self._furniture if self._furniture_words >= n_words else self._open[-1]
                self.page.blocks.append(Block(text, n_words, min(self._link_words, n_words), element))
        self._pieces = []
        self._link_words = self._furniture_words = self._line_breaks = 0
