"""One story: from the relations of its versions to their lineage, labels and changes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from retold.compare.alignment import align
from retold.compare.centrality import places
from retold.compare.changes import changes_between
from retold.compare.lineage import LineagePosterior, family
from retold.compare.pivot_language import SHOWN, pivot_probabilities
from retold.compare.relations import EDITED_FROM, RELATIONS, REVERSED, TRANSLATED_FROM, align_pair, log_relations
from retold.compare.result import Change, Cluster, ComparedDocument, LineageEdge
from retold.compare.version import Version
from retold.compare.weights import ComparisonWeights
from retold.detector.verdict import BACK_TRANSLATED, EDITED, most_probable, named_probabilities

# Versions whose lineage is weighed together. Larger stories are cut into parts that share the most central versions.
MAX_FAMILY, _HUBS = 32, 6
_DECIMALS = 6
# Log-odds against descending from a version of a later day, chosen by judgement. Not final: outlets change the date of a page
# they touch.
_LATER_PARENT = -5.0
# The relation of a version to one with the very same words.
COPIED = "copied"
# Single-text probabilities are kept from certainty: one text alone never outweighs any comparison.
_FLOOR = 0.02


class Story:
    """One story: its lineage, labels and changes.

    Args:
        number: Its number among the clusters.
        versions: Its versions.
        alone: float64 (n, 3): probability of original, edited and back-translated from each text alone.
        central: float64 (n,): sum of the log-odds that each tells one story with another, where they speak for it.
        known: What was learned.
    """

    def __init__(
        self,
        number: int,
        versions: list[Version],
        alone: NDArray[np.float64],
        central: NDArray[np.float64],
        known: ComparisonWeights,
    ) -> None:
        self.number, self.versions, self.known = number, versions, known
        n = len(versions)
        self.source, self.labels = np.zeros(n), alone / alone.sum(axis=1, keepdims=True)
        self.parent, self.probability = np.full(n, -1), np.zeros((n, 2))
        self.pivots: dict[int, NDArray[np.float64]] = {}
        self.copies = _copies(versions)
        distinct = [i for i in range(n) if i not in self.copies]
        self.is_compared = len(distinct) > 1
        for places_of, new in _parts(central[distinct]) if self.is_compared else ():
            part = [distinct[place] for place in places_of]
            self._settle(part, new, _weighed([versions[i] for i in part], alone[part], known))
        self._settle_copies(distinct)
        self.relation = self.probability.argmax(axis=1)
        self.alignments = {i: align(versions[p], versions[i]) for i, p in enumerate(self.parent.tolist()) if p >= 0}
        self._name_pivots()

    def _settle(self, part: list[int], new: int, found: LineagePosterior) -> None:
        """Take over what was found for the members of a part that were not settled before."""
        for place in range(new, len(part)):
            i, above = part[place], int(found.parent[place])
            self.source[i], self.labels[i] = found.source[place], found.labels[place]
            if above >= 0:
                self.parent[i], self.probability[i] = part[above], found.edges[above, place]

    def _settle_copies(self, distinct: list[int]) -> None:
        """A copy is what the text is that it copies; among copies alone, the first by name stands for the source."""
        if not self.is_compared:
            self.source[distinct] = self.labels[distinct, 0]
        for i, first in self.copies.items():
            self.labels[i], self.parent[i], self.probability[i] = self.labels[first], first, (1.0, 0.0)

    def _name_pivots(self) -> None:
        translated = [i for i in self.alignments if self.relation[i] == 1]
        if translated:
            shares = pivot_probabilities([self.alignments[i] for i in translated], self.known)
            self.pivots = dict(zip(translated, shares, strict=True))

    @property
    def documents(self) -> list[ComparedDocument]:
        """Every version with its label."""
        return [self._document(i) for i in range(len(self.versions))]

    def _document(self, i: int) -> ComparedDocument:
        label = most_probable(self.labels[i : i + 1])[0]
        shares = named_probabilities(self.labels[i])
        pivot = self._pivot(i) if label == BACK_TRANSLATED else {}
        return ComparedDocument(self.versions[i].id, self.number, label, shares, pivot, self.is_compared)

    def _pivot(self, i: int) -> dict[str, float]:
        """The likeliest pivots of a version, or of the ancestor that went through one."""
        for _ in range(len(self.versions)):
            if i in self.pivots or self.parent[i] < 0:
                break
            i = int(self.parent[i])
        shares = self.pivots.get(i, np.zeros(0))
        best = np.argsort(-shares, kind="stable")[:SHOWN]
        return {self.known.pivot_names[j]: _rounded(shares[j]) for j in best.tolist()}

    @property
    def cluster(self) -> Cluster:
        """The lineage."""
        ids = [v.id for v in self.versions]
        source = dict(zip(ids, map(_rounded, self.source), strict=True)) if len(ids) > 1 else {}
        return Cluster(self.number, tuple(ids), source, tuple(self._edges()))

    def _edges(self) -> Iterator[LineageEdge]:
        for i in self.alignments:
            relation = COPIED if i in self.copies else (EDITED, BACK_TRANSLATED)[self.relation[i]]
            pivot = next(iter(self._pivot(i)), None) if i in self.pivots else None
            parent, share = self.versions[self.parent[i]].id, float(self.probability[i].max())
            yield LineageEdge(parent, self.versions[i].id, relation, pivot, _rounded(share))

    @property
    def changes(self) -> list[Change]:
        """Every change between a version and its parent."""
        found = []
        for i, al in self.alignments.items():
            found += changes_between(al, self.pivots.get(i), self.known)
        return found


def _copies(versions: Sequence[Version]) -> dict[int, int]:
    """Versions whose canonical text another has, line breaks apart, and the first of those by name."""
    first: dict[str, int] = {}
    copies = {}
    for i in sorted(range(len(versions)), key=lambda i: versions[i].id):
        kept = first.setdefault(" ".join(versions[i].article.text.split()), i)
        if kept != i:
            copies[i] = kept
    return copies


def _parts(central: NDArray[np.float64]) -> list[tuple[list[int], int]]:
    """Members in parts of at most ``MAX_FAMILY``; the number says how many of a part an earlier one settled."""
    order = np.argsort(-central, kind="stable").tolist()
    if len(order) <= MAX_FAMILY:
        return [(sorted(order), 0)]
    step = MAX_FAMILY - _HUBS
    rest = [order[i : i + step] for i in range(MAX_FAMILY, len(order), step)]
    return [(order[:MAX_FAMILY], 0), *((order[:_HUBS] + part, _HUBS) for part in rest)]


def _weighed(versions: list[Version], alone: NDArray[np.float64], known: ComparisonWeights) -> LineagePosterior:
    relations = relations_of(versions, known) + _lateness([v.date for v in versions])
    return family(relations, np.log(np.clip(alone, _FLOOR, None)))


def _lateness(dates: Sequence[str]) -> NDArray[np.float64]:
    """float64 (n, n, 5): what known dates take from the log probability that column descends from a later row."""
    out = np.zeros((len(dates), len(dates), len(RELATIONS)))
    for i, parent in enumerate(dates):
        for j, child in enumerate(dates):
            if parent and child and parent > child:
                out[i, j, [EDITED_FROM, TRANSLATED_FROM]] = _LATER_PARENT
    return out


def relations_of(versions: Sequence[Version], known: ComparisonWeights) -> NDArray[np.float64]:
    """float64 (n, n, 5): log probability of each relation of column to row."""
    n = len(versions)
    cells = [(i, j) for i in range(n) for j in range(i + 1, n)]
    out = np.full((n, n, len(RELATIONS)), -np.inf)
    if not cells:
        return out
    alignments = [align_pair(versions[i], versions[j]) for i, j in cells]
    cells = [(i, j) if al.a is versions[i] else (j, i) for (i, j), al in zip(cells, alignments, strict=True)]
    for (i, j), row in zip(cells, log_relations(alignments, known, places(n, cells, alignments)), strict=True):
        out[i, j], out[j, i] = row, row[list(REVERSED)]
    return out


def _rounded(value: float) -> float:
    return round(float(value), _DECIMALS)
