"""One story: from the relations of its versions to their lineage, labels and changes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from retold.compare.alignment import Alignment
from retold.compare.changes import changes_between
from retold.compare.descent import descent_log_odds, log_descent
from retold.compare.lineage import LineagePosterior, TreeScores, infer_lineage
from retold.compare.lineage_scores import lineage_features, tree_scores
from retold.compare.pivot_language import likeliest, pivot_probabilities
from retold.compare.relations import align_pair
from retold.compare.result import Change, Cluster, ComparedDocument, LineageEdge, rounded
from retold.compare.version import Version
from retold.compare.weights import ComparisonWeights
from retold.detector.calibration import ABSTAIN_BELOW
from retold.detector.verdict import BACK_TRANSLATED, EDITED, ORIGINAL, most_probable, named_probabilities

# Versions whose lineage is inferred together. Larger stories are cut into parts that share the most central versions.
MAX_FAMILY, _ANCHORS = 32, 6
# Log-odds against descending from a version of a later day, chosen by judgement. Not final: outlets change the date of a page
# they touch.
_LATER_PARENT = -5.0
# Probability that the source of all others is among the versions from which the likeliest is called the original without
# abstaining: 87 to 88% of the originals that are there, and 14 to 17% of versions where it is missing; without a bound 93 to 94 and
# 23 to 27% (benchmarks/blind_comparison.py). A bound on each version's own probability, learned models of a missing original over all
# features of the story, a penalty for words that others share against a version, and priors by the number of versions were not better.
_SOURCE_IS_HERE = 0.9
# The relation of a version to one with the very same words.
COPIED = "copied"
# Single-text probabilities are kept from certainty: one text alone never outweighs any comparison.
_FLOOR = 0.02
# Weight of what each text alone says beside its comparison, which rests on much the same words: half, by judgement.
_WEIGHT_OF_TEXTS = 0.5


@dataclass
class Story:
    """The versions of one story with what was inferred of them; built by ``resolve``.

    Attributes:
        number: Its number among the clusters.
        versions: Its versions.
        labels: float64 (n, 3): probability of original, edited and back-translated.
        source: float64 (n,): probability that each is the source of all others.
        same_event: Numbers of the stories that report the same event independently.
        edges: Alignments with the parent of each version that has one, parent first, and the probabilities that it was
            edited or back-translated from it, float64 (2,).
        copies: Versions with the same words as another, and which.
        is_compared: True if there are two versions with different words.
        pivots: float64 (n_pivots,) for each version that was back-translated from its parent.
    """

    number: int
    versions: Sequence[Version]
    labels: NDArray[np.float64]
    source: NDArray[np.float64]
    weights: ComparisonWeights
    same_event: Sequence[int] = ()
    parent: dict[int, int] = field(default_factory=dict)
    edges: dict[int, tuple[Alignment, NDArray[np.float64]]] = field(default_factory=dict)
    copies: dict[int, int] = field(default_factory=dict)
    is_compared: bool = False
    pivots: dict[int, NDArray[np.float64]] = field(default_factory=dict)

    @classmethod
    def resolve(
        cls,
        number: int,
        versions: Sequence[Version],
        alone: NDArray[np.float64],
        at_equal_priors: NDArray[np.float64],
        similarity: NDArray[np.float64],
        weights: ComparisonWeights,
        known: Mapping[frozenset[str], Alignment] = MappingProxyType({}),
        same_event: Sequence[int] = (),
    ) -> Story:
        """Infer lineage, labels and pivots.

        Args:
            number: Its number among the clusters.
            versions: Its versions.
            alone: float64 (n, 3): probability of original, edited and back-translated from each text alone.
            at_equal_priors: The same if all three were as frequent, as lineage takes them to be.
            similarity: float64 (n,): sum of the positive log-odds that each tells one story with another.
            weights: The fitted numbers.
            known: Alignments that were made already, by the ids of their versions.
            same_event: Numbers of the stories that report the same event independently.
        """
        labels = alone / alone.sum(axis=1, keepdims=True)
        story = cls(number, versions, labels, labels[:, 0].copy(), weights, same_event, copies=_copies(versions))
        distinct = [i for i in range(len(versions)) if i not in story.copies]
        story.is_compared = len(distinct) > 1
        for positions, n_settled in _parts(similarity[distinct]) if story.is_compared else ():
            story._infer([distinct[p] for p in positions], n_settled, at_equal_priors, known)
        story._settle_copies()
        story._infer_pivots()
        return story

    def _infer(
        self,
        part: list[int],
        n_settled: int,
        at_equal_priors: NDArray[np.float64],
        known: Mapping[frozenset[str], Alignment],
    ) -> None:
        """Infer the lineage of some versions, and keep it for those that no earlier part has settled."""
        aligned = Aligned.of([self.versions[i] for i in part], known)
        scores = aligned.scores(self.weights, [self.versions[i].date for i in part])
        texts = _WEIGHT_OF_TEXTS * np.log(np.clip(at_equal_priors[part], _FLOOR, None))
        lineage = infer_lineage(scores.with_texts(texts))
        for place in range(n_settled, len(part)):
            self._settle(part, place, lineage, aligned)

    def _settle(self, part: list[int], place: int, lineage: LineagePosterior, aligned: Aligned) -> None:
        i, above = part[place], int(lineage.parent[place])
        self.source[i], self.labels[i] = lineage.source[place], lineage.labels[place]
        if above >= 0:
            self.parent[i] = part[above]
            self.edges[i] = aligned.between(above, place), lineage.edges[above, place]

    def _settle_copies(self) -> None:
        """A copy has the label of the text that it copies; among copies alone, the first by name stands for the source."""
        for i, first in self.copies.items():
            self.labels[i], self.parent[i], self.source[i] = self.labels[first], first, 0.0
            self.edges[i] = align_pair(self.versions[first], self.versions[i]), np.array([1.0, 0.0])

    def _infer_pivots(self) -> None:
        translated = [i for i, (_, shares) in self.edges.items() if shares[1] > shares[0]]
        if translated:
            shares = pivot_probabilities([self.edges[i][0] for i in translated], self.weights.pivots)
            self.pivots = dict(zip(translated, shares, strict=True))

    @property
    def documents(self) -> list[ComparedDocument]:
        """Every version with its label."""
        return [self._document(i) for i in range(len(self.versions))]

    def _document(self, i: int) -> ComparedDocument:
        label = most_probable(self.labels[i : i + 1])[0]
        probabilities = named_probabilities(self.labels[i])
        pivot = self._pivot(i) if label == BACK_TRANSLATED else {}
        id = self.versions[i].id
        return ComparedDocument(
            id, self.number, label, probabilities, pivot, self.is_compared, self._abstains(i, label)
        )

    def _abstains(self, i: int, label: str | None) -> bool:
        """True for an original whose own source may be missing, and for a text alone of which no label is probable enough."""
        if self.is_compared:
            return label == ORIGINAL and bool(self.source.sum() < _SOURCE_IS_HERE)
        return label is not None and bool(self.labels[i].max() < ABSTAIN_BELOW)

    def _pivot(self, i: int) -> dict[str, float]:
        """The likeliest pivots of a version, or of its nearest ancestor that was back-translated."""
        while i not in self.pivots and i in self.parent:
            i = self.parent[i]
        return likeliest(self.pivots[i], self.weights.pivots) if i in self.pivots else {}

    @property
    def cluster(self) -> Cluster:
        """The lineage."""
        ids = [v.id for v in self.versions]
        source = dict(zip(ids, map(rounded, self.source), strict=True)) if len(ids) > 1 else {}
        return Cluster(self.number, tuple(ids), source, tuple(self._lineage_edges()), tuple(self.same_event))

    def _lineage_edges(self) -> Iterator[LineageEdge]:
        for i, (_, shares) in sorted(self.edges.items()):
            relation = COPIED if i in self.copies else (EDITED, BACK_TRANSLATED)[int(shares[1] > shares[0])]
            pivot = next(iter(self._pivot(i)), None) if i in self.pivots else None
            parent = self.versions[self.parent[i]].id
            yield LineageEdge(parent, self.versions[i].id, relation, pivot, rounded(shares.max()))

    @property
    def changes(self) -> list[Change]:
        """Every change between a version and its parent."""
        edges = sorted(self.edges.items())
        return [c for i, (al, _) in edges for c in changes_between(al, self.pivots.get(i), self.weights.pivots)]


def _copies(versions: Sequence[Version]) -> dict[int, int]:
    """Versions whose canonical text another has, line breaks apart, and the first of those by name."""
    first: dict[str, int] = {}
    copies = {}
    for i in sorted(range(len(versions)), key=lambda i: versions[i].id):
        original = first.setdefault(" ".join(versions[i].article.text.split()), i)
        if original != i:
            copies[i] = original
    return copies


def _parts(similarity: NDArray[np.float64]) -> list[tuple[list[int], int]]:
    """Members in parts of at most ``MAX_FAMILY``; the number says how many of a part an earlier one settled."""
    order = np.argsort(-similarity, kind="stable").tolist()
    if len(order) <= MAX_FAMILY:
        return [(sorted(order), 0)]
    step = MAX_FAMILY - _ANCHORS
    rest = [order[i : i + step] for i in range(MAX_FAMILY, len(order), step)]
    return [(order[:MAX_FAMILY], 0), *((order[:_ANCHORS] + part, _ANCHORS) for part in rest)]


def _lateness(dates: Sequence[str]) -> NDArray[np.float64]:
    """float64 (n, n): what known dates take from the log weight of column descending from a later row."""
    is_later = [[bool(parent and child and parent > child) for child in dates] for parent in dates]
    return np.where(is_later, _LATER_PARENT, 0.0)


@dataclass(frozen=True)
class Aligned:
    """All pairs of some versions, each aligned once.

    Attributes:
        versions: The versions.
        pairs: Which two versions each alignment is about, ``a`` first.
        alignments: The alignments.
    """

    versions: Sequence[Version]
    pairs: list[tuple[int, int]]
    alignments: list[Alignment]

    @classmethod
    def of(cls, versions: Sequence[Version], known: Mapping[frozenset[str], Alignment]) -> Aligned:
        """Align every two of some versions, but those that are known, by their ids."""
        pairs = [(i, j) for i in range(len(versions)) for j in range(i + 1, len(versions))]
        two = [(versions[i], versions[j]) for i, j in pairs]
        alignments = [known.get(frozenset((a.id, b.id))) or align_pair(a, b) for a, b in two]
        ordered = [(i, j) if al.a is versions[i] else (j, i) for (i, j), al in zip(pairs, alignments, strict=True)]
        return cls(versions, ordered, alignments)

    def between(self, parent: int, child: int) -> Alignment:
        """The alignment of two versions, parent first."""
        pair = (parent, child) if (parent, child) in self.pairs else (child, parent)
        return self.alignments[self.pairs.index(pair)].starting_from(self.versions[parent])

    def scores(self, weights: ComparisonWeights, dates: Sequence[str]) -> TreeScores:
        """Log weights of the parts of a tree; no edge joins versions that share no wording."""
        features = lineage_features(self.versions, self.pairs, self.alignments, weights.lineage.substitutions)
        found = tree_scores(features, weights.lineage)
        descent = log_descent(descent_log_odds(self.alignments, weights.descent, weights.relations.substitutions))
        rows, columns = np.array(self.pairs).T
        shared = np.zeros((len(self.versions), len(self.versions)))
        shared[rows, columns] = shared[columns, rows] = descent
        return replace(found, edges=found.edges + (shared + _lateness(dates))[:, :, None])
