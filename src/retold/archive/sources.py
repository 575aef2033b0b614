"""The sources of a text: articles of an archive that a search proposes, each refused or proven by comparison."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from retold.archive.articles import Hit
from retold.archive.search import Searchable, rarities, search
from retold.archive.wording import has_own_wording, may_be_source, shares_wording
from retold.archive.words import index_words
from retold.compare.alignment import Alignment
from retold.compare.reference import SourceRelation, TextScorer, relation_to
from retold.compare.relations import align_pair
from retold.compare.result import rounded
from retold.compare.version import Version
from retold.compare.weights import ComparisonWeights

# Hits that are compared with a text: the source is among the first five for 99.9% of texts of more than 80 words
# (``benchmarks/archive_recall.py``).
N_CANDIDATES = 5
# Hits that are looked through for candidates that are old enough to be the source of a dated text, since a story that ran on may fill the
# first places with later articles, and for what articles of one template share. By judgement.
_N_HITS = 4 * N_CANDIDATES
# Words that a first source must leave unexplained for a second to be searched: passages of 60 words are still found
# (``benchmarks/archive_recall.py``).
_MIN_REST = 60


@dataclass(frozen=True, slots=True)
class Derivation:
    """An article or text at one end of a derivation, and how the text was made from the article.

    Attributes:
        id, date, url, outlet: What is known of it, else empty; the date is YYYY-MM-DD.
        relation: How the text was made from the article; one of ``compare.reference.SOURCE_RELATIONS``.
        probability: Of the relation.
        shared: Share of the article's words that stand in the text, in their order.
        covered: Share of the text's words that stand in sentences made from the article.
        pivot: Probability of the likeliest pivot languages, strongest first; empty unless the text is back-translated.
    """

    id: str
    date: str
    url: str
    outlet: str
    relation: str
    probability: float
    shared: float
    covered: float = 0.0
    pivot: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Source(Derivation):
    """An article that a text was made from.

    Attributes:
        archive: Path of the archive that holds it.
    """

    archive: str = ""

    def as_dict(self) -> dict[str, Any]:
        """The JSON object of this source."""
        return asdict(self)


@dataclass(frozen=True)
class FoundSource:
    """A source with its text, and how well it explains the text that was searched for.

    Attributes:
        source: What is reported.
        relation: How the text relates to it.
        article: The article, to be compared further.
        overlap: Twice the words in common over the words of both: among several editions the nearest has most.
        rest: The sentences of the text that it does not explain.
    """

    source: Source
    relation: SourceRelation
    article: Version
    overlap: float
    rest: str


def find_sources(
    text: str,
    archives: Sequence[Searchable],
    weights: ComparisonWeights,
    date: str = "",
    score_texts: TextScorer | None = None,
) -> list[FoundSource]:
    """Find the articles that a text was made from.

    Args:
        text: The text.
        archives: One or several, searched as one.
        weights: The fitted numbers of comparison, ``detector.comparison_weights``.
        date: The day it appeared, YYYY-MM-DD, or empty: an article of a later day is not its source.
        score_texts: ``detector.article_log_odds``; None leaves out what it makes of each text by itself.

    Returns:
        The source, or both sources of a text that was put together from two, that of more words first; none if no article
        proved to be one.
    """
    whole = Version.of("", text)
    n_words = int(whole.is_word.sum())
    first = _nearest(whole, n_words, archives, weights, date, score_texts)
    if first is None:
        return []
    rest = Version.of("", first.rest)
    if int(rest.is_word.sum()) < _MIN_REST:
        return [first]
    second = _nearest(rest, n_words, archives, weights, date, score_texts)
    if second is None or second.article.article.raw == first.article.article.raw:
        return [first]
    return sorted([first, second], key=lambda found: -found.source.covered)


def _nearest(
    version: Version,
    n_words: int,
    archives: Sequence[Searchable],
    weights: ComparisonWeights,
    date: str,
    score_texts: TextScorer | None,
) -> FoundSource | None:
    """The nearest of several editions, of equals the first to appear; None if no article proved to be the source."""
    found = []
    words = index_words(version.article.text)
    rarity = rarities(archives, words)
    hits = _Hits.of(version.article.raw, archives)
    for hit, text in hits.candidates(date):
        # Most candidates are refused here, before they cost an analysis and an alignment.
        if not may_be_source(words, hits.words(hit), rarity):
            continue
        article = Version.of(hit.article.id, text, hit.article.date)
        al = align_pair(article, version).starting_from(article)
        if not shares_wording(al, rarity):
            continue
        if not has_own_wording(words, hits.words(hit), hits.words_of_others(hit), rarity):
            continue
        relation = relation_to(article, version, weights, score_texts, has_own_wording=True)
        if relation.is_descent:
            found.append(_found(hit, relation, al, n_words))
    return min(found, key=lambda f: (-f.overlap, f.source.date or "~", f.source.id), default=None)


@dataclass(frozen=True)
class _Hits:
    """What a search for a text found, the best first; texts are read when they are needed."""

    hits: Sequence[Hit]
    archives: Mapping[str, Searchable]
    read: dict[Hit, list[str]] = field(default_factory=dict)

    @classmethod
    def of(cls, text: str, archives: Sequence[Searchable]) -> _Hits:
        return cls(search(archives, text, _N_HITS), {str(archive.path): archive for archive in archives})

    def candidates(self, date: str) -> Iterator[tuple[Hit, str]]:
        """The first hits that are old enough to be the source, with their texts, if these are there."""
        old_enough = [hit for hit in self.hits if not (date and hit.article.date > date)]
        for hit in old_enough[:N_CANDIDATES]:
            text = self._text(hit)
            if text is not None:
                yield hit, text

    def words(self, hit: Hit) -> list[str]:
        """The words of a hit, none if its text is not there."""
        if hit not in self.read:
            self.read[hit] = index_words(self._text(hit) or "")
        return self.read[hit]

    def words_of_others(self, hit: Hit) -> Iterator[list[str]]:
        """The words of every other hit."""
        return (self.words(other) for other in self.hits if other is not hit)

    def _text(self, hit: Hit) -> str | None:
        return self.archives[hit.archive].text(hit.article)


def _found(hit: Hit, relation: SourceRelation, al: Alignment, n_words: int) -> FoundSource:
    a, words = hit.article, al.b.is_word
    kept = int((al.kept[: al.b.end][words[: al.b.end]] >= 0).sum())
    covered = sum(int(words[slice(*block.b)].sum()) for block in al.blocks) / max(n_words, 1)
    source = Source(
        *(a.id, a.date, a.url, a.outlet, relation.relation, relation.probability, relation.shared),
        rounded(min(covered, 1.0)),
        relation.pivot,
        hit.archive,
    )
    overlap = 2 * kept / max(int(al.a.is_word.sum()) + int(words.sum()), 1)
    return FoundSource(source, relation, al.a, overlap, _rest(al))


def _rest(al: Alignment) -> str:
    """The sentences of the second version that have no counterpart, as they were given."""
    article = al.b.article
    return " ".join(article.raw[slice(*article.raw_span(first, end - 1))] for first, end in al.added if first < end)
