"""HTML to the text of its article.

The extracted text is the text as the reader gave it: evidence offsets index it, not the markup. Only paragraphs,
headings, list items and quotations are kept, and none of them inside navigation, footers, asides or forms.

The standard html.parser takes time quadratic in the length of unclosed markup (two minutes for 500 kB of "<!--"), so
tags are found by expressions that never look past the next "<": time is linear and nesting costs nothing.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

_BLOCKS = frozenset({"p", "h1", "h2", "h3", "h4", "h5", "h6", "li", "blockquote"})
_BOUNDARIES = frozenset({"article", "body", "div", "dl", "figure", "main", "ol", "section", "table", "ul"})
_SKIPPED = frozenset(
    {"aside", "button", "figcaption", "footer", "form", "nav", "noscript", "select", "svg", "template"}
)
# Comments, declarations and elements whose content is not markup; unclosed, they run to the end, as in a browser.
_INVISIBLE = re.compile(
    r"<!--.*?(?:-->|\Z)|<(script|style|textarea|iframe|title)\b.*?(?:</\1\s*>|\Z)|<[!?][^<>]*+>?",
    re.DOTALL | re.IGNORECASE,
)
# A quoted value may hold ">"; the last alternative takes tags whose quotation marks do not close.
_TAG = re.compile(r"""<(/?)([A-Za-z][^\s/<>]{0,40})(?:(?:[^<>"']++|"[^"<]*+"|'[^'<]*+')*+>|[^<>]*+>)""")
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")


def html_text(markup: str) -> str:
    """Return the article in an HTML page, a paragraph a line; "" if it has none. Never raises for a str."""
    paragraphs = (_plain(piece) for piece in _paragraphs(_INVISIBLE.sub(" ", markup)))
    return "\n".join(paragraph for paragraph in paragraphs if paragraph)


def _paragraphs(markup: str) -> Iterator[str]:
    """The text of each block that is kept, its entities still encoded."""
    pieces: list[str] = []
    keeping = False
    for text, tag, closes in _events(markup):
        if keeping:
            pieces.append(text)
        if tag in _BLOCKS or tag in _BOUNDARIES:
            yield "".join(pieces)
            pieces = []
            keeping = tag in _BLOCKS and not closes
        elif tag == "br":
            pieces.append(" ")
    yield "".join(pieces)


def _events(markup: str) -> Iterator[tuple[str, str, bool]]:
    """Each tag outside skipped elements: the text before it, its name, and whether it closes; at the end, no name."""
    skipped, depth, last = "", 0, 0
    for match in _TAG.finditer(markup):
        tag, closes = match[2].lower(), bool(match[1])
        if tag == skipped:
            depth += -1 if closes else 1
            skipped = skipped if depth else ""
        elif not skipped:
            yield markup[last : match.start()], tag, closes
            if tag in _SKIPPED and not closes and not match[0].endswith("/>"):
                skipped, depth = tag, 1
        last = match.end()
    if not skipped:
        yield markup[last:], "", True


def _plain(piece: str) -> str:
    return " ".join(_ENTITY.sub(lambda match: html.unescape(match[0]), piece).split())
