"""What reading yields: a document, or the reason why there is none. One bad input never costs the others theirs."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import Any

from retold.limits import MAX_DOCUMENT_CHARACTERS
from retold.reading.encoding import replace_surrogates

# What tables hold where there is no date, in lower case; and how much of a doubtful one is repeated.
_NO_DATE = frozenset(("", "nan", "nat", "none", "null", "-"))
_SHOWN_DATE = 40
# How many names of a row without a text are repeated, and how much of each.
_SHOWN_NAMES, _SHOWN_NAME = 12, 40
# Tags of running text, and how many make a text markup: an article on HTML may quote a few.
_TAG = re.compile(r"</?(?:a|br|div|em|img|li|p|span|strong|td)\b[^<>]{0,300}>", re.IGNORECASE)
_MANY_TAGS = 6


@dataclass(frozen=True, slots=True)
class Document:
    """One article.

    Attributes:
        id: Its name: the ``id`` of a row if there is one, else where it was found.
        text: The text that evidence offsets index: what the file says, or what was extracted from HTML or Markdown.
        source: The file, or file and line, that it came from.
        warnings: What the reader should know, such as a guessed encoding.
        date: The day it appeared, as YYYY-MM-DD; empty if unknown.
        fields: Other columns of its row that the caller named, as far as they are not null; a CSV gives strings.
    """

    id: str
    text: str
    source: str
    warnings: tuple[str, ...] = ()
    date: str = ""
    fields: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Unreadable:
    """An input that gave no document, and why, in words that say what to do."""

    id: str
    reason: str


def make_document(text: object, source: str, warnings: tuple[str, ...] = ()) -> Document | Unreadable:
    """Check a text that was found by itself, and name it after its source."""
    return row_document({"text": text}, source, (), warnings)


def row_document(
    row: Mapping[str, Any], source: str, fields: tuple[str, ...], warnings: tuple[str, ...] = ()
) -> Document | Unreadable:
    """Check a row: an object of JSONL, or a line of a table.

    A missing id is replaced by the source; ids that are not strings are written as strings. Lone surrogates, which no
    output can encode, become U+FFFD, so offsets stay what they were.

    Args:
        row: With ``text`` and, if it has them, ``id`` and ``date``.
        source: Where it was found.
        fields: Other columns to keep.
        warnings: What the reader should know of it.
    """
    text, id = row.get("text"), row.get("id")
    name = replace_surrogates(str(source if id is None else id))
    if "text" not in row:
        found = ", ".join(str(key)[:_SHOWN_NAME] for key in islice(row, _SHOWN_NAMES)) or "nothing"
        return Unreadable(name, f'{source} has no "text" (found: {found}); give what holds the article that name')
    if not isinstance(text, str):
        return Unreadable(name, f"the text of {source} is {_kind(text)}, not a string")
    if len(text) > MAX_DOCUMENT_CHARACTERS:
        return Unreadable(
            name, f"{len(text):,} characters are more than the limit of {MAX_DOCUMENT_CHARACTERS:,}; split the document"
        )
    kept = {key: row[key] for key in fields if row.get(key) is not None}
    text, place = replace_surrogates(text), replace_surrogates(source)
    day = parse_day(row.get("date"))
    doubts = (*_markup_doubts(text), *_doubts(row.get("date"), day))
    return Document(name, text, place, (*warnings, *doubts), day, kept)


def without_capitals(names: Iterable[str], fields: tuple[str, ...]) -> list[str]:
    """Names of columns, "Text" as text where none is named so, and so for ids, dates and other fields that are wanted."""
    given = list(names)
    wanted = {name.lower(): name for name in ("text", "id", "date", *fields) if name not in given}
    return [wanted.get(name.lower(), name) for name in given]


def parse_day(value: object) -> str:
    """The day of an ISO 8601 date or time; empty for anything else, since a doubtful date says less than none."""
    try:
        return datetime.fromisoformat(str(value).strip()).date().isoformat()
    except ValueError:
        return ""


def _markup_doubts(text: str) -> tuple[str, ...]:
    """The warning on a text that is markup, as a scraper or a feed hands it on."""
    if "<" not in text or len(list(islice(_TAG.finditer(text), _MANY_TAGS))) < _MANY_TAGS:
        return ()
    return ("it holds HTML tags, which are judged as words; give the page as .html, or its text without them",)


def _doubts(date: object, day: str) -> tuple[str, ...]:
    """The warning on a date that is none in ISO 8601; what tables have for no date is no doubt."""
    written = replace_surrogates("" if date is None else str(date).strip())
    if day or written.lower() in _NO_DATE:
        return ()
    return (f"the date {written[:_SHOWN_DATE]!r} is not understood, so it counts for nothing; write it as 2024-05-28",)


def _kind(value: object) -> str:
    return "missing" if value is None else f"of type {type(value).__name__}"
