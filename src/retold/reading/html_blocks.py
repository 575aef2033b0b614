"""HTML to blocks of text, each with the elements that it stands in.

The standard html.parser takes time quadratic in the length of unclosed markup (two minutes for 500 kB of "<!--"), so
tags are found by expressions that never look past the next "<", and searches for open elements are bounded: time is
linear in the length of the page, whatever its nesting.
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass, field
from typing import Final

# Elements that end a line but seldom hold whole paragraphs, and those that stand within a line; all others are containers.
_LINES: Final = frozenset("address blockquote dd dt h1 h2 h3 h4 h5 h6 li p pre summary tr".split())
_INLINE: Final = frozenset(
    "a abbr acronym audio b bdi bdo big canvas cite code data del dfn em font i ins kbd label map mark nobr object picture "
    "q s samp small span strike strong sub sup time tt u var video".split()
)
_EMPTY: Final = frozenset("area base br col embed hr img input link meta param source track wbr".split())
# Elements whose text is no part of an article.
_SKIPPED: Final = frozenset(
    "aside button dialog figcaption footer header menu nav noscript select svg template textarea".split()
)
# Elements that are never furniture, since blogs list an article's topics in its class.
_MAIN: Final = frozenset({"article", "body", "html", "main"})
# What an element's class, id or role says if its text is no part of an article: words at the beginning of a part of a name
# ("related-links", "storyComments"), and short ones that must be the whole part.
_FURNITURE: Final = re.compile(
    r"(?:(?<![A-Za-z])|(?<=[a-z])(?=[A-Z]))(?i:"
    r"advert|author|banner|breadcrumb|byline|caption|carousel|comment|consent|contact|cookie|copyright|credit|dateline|"
    r"disclaimer|disqus|feedback|footer|gallery|gdpr|hidden|infobox|login|masthead|menu|metadata|modal|most-?read|navig|"
    r"newsletter|outbrain|overlay|pagination|popular|popup|promo|rating|read-?more|recirc|recommend|related|see-?also|share|"
    r"sharing|side-?bar|sign-?up|slideshow|social|sponsor|subscri|taboola|teaser|timestamp|toolbar|trending|widget|"
    r"(?:ads?|bio|foot|meta|more|nav|pager|poll|print|tags?)(?![A-Za-z]))"
)
# What such a name says of an element that holds the article, whatever else it says.
_ARTICLE: Final = re.compile(
    r"(?:article|blog|content|entry|main|news|page|post|story)[-_]*(?:body|content|text)|body-content", re.IGNORECASE
)
# Comments, declarations and elements whose content is not markup; unclosed, they run to the end, as in a browser.
_INVISIBLE: Final = re.compile(
    r"<!--(?:-?>|.*?(?:--!?>|\Z))|<(script|style|textarea|iframe|title)\b.*?(?:</\1\s*>|\Z)|<[!?][^<>]*+>?",
    re.DOTALL | re.IGNORECASE,
)
# A quoted value may hold ">"; the last alternative takes tags whose quotation marks do not close.
_TAG: Final = re.compile(r"""<(/?)([A-Za-z][^\s/<>]{0,40})((?:[^<>"']++|"[^"<]*+"|'[^'<]*+')*+>|[^<>]*+>)""")
_NAMES: Final = re.compile(
    r"""\b(?:class|id|role|itemprop)\s*=\s*(?:"([^"]{0,400})"|'([^']{0,400})'|([^\s"'>]{1,200}))""", re.IGNORECASE
)
_ENTITY: Final = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
# Characters of a tag that are searched for names; longer ones carry data.
_SEARCHED_CHARACTERS: Final = 3_000
# Open elements among which the one that a tag closes is looked for, and those that are kept at all. Real pages nest
# about forty deep.
_SEARCHED_DEPTH, _MAX_DEPTH = 64, 400


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph, heading or list item.

    Attributes:
        text: On one line, entities decoded.
        n_words: Its words; at least 1.
        n_link_words: Those of them inside links.
        element: The innermost element around it that is not inline: an index into the page's lists.
    """

    text: str
    n_words: int
    n_link_words: int
    element: int


@dataclass(slots=True)
class Page:
    """The blocks of a page and a tree of its elements, of which number 0 is the root.

    Attributes:
        blocks: In order; text of elements that are never part of an article, such as <nav>, is left out.
        tags: Name of each element.
        parents: Number of the element around each; -1 for the root. Parents have lower numbers than their children.
        containers: Number of the innermost container that each is or stands in.
        furniture: True for elements whose class, id or role says that they are no part of an article.
        n_words: Words of all blocks, also of those that were left out.
    """

    blocks: list[Block] = field(default_factory=list)
    tags: list[str] = field(default_factory=lambda: [""])
    parents: list[int] = field(default_factory=lambda: [-1])
    containers: list[int] = field(default_factory=lambda: [0])
    furniture: list[bool] = field(default_factory=lambda: [False])
    n_words: int = 0


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
    return parser.page


class _Parser:
    """Keeps the open elements and the text since the last block."""

    def __init__(self) -> None:
        self.page = Page()
        self._open = [0]
        self._is_skipped = [False]
        self._pieces: list[str] = []
        self._link_words = self._open_links = self._line_breaks = 0

    def text(self, text: str) -> None:
        """Take text between two tags."""
        if text and not text.isspace():
            self._line_breaks = 0
            self._link_words += len(text.split()) if self._open_links else 0
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
        page.containers.append(page.containers[parent] if tag in _LINES or tag in _INLINE else number)
        page.furniture.append(tag not in _MAIN and _is_furniture(rest))
        self._is_skipped.append(self._is_skipped[parent] or tag in _SKIPPED)
        self._open.append(number)
        self._open_links += tag == "a"

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
            self._open.pop()

    def end_block(self) -> None:
        """Make a block of the text since the last one."""
        text = " ".join(_ENTITY.sub(lambda match: html.unescape(match[0]), "".join(self._pieces)).split())
        if text:
            n_words = len(text.split(" "))
            self.page.n_words += n_words
            if not self._is_skipped[self._open[-1]]:
                element = self._open[-1]
                self.page.blocks.append(Block(text, n_words, min(self._link_words, n_words), element))
        self._pieces = []
        self._link_words = self._line_breaks = 0


def _is_furniture(rest: str) -> bool:
    names = " ".join("".join(groups) for groups in _NAMES.findall(rest[:_SEARCHED_CHARACTERS]))
    return bool(names) and bool(_FURNITURE.search(names)) and not _ARTICLE.search(names)
