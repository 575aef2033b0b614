"""Text that is safe to print: nothing in it can steer a terminal, reorder a line or fake a new one."""

from __future__ import annotations

import re
import unicodedata

# Controls, surrogates, private and unassigned characters, and the two separators that some programs take for line ends.
_ESCAPED_CATEGORIES = frozenset({"Cc", "Cs", "Co", "Cn", "Zl", "Zp"})
# Format characters such as zero-width spaces and bidirectional overrides.
_DROPPED_CATEGORY = "Cf"
_UNUSUAL = re.compile(r"[^ -~]")
_LINE_ENDS = re.compile(r"\r\n|[\r\x85\u2028\u2029]")


def printable(text: str) -> str:
    """Return text on one line: runs of white space become one space, controls are escaped as in Python."""
    return " ".join(_UNUSUAL.sub(_escape, " ".join(text.split())).split())


def counted(number: int, noun: str) -> str:
    """A number of things, such as "1 article" and "1,200 articles"."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def escaped(text: str) -> str:
    """Return text with controls escaped as in Python, except tabs and line ends that CSV can quote."""
    return _UNUSUAL.sub(lambda match: match[0] if match[0] in "\t\n\r" else _escape(match), text)


def printable_lines(text: str) -> str:
    """Return running text without controls; white space stays, and every kind of line end becomes a newline."""
    return _UNUSUAL.sub(_drop, _LINE_ENDS.sub("\n", text))


def _escape(match: re.Match[str]) -> str:
    category = unicodedata.category(match[0])
    if category in _ESCAPED_CATEGORIES:
        return match[0].encode("unicode_escape").decode("ascii")
    return "" if category == _DROPPED_CATEGORY else match[0]


def _drop(match: re.Match[str]) -> str:
    is_safe = match[0] in "\n\t" or unicodedata.category(match[0]) not in {*_ESCAPED_CATEGORIES, _DROPPED_CATEGORY}
    return match[0] if is_safe else ""
