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

    Raises:
        InputError: if what should be a text is none.
    """
    batch: list[T] = []
    characters = 0
    for number, item in enumerate(items):
        text = text_of(item)
        if not isinstance(text, str):
            raise InputError(
                f"text {number} is {_kind(text)}, not a string; leave it out, or put an empty string in its place"
            )
        batch.append(item)
        characters += len(text)
        if len(batch) >= max_documents or characters >= max_characters:
            yield batch
            batch, characters = [], 0
    if batch:
        yield batch


def require_text(text: object) -> None:
    """Refuse what is no text.

    Raises:
        InputError: if ``text`` is no str.
    """
    if not isinstance(text, str):
        raise InputError(
            f"expected a text, got {_kind(text)}; give a string, such as the content of a file read as UTF-8"
        )


def _kind(value: object) -> str:
    return "None" if value is None else f"of type {type(value).__name__}"


def require_texts(texts: object) -> None:
    """Refuse one string where several texts are expected: it would be scored letter by letter.

    Raises:
        InputError: if ``texts`` is a str or bytes.
    """
    if isinstance(texts, (str, bytes)):
        raise InputError("expected a list of texts, got one string; put it into a list: [text]")
