"""An archive in a PostgreSQL database, searched through its full text, for whoever keeps articles there already."""

from __future__ import annotations

import weakref
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qs, urlsplit

from retold.archive import postgres_statements as statements
from retold.archive.articles import AddSummary, ArchivedArticle, ArchiveInfo, Hit
from retold.archive.intake import FIELDS, batches, short
from retold.archive.search import inverse_frequencies, search
from retold.archive.words import digest
from retold.errors import ArchiveError, MissingPackageError
from retold.reading import Document, Unreadable

if TYPE_CHECKING:
    import psycopg

# Characters; longer words are no words that find anything, and PostgreSQL refuses those of 2,047 bytes.
_MAX_WORD: Final = 200
# Bytes of all different words of an article that are searched; PostgreSQL refuses more than 1 MB, and with it the whole batch.
_MAX_WORDS_BYTES: Final = 500_000
# Seconds to wait for a server that does not answer.
_CONNECT_SECONDS: Final = 10
# Raised when an older program could not read what a newer one writes; it stands in the comment on the schema.
_VERSION: Final = 1
# Share of the articles that a word stands in, from which it is passed over unless a text has no other: it tells little, and its articles
# take most of the time of a search.
_COMMON: Final = 0.1
# The usual constants of BM25 (Robertson and Zaragoza 2009), as tantivy has them.
_K1, _B = 1.2, 0.75
# Locks writers out of each other; any number that no other program of the database uses.
_LOCK: Final = 7_331_905


