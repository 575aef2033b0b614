"""What an archive holds and says about itself."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ArchivedArticle:
    """One article of an archive, without its text.

    Attributes:
        number: Its number in the archive, never given twice.
        id: The reader's name for it; several versions of an article may share one.
        date: The day it appeared, YYYY-MM-DD; empty if unknown.
        url: Its address on the web; empty if unknown.
        outlet: Who published it; empty if unknown.
        place: The file, or file and line, that it was read from.
        n_words: Words and numbers in it.
        digest: ``words.digest`` of it.
    """

    number: int
    id: str
    date: str
    url: str
    outlet: str
    place: str
    n_words: int
    digest: bytes


@dataclass(frozen=True, slots=True)
class Hit:
    """An article that a search found.

    Attributes:
        article: The article.
        score: BM25 of it; compares hits of one search only.
        archive: Path of the archive that holds it.
    """

    article: ArchivedArticle
    score: float
    archive: str


@dataclass(slots=True)
class AddSummary:
    """Counts what became of the documents given to ``Archive.add``."""

    added: int = 0
    repeated: int = 0
    empty: int = 0
    unreadable: int = 0

    def __str__(self) -> str:
        parts = [f"{self.added:,} added"]
        parts += [f"{self.repeated:,} already there"] if self.repeated else []
        parts += [f"{self.empty:,} without words"] if self.empty else []
        parts += [f"{self.unreadable:,} not read"] if self.unreadable else []
        return ", ".join(parts)


@dataclass(frozen=True, slots=True)
class ArchiveInfo:
    """What an archive holds.

    Attributes:
        path: Its folder.
        articles: How many articles.
        words: Words and numbers in all of them.
        first_date, last_date: The earliest and latest known day; empty if none is known.
        undated: Articles without a date.
        outlets: Articles of each outlet, the largest first; "" stands for unknown.
        keeps_texts: False if it holds the addresses of the texts only.
        bytes: Size of all its files.
        made_by: Name and version of the program that made it.
    """

    path: str
    articles: int
    words: int
    first_date: str
    last_date: str
    undated: int
    outlets: dict[str, int]
    keeps_texts: bool
    bytes: int
    made_by: str
