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
from retold.signals.stylometry.language import language_of_article
from retold.text import analyse

# Under what the inputs that are not in English are counted; languages are counted under their codes.
SHORT, UNREADABLE = "too short", "unreadable"


def rejection_reason(text: str) -> str:
    """Why a text cannot be judged, in words; empty if it can."""
    kind = _kind(text)
    if kind == SHORT:
        return f"only {analyse(text).n_words} words; {MIN_WORDS} are the least"
    return f"seems not to be English (language: {kind})" if kind else ""


def _kind(text: str) -> str:
    article = analyse(text)
    if article.n_words < MIN_WORDS:
        return SHORT
    language = language_of_article(article)
    return "" if language == "en" else language


def filter_scorable(
    paths: Sequence[str | Path], progress: Progress, streams: Streams
) -> tuple[list[Document], Counter[str]]:
    """All documents that can be judged, and how many were passed over, by language or reason; each gets a remark.

    Raises:
        InputError: if they are too many to be held together.
    """
    found: list[Document] = []
    passed_over: Counter[str] = Counter()
    characters = 0
    for item in read(paths, progress.remark, streams.input):
        kind = _kind(item.text) if isinstance(item, Document) else UNREADABLE
        if kind or not isinstance(item, Document):
            progress.remark(f"{item.id}: {rejection_reason(item.text) if isinstance(item, Document) else item.reason}")
            passed_over[kind] += 1
            continue
        characters += len(item.text)
        if characters > MAX_COMPARED_CHARACTERS:
            raise InputError(f"more than {MAX_COMPARED_CHARACTERS:,} characters; give fewer articles at a time")
        found.append(item)
    return found, passed_over
