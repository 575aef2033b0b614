"""What an archive takes in: documents with their words, in batches of a commit."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from retold.archive.articles import AddSummary
from retold.archive.words import index_words
from retold.errors import InputError
from retold.limits import COMMIT_ARTICLES, COMMIT_CHARACTERS, MAX_FIELD_CHARACTERS
from retold.reading import Document, Unreadable
from retold.reading.documents import row_document
from retold.reading.encoding import replace_surrogates

if TYPE_CHECKING:
    import pandas as pd

# Columns of a row that an archive keeps beside its id and date.
FIELDS = ("url", "outlet")


def short(value: object) -> str:
    """A field as text; empty if it is missing or longer than any address."""
    text = "" if value is None else replace_surrogates(str(value)).strip()
    return text if len(text) <= MAX_FIELD_CHARACTERS else ""


def batches(items: Iterable[Document | Unreadable], summary: AddSummary) -> Iterator[list[tuple[Document, list[str]]]]:
    """Yield documents with their words, a commit's worth at a time.

    Args:
        items: Documents, and what could not be read.
        summary: Counts those that are not yielded: unreadable, or without a word.
    """
    batch: list[tuple[Document, list[str]]] = []
    characters = 0
    for item in items:
        if isinstance(item, Unreadable):
            summary.unreadable += 1
        elif words := index_words(item.text):
            batch.append((item, words))
            characters += len(item.text)
        else:
            summary.empty += 1
        if len(batch) >= COMMIT_ARTICLES or characters >= COMMIT_CHARACTERS:
            yield batch
            batch, characters = [], 0
    if batch:
        yield batch


def frame_documents(frame: pd.DataFrame) -> Iterator[Document | Unreadable]:
    """The rows of a DataFrame as documents.

    Raises:
        InputError: if it has no column ``text``.
    """
    if "text" not in frame.columns:
        raise InputError(f"no column 'text'; the frame has {', '.join(map(str, frame.columns))}")
    names = [name for name in ("text", "id", "date", *FIELDS) if name in frame.columns]
    plain = frame[names].astype(object).where(frame[names].notna(), None)
    for index, row in zip(frame.index, plain.itertuples(index=False, name=None), strict=True):
        yield row_document(dict(zip(names, row, strict=True)), str(index), FIELDS)
