"""Markdown to its running text.

The extracted text is the text as the reader gave it: evidence offsets index it, not the markup. Front matter, code,
images and link targets go; link texts, headings and list items stay; wrapped lines are joined into paragraphs.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
_LINE_START = re.compile(r"[ \t]*(?:(?:>[ \t]?)+[ \t]*)?(#{1,6}[ \t]+|[-*+][ \t]+|\d{1,3}[.)][ \t]+)?")
_RULE = re.compile(r"\A[ \t]*(?:[-*_=][ \t]*){3,}\Z")
_REFERENCE = re.compile(r" {0,3}\[[^\]]{1,200}\]:\s")
# Repeats are bounded, so that no text can make a search slow.
_INLINE = (
    (re.compile(r"!\[[^\[\]]{0,1000}\](?:\([^()]{0,2000}\)|\[[^\[\]]{0,200}\])"), ""),
    (re.compile(r"\[([^\[\]]{1,1000})\]\([^()]{0,2000}(?:\([^()]{0,200}\)[^()]{0,200})?\)"), r"\1"),
    (re.compile(r"\[([^\[\]]{1,1000})\]\[[^\[\]]{0,200}\]"), r"\1"),
    (re.compile(r"<((?:https?://|mailto:)[^<>\s]{1,2000})>"), r"\1"),
    (re.compile(r"</?[A-Za-z][^<>]{0,500}>"), ""),
    (re.compile(r"(`{1,2})([^`]{1,500})\1"), r"\2"),
    (re.compile(r"(\*\*|__)(?=\S)([^*_]{1,2000})(?<=\S)\1"), r"\2"),
    (re.compile(r"(?<![\w*\\])\*(?=[^\s*])([^*]{1,2000})(?<![\s\\])\*(?!\w)"), r"\1"),
    (re.compile(r"(?<!\w)_(?=[^\s_])([^_]{1,2000})(?<=\S)_(?!\w)"), r"\1"),
    (re.compile(r"\\([!-/:-@\[-`{-~])"), r"\1"),
)


def markdown_text(markup: str) -> str:
    """Return the running text of a Markdown document, a paragraph a line; "" if it has none. Never raises for a str."""
    lines = _without_code(_without_front_matter(_without_comments(markup).splitlines()))
    return "\n".join(plain for block in _blocks(lines) if (plain := _plain(block)))


def _without_comments(markup: str) -> str:
    """Leave out HTML comments, in one pass; one that is never closed is text."""
    kept, *rest = markup.split("<!--")
    pieces = [kept]
    for piece in rest:
        comment, closed, after = piece.partition("-->")
        pieces.append(after if closed else "<!--" + comment)
    return "".join(pieces)


def _without_front_matter(lines: list[str]) -> list[str]:
    fence = lines[0].rstrip() if lines else ""
    if fence not in {"---", "+++"}:
        return lines
    closing = (number for number, line in enumerate(lines[1:], start=1) if line.rstrip() in {fence, "..."})
    end = next(closing, None)
    return lines if end is None else lines[end + 1 :]


def _without_code(lines: Iterable[str]) -> Iterator[str]:
    """Leave out fenced code; an unclosed fence runs to the end, as Markdown says."""
    fence = ""
    for line in lines:
        found = _FENCE.match(line)
        if found and not fence:
            fence = found[1]
            yield ""
        elif fence:
            fence = "" if line.strip().startswith(fence) else fence
        else:
            yield line


def _blocks(lines: Iterable[str]) -> Iterator[str]:
    """Join wrapped lines; a blank line, a rule, a heading or a list item ends what came before."""
    block: list[str] = []
    for line in lines:
        if _RULE.match(line) or _REFERENCE.match(line):
            line = ""
        start = _LINE_START.match(line)
        mark = (start[1] or "") if start else ""
        content = line[start.end() :].strip() if start else line.strip()
        if mark or not content:
            yield " ".join(block)
            block = []
        block += [content] if content else []
        if mark.startswith("#"):
            yield " ".join(block).rstrip("# ")
            block = []
    yield " ".join(block)


def _plain(block: str) -> str:
    for pattern, replacement in _INLINE:
        block = pattern.sub(replacement, block)
    return " ".join(block.split())
