"""Checking an archive and mending it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

from retold.archive.archive import ARTICLES, INDEX, Archive
from retold.archive.articles import ArchivedArticle
from retold.archive.index import WordIndex
from retold.archive.manifest import NAME as MANIFEST
from retold.archive.manifest import Manifest
from retold.archive.places import reread
from retold.archive.store import ArticleStore
from retold.archive.words import digest, index_words
from retold.drafts import clear_abandoned, draft_name
from retold.errors import ArchiveError
from retold.limits import COMMIT_ARTICLES
from retold.printable import counted


def verify(path: str | Path, progress: Callable[[int], None] | None = None) -> list[str]:
    """Every fault of an archive, in words; empty if it is sound.

    Checks the files of articles and index, that each text is the one that was added, and that the index holds every article.

    Args:
        path: The archive's folder.
        progress: Called with the number of articles checked so far.

    Raises:
        ArchiveError: if the archive cannot be opened at all.
    """
    archive = Archive.open(path)
    faults = archive.file_faults()
    n_checked = n_missing = 0
    for page in archive.pages():
        indexed = archive.indexed(a.number for a in page)
        n_missing += len(page) - len(indexed)
        if archive.manifest.keeps_texts:
            faults += [
                f"the text of {a.id} (article {a.number}) is damaged" for a in page if not _has_its_text(archive, a)
            ]
        n_checked += len(page)
        if progress is not None:
            progress(n_checked)
    if n_missing:
        faults.append(f"the index lacks {counted(n_missing, 'article')}")
    if n_surplus := archive.n_indexed - archive.n_unfinished - (n_checked - n_missing):
        faults.append(f"the index holds {counted(n_surplus, 'article')} too many")
    return faults


def _has_its_text(archive: Archive, article: ArchivedArticle) -> bool:
    try:
        text = archive.text(article)
    except ArchiveError:
        return False
    return text is not None and digest(index_words(text)) == article.digest


def repair(path: str | Path, progress: Callable[[int], None] | None = None) -> tuple[int, list[str]]:
    """Make the manifest and the index of an archive anew from its articles.

    Args:
        path: The archive's folder.
        progress: Called with the number of articles indexed so far.

    Returns:
        Articles in the archive now, and the ids of those that had to be dropped, because their text is damaged or gone.

    Raises:
        ArchiveError: if a newer program made the archive, the file of articles itself is damaged, another process writes to it,
            or the disk is full.
    """
    folder = Path(path)
    Manifest.refuse_newer(folder)
    store = ArticleStore(folder / ARTICLES)
    if faults := store.faults():
        reason = " ".join(faults[0].split())[:100]
        raise ArchiveError(
            f"{folder / ARTICLES} is damaged ({reason}); restore it from a copy, or move {folder} away and run:"
            f" retold archive add {folder} PATH..."
        )
    try:
        return _repaired(folder, store, progress)
    except OSError as error:
        raise ArchiveError(
            f"cannot repair {folder} ({error.strerror}); check the space and permissions of its disk, then run the same"
            " command again: the articles are safe"
        ) from None
    finally:
        store.close()


def _repaired(folder: Path, store: ArticleStore, progress: Callable[[int], None] | None) -> tuple[int, list[str]]:
    draft = draft_name(folder / INDEX)
    dropped: list[ArchivedArticle] = []
    try:
        # Inside the transaction no other process can add anything.
        with store.transaction():
            clear_abandoned(folder / INDEX, shutil.rmtree)
            n = _rebuild(store, draft, dropped, progress)
            store.delete([a.number for a in dropped])
            store.forget_unindexed()
            _discard(folder / INDEX)
            os.replace(draft, folder / INDEX)
            if (folder / MANIFEST).is_dir():
                _discard(folder / MANIFEST)
            Manifest(store.keeps_texts() or not n).write(folder)
    finally:
        _discard(draft)
    return n, [a.id for a in dropped]


def _discard(path: Path) -> None:
    """Remove a folder, or a file or link that is in its place."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


def _rebuild(
    store: ArticleStore, path: Path, dropped: list[ArchivedArticle], progress: Callable[[int], None] | None
) -> int:
    """Index every article of a store in a new folder; what has no text is put on the list."""
    n = 0
    with WordIndex.create(path).writing() as writer:
        for article, words in _words(store):
            if digest(words) != article.digest:
                dropped.append(article)
                continue
            writer.add(article.number, words)
            n += 1
            if progress is not None and n % COMMIT_ARTICLES == 0:
                progress(n)
        writer.commit()
    return n


def _words(store: ArticleStore) -> Iterator[tuple[ArchivedArticle, list[str]]]:
    """Every article with the words of its text, none if that is damaged or gone."""
    last, keeps_texts = 0, store.keeps_texts()
    while page := store.after(last, COMMIT_ARTICLES):
        for article in page:
            try:
                text = store.text(article.number) if keeps_texts else reread(article)
            except ArchiveError:
                text = None
            yield article, index_words(text or "")
        last = page[-1].number
