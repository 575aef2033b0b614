"""What an element says of itself: whether it is part of an article, by its class, id or role, and whether it shows."""

from __future__ import annotations

import re
from typing import Final

# What an element's class, id or role says if its text is no part of an article: words at the beginning of a part of a name
# ("related-links", "storyComments"), and short ones that must be the whole part.
_FURNITURE: Final = re.compile(
    r"(?:(?<![A-Za-z])|(?<=[a-z])(?=[A-Z]))(?i:"
    r"advert|author|banner|breadcrumb|byline|caption|carousel|comment|consent|contact|cookie|copyright|credit|dateline|"
    r"disclaimer|disqus|feedback|footer|gallery|gdpr|visually-?hidden|(?<![\w:-])hidden(?![\w-])|infobox|login|masthead|menu|metadata|modal|most-?read|navig|"
    r"newsletter|outbrain|overlay|pagination|popular|popup|promo|rating|read-?more|recirc|recommend|related|see-?also|share|"
    r"sharing|(?<!has-)(?<!no-)(?<!with-)side-?bar|sign-?up|slideshow|social|sponsor|subscri|taboola|teaser|timestamp|toolbar|trending|"
    r"widget(?!-(?:container|content|inner|wrap)|\sBlog\b)|"
    r"(?:ads?|bio|foot|meta|more|nav|pager|poll|print|tags?)(?![A-Za-z]))"
)
# What such a name says of an element that holds the article, whatever else it says: it names a body of text, a block of text that a page
# builder calls a widget, or a post, whose topics and author blogs list as classes, too (the hAtom microformat, 2005).
_ARTICLE: Final = re.compile(
    r"(?:article|blog|content|entry|main|more|news|page|post|story)[-_]*(?:body|content|text)|body-content|"
    r"(?:rich|wysiwyg)-?text|text-?(?:block|column|editor)|\bhentry\b|\bpost-\d",
    re.IGNORECASE,
)
# What hides an element: a style, or the attribute of that name outside the values of others.
_HIDING_STYLE: Final = re.compile(r"""\bstyle\s*=\s*["']?[^"'>]{0,400}?\bdisplay\s{0,9}:\s{0,9}none\b""", re.IGNORECASE)
_HIDING_ATTRIBUTE: Final = re.compile(r"(?:^|\s)hidden(?=[\s/>=]|$)", re.IGNORECASE)
_QUOTED: Final = re.compile(r""""[^"]*+"|'[^']*+'""")
_NAMES: Final = re.compile(
    r"""\b(?:class|id|role|itemprop)\s*=\s*(?:"([^"]{0,400})"|'([^']{0,400})'|([^\s"'>]{1,200}))""", re.IGNORECASE
)
# Characters of a tag that are searched for names; longer ones carry data.
_SEARCHED_CHARACTERS: Final = 3_000


def names_of(rest: str) -> str:
    """Class, id, role and itemprop of an element, of what its tag holds after its name."""
    return " ".join("".join(groups) for groups in _NAMES.findall(rest[:_SEARCHED_CHARACTERS]))


def is_furniture(names: str) -> bool:
    """True if names say that an element is no part of an article."""
    return bool(_FURNITURE.search(names)) and not _ARTICLE.search(names)


def is_hidden(rest: str) -> bool:
    """True if a tag says that a browser does not show the element."""
    searched = rest[:_SEARCHED_CHARACTERS]
    if "none" in searched and _HIDING_STYLE.search(searched):
        return True
    return "hidden" in searched.lower() and bool(_HIDING_ATTRIBUTE.search(_QUOTED.sub("", searched)))
