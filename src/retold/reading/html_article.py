"""Which blocks of a page are its article.

Found as Readability finds it (Arc90 2009, Mozilla's Readability.js): paragraphs score for the elements around them, links count
against these, and the element with the highest score holds the article.
"""

from __future__ import annotations

import re
from bisect import bisect
from collections import defaultdict
from collections.abc import Mapping
from typing import Final

from retold.reading.html_text import MAX_NOTICE_WORDS, is_byline, is_notice, leads_elsewhere
from retold.reading.html_tree import Block, Page, around, innermost, inside, words_inside, words_of

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
# Words of the source of a quotation that stands in brackets or after a dash below it, and how it begins.
_MAX_SOURCE_WORDS: Final = 6
_SOURCE_MARKS: Final = ("[", "(", "\u2013", "\u2014", "-")
# Paragraphs from which what is hidden may be the rest of an article, which "read more" unfolds.
_MIN_FOLDED: Final = 3
# Words below which a line before an article that ends no sentence is a label: a name, a day, "5 min read".
_MAX_LABEL_WORDS: Final = 8
_SENTENCE_ENDS: Final = tuple(".!?:;\u2026\"'\u201d\u2019)]")
_ARTICLES: Final = frozenset({"article", "main"})
# Comments and forms of consent may be longer than the article. They do not hold the headline; a wrapper of the page that is named so does.
_LONG_FURNITURE: Final = re.compile(r"(?:\b|_)(?:comment|consent|cookie|disqus|gdpr)", re.IGNORECASE)
_LANDMARKS: Final = frozenset({"h1", "main"})


def without_furniture(page: Page) -> list[Block]:
    """Blocks outside elements that are no part of an article by what they say of themselves, but for wrappers and quotations."""
    words = words_inside(page, [block.n_words for block in page.blocks])
    is_quoted = inside(page, {number for number, tag in enumerate(page.tags) if tag == "blockquote"})
    quoted = words_inside(page, [block.n_words * is_quoted[block.element] for block in page.blocks])
    n_paragraphs = words_inside(page, [int(_is_loose(block)) for block in page.blocks])
    has_landmark = around(page, _LANDMARKS)
    is_outside = [True] * len(page.tags)
    for number in range(1, len(page.tags)):
        may_wrap = has_landmark[number] or not has_landmark[0] or not _LONG_FURNITURE.search(page.names[number])
        wraps = words[number] >= _MAIN_SHARE * words[0] and may_wrap
        is_folded = page.hidden[number] and n_paragraphs[number] >= _MIN_FOLDED
        is_left = page.furniture[number] and not wraps and not is_folded and quoted[number] < words[number]
        is_outside[number] = is_outside[page.parents[number]] and not is_left
    return [block for block in page.blocks if is_outside[block.element]]


def article_blocks(page: Page, blocks: list[Block]) -> list[Block]:
    """The article among these blocks of a page; empty if there are no paragraphs."""
    scores = _container_scores(page, blocks)
    if not scores:
        return []
    best = max(scores, key=lambda number: (scores[number], -number))
    parent = page.parents[best]
    least = max(_MIN_NEIGHBOUR_SCORE, _NEIGHBOUR_SHARE * scores[best])
    chosen = {number for number, score in scores.items() if page.parents[number] == parent and score >= least} | {best}
    chosen |= _sections(page, scores, best)
    is_inside = inside(page, chosen)
    article = [b for b in blocks if is_inside[b.element] or (page.containers[b.element] == parent and _is_loose(b))]
    return _without_notices(page, _without_boxes(page, _mostly_direct(page, _without_links(page, article))))


def _sections(page: Page, scores: Mapping[int, float], best: int) -> set[int]:
    """Containers named as the best one in the same article: advertisements and page builders cut it into sections."""
    if not page.names[best]:
        return set()
    articles, least = innermost(page, _ARTICLES), _NEIGHBOUR_SHARE * scores[best]
    alike = [n for n, score in scores.items() if score >= least and page.names[n] == page.names[best]]
    headlines = [block.element for block in page.blocks if _is_headline(page, block)]
    return {n for n in alike if articles[n] == articles[best] and not _any_between(headlines, best, n)}


def _is_headline(page: Page, block: Block) -> bool:
    """Whether a heading begins another article: of the first level, or linked to it."""
    return _tag(page, block) == "h1" or (_tag(page, block) in _HEADINGS and block.n_link_words > 0)


def _any_between(numbers: list[int], one: int, other: int) -> bool:
    """Whether any element of a list in order opens between two others."""
    return bisect(numbers, min(one, other)) < bisect(numbers, max(one, other))


def _without_links(page: Page, blocks: list[Block]) -> list[Block]:
    """Leave out short blocks that lead elsewhere; the linked source of a quotation above it stays."""
    kept = []
    is_quoted = inside(page, {number for number, tag in enumerate(page.tags) if tag == "blockquote"})
    for before, block in zip([None, *blocks[:-1]], blocks, strict=True):
        is_source = before and is_quoted[before.element] and _is_source(block)
        if is_source or block.n_words >= MAX_NOTICE_WORDS or not (_is_link(block) or leads_elsewhere(block.text)):
            kept.append(block)
    return kept


def _is_link(block: Block) -> bool:
    """Whether little but a link is in a block; a sentence after it makes it a paragraph."""
    n_others = block.n_words - block.n_link_words
    return n_others < _MAX_LINK_SHARE * block.n_words and n_others < _MIN_PARAGRAPH_WORDS


def _is_source(block: Block) -> bool:
    return block.n_words <= _MAX_SOURCE_WORDS and block.text.startswith(_SOURCE_MARKS)


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
    words = words_inside(page, [block.n_words for block in page.blocks])
    links = words_inside(page, [block.n_link_words for block in page.blocks])
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
    if not blocks or direct[main] < _MOSTLY_DIRECT * words_of(blocks):
        return blocks
    places = [i for i, block in enumerate(blocks) if page.containers[block.element] == main]
    return blocks[places[0] : places[-1] + 1]


def _without_boxes(page: Page, blocks: list[Block]) -> list[Block]:
    """Leave out containers within an article that hold notices, such as a form of a newsletter, and at most headings beside."""
    noticed, other = set[int](), set[int]()
    for block in blocks:
        container = page.containers[block.element]
        if _is_notice(block):
            noticed.add(container)
        elif _tag(page, block) not in _HEADINGS:
            other.add(container)
    return [block for block in blocks if page.containers[block.element] not in noticed - other]


def _without_notices(page: Page, blocks: list[Block]) -> list[Block]:
    """Leave out notices at both ends, the headline, and headings of what followed."""
    start, end = 0, len(blocks)
    while start < end and (_is_set_off(page, blocks[start]) or _is_label(blocks[start].text)):
        start += 1
    while start < end and _is_set_off(page, blocks[end - 1]):
        end -= 1
    return blocks[start:end]


def _is_set_off(page: Page, block: Block) -> bool:
    return _is_notice(block) or _tag(page, block) in _HEADINGS


def _is_label(text: str) -> bool:
    """Whether a line before an article is no sentence of it: who wrote it, when, how long it takes to read."""
    return is_byline(text) or (text.count(" ") < _MAX_LABEL_WORDS - 1 and not text.endswith(_SENTENCE_ENDS))


def _tag(page: Page, block: Block) -> str:
    return page.tags[block.element]


def _is_notice(block: Block) -> bool:
    return block.n_words < MAX_NOTICE_WORDS and is_notice(block.text)
