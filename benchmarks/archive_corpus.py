"""What the measurements of archives share: an archive of the whole corpus, and versions whose source it holds.

The archive has every original of the corpus and, as articles that are nobody's source, every article of ``news.txt``. Versions
are those of the held-out third of groups, which no weight of the comparison was fitted to.
"""

from __future__ import annotations

import lzma
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from zlib import crc32

import numpy as np

from retold.archive import Archive
from retold.archive.words import index_words
from retold.reading import Document
from retold.training.data.splits import engine_family
from retold.training.data.story_clusters import corpus_rows, every_version

# Word 5-grams that an article must share with the original of a version, as a share of the original's, to be the same article: the
# corpus has some originals twice, under two groups, in another edition, or longer.
_SAME, _N = 0.3, 5
# Kinds of edits that are reported by their source, too.
_BY_SOURCE = ("human_edit", "syndication")


@dataclass(frozen=True)
class Version:
    """A version of an original that the archive holds; ``kind`` is the engine family of a round trip or the kind of an edit."""

    id: str
    group: str
    kind: str
    label: str
    text: str
    original: str
    date: str
    pivot: str


def corpus_archive(corpus: Path, path: Path) -> Archive:
    """The archive of the corpus, made if it is not there."""
    archive = Archive.open(path) if path.exists() else Archive.create(path)
    archive.add(_articles(corpus))
    return archive


def _articles(corpus: Path) -> Iterator[Document]:
    for row in corpus_rows(corpus):
        if row["label"] == "original":
            fields = {"outlet": row["source"]}
            yield Document(row["id"], row["text"], f"originals:{row['id']}", (), row.get("date") or "", fields)
    for number, text in enumerate(news(corpus)):
        yield Document(f"news-{number}", text, f"news.txt:{number}", (), "", {"outlet": "news"})


def news(corpus: Path) -> Iterator[str]:
    """Every article of ``news.txt``."""
    paragraphs: list[str] = []
    with lzma.open(corpus / "news.txt.xz", "rt", encoding="utf-8") as lines:
        for line in lines:
            if line.strip():
                paragraphs.append(line.strip())
            elif paragraphs:
                yield "\n".join(paragraphs)
                paragraphs = []
    if paragraphs:
        yield "\n".join(paragraphs)


def versions(corpus: Path, most: int) -> dict[str, list[Version]]:
    """At most so many versions of each kind from the held-out third, of as many stories as there are. Deterministic."""
    found: defaultdict[str, list[Version]] = defaultdict(list)
    for original, row in every_version(corpus_rows(corpus), held_out=True):
        found[_kind(row)].append(
            Version(
                row["id"],
                row["group"],
                _kind(row),
                row["label"],
                row["text"],
                original,
                row.get("date") or "",
                row.get("pivot") or "",
            )
        )
    return {kind: _spread(rows, most) for kind, rows in sorted(found.items())}


def _kind(row: dict) -> str:
    if row["label"] == "back-translated":
        engine = row["engine"]
        return "llm" if engine.startswith(("llama", "mistral")) else engine_family(engine, row["source"])
    return f"{row['kind']} {row['source']}" if row["kind"] in _BY_SOURCE else row["kind"]


def _spread(rows: list[Version], most: int) -> list[Version]:
    """One version of every story before the second of any."""
    rank: defaultdict[str, int] = defaultdict(int)
    order = []
    for row in sorted(rows, key=lambda row: crc32(row.id.encode())):
        order.append((rank[row.group], row))
        rank[row.group] += 1
    return [row for _, row in sorted(order, key=lambda pair: pair[0])[:most]]


def passage(text: str, n_words: int) -> str:
    """A passage of a text that begins where the text itself decides; the whole text if it is no longer."""
    words = text.split()
    if len(words) <= n_words:
        return text
    start = int(np.random.default_rng(crc32(text.encode())).integers(len(words) - n_words))
    return " ".join(words[start : start + n_words])


def is_same_article(original: str, other: str) -> bool:
    """True if an article is an original, or another edition of it."""
    grams = _grams(original)
    return len(grams & _grams(other)) >= _SAME * len(grams)


def _grams(text: str) -> set[tuple[str, ...]]:
    words = index_words(text)
    return set(zip(*(words[i:] for i in range(_N)), strict=False)) or {tuple(words)}
