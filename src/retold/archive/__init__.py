"""An archive of articles, in which the source of a text is found."""

from retold.archive.archive import Archive
from retold.archive.articles import AddSummary, ArchivedArticle, ArchiveInfo, Hit
from retold.archive.intake import FIELDS
from retold.archive.maintenance import repair, verify
from retold.archive.opening import is_database, open_archive
from retold.archive.postgres import PostgresArchive
from retold.archive.search import search

__all__ = [
    "FIELDS",
    "AddSummary",
    "Archive",
    "ArchiveInfo",
    "ArchivedArticle",
    "Hit",
    "PostgresArchive",
    "is_database",
    "open_archive",
    "repair",
    "search",
    "verify",
]
