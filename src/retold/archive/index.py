"""The inverted index of an archive: which articles share rare words with a text. Tantivy keeps it in a folder and maps it."""

from __future__ import annotations

import json
import mmap
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from retold.archive.unwritable import LinkedFolder, may_write, share
from retold.errors import ArchiveError, MissingPackageError

if TYPE_CHECKING:
    import tantivy

# Bytes that a writer holds before it writes a segment; with one thread, since one keeps up with the reading of texts.
_WRITER_BYTES = 128_000_000
# Bytes of a file whose checksum is taken at a time.
_PIECE_BYTES = 1 << 20
_NUMBER, _WORDS = "number", "words"


class WordIndex:
    """An index of article numbers by their words.

    Args:
        path: Its folder.

    Raises:
        ArchiveError: if it is damaged or was written by another version of tantivy.
        MissingPackageError: if tantivy is not installed.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._tantivy = load_tantivy()
        self._check_stores()
        # Even a reader locks a file.
        self._links = None if may_write(path) or not path.is_dir() else LinkedFolder(path)
        with self._errors():
            self._index: tantivy.Index = self._tantivy.Index.open(str(self._links.folder if self._links else path))
            self._schema = self._index.schema
            self._searcher = self._index.searcher()
            # Fails now, not in a search, if the folder is an index of something else.
            self._searcher.doc_freq(_WORDS, "the")

    @classmethod
    def create(cls, path: Path) -> WordIndex:
        """Make an empty index in a new folder and open it."""
        tantivy = load_tantivy()
        path.mkdir()
        fields = tantivy.SchemaBuilder()
        fields.add_unsigned_field(_NUMBER, indexed=True, fast=True)
        # Neither positions nor the text: what is searched is a bag of words.
        fields.add_text_field(_WORDS, tokenizer_name="whitespace", index_option="freq")
        tantivy.Index(fields.build(), path=str(path))
        share(path)
        return cls(path)

    def _check_stores(self) -> None:
        """Refuse damaged files of stored fields, which are small: their lengths, if wrong, end the process for lack of memory."""
        try:
            segments = self._committed()
        except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
            # Tantivy says what is wrong.
            return
        for store in (self.path / f"{segment}.store" for segment in segments):
            # Another process may have merged it with others since, and deleted it.
            with suppress(FileNotFoundError):
                if not _is_sound(store):
                    raise self._error(ValueError(f"the checksum of {store.name} is wrong"), writing=False)

    def _committed(self) -> dict[str, str]:
        """The segments that the last commit names, and the suffix of the file of what was removed from each, if anything was."""
        segments = json.loads((self.path / "meta.json").read_bytes())["segments"]
        removed = {s["segment_id"].replace("-", ""): s.get("deletes") for s in segments}
        return {name: f".{deletes['opstamp']}.del" if deletes else "" for name, deletes in removed.items()}

    @contextmanager
    def _errors(self, writing: bool = False) -> Iterator[None]:
        try:
            yield
        except Exception as error:
            raise self._error(error, writing) from None
        except BaseException as error:
            # What tantivy calls a panic is no Exception.
            if type(error).__name__ != "PanicException":
                raise
            raise self._error(error, writing) from None

    def _error(self, error: BaseException, writing: bool) -> ArchiveError:
        archive = self.path.parent
        if "LockBusy" in str(error):
            return ArchiveError(f"{archive} is being written to by another process; wait until it ends, then try again")
        reason = " ".join(str(error).split())[:200]
        if "PermissionDenied" in reason and not writing:
            return ArchiveError(f"{archive} may not be read; let its owner run: chmod -R a+rX {archive}")
        if writing:
            return ArchiveError(
                f"the index of {archive} cannot be written ({reason}); check the space and permissions of its disk, then run"
                " the same command again: what was committed is safe"
            )
        return ArchiveError(f"the index of {archive} is damaged ({reason}); run: retold archive repair {archive}")

    @property
    def n_articles(self) -> int:
        """Articles in the index."""
        return int(self._searcher.num_docs)

    def reload(self) -> None:
        """See what was committed since."""
        with self._errors():
            if self._links:
                self._links.renew()
            self._index.reload()
            self._searcher = self._index.searcher()

    def document_frequencies(self, words: Iterable[str]) -> dict[str, int]:
        """In how many articles each word stands; articles that were removed may still count."""
        with self._errors():
            return {word: int(self._searcher.doc_freq(_WORDS, word)) for word in words}

    def best(self, weights: Mapping[str, float], limit: int) -> list[tuple[int, float]]:
        """Numbers and BM25 scores of the articles that match best, the best first.

        Args:
            weights: What each word's score is multiplied by.
            limit: Most articles to return.
        """
        if not weights or not self.n_articles:
            return []
        query = self._tantivy.Query
        with self._errors():
            words = [
                (
                    self._tantivy.Occur.Should,
                    query.boost_query(query.term_query(self._schema, _WORDS, word, "freq"), weight),
                )
                for word, weight in weights.items()
            ]
            hits = self._searcher.search(query.boolean_query(words), limit, count=False).hits
            numbers = self._searcher.fast_field_values(_NUMBER, [address for _, address in hits])
        return [
            (int(number), float(score)) for number, (score, _) in zip(numbers, hits, strict=True) if number is not None
        ]

    def contained(self, numbers: Sequence[int]) -> set[int]:
        """Which of some numbers the index has."""
        with self._errors():
            query = self._tantivy.Query.term_set_query(self._schema, _NUMBER, list(numbers))
            hits = self._searcher.search(query, max(len(numbers), 1), count=False).hits
            return {int(n) for n in self._searcher.fast_field_values(_NUMBER, [a for _, a in hits]) if n is not None}

    def count_above(self, number: int) -> int:
        """How many articles of higher numbers the index has."""
        with self._errors():
            return int(self._searcher.search(self._above(number), 1, count=True).count)

    def _above(self, number: int) -> tantivy.Query:
        kind = self._tantivy.FieldType.Unsigned
        return self._tantivy.Query.range_query(self._schema, _NUMBER, kind, number, None, include_lower=False)

    @contextmanager
    def writing(self) -> Iterator[IndexWriter]:
        """Write to the index, as the only one; what was not committed by the end is dropped.

        Raises:
            ArchiveError: if another process writes to it, or it cannot be written.
        """
        if self._links:
            archive = self.path.parent
            raise ArchiveError(
                f"{archive} cannot be written, only searched; get permission to write it, or work on a copy of your own: cp -r"
                f" {archive} COPY"
            )
        with self._errors(writing=True):
            writer = self._index.writer(heap_size=_WRITER_BYTES, num_threads=1)
        try:
            yield IndexWriter(self, writer)
            with self._errors(writing=True):
                writer.wait_merging_threads()
        finally:
            # Frees the lock.
            del writer
            share(self.path)
            self.reload()

    def faults(self) -> Iterator[str]:
        """Files whose checksums are wrong; what no commit names is left out, since a writer may be at it, or was killed at it."""
        committed = self._committed()
        for file in sorted(self.path.iterdir()):
            segment, _, rest = file.name.partition(".")
            belongs = segment in committed and (file.suffix != ".del" or f".{rest}" == committed[segment])
            if belongs and not _is_sound(file):
                yield f"{file.name} is damaged"


class IndexWriter:
    """Writes to an index until its context ends; ``WordIndex.writing`` makes it."""

    def __init__(self, index: WordIndex, writer: tantivy.IndexWriter) -> None:
        self._index = index
        self._writer = writer

    def add(self, number: int, words: Sequence[str]) -> None:
        """Add an article."""
        with self._index._errors(writing=True):
            fields: dict[str, Any] = {_NUMBER: number, _WORDS: " ".join(words)}
            self._writer.add_document(self._index._tantivy.Document.from_dict(fields, self._index._schema))

    def remove(self, numbers: Sequence[int]) -> None:
        """Remove articles."""
        with self._index._errors(writing=True):
            query = self._index._tantivy.Query.term_set_query(self._index._schema, _NUMBER, list(numbers))
            self._writer.delete_documents_by_query(query)

    def remove_above(self, number: int) -> None:
        """Remove articles of higher numbers."""
        with self._index._errors(writing=True):
            self._writer.delete_documents_by_query(self._index._above(number))

    def commit(self) -> None:
        """Make everything so far last, at once."""
        with self._index._errors(writing=True):
            self._writer.commit()
        share(self._index.path)


def load_tantivy() -> Any:
    """The module; loaded here only, for its weight.

    Raises:
        MissingPackageError: if it is not installed.
    """
    try:
        import tantivy
    except ImportError:
        raise MissingPackageError("tantivy", "an archive") from None
    return tantivy


def _is_sound(file: Path) -> bool:
    """True if a file agrees with the checksum in its footer: JSON, its length, and four bytes that mark a footer."""
    try:
        with file.open("rb") as stream, mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as data:
            end = len(data) - 8 - int.from_bytes(data[-8:-4], "little")
            stored = json.loads(data[max(end, 0) : -8])["crc"]
            checksum = 0
            for first in range(0, end, _PIECE_BYTES):
                checksum = zlib.crc32(data[first : min(first + _PIECE_BYTES, end)], checksum)
            return bool(checksum == stored)
    except (ValueError, KeyError, TypeError):
        return False
