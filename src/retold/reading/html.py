"""HTML to the text of its article.

The extracted text is the text as the reader gave it: evidence offsets index it, not the markup. The article is found as
Readability finds it (Arc90 2009, Mozilla's Readability.js): paragraphs score for the elements around them, links count
against these, and the element with the highest score holds the article. Measured on 81 news pages by
``benchmarks/extraction.py``.
"""

from __future__ import annotations

import re
from collections import defaultdict
from typing import Final, NamedTuple

from retold.limits import MIN_WORDS
from retold.reading.html_blocks import Block, Page, parse_page

_HEADINGS: Final = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
# Words below which a block scores for nobody: captions, dates and labels are shorter (25 characters in Readability).
_MIN_PARAGRAPH_WORDS: Final = 8
# Share of words inside links from which a block is no paragraph, and from which it is a list of links (Readability: 0.5).
_MAX_LINK_SHARE: Final = 0.5
# What a paragraph's score is divided by for the container that it is in, the next one, and the one around that.
_LEVELS: Final = (1, 2, 4)
# Share of the best score from which a neighbour of the best container is part of the article, and the least such score
# (Readability).
_NEIGHBOUR_SHARE, _MIN_NEIGHBOUR_SCORE = 0.2, 10.0
# Words from which a block beside the best container is part of the article, if few of them are links (Readability: 80
# characters, a quarter).
_LOOSE_WORDS, _LOOSE_LINK_SHARE = 15, 0.25
# Share of the words directly in one container from which what stands before and after its blocks is left out.
_MOSTLY_DIRECT: Final = 0.8
# Share of a page's words from which an element is no furniture, whatever its name says: it wraps the page.
_MAIN_SHARE: Final = 0.5
# Words of a notice; a paragraph of an article may mention cookies, too.
_MAX_NOTICE_WORDS: Final = 40
_NOTICE: Final = re.compile(
    r"\b(?:we use cookies|cookie (?:policy|settings|preferences)|all rights reserved|privacy policy|terms (?:of (?:use|service)"
    r"|and conditions)|sign up (?:for|to)|subscribe to (?:our|the)|newsletter|follow us on|click here|read more|share this|"
    r"advertisement|copyright (?:\u00a9|\d{4}))|\u00a9",
    re.IGNORECASE,
)
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
    blocks = _article_blocks(page, _without_furniture(page))
    if _n_words(blocks) < min(MIN_WORDS, _n_words(page.blocks)):
        # Names of classes mislead here, or there is no article.
        blocks = _article_blocks(page, page.blocks)
        blocks = blocks if _n_words(blocks) >= MIN_WORDS else page.blocks
        warnings.append(f"no clear article in this page, so that other text may be in it; {_CHECK}")
    n_words = _n_words(blocks)
    if page.n_words >= _LONG_PAGE and n_words < _MIN_SHARE * page.n_words:
        warnings.append(f"only {n_words:,} of the page's {page.n_words:,} words seem to be the article; {_CHECK}")
    if _PAYWALL.search(markup):
        warnings.append(f"the page is marked as not free to read, so the article may be cut short; {_CHECK}")
    return Extraction("\n".join(block.text for block in blocks), tuple(warnings))


def _n_words(blocks: list[Block]) -> int:
    return sum(block.n_words for block in blocks)


def _without_furniture(page: Page) -> list[Block]:
    """Blocks outside elements whose names say that they are no part of an article, unless these hold half of the page."""
    words = _words_inside(page, [block.n_words for block in page.blocks])
    is_outside = [True] * len(page.tags)
    for number in range(1, len(page.tags)):
        is_small = words[number] < _MAIN_SHARE * words[0]
        is_outside[number] = is_outside[page.parents[number]] and not (page.furniture[number] and is_small)
    return [block for block in page.blocks if is_outside[block.element]]


def _words_inside(page: Page, counts: list[int]) -> list[int]:
    """Sum a count for each block over the blocks inside each element."""
    sums = [0] * len(page.tags)
    for block, count in zip(page.blocks, counts, strict=True):
        sums[block.element] += count
    for number in range(len(page.tags) - 1, 0, -1):
        sums[page.parents[number]] += sums[number]
    return sums


def _article_blocks(page: Page, blocks: list[Block]) -> list[Block]:
    scores = _container_scores(page, blocks)
    if not scores:
        return []
    best = max(scores, key=lambda number: (scores[number], -number))
    around = page.parents[best]
    least = max(_MIN_NEIGHBOUR_SCORE, _NEIGHBOUR_SHARE * scores[best])
    chosen = {number for number, score in scores.items() if page.parents[number] == around and score >= least} | {best}
    is_inside = [False] * len(page.tags)
    for number, parent in enumerate(page.parents):
        is_inside[number] = number in chosen or (parent >= 0 and is_inside[parent])
    article = [b for b in blocks if is_inside[b.element] or (page.containers[b.element] == around and _is_loose(b))]
    article = [b for b in article if b.n_link_words <= _MAX_LINK_SHARE * b.n_words or b.n_words >= _MAX_NOTICE_WORDS]
    return _without_notices(page, _mostly_direct(page, article))


def _container_scores(page: Page, blocks: list[Block]) -> dict[int, float]:
    """The score of each container that has paragraphs, less the share of its words that are links."""
    scores: dict[int, float] = defaultdict(float)
    for block in blocks:
        container = page.containers[block.element]
        for level in _LEVELS if (score := _paragraph_score(page, block)) else ():
            scores[container] += score / level
            if container == 0:
                break
            container = page.containers[page.parents[container]]
    words = _words_inside(page, [block.n_words for block in page.blocks])
    links = _words_inside(page, [block.n_link_words for block in page.blocks])
    return {number: score * (1 - links[number] / words[number]) for number, score in scores.items()}


def _paragraph_score(page: Page, block: Block) -> float:
    """1, a point a comma and a point a hundred characters, at most three (Readability); 0 if it is no paragraph."""
    is_linked = block.n_link_words >= _MAX_LINK_SHARE * block.n_words
    if block.n_words < _MIN_PARAGRAPH_WORDS or is_linked or page.tags[block.element] in _HEADINGS:
        return 0.0
    return 1 + block.text.count(",") + min(len(block.text) / 100, 3)


def _is_loose(block: Block) -> bool:
    return block.n_words >= _LOOSE_WORDS and block.n_link_words < _LOOSE_LINK_SHARE * block.n_words


def _mostly_direct(page: Page, blocks: list[Block]) -> list[Block]:
    """Leave out what stands before and after the blocks of a container that directly holds nearly all words."""
    direct: dict[int, int] = defaultdict(int)
    for block in blocks:
        direct[page.containers[block.element]] += block.n_words
    main = max(direct, key=lambda number: direct[number], default=0)
    if not blocks or direct[main] < _MOSTLY_DIRECT * _n_words(blocks):
        return blocks
    places = [i for i, block in enumerate(blocks) if page.containers[block.element] == main]
    return blocks[places[0] : places[-1] + 1]


def _without_notices(page: Page, blocks: list[Block]) -> list[Block]:
    """Leave out notices at both ends, the headline, and headings of what followed."""
    start, end = 0, len(blocks)
    while start < end and (_is_notice(blocks[start]) or page.tags[blocks[start].element] == "h1"):
        start += 1
    while start < end and (_is_notice(blocks[end - 1]) or page.tags[blocks[end - 1].element] in _HEADINGS):
        end -= 1
    return blocks[start:end]


def _is_notice(block: Block) -> bool:
    return block.n_words < _MAX_NOTICE_WORDS and bool(_NOTICE.search(block.text))
