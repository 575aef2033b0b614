"""What stands between two tags to text, and what text alone says of its place in a page.

Pages of content farms carry what their makers never looked at: entities that were encoded twice, tags that show, codes of page builders
that were not replaced. Phrases that stand beside articles, and nowhere in them, were collected from news pages.
"""

from __future__ import annotations

import html
import re
from typing import Final

_ENTITY: Final = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
# Tags that were encoded and so show as text.
_SHOWN_TAG: Final = re.compile(
    r"</?(?:a|b|blockquote|br|div|em|font|h[1-6]|i|img|li|p|span|strong|u|ul)(?:\s[^<>]{0,400})?/?>", re.IGNORECASE
)
# Codes for pictures and columns that a page's software left in place: with an attribute, or closing; and the end of CDATA in feeds.
_SHORTCODE: Final = re.compile(
    r"""\[[a-z][\w-]{1,30}(?:\s+[\w-]{1,30}=["'\u201c\u201d\u2033][^\[\]]{0,400})\]|\]\]>|\[/[a-z][\w-]{1,30}\]"""
)
# Words of a notice; a paragraph of an article may mention cookies, too.
MAX_NOTICE_WORDS: Final = 40
# At either end of an article.
_NOTICE: Final = re.compile(
    r"\b(?:we use cookies|cookie (?:policy|settings|preferences)|all rights reserved|privacy policy|terms (?:of (?:use|service)"
    r"|and conditions)|sign up (?:for|to)|subscribe to (?:our|the)|newsletter|follow (?:her|him|me|them|us|@\w{1,30})(?: and \w{1,30})? on|"
    r"click here|read more|share this|advertisement|appeared first on|copyright (?:\u00a9|\d{4}))|\u00a9|\b[\w.+-]{1,64}@[\w-]{1,64}\.\w",
    re.IGNORECASE,
)
# Anywhere: what leads to another page, or labels what is not the article.
_LEAD: Final = (
    r"(?:also read|don['\u2019]t miss|editor['\u2019]?s['\u2019]? picks?|more on this(?: story| topic)?|more from [\w ]{1,30}|most read|"
    r"(?:read|see|watch)(?: also| more| next| now| this)?|recommended(?: for you)?|related(?: articles?| content| news| posts?| reading"
    r"| stories| story| topics)?|you (?:may|might)(?: also)? (?:be interested in|like))"
)
_LINK: Final = re.compile(rf"\W{{0,3}}{_LEAD}\s?(?:[:|>\u00bb\u2013\u2014\u2192]|-\s)", re.IGNORECASE)
_LABEL: Final = re.compile(
    rf"\W{{0,3}}(?:{_LEAD}|(?:paid |sponsored )?(?:ad|adverts?|advertisements?|content)|advertisement - (?:continue|scroll)[\w ]{{0,60}}|"
    r"(?:article |story )?continues? (?:after|below)[\w ]{0,40}|loading|promoted|share(?: this)?|sponsored|subscribe|tweet)\W{0,3}",
    re.IGNORECASE,
)
# Before an article: who wrote it, and when; no sentence, so without a full stop.
_BYLINE: Final = re.compile(
    r"(?:(?:last )?(?:published|updated)(?: (?:at|on))?|(?:posted|reported|written) (?:by|on)|by|date|photo)(?: ?:|\s)[^?!]{0,120}"
    r"(?<![.?!\u201d\"])$",
    re.IGNORECASE,
)
# Longer lines are sentences; by judgement.
_MAX_BYLINE_WORDS: Final = 14


def plain_text(piece: str) -> str:
    """Text between two tags on one line, entities decoded; what was encoded twice is decoded twice."""
    text = _unescaped(piece)
    if "&" in text:
        text = _unescaped(text)
    if "<" in text:
        text = _SHOWN_TAG.sub(" ", text)
    if "[" in text or "]" in text:
        text = _SHORTCODE.sub(" ", text)
    return " ".join(text.split())


def _unescaped(text: str) -> str:
    return _ENTITY.sub(lambda match: html.unescape(match[0]), text)


def is_notice(text: str) -> bool:
    """True if a short text at either end of an article is not of it."""
    return bool(_NOTICE.search(text))


def is_byline(text: str) -> bool:
    """True if a text before an article says who wrote it, or when."""
    return len(text.split()) <= _MAX_BYLINE_WORDS and bool(_BYLINE.match(text))


def leads_elsewhere(text: str) -> bool:
    """True if a short text, wherever it stands, leads to another page or labels an advertisement."""
    return bool(_LINK.match(text) or _LABEL.fullmatch(text))
