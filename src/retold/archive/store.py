"""The articles of an archive in one SQLite file: what they are, and their texts, compressed.

This file decides what the archive holds. The index beside it only finds: what it holds and this file does not is passed over.
"""

from __future__ import annotations

import os
import sqlite3
import zlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from retold.archive.articles import ArchivedArticle
from retold.errors import ArchiveError
from retold.limits import MAX_DOCUMENT_CHARACTERS

_SCHEMA = """
CREATE TABLE articles(
  number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL, date TEXT NOT NULL, url TEXT NOT NULL, outlet TEXT NOT NULL,
  place TEXT NOT NULL, n_words INTEGER NOT NULL, digest BLOB NOT NULL UNIQUE);
CREATE TABLE texts(number INTEGER PRIMARY KEY, text BLOB NOT NULL);
CREATE TABLE dictionary(one INTEGER PRIMARY KEY CHECK (one = 1), bytes BLOB NOT NULL);
CREATE TABLE unindexed(number INTEGER PRIMARY KEY);
"""
_COLUMNS = "number, id, date, url, outlet, place, n_words, digest"
# As they are read: SQLite keeps whatever kind of value a foreign hand wrote into a column.
_READ = (
    "number, CAST(id AS TEXT), CAST(date AS TEXT), CAST(url AS TEXT), CAST(outlet AS TEXT), CAST(place AS TEXT),"
    " CAST(n_words AS INTEGER), CAST(digest AS BLOB)"
)
# Bytes. With the usual 4,096 the average text, 2,500 bytes, would leave a third of each page empty.
_PAGE_BYTES = 16_384
# Bytes, the window of deflate. The beginnings of the first articles serve as a dictionary for all: texts shrink to 0.38 of their
# size instead of 0.45 (measured on news of 980 words).
_DICTIONARY_BYTES, _DICTIONARY_PIECE = 32_768, 800
# Level of deflate: the usual 6 takes half as long again and saves one byte in a hundred.
_LEVEL = 5
# Most values that one statement takes; SQLite before 3.32 allows 999.
_MAX_VALUES = 900
# Seconds to wait for another process that is committing.
_BUSY_SECONDS = 60
# Bytes of a text of the longest kind in UTF-8; more is an attack.
_MAX_TEXT_BYTES = 4 * MAX_DOCUMENT_CHARACTERS