class PostgresArchive:
    """Articles in the schema ``retold`` of a database, to be added to and searched as those of an ``Archive``.

    Args:
        path: Address of the database, such as ``postgresql://user@host/name``; a password stands in ``~/.pgpass``.

    Raises:
        ArchiveError: if the address has a password, or the database does not answer or holds no archive; from every method if
            the database fails.
        MissingPackageError: if psycopg is not installed.
    """

    def __init__(self, path: str) -> None:
        self.path = path
        self._psycopg = _load_psycopg()
        self._db = self._connected()
        if self._rows("SELECT to_regclass('retold.articles')") == [(None,)]:
            raise ArchiveError(f"there is no archive in {path}; make one: retold archive add {path} PATH...")
        self._check_version()
        self._measure()

    @classmethod
    def create(cls, path: str) -> PostgresArchive:
        """Make the schema where there is none, and open it."""
        archive = cls.__new__(cls)
        archive.path, archive._psycopg = path, _load_psycopg()
        archive._db = archive._connected()
        with archive._errors(), archive._db.transaction():
            archive._db.execute("SELECT pg_advisory_xact_lock(%s)", (_LOCK,))
            archive._db.execute(statements.SCHEMA)
            if archive._rows(statements.READ_VERSION) == [(None,)]:
                archive._db.execute(f"COMMENT ON SCHEMA retold IS 'retold-archive {_VERSION}'")
        archive._check_version()
        archive._measure()
        return archive

    def _connected(self) -> psycopg.Connection[Any]:
        # The address is shown beside every source that is found.
        parts = urlsplit(self.path)
        if parts.password or "password" in parse_qs(parts.query, keep_blank_values=True):
            raise ArchiveError("the address of a database may hold no password; put it into ~/.pgpass or PGPASSWORD")
        with self._errors():
            db: psycopg.Connection[Any] = self._psycopg.connect(
                self.path, autocommit=True, connect_timeout=_CONNECT_SECONDS
            )
            db.execute("SET client_min_messages TO warning")
        # As files are, it is closed with the archive if nobody closes it before.
        weakref.finalize(self, db.close)
        return db

    def _check_version(self) -> None:
        comment = str(self._rows(statements.READ_VERSION)[0][0] or "")
        version = comment.rpartition(" ")[2]
        if version.isdecimal() and int(version) > _VERSION:
            raise ArchiveError(
                f"{self.path} was made by a newer program ({comment[:40]}; this one reads {_VERSION}); run:"
                " python -m pip install --upgrade retold"
            )

    def _measure(self) -> None:
        rows = self._rows("SELECT count(*), coalesce(avg(n_words), 1)::float8 FROM retold.articles")
        self.n_indexed, self._mean_words = int(rows[0][0]), float(rows[0][1])

    def __len__(self) -> int:
        return self.n_indexed

    def __reduce__(self) -> tuple[type[PostgresArchive], tuple[str]]:
        """Worker processes connect anew."""
        return PostgresArchive, (self.path,)

    def close(self) -> None:
        """Close the connection."""
        self._db.close()

    @contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except self._psycopg.Error as error:
            reason = " ".join(str(error).split())[:200]
            raise ArchiveError(f"{self.path} fails ({reason}); see what this prints: psql {self.path}") from None

    def _rows(self, statement: str, values: Any = None) -> list[tuple[Any, ...]]:
        with self._errors():
            return self._db.execute(statement, values).fetchall()

    # --- reading

    @property
    def state(self) -> str:
        """Another text once an article was added or removed."""
        return f"{self.path}: {self.n_indexed} of {self.last_number}"

    def search(self, text: str, limit: int = 10) -> list[Hit]:
        """The articles that share most rare words with a text, the best first."""
        return search([self], text, limit)

    def document_frequencies(self, words: Iterable[str]) -> dict[str, int]:
        """In how many articles each word stands; articles that were removed still count."""
        chosen = list(dict.fromkeys(words))
        found = dict(self._rows("SELECT word, n FROM retold.words WHERE word = ANY(%s)", (chosen,)))
        return {word: int(found.get(word, 0)) for word in chosen}

    def best(self, weights: dict[str, float], limit: int) -> list[Hit]:
        """The articles that match weighted words best; see ``search`` for how they are chosen."""
        frequencies = self.document_frequencies(weights)
        rarity = inverse_frequencies(frequencies, self.n_indexed)
        words = [word for word in weights if frequencies[word] <= _COMMON * self.n_indexed] or list(weights)
        values = {
            "words": [f"'{word}'" for word in words],
            "weights": [(_K1 + 1) * rarity[word] * weights[word] for word in words],
            **{"k1": _K1, "b": _B, "mean": self._mean_words, "limit": limit},
        }
        scores = {int(number): float(score) for number, score in self._rows(statements.BEST, values)}
        rows = self._rows(f"SELECT {statements.COLUMNS} FROM retold.articles WHERE number = ANY(%s)", (list(scores),))  # noqa: S608
        articles = {int(row[0]): ArchivedArticle(*row) for row in rows}
        return [Hit(articles[n], score, self.path) for n, score in scores.items() if n in articles]

    def text(self, article: ArchivedArticle) -> str | None:
        """The text of an article; None if it was removed."""
        rows = self._rows("SELECT text FROM retold.articles WHERE number = %s", (article.number,))
        return str(rows[0][0]) if rows else None

    @property
    def last_number(self) -> int:
        """The highest number of an article; 0 if there is none."""
        return int(self._rows("SELECT coalesce(max(number), 0) FROM retold.articles")[0][0])

    def shared_ids(self, since: int, limit: int) -> list[str]:
        """Ids that an article added after the number ``since`` shares with another article, at most ``limit`` of them."""
        statement = (
            "SELECT id FROM retold.articles GROUP BY id HAVING count(*) > 1 AND max(number) > %s ORDER BY id LIMIT %s"
        )
        return [str(id) for (id,) in self._rows(statement, (since, limit))]

    def info(self) -> ArchiveInfo:
        """What the archive holds."""
        (words, first, last, undated, size), *_ = self._rows(statements.INFO)
        rows = self._rows("SELECT outlet, count(*) AS n FROM retold.articles GROUP BY outlet ORDER BY n DESC, outlet")
        outlets = {str(outlet): int(n) for outlet, n in rows}
        return ArchiveInfo(
            self.path, len(self), int(words), first, last, undated, outlets, True, int(size), "PostgreSQL"
        )

    # --- writing

    def add(
        self, documents: Iterable[Document | Unreadable], progress: Callable[[AddSummary], None] | None = None
    ) -> AddSummary:
        """Add articles, each once, a batch a transaction; as ``Archive.add``."""
        summary = AddSummary()
        for batch in batches(documents, summary):
            with self._errors(), self._db.transaction():
                self._insert(batch, summary)
            if progress is not None:
                progress(summary)
        self._measure()
        return summary

    def _insert(self, batch: Sequence[tuple[Document, list[str]]], summary: AddSummary) -> None:
        """Add what is new of a batch, and count its words."""
        self._db.execute("SELECT pg_advisory_xact_lock(%s)", (_LOCK,))
        digests = [digest(words) for _, words in batch]
        known = {
            bytes(key) for (key,) in self._rows("SELECT digest FROM retold.articles WHERE digest = ANY(%s)", (digests,))
        }
        rows, counts = [], Counter[str]()
        for (document, words), key in zip(batch, digests, strict=True):
            if key not in known:
                known.add(key)
                distinct = _searchable(words)
                counts.update(distinct)
                rows.append((*_described(document), len(words), key, document.text.replace("\0", " "), distinct))
        with self._db.cursor() as cursor:
            cursor.executemany(statements.INSERT, rows)
        self._db.execute(statements.COUNT, (list(counts), list(counts.values())))
        summary.added += len(rows)
        summary.repeated += len(batch) - len(rows)


def _searchable(words: Iterable[str]) -> list[str]:
    """The different words of an article, the first that its index takes."""
    chosen, size = [], 0
    for word in dict.fromkeys(words):
        size += len(word.encode()) if len(word) <= _MAX_WORD else 0
        if size > _MAX_WORDS_BYTES:
            break
        if len(word) <= _MAX_WORD:
            chosen.append(word)
    return chosen


def _described(document: Document) -> tuple[str, ...]:
    known = (document.id, document.date, *(document.fields.get(name) for name in FIELDS), document.source)
    return tuple(short(value).replace("\0", " ") for value in known)


def _load_psycopg() -> Any:
    """The module; loaded here only, since few have a database."""
    try:
        import psycopg
    except ImportError:
        raise MissingPackageError('"retold[postgres]"', "an archive in PostgreSQL") from None
    return psycopg
