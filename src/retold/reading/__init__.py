"""Files, folders, standard input, JSONL, CSV, Parquet, HTML and Markdown become documents."""

from retold.reading.documents import Document, Unreadable
from retold.reading.files import READERS, read
from retold.reading.paths import matching, suffix_of

__all__ = ["READERS", "Document", "Unreadable", "matching", "read", "suffix_of"]