class ArticleStore:
    """Reads and writes ``articles.db``.

    Args:
        path: The file.

    Raises:
        ArchiveError: from every method if the file is damaged or the disk full.
    """

    def __init__(self, path: Path) -> None:
        if not path.is_file():
            raise ArchiveError(f"{path} is missing, so {path.parent} is no whole archive; restore it from a copy")
        self._path = path
        # A reader, too, may have to undo a commit that a killed writer left half done, for which SQLite must write.
        mode = "rw" if os.access(path, os.W_OK) and os.access(path.parent, os.W_OK) else "ro"
        anew = f"move {path.parent} away and run: retold archive add {path.parent} PATH..."
        with self._errors(f"it is damaged or no file of an archive; restore it from a copy, or {anew}"):
            # One connection serves all threads of a process, one statement at a time.
            self._db = sqlite3.connect(
                f"{path.absolute().as_uri()}?mode={mode}",
                uri=True,
                timeout=_BUSY_SECONDS,
                isolation_level=None,
                check_same_thread=False,
            )
            self._db.text_factory = _text
            self._db.execute("PRAGMA synchronous = FULL")
            # Fails now, not in a search, if this is the file of another program.
            for columns, table in ((_COLUMNS, "articles"), ("number, text", "texts"), ("number", "unindexed")):
                self._db.execute(f"SELECT {columns} FROM {table} LIMIT 0")  # noqa: S608 (constants)
            stored = self._db.execute("SELECT bytes FROM dictionary").fetchone()
        self._dictionary = stored[0] if stored and isinstance(stored[0], bytes) else b""

    @classmethod
    def create(cls, path: Path) -> ArticleStore:
        """Make an empty file and open it.

        Raises:
            ArchiveError: if it cannot be written.
        """
        try:
            db = sqlite3.connect(path)
            db.execute(f"PRAGMA page_size = {_PAGE_BYTES}")
            db.executescript(_SCHEMA)
            db.close()
        except sqlite3.Error as error:
            raise ArchiveError(
                f"{path.parent.parent}: no archive can be made there ({error}); free some space, or choose another place"
            ) from None
        return cls(path)

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    @contextmanager
    def _errors(self, advice: str = "") -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, UnicodeDecodeError) as error:
            advice = advice or f"run: retold archive verify {self._path.parent}"
            if "full" in str(error):
                advice = "free some space and run the same command again; what was committed is safe"
            raise ArchiveError(f"{self._path}: {error}; {advice}") from None

    def _rows(self, statement: str, values: Sequence[object] = ()) -> list[tuple]:
        with self._errors():
            return self._db.execute(statement, values).fetchall()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Do all or nothing of what is written inside."""
        with self._errors():
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._db.execute("COMMIT")
            except BaseException:
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")
                raise

    # --- reading

    def last_number(self) -> int:
        """The highest number ever given to an article; 0 if none was."""
        rows = self._rows("SELECT seq FROM sqlite_sequence WHERE name = 'articles'")
        return int(rows[0][0]) if rows else 0

    def count(self) -> int:
        """Articles in the file."""
        return int(self._rows("SELECT count(*) FROM articles")[0][0])

    def numbers_of(self, digests: Iterable[bytes]) -> dict[bytes, int]:
        """The number of each digest that is there."""
        found = self._where("SELECT digest, number FROM articles WHERE digest", digests)
        return {bytes(digest): int(number) for digest, number in found}

    def articles(self, numbers: Iterable[int]) -> dict[int, ArchivedArticle]:
        """The articles of some numbers; those that are not there are missing."""
        found = self._where(f"SELECT {_READ} FROM articles WHERE number", numbers)  # noqa: S608 (a constant)
        return {int(row[0]): ArchivedArticle(*row) for row in found}

    def _where(self, statement: str, values: Iterable[object]) -> Iterator[tuple]:
        listed = list(values)
        for first in range(0, len(listed), _MAX_VALUES):
            part = listed[first : first + _MAX_VALUES]
            yield from self._rows(f"{statement} IN ({','.join('?' * len(part))})", part)

    def after(self, number: int, limit: int) -> list[ArchivedArticle]:
        """At most ``limit`` articles with higher numbers, in their order."""
        statement = f"SELECT {_READ} FROM articles WHERE number > ? ORDER BY number LIMIT ?"  # noqa: S608 (a constant)
        return [ArchivedArticle(*row) for row in self._rows(statement, (number, limit))]

    def matching(self, ids: Sequence[str], urls: Sequence[str], outlets: Sequence[str], before: str) -> list[int]:
        """Numbers of the articles with one of the ids, urls or outlets, or of a known day before ``before``, YYYY-MM-DD; ascending."""
        found = {int(n) for (n,) in self._rows("SELECT number FROM articles WHERE date != '' AND date < ?", (before,))}
        for column, values in (("id", ids), ("url", urls), ("outlet", outlets)):
            found |= {int(n) for (n,) in self._where(f"SELECT number FROM articles WHERE {column}", values)}  # noqa: S608
        return sorted(found)

    def shared_ids(self, since: int, limit: int) -> list[str]:
        """Ids that an article of a number above ``since`` shares with another article, at most ``limit``, in their order."""
        statement = "SELECT CAST(id AS TEXT) FROM articles GROUP BY id HAVING count(*) > 1 AND max(number) > ? ORDER BY id LIMIT ?"
        return [str(id) for (id,) in self._rows(statement, (since, limit))]

    def text(self, number: int) -> str | None:
        """The text of an article; None if texts are not kept.

        Raises:
            ArchiveError: if it is damaged.
        """
        rows = self._rows("SELECT text FROM texts WHERE number = ?", (number,))
        if not rows:
            return None
        try:
            unpacking = zlib.decompressobj(zdict=self._dictionary) if self._dictionary else zlib.decompressobj()
            return unpacking.decompress(rows[0][0], _MAX_TEXT_BYTES).decode("utf-8")
        except (zlib.error, TypeError, ValueError):
            advice = f"run: retold archive verify {self._path.parent}"
            raise ArchiveError(f"{self._path}: the text of article {number} is damaged; {advice}") from None

    def totals(self) -> tuple[int, str, str, int]:
        """Words, first and last known day, and articles without a day."""
        statement = "SELECT total(n_words), min(nullif(CAST(date AS TEXT), '')), max(CAST(date AS TEXT)), total(date = '') FROM articles"
        words, first, last, undated = self._rows(statement)[0]
        return int(words), first or "", last or "", int(undated)

    def outlets(self) -> dict[str, int]:
        """Articles of each outlet, the largest first."""
        rows = self._rows("SELECT CAST(outlet AS TEXT) AS o, count(*) AS n FROM articles GROUP BY o ORDER BY n DESC, o")
        return {str(outlet): int(n) for outlet, n in rows}

    def keeps_texts(self) -> bool:
        """True if there are texts."""
        return bool(self._rows("SELECT 1 FROM texts LIMIT 1"))

    def unindexed(self) -> list[int]:
        """Numbers that were removed here and perhaps not yet from the index."""
        return [int(number) for (number,) in self._rows("SELECT number FROM unindexed ORDER BY number")]

    def faults(self) -> list[str]:
        """What SQLite finds wrong with the file itself; empty if nothing."""
        return [str(line) for (line,) in self._rows("PRAGMA quick_check(20)") if line != "ok"]

    # --- writing, inside a transaction

    def insert(self, articles: Sequence[ArchivedArticle], texts: Sequence[str] | None) -> None:
        """Add articles, with their texts unless these are not kept."""
        rows = [(a.number, a.id, a.date, a.url, a.outlet, a.place, a.n_words, a.digest) for a in articles]
        self._db.executemany(f"INSERT INTO articles({_COLUMNS}) VALUES (?,?,?,?,?,?,?,?)", rows)  # noqa: S608
        if texts is None:
            return
        if not self._dictionary and not self.keeps_texts():
            self._dictionary = _dictionary(texts)
            self._db.execute("INSERT INTO dictionary VALUES (1, ?)", (self._dictionary,))
        packed = [(a.number, self._packed(text)) for a, text in zip(articles, texts, strict=True)]
        self._db.executemany("INSERT INTO texts VALUES (?,?)", packed)

    def _packed(self, text: str) -> bytes:
        packing = zlib.compressobj(_LEVEL, zdict=self._dictionary) if self._dictionary else zlib.compressobj(_LEVEL)
        return packing.compress(text.encode("utf-8")) + packing.flush()

    def delete(self, numbers: Sequence[int]) -> None:
        """Remove articles, and note that the index still has them."""
        rows = [(number,) for number in numbers]
        self._db.executemany("DELETE FROM articles WHERE number = ?", rows)
        self._db.executemany("DELETE FROM texts WHERE number = ?", rows)
        self._db.executemany("INSERT OR IGNORE INTO unindexed VALUES (?)", rows)

    def forget_unindexed(self) -> None:
        """Note that the index has none of what was removed."""
        self._db.execute("DELETE FROM unindexed")


def _text(stored: bytes) -> str:
    return stored.decode("utf-8", "replace")


def _dictionary(texts: Sequence[str]) -> bytes:
    """What the beginnings of the first articles have in common with all later ones."""
    pieces = "\n".join(text[:_DICTIONARY_PIECE] for text in texts[: _DICTIONARY_BYTES // _DICTIONARY_PIECE])
    return pieces.encode("utf-8")[-_DICTIONARY_BYTES:]
