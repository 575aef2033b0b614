"""Which documents can be judged at all, read into memory for commands that look at many together."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from retold.commands.progress import Progress
from retold.commands.streams import Streams
from retold.errors import InputError
from retold.limits import MAX_COMPARED_CHARACTERS, MIN_WORDS
from retold.reading import Document, read
from retold.signals.language import language_of_article
from retold.text import analyse


def unfit(text: str) -> str:
    """Why a text cannot be judged, in words; empty if it can."""
    article = analyse(text)
    if article.n_words < MIN_WORDS:
        return f"only {article.n_words} words; {MIN_WORDS} are the least"
    language = language_of_article(article)
    return "" if language == "en" else f"seems not to be English (language: {language})"


def usable_documents(paths: Sequence[str | Path], progress: Progress, streams: Streams) -> tuple[list[Document], int]:
    """All documents that can be judged, and the number of inputs that were passed over, each with a remark.

    Raises:
        InputError: if they are too many to be held together.
    """
    found: list[Document] = []
    passed_over = characters = 0
    for item in read(paths, progress.remark, streams.input):
        reason = unfit(item.text) if isinstance(item, Document) else item.reason
        if reason or not isinstance(item, Document):
            progress.remark(f"{item.id}: {reason}")
            passed_over += 1
            continue
        characters += len(item.text)
        if characters > MAX_COMPARED_CHARACTERS:
            raise InputError(f"more than {MAX_COMPARED_CHARACTERS:,} characters; give fewer articles at a time")
        found.append(item)
    return found, passed_over
