"""Archives by what names them: a folder, or the address of a database."""

from __future__ import annotations

from typing import Final

from retold.archive.archive import Archive
from retold.archive.postgres import PostgresArchive

# How the address of a database begins.
_ADDRESSES: Final = ("postgresql://", "postgres://")


def is_database(path: object) -> bool:
    """True for the address of a database."""
    return str(path).startswith(_ADDRESSES)


def open_archive(path: object) -> Archive | PostgresArchive:
    """Open the archive of a folder or of the address of a database.

    Raises:
        ArchiveError: if it is absent, damaged, foreign or of a newer program; the message says what to run.
        MissingPackageError: if tantivy, or for a database psycopg, is not installed.
    """
    return PostgresArchive(str(path)) if is_database(path) else Archive.open(str(path))
