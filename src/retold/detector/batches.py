"""The one place where texts are cut into batches."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

from retold.errors import InputError
from retold.limits import BATCH_CHARACTERS, BATCH_DOCUMENTS

T = TypeVar("T")


def batches(
    items: Iterable[T],
    text_of: Callable[[T], str],
    max_documents: int = BATCH_DOCUMENTS,
    max_characters: int = BATCH_CHARACTERS,
) -> Iterator[list[T]]:
    """Cut items into batches of at most ``max_documents``, closed once their texts have ``max_characters``.

    Args:
        items: Texts, or what holds one; taken one by one, so that a stream of any length can be cut.
        text_of: Returns the text of an item.
        max_documents: Items in a batch.
        max_characters: Characters that close a batch.
    """
    batch: list[T] = []
    characters = 0
    for item in items:
        batch.append(item)
        characters += len(text_of(item))
        if len(batch) >= max_documents or characters >= max_characters:
            yield batch
            batch, characters = [], 0
    if batch:
        yield batch


def require_texts(texts: object) -> None:
    """Refuse one string where several texts are expected: it would be scored letter by letter.

    Raises:
        InputError: if ``texts`` is a str or bytes.
    """
    if isinstance(texts, (str, bytes)):
        raise InputError("expected a list of texts, got one string; put it into a list: [text]")
