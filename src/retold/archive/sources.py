"""The source of a text: articles of an archive that a search proposes, each refused or proven by comparison."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from retold.archive.articles import Hit
from retold.archive.search import Searchable, search
from retold.compare.reference import SourceRelation, relation_to
from retold.compare.version import Version
from retold.compare.weights import ComparisonWeights

# Hits that are compared with a text: the source is among the first five for 99.9% of texts of more than 80 words
# (``benchmarks/archive_recall.py``).
N_CANDIDATES = 5


@dataclass(frozen=True, slots=True)
class Source:
    """The article that a text was made from.

    Attributes:
        id: Its name in the archive; with ``date``, ``url`` and ``outlet`` what the archive says of it, empty if unknown.
        date: The day it appeared, YYYY-MM-DD.
        url: Its address.
        outlet: Who published it.
        relation: How the text was made from it; one of ``compare.reference.SOURCE_RELATIONS``.
        probability: Of the relation.
        shared: Share of the article's words that stand in the text, in their order.
    """

    id: str
    date: str
    url: str
    outlet: str
    relation: str
    probability: float
    shared: float

    def as_dict(self) -> dict[str, Any]:
        """The JSON object of this source."""
        return asdict(self)


def find_source(
    text: str,
    archives: Sequence[Searchable],
    weights: ComparisonWeights,
    date: str = "",
    single_text_probs: NDArray[np.float64] | None = None,
) -> tuple[Source, str] | None:
    """Find the article that a text was made from, and its text.

    Args:
        text: The text.
        archives: One or several, searched as one.
        weights: The fitted numbers of comparison, ``detector.comparison_weights``.
        date: The day it appeared, YYYY-MM-DD, or empty: an article of a later day is not its source.
        single_text_probs: float64 (3,): probability of original, edited and back-translated from the text alone.

    Returns:
        The nearest of several editions, of equals the first to appear; None if no article proved to be the source.
    """
    version, by_path = Version.of("", text), {str(archive.path): archive for archive in archives}
    found = []
    for hit in search(archives, text, N_CANDIDATES):
        candidate = by_path[hit.archive].text(hit.article)
        if candidate is None or (date and hit.article.date > date):
            continue
        relation = relation_to(Version.of("", candidate), version, weights, single_text_probs)
        if relation.is_descent:
            found.append((_source(hit, relation), candidate))
    return min(found, key=lambda item: (-item[0].shared, item[0].date or "~", item[0].id), default=None)


def _source(hit: Hit, relation: SourceRelation) -> Source:
    a = hit.article
    return Source(a.id, a.date, a.url, a.outlet, relation.relation, relation.probability, relation.shared)
