"""An archive of articles: a folder with a manifest, the articles and an index of their words."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from retold.archive.articles import AddSummary, ArchivedArticle, ArchiveInfo, Hit
from retold.archive.index import IndexWriter, WordIndex
from retold.archive.intake import FIELDS, batches, frame_documents, short
from retold.archive.manifest import Manifest
from retold.archive.places import reread
from retold.archive.search import search
from retold.archive.store import ArticleStore
from retold.archive.words import digest
from retold.drafts import clear_abandoned, draft_folder
from retold.errors import ArchiveError, InputError
from retold.limits import COMMIT_ARTICLES
from retold.reading import Document, Unreadable

if TYPE_CHECKING:
    import pandas as pd

ARTICLES, INDEX = "articles.db", "index"


class Archive:
    """Articles to be searched for the source of a text.

    Many may read an archive while one writes to it. What one commit adds is there whole or not at all, whatever happens to the
    process, the machine or the disk.

    Args:
        path: Its folder.

    Raises:
        ArchiveError: if it is absent, damaged, foreign or of a newer program; the message says what to run.
        MissingPackageError: if tantivy is not installed.

    Example:
        >>> archive = Archive.create("wire.archive")                             # doctest: +SKIP
        >>> archive.add(pandas.read_parquet("wire.parquet"))                     # doctest: +SKIP
        >>> archive.search("Ministers agreed on Tuesday ...")[0].article.url     # doctest: +SKIP
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        self.manifest = Manifest.read(self.path)
        self._store = ArticleStore(self.path / ARTICLES)
        self._index = WordIndex(self.path / INDEX)

    @classmethod
    def open(cls, path: str | Path) -> Archive:
        """Open an archive that exists."""
        return cls(path)

    @classmethod
    def create(cls, path: str | Path, keep_texts: bool = True) -> Archive:
        """Make an empty archive and open it.

        Args:
            path: A folder that is not there yet.
            keep_texts: Keep the texts, compressed; if not, a source can only be compared where its file is still in its place.

        Raises:
            ArchiveError: if something is there already, or it cannot be written.
        """
        final = Path(path)
        if final.exists():
            raise ArchiveError(f"{final} is there already; name another folder, or open it")
        clear_abandoned(final, shutil.rmtree)
        try:
            final.parent.mkdir(parents=True, exist_ok=True)
            with draft_folder(final) as draft:
                _fill(draft, final, keep_texts)
        except OSError as error:
            raise ArchiveError(f"cannot make {final} ({error.strerror}); choose another place") from None
        return cls(final)

    def __len__(self) -> int:
        return self._store.count()

    def __reduce__(self) -> tuple[type[Archive], tuple[Path]]:
        """Worker processes open the archive anew."""
        return Archive, (self.path,)

    def close(self) -> None:
        """Close its files."""
        self._store.close()

    @property
    def state(self) -> str:
        """Another text once an article was added or removed."""
        return f"{self.path.resolve()}: {len(self)} of {self._store.last_number()}"

    # --- reading

    def search(self, text: str, limit: int = 10) -> list[Hit]:
        """The articles that share most rare words with a text, the best first."""
        return search([self], text, limit)

    @property
    def n_indexed(self) -> int:
        """Articles in the index, which ``len`` counts one by one."""
        return self._index.n_articles

    def document_frequencies(self, words: Iterable[str]) -> dict[str, int]:
        """In how many articles each word stands."""
        return self._index.document_frequencies(words)

    def best(self, weights: dict[str, float], limit: int) -> list[Hit]:
        """The articles that match weighted words best; see ``search`` for how they are chosen."""
        scores = dict(self._index.best(weights, limit))
        articles = self._store.articles(scores)
        return [Hit(articles[n], score, str(self.path)) for n, score in scores.items() if n in articles]

    def article(self, number: int) -> ArchivedArticle | None:
        """The article of a number; None if it was removed."""
        return self._store.articles([number]).get(number)

    def text(self, article: ArchivedArticle) -> str | None:
        """The text of an article; None if it is not kept and no longer in its place."""
        return self._store.text(article.number) if self.manifest.keeps_texts else reread(article)

    def documents(self) -> Iterator[Document | Unreadable]:
        """All articles with their texts, to be added to another archive or written elsewhere."""
        for a in self:
            text = self.text(a)
            if text is None:
                yield Unreadable(a.id, f"its text is no longer in {a.place}")
            else:
                yield Document(a.id, text, a.place, (), a.date, {"url": a.url, "outlet": a.outlet})

    def __iter__(self) -> Iterator[ArchivedArticle]:
        """All articles in the order in which they were added."""
        for page in self.pages():
            yield from page

    def pages(self) -> Iterator[list[ArchivedArticle]]:
        """All articles in the order in which they were added, a few thousand at a time."""
        last = 0
        while page := self._store.after(last, COMMIT_ARTICLES):
            yield page
            last = page[-1].number

    def shared_ids(self, since: int, limit: int) -> list[str]:
        """Ids that an article added after the number ``since`` shares with another article, at most ``limit`` of them."""
        return self._store.shared_ids(since, limit)

    @property
    def last_number(self) -> int:
        """The highest number ever given to an article."""
        return self._store.last_number()

    @property
    def n_unfinished(self) -> int:
        """Articles that writing which was cut short left in the index; they are never found, and the next writer removes them."""
        removed = self._index.contained(self._store.unindexed())
        return len(removed) + self._index.count_above(self._store.last_number())

    def indexed(self, numbers: Iterable[int]) -> set[int]:
        """Which of some numbers the index has."""
        return self._index.contained(list(numbers))

    def file_faults(self) -> list[str]:
        """What is wrong with the files themselves."""
        return [f"{ARTICLES}: {fault}" for fault in self._store.faults()] + list(self._index.faults())

    def info(self) -> ArchiveInfo:
        """What the archive holds."""
        words, first, last, undated = self._store.totals()
        size = sum(file.stat().st_size for file in self.path.rglob("*") if file.is_file())
        return ArchiveInfo(
            str(self.path),
            len(self),
            words,
            first,
            last,
            undated,
            self._store.outlets(),
            self.manifest.keeps_texts,
            size,
            self.manifest.made_by,
        )

    # --- writing

    def add(
        self,
        documents: Iterable[Document | Unreadable] | pd.DataFrame,
        progress: Callable[[AddSummary], None] | None = None,
    ) -> AddSummary:
        """Add articles, each once: what is there with the same words is passed over, so that a run that was cut short is repeated.

        Args:
            documents: The articles, as ``retold.reading.read`` yields them, or a DataFrame with a column ``text`` and any of
                ``id``, ``date``, ``url`` and ``outlet``. They are taken one by one, and a commit's worth of them is held.
            progress: Called after every commit.

        Returns:
            How many were added, and how many not, and why.

        Raises:
            ArchiveError: if another process writes to the archive, or the disk is full; what was committed stays.
            InputError: if a DataFrame has no column ``text``.
        """
        summary = AddSummary()
        items = documents if not hasattr(documents, "columns") else frame_documents(documents)
        with self._writing() as writer:
            for batch in batches(items, summary):
                self._commit(batch, writer, summary)
                if progress is not None:
                    progress(summary)
        return summary

    def remove(
        self, ids: Sequence[str] = (), urls: Sequence[str] = (), outlets: Sequence[str] = (), before: str = ""
    ) -> int:
        """Remove the articles with one of the ids, urls or outlets, and those of a known day before one.

        Args:
            ids: Ids of articles, as they were given.
            urls: Addresses.
            outlets: Names of outlets.
            before: A day, YYYY-MM-DD; empty for none.

        Returns:
            How many were removed.

        Raises:
            InputError: if one string stands where several are expected: each of its letters would be a name.
            ArchiveError: if another process writes to the archive, or it cannot be written.
        """
        for names in (ids, urls, outlets):
            if isinstance(names, str):
                raise InputError(f"expected a list of names, got one string; put it into a list: [{names!r}]")
        with self._writing() as writer:
            numbers = self._store.matching(ids, urls, outlets, before)
            self.remove_numbers(numbers, writer)
        return len(numbers)

    def remove_numbers(self, numbers: Sequence[int], writer: IndexWriter) -> None:
        """Remove articles by their numbers."""
        with self._store.transaction():
            self._store.delete(numbers)
        self._finish_removal(writer)

    def _finish_removal(self, writer: IndexWriter) -> None:
        """Remove from the index what the store no longer has."""
        if numbers := self._store.unindexed():
            writer.remove(numbers)
            writer.commit()
            with self._store.transaction():
                self._store.forget_unindexed()

    @contextmanager
    def _writing(self) -> Iterator[IndexWriter]:
        """Lock the archive, and undo or finish what a writer that was killed left in the index."""
        with self._index.writing() as writer:
            if self._index.count_above(self._store.last_number()):
                writer.remove_above(self._store.last_number())
                writer.commit()
            self._finish_removal(writer)
            yield writer

    def _commit(self, batch: list[tuple[Document, list[str]]], writer: IndexWriter, summary: AddSummary) -> None:
        """Add what is new of a batch: to the index first, then to the store, which decides what there is."""
        digests = [digest(words) for _, words in batch]
        known = set(self._store.numbers_of(digests))
        articles, texts = [], []
        number = self._store.last_number()
        for (document, words), key in zip(batch, digests, strict=True):
            if key in known:
                continue
            known.add(key)
            number += 1
            articles.append(self._article(number, document, len(words), key))
            texts.append(document.text)
            writer.add(number, words)
        summary.repeated += len(batch) - len(articles)
        if articles:
            writer.commit()
            with self._store.transaction():
                self._store.insert(articles, texts if self.manifest.keeps_texts else None)
            summary.added += len(articles)

    def _article(self, number: int, d: Document, n_words: int, key: bytes) -> ArchivedArticle:
        # Where it is all there is, an address must lead to the text from anywhere.
        place = d.source if self.manifest.keeps_texts else os.path.abspath(d.source)
        url, outlet = (short(d.fields.get(name)) for name in FIELDS)
        return ArchivedArticle(number, d.id, d.date, url, outlet, place, n_words, key)


def _fill(draft: Path, final: Path, keep_texts: bool) -> None:
    """Make an empty archive in a draft and put it in its place."""
    try:
        ArticleStore.create(draft / ARTICLES).close()
        WordIndex.create(draft / INDEX)
        Manifest(keep_texts).write(draft)
        os.replace(draft, final)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
