"""Which documents can be judged at all, read into memory for commands that look at many together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from retold.cli.progress import Progress
from retold.cli.terminal import Streams
from retold.errors import InputError
from retold.limits import MAX_COMPARED_CHARACTERS, MIN_WORDS
from retold.reading import Document, read

# The counts of inputs that are not in English are kept under the code of their language, these two beside them.
TOO_SHORT, UNREADABLE = "too short", "unreadable"


def rejection(text: str) -> tuple[str, str]:
    """Return why a text cannot be judged: what to count it under, and a sentence; two empty strings if it can."""
    # Loads NumPy.
    from retold.detector.scorability import rejection_reason
    from retold.signals.stylometry.language import language_of_article
    from retold.text import analyse

    article = analyse(text)
    language = language_of_article(article)
    reason = rejection_reason(article, language)
    return (TOO_SHORT if reason and article.n_words < MIN_WORDS else language if reason else "", reason)


def filter_scorable(
    paths: Sequence[str | Path], progress: Progress, streams: Streams
) -> tuple[list[Document], Counter[str]]:
    """Read all documents that can be judged, and count those passed over by language or reason; each of these gets a remark.

    Raises:
        InputError: if they are too many to be held together.
    """
    documents: list[Document] = []
    passed_over: Counter[str] = Counter()
    characters = 0
    for item in read(paths, progress.remark, streams.input):
        kind, reason = rejection(item.text) if isinstance(item, Document) else (UNREADABLE, item.reason)
        if kind or not isinstance(item, Document):
            progress.remark(f"{item.id}: {reason}")
            passed_over[kind] += 1
            continue
        characters += len(item.text)
        if characters > MAX_COMPARED_CHARACTERS:
            raise InputError(f"more than {MAX_COMPARED_CHARACTERS:,} characters; give fewer articles at a time")
        documents.append(item)
    return documents, passed_over
