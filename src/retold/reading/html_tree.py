"""The blocks of text of a page and the tree of elements that they stand in."""

from __future__ import annotations

from collections.abc import Iterable, Set
from dataclasses import dataclass, field
from typing import Final

# Words below which a container that holds nothing else is a paragraph; a whole article may stand in one, too.
_MAX_LINE_WORDS: Final = 100


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph, heading or list item.

    Attributes:
        text: On one line, entities decoded.
        n_words: Its words; at least 1.
        n_link_words: Those of them inside links.
        element: The innermost element around it that is not inline, or the inline one that marks all of it as furniture: an index
            into the page's lists.
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
        names: Class, id, role and itemprop of each element.
        containers: Number of the innermost container that each is or stands in.
        furniture: True for elements whose names say that they are no part of an article, for forms, and for what is hidden.
        hidden: True for those that are furniture only because they do not show.
        n_words: Words of all blocks, also of those that were left out.
    """

    blocks: list[Block] = field(default_factory=list)
    tags: list[str] = field(default_factory=lambda: [""])
    parents: list[int] = field(default_factory=lambda: [-1])
    names: list[str] = field(default_factory=lambda: [""])
    containers: list[int] = field(default_factory=lambda: [0])
    furniture: list[bool] = field(default_factory=lambda: [False])
    hidden: list[bool] = field(default_factory=lambda: [False])
    n_words: int = 0


def inside(page: Page, chosen: Set[int]) -> list[bool]:
    """Whether each element is one of those chosen or stands in one."""
    is_inside = [False] * len(page.tags)
    for number, parent in enumerate(page.parents):
        is_inside[number] = number in chosen or (parent >= 0 and is_inside[parent])
    return is_inside


def around(page: Page, tags: Set[str]) -> list[bool]:
    """Whether an element with one of these tags stands in each."""
    is_around = [False] * len(page.tags)
    for number in range(len(page.tags) - 1, 0, -1):
        is_around[page.parents[number]] |= is_around[number] or page.tags[number] in tags
    return is_around


def words_inside(page: Page, counts: list[int]) -> list[int]:
    """Sum a count for each block over the blocks inside each element."""
    sums = [0] * len(page.tags)
    for block, count in zip(page.blocks, counts, strict=True):
        sums[block.element] += count
    for number in range(len(page.tags) - 1, 0, -1):
        sums[page.parents[number]] += sums[number]
    return sums


def innermost(page: Page, tags: Set[str]) -> list[int]:
    """The innermost element with one of these tags that each is or stands in; 0 if there is none."""
    found = [0] * len(page.tags)
    for number in range(1, len(page.tags)):
        found[number] = number if page.tags[number] in tags else found[page.parents[number]]
    return found


def words_of(blocks: Iterable[Block]) -> int:
    """Words of blocks."""
    return sum(block.n_words for block in blocks)


def take_for_lines(page: Page) -> None:
    """Take a container that holds one short block for a paragraph (Readability): many pages have a <div> for each."""
    n_blocks = words_inside(page, [1] * len(page.blocks))
    words = words_inside(page, [block.n_words for block in page.blocks])
    for number in range(1, len(page.tags)):
        is_line = page.containers[number] != number or (n_blocks[number] == 1 and words[number] < _MAX_LINE_WORDS)
        page.containers[number] = page.containers[page.parents[number]] if is_line else number
