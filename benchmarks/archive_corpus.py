"""What the measurements of archives share: an archive of the whole corpus, and versions whose source it holds.

The archive has every original of the corpus and, as articles that are nobody's source, every article of ``news.txt``. Versions
are those of the held-out third of groups, which no weight of the comparison was fitted to.
"""

from __future__ import annotations

import lzma
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from retold.archive import Archive, PostgresArchive, is_database
from retold.archive.words import index_words
from retold.compare.reference import TextScorer
from retold.detector.verdict import BACK_TRANSLATED
from retold.reading import Document
from retold.text import Article
from retold.training.data.splits import engine_family
from retold.training.data.step_files import load_arrays
from retold.training.data.story_clusters import Row, corpus_rows, every_version, is_held_out

# Word 5-grams that an article must share with the original of a version, as a share of the original's, to be the same article: the
# corpus has some originals twice, under two groups, in another edition, or longer.
_SAME, _N = 0.3, 5
# Word pairs that a passage of an edit must share with the original, as a share of its own, to come from it: passages of other news
# share a sixth.
_KEPT, _SHORT_N = 0.3, 2
# Kinds of edits that are reported by their source, too.
_BY_SOURCE = ("human_edit", "syndication")


@dataclass(frozen=True)
class Version:
    """A version of an original that the archive holds.

    ``kind`` is the engine family of a round trip, with how often language models repeated it, or the kind of an edit.
    """

    id: str
    group: str
    kind: str
    label: str
    text: str
    originals: tuple[str, ...]
    date: str
    pivot: str


def corpus_archive(corpus: Path, path: str | Path) -> Archive | PostgresArchive:
    """The archive of the corpus, in a folder or a database, made if it is not there."""
    archive: Archive | PostgresArchive
    if is_database(path):
        archive = PostgresArchive.create(str(path))
    else:
        archive = Archive.open(path) if Path(path).exists() else Archive.create(path)
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


def versions(corpus: Path, most: int, held_out: bool = True) -> dict[str, list[Version]]:
    """At most so many versions of each kind from one side of the split, of as many stories as there are. Deterministic.

    Args:
        corpus: Its folder.
        most: Versions of a kind.
        held_out: The third of groups that no weight of the comparison was fitted to, or the others.
    """
    found: defaultdict[str, list[Version]] = defaultdict(list)
    texts: defaultdict[str, list[str]] = defaultdict(list)
    for row in _original_rows(corpus):
        texts[row["group"]].append(row["text"])
    for _, row in every_version(corpus_rows(corpus), held_out):
        version = _version(row, _kind(row), texts[row["group"]])
        found[version.kind].append(version)
    return {kind: _spread(rows, most) for kind, rows in sorted(found.items())}


def originals(corpus: Path, most: int, held_out: bool = True) -> dict[str, list[Version]]:
    """At most so many originals of each source, as versions of themselves. Deterministic."""
    found: defaultdict[str, list[Version]] = defaultdict(list)
    for row in _original_rows(corpus):
        if is_held_out(row["group"]) == held_out:
            found[f"original {row['source']}"].append(_version(row, f"original {row['source']}", [row["text"]]))
    return {kind: _spread(rows, most) for kind, rows in sorted(found.items())}


def groups(corpus: Path) -> dict[str, str]:
    """The group of every original, by its id."""
    return {row["id"]: row["group"] for row in _original_rows(corpus)}


def _original_rows(corpus: Path) -> Iterator[Row]:
    return (row for row in corpus_rows(corpus) if row["label"] == "original")


def _version(row: Row, kind: str, texts: Sequence[str]) -> Version:
    known = (row["id"], row["group"], kind, row["label"], row["text"], tuple(texts))
    return Version(*known, row.get("date") or "", row.get("pivot") or "")


def _kind(row: Row) -> str:
    if row["label"] == "back-translated":
        engine = row["engine"]
        again = f", {row['hops']} times" if (row.get("hops") or 1) > 1 else ""
        return f"llm{again}" if engine.startswith(("llama", "mistral")) else engine_family(engine, row["source"])
    return f"{row['kind']} {row['source']}" if row["kind"] in _BY_SOURCE else str(row["kind"])


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


def is_copy(version: Version) -> bool:
    """True for an edit that changed no word."""
    return version.label != BACK_TRANSLATED and index_words(version.text) in map(index_words, version.originals)


def text_scorer(corpus: Path, file: Path | None) -> TextScorer | None:
    """What is made of each text of the corpus by classifiers that have seen neither its story nor its source.

    Args:
        corpus: Its folder.
        file: ``log-odds.npz`` of the folder of finished steps of a training; None gives None.
    """
    if file is None:
        return None
    stored = load_arrays(file)
    known = dict(zip(stored["ids"].tolist(), stored["log_odds"], strict=True))
    of_text = {row["text"]: known[row["id"]] for row in corpus_rows(corpus) if row["id"] in known}
    unknown = np.full(stored["log_odds"].shape[1], np.nan)

    def score(articles: Sequence[Article]) -> NDArray[np.float64]:
        return np.array([of_text.get(article.raw, unknown) for article in articles])

    return score


def is_source(version: Version, article: str) -> bool:
    """True if an article is an original of a version's group, or another edition of one."""
    grams = _grams(article)
    return any(len(own & grams) >= _SAME * len(own) for own in map(_grams, version.originals))


def has_source(version: Version, passage: str) -> bool:
    """False for a passage that an editor added: it has hardly a word sequence of the original."""
    if version.label == BACK_TRANSLATED:
        return True
    own, grams = _grams(passage, _SHORT_N), set().union(*(_grams(text, _SHORT_N) for text in version.originals))
    return len(own & grams) >= _KEPT * len(own)


@lru_cache(maxsize=256)
def _grams(text: str, n: int = _N) -> set[tuple[str, ...]]:
    words = index_words(text)
    return set(zip(*(words[i:] for i in range(n)), strict=False)) or {tuple(words)}
