"""HTML to the text of its article.

The extracted text is the text as the reader gave it: evidence offsets index it, not the markup. Measured on 81 news pages by
``benchmarks/extraction.py``.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from retold.limits import MIN_WORDS
from retold.reading.html_article import article_blocks, without_furniture
from retold.reading.html_blocks import parse_page
from retold.reading.html_tree import words_of
from retold.reading.page_data import article_body

# Share of the words of the article in a page's data below which the page itself does not show the article.
_SHOWN_SHARE: Final = 0.5
# Share of the page's words below which the article is doubtful: in 81 news pages the lowest was 7%, the median 57%.
_MIN_SHARE: Final = 0.1
# Words from which that share means something.
_LONG_PAGE: Final = 1_000
# What schema.org has publishers say of pages that only subscribers see whole.
_PAYWALL: Final = re.compile(r"""isAccessibleForFree["']?\s{0,9}[:=]\s{0,9}["']?false""", re.IGNORECASE)

_CHECK = "check with: retold extract PAGE"


class Extraction(NamedTuple):
    """The article of a page.

    Attributes:
        text: A paragraph a line; empty if the page has no text.
        warnings: Why it may not be the article, or not all of it.
    """

    text: str
    warnings: tuple[str, ...]


def extract_article(markup: str) -> Extraction:
    """Take the article out of an HTML page; never raises for a str."""
    warnings = []
    page = parse_page(markup)
    data = parse_page(article_body(markup).replace("\n", "<br><br>"))
    blocks = article_blocks(page, without_furniture(page))
    if words_of(blocks) < min(MIN_WORDS, words_of(page.blocks)):
        # Names of classes mislead here, or there is no article.
        blocks = article_blocks(page, page.blocks)
        blocks = blocks if words_of(blocks) >= MIN_WORDS else page.blocks
        warnings.append(f"no clear article in this page, so that other text may be in it; {_CHECK}")
    if words_of(blocks) < _SHOWN_SHARE * data.n_words:
        page, blocks = data, data.blocks
        warnings = [f"the page shows no such article, so that its text is what the page tells search engines; {_CHECK}"]
    n_words = words_of(blocks)
    if page.n_words >= _LONG_PAGE and n_words < _MIN_SHARE * page.n_words:
        warnings.append(f"only {n_words:,} of the page's {page.n_words:,} words seem to be the article; {_CHECK}")
    if _PAYWALL.search(markup):
        warnings.append(f"the page is marked as not free to read, so the article may be cut short; {_CHECK}")
    return Extraction("\n".join(block.text for block in blocks), tuple(warnings))
