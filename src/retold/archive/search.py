"""Which articles a text may come from: BM25 on its words of highest tf-idf.

Names, numbers and rare words survive editing and translation, so that the words of highest tf-idf find the source of a text among
tens of thousands (Spärck Jones 1972; Robertson and Zaragoza 2009, "The Probabilistic Relevance Framework: BM25 and Beyond").
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from math import log
from pathlib import Path
from typing import Final, Protocol

from retold.archive.articles import ArchivedArticle, Hit
from retold.archive.words import index_words
from retold.text.normalization import normalize

# Words of a text that are searched for. Of 25, 40 and 60 none finds more than a thousandth more among 33,000 articles, in whole
# texts or passages of 60 and 80 words (``benchmarks/archive_recall.py``).
N_TERMS: Final = 40


class Searchable(Protocol):
    """What a search needs of an archive."""

    @property
    def path(self) -> Path | str:
        """Its folder, or the address of its database."""
        ...

    @property
    def n_indexed(self) -> int:
        """Articles in it."""
        ...

    def document_frequencies(self, words: Iterable[str]) -> dict[str, int]:
        """In how many articles each word stands."""
        ...

    def best(self, weights: dict[str, float], limit: int) -> list[Hit]:
        """The articles that match weighted words best, the best first."""
        ...

    def text(self, article: ArchivedArticle) -> str | None:
        """The text of an article, if there is one."""
        ...


def search(archives: Sequence[Searchable], text: str, limit: int, n_terms: int = N_TERMS) -> list[Hit]:
    """The articles of one or several archives, searched as one, that share most rare words with a text.

    Args:
        archives: Any number; an article that several hold is found in each.
        text: A whole text or a passage of it.
        limit: Most articles to return.
        n_terms: Words of the text that are searched for.

    Returns:
        The best first; those that share no word are not among them.
    """
    counts = Counter(index_words(normalize(text).text))
    sizes = [archive.n_indexed for archive in archives]
    frequencies = [archive.document_frequencies(counts) for archive in archives]
    overall = inverse_frequencies(_added(frequencies), sum(sizes))
    terms = heaviest_terms(counts, overall, n_terms)
    hits: list[Hit] = []
    for archive, size, own in zip(archives, sizes, frequencies, strict=True):
        # The rarity of a word is that in all archives together, or their scores could not be compared.
        local = inverse_frequencies(own, size)
        hits += archive.best({word: overall[word] / local[word] for word in terms if own[word]}, limit)
    return sorted(hits, key=lambda hit: (-hit.score, hit.archive, hit.article.number))[:limit]


def rarities(archives: Sequence[Searchable], words: Iterable[str]) -> dict[str, float]:
    """The inverse document frequency of words in several archives together; 0 for those that no article has."""
    chosen = set(words)
    frequencies = [archive.document_frequencies(chosen) for archive in archives]
    return inverse_frequencies(_added(frequencies), sum(archive.n_indexed for archive in archives))


def heaviest_terms(counts: Mapping[str, int], rarity: Mapping[str, float], n_terms: int = N_TERMS) -> list[str]:
    """The words of a text of highest tf-idf that some article has."""
    weights = {word: (1 + log(n)) * rarity[word] for word, n in counts.items() if rarity[word] > 0}
    return sorted(weights, key=lambda word: (-weights[word], word))[:n_terms]


def inverse_frequencies(frequencies: Mapping[str, int], n_articles: int) -> dict[str, float]:
    """The inverse document frequency of each word as BM25 has it; 0 for those that no article has."""
    # Frequencies may count articles that were removed.
    return {w: log(1 + (max(n_articles - n, 0) + 0.5) / (n + 0.5)) if n else 0.0 for w, n in frequencies.items()}


def _added(frequencies: Sequence[Mapping[str, int]]) -> dict[str, int]:
    total: Counter[str] = Counter()
    for one in frequencies:
        total.update(one)
    return dict(total)
