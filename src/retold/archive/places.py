"""Texts that an archive does not keep, read again where they were found."""

from __future__ import annotations

import os

from retold.archive.articles import ArchivedArticle
from retold.archive.words import digest, index_words
from retold.reading import Document, read


def reread(article: ArchivedArticle) -> str | None:
    """The text of an article from its file, or None if it is not there or has changed since.

    A file of many rows is read up to the one that is wanted.
    """
    file = article.place if os.path.isfile(article.place) else article.place.rpartition(":")[0]
    if not os.path.isfile(file):
        return None
    for item in read([file]):
        if isinstance(item, Document) and item.source == article.place:
            return item.text if digest(index_words(item.text)) == article.digest else None
    return None
