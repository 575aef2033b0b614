"""An archive of articles, in which the source of a text is found."""

from retold.archive.archive import FIELDS, Archive
from retold.archive.articles import AddSummary, ArchivedArticle, ArchiveInfo, Hit
from retold.archive.maintenance import repair, verify
from retold.archive.search import search

__all__ = ["FIELDS", "AddSummary", "Archive", "ArchiveInfo", "ArchivedArticle", "Hit", "repair", "search", "verify"]
