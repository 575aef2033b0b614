"""Texts in, a comparison out: stories, lineage, labels and changes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from retold.compare.align import align
from retold.compare.changes import changes_between
from retold.compare.cluster import clusters, similar_pairs
from retold.compare.knowledge import Knowledge, knowledge
from retold.compare.lineage import Family, family
from retold.compare.pairwise import RELATIONS, REVERSED, align_pair, log_relations, places
from retold.compare.pivot import SHOWN, pivot_probabilities
from retold.compare.result import Change, Cluster, ComparedDocument, Comparison, Descent
from retold.compare.version import Version
from retold.detector.verdict import BACK_TRANSLATED, EDITED, LABELS
from retold.errors import InputError

# Versions whose lineage is weighed together. Larger stories are cut into parts that share the most central versions.
MAX_FAMILY, _HUBS = 32, 6
_DECIMALS = 6
# Single-text probabilities are kept from certainty: one text alone never outweighs any comparison.
_FLOOR = 0.02
_RISKS = ("fact", "meaning", "none")


class Judge(Protocol):
    """What a comparison needs of a detector."""

    def predict_proba(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """float64 array (n_texts, 3): probabilities in the order of ``LABELS``."""
        ...


def compare(
    texts: Sequence[str],
    ids: Sequence[str] | None = None,
    detector: Judge | None = None,
    probabilities: NDArray[np.float64] | None = None,
) -> Comparison:
    """Group texts into stories, and say which version descends from which, and how.

    Args:
        texts: The documents.
        ids: A name for each, all different; "0", "1" and so on if None.
        detector: Judges each text alone, which counts beside the comparison.
        probabilities: (n_texts, 3) in the order of ``LABELS``, in place of a detector; uniform if both are None.

    Raises:
        InputError: if ids are missing or not all different.
    """
    names = [str(i) for i in range(len(texts))] if ids is None else [str(i) for i in ids]
    if len(names) != len(texts) or len(set(names)) != len(names):
        raise InputError("a comparison needs one id for each text, all different; rename the documents")
    if not names:
        return Comparison((), (), ())
    alone = _alone(texts, detector, probabilities)
    versions = [Version.of(name, text) for name, text in zip(names, texts, strict=True)]
    return _compared(versions, alone, knowledge())


def _alone(
    texts: Sequence[str], detector: Judge | None, probabilities: NDArray[np.float64] | None
) -> NDArray[np.float64]:
    """Probabilities of each text alone, float64 (n_texts, 3)."""
    if probabilities is None and detector is not None:
        probabilities = detector.predict_proba(texts)
    if probabilities is None:
        return np.full((len(texts), len(LABELS)), 1 / len(LABELS))
    return np.asarray(probabilities, dtype=np.float64).reshape(len(texts), len(LABELS))


def _compared(versions: list[Version], alone: NDArray[np.float64], known: Knowledge) -> Comparison:
    pairs, log_odds = similar_pairs([v.article for v in versions], known)
    story = clusters(len(versions), pairs, log_odds)
    shared = np.repeat(np.maximum(log_odds, 0), 2)
    central = np.bincount(pairs.ravel(), shared, minlength=len(versions)).astype(np.float64)
    documents: dict[int, ComparedDocument] = {}
    found, changes = [], []
    for number, members in enumerate(_members(story)):
        told = _Story(number, [versions[i] for i in members], alone[members], central[members], known)
        documents |= dict(zip(members, told.documents, strict=True))
        found.append(told.cluster)
        changes += told.changes
    changes.sort(key=lambda c: _RISKS.index(c.risk))
    return Comparison(tuple(documents[i] for i in range(len(versions))), tuple(found), tuple(changes))


def _members(story: NDArray[np.int64]) -> list[list[int]]:
    if not len(story):
        return []
    order = np.argsort(story, kind="stable")
    return [part.tolist() for part in np.split(order, np.flatnonzero(np.diff(story[order])) + 1)]


class _Story:
    """One story: its lineage, labels and changes."""

    def __init__(
        self,
        number: int,
        versions: list[Version],
        alone: NDArray[np.float64],
        central: NDArray[np.float64],
        known: Knowledge,
    ) -> None:
        self.number, self.versions, self.known = number, versions, known
        n = len(versions)
        self.source, self.labels = np.zeros(n), alone / alone.sum(axis=1, keepdims=True)
        self.parent, self.probability = np.full(n, -1), np.zeros((n, 2))
        self.pivots: dict[int, NDArray[np.float64]] = {}
        for part, new in _parts(central) if n > 1 else ():
            self._settle(part, new, _weighed([versions[i] for i in part], alone[part], known))
        self.relation = self.probability.argmax(axis=1)
        self.alignments = {i: align(versions[p], versions[i]) for i, p in enumerate(self.parent.tolist()) if p >= 0}
        self._name_pivots()

    def _settle(self, part: list[int], new: int, found: Family) -> None:
        """Take over what was found for the members of a part that were not settled before."""
        for place in range(new, len(part)):
            i, above = part[place], int(found.parent[place])
            self.source[i], self.labels[i] = found.source[place], found.labels[place]
            if above >= 0:
                self.parent[i], self.probability[i] = part[above], found.edges[above, place]

    def _name_pivots(self) -> None:
        translated = [i for i in self.alignments if self.relation[i] == 1]
        if translated:
            shares = pivot_probabilities([self.alignments[i] for i in translated], self.known)
            self.pivots = dict(zip(translated, shares, strict=True))

    @property
    def documents(self) -> list[ComparedDocument]:
        return [self._document(i) for i in range(len(self.versions))]

    def _document(self, i: int) -> ComparedDocument:
        label = LABELS[int(np.argmax(self.labels[i]))]
        shares = {name: _rounded(p) for name, p in zip(LABELS, self.labels[i], strict=True)}
        pivot = self._pivot(i) if label == BACK_TRANSLATED else {}
        return ComparedDocument(self.versions[i].id, self.number, label, shares, pivot, len(self.versions) > 1)

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
        ids = [v.id for v in self.versions]
        source = dict(zip(ids, map(_rounded, self.source), strict=True)) if len(ids) > 1 else {}
        return Cluster(self.number, tuple(ids), source, tuple(self._edges()))

    def _edges(self) -> Iterator[Descent]:
        for i in self.alignments:
            relation = (EDITED, BACK_TRANSLATED)[self.relation[i]]
            pivot = next(iter(self._pivot(i)), None) if i in self.pivots else None
            parent, share = self.versions[self.parent[i]].id, float(self.probability[i].max())
            yield Descent(parent, self.versions[i].id, relation, pivot, _rounded(share))

    @property
    def changes(self) -> list[Change]:
        found = []
        for i, al in self.alignments.items():
            found += changes_between(al, self.pivots.get(i), self.known)
        return found


def _parts(central: NDArray[np.float64]) -> list[tuple[list[int], int]]:
    """Members in parts of at most ``MAX_FAMILY``; the number says how many of a part an earlier one settled."""
    order = np.argsort(-central, kind="stable").tolist()
    if len(order) <= MAX_FAMILY:
        return [(sorted(order), 0)]
    step = MAX_FAMILY - _HUBS
    rest = [order[i : i + step] for i in range(MAX_FAMILY, len(order), step)]
    return [(order[:MAX_FAMILY], 0), *((order[:_HUBS] + part, _HUBS) for part in rest)]


def _weighed(versions: list[Version], alone: NDArray[np.float64], known: Knowledge) -> Family:
    relations = relations_of(versions, known)
    return family(relations, np.log(np.clip(alone, _FLOOR, None)))


def relations_of(versions: Sequence[Version], known: Knowledge) -> NDArray[np.float64]:
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
