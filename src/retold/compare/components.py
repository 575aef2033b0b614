"""Documents that no other document tells a story with are compared apart from each other, so in several processes, too."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import connected_components

from retold.compare.families import find_families
from retold.compare.result import Change, Cluster, ComparedDocument
from retold.compare.story import Story
from retold.compare.version import Version
from retold.compare.weights import ComparisonWeights
from retold.detector.verdict import LABELS


@dataclass(frozen=True, eq=False)
class Component:
    """Documents that tell a story with one another, directly or through others, and with no document beside them.

    Attributes:
        places: Their places among all documents, ascending.
        versions: The documents.
        pairs: int64 (n_pairs, 2): those that may tell one story, by their place in ``versions``, the smaller first.
        log_odds: float64 (n_pairs,): that they do.
    """

    places: tuple[int, ...]
    versions: Sequence[Version]
    pairs: NDArray[np.int64]
    log_odds: NDArray[np.float64]


@dataclass(frozen=True)
class ResolvedStory:
    """A story, numbered within its component.

    Attributes:
        places: Places of its documents among all documents.
        documents: Its documents.
        cluster: Its lineage.
        changes: Its changes.
    """

    places: tuple[int, ...]
    documents: Sequence[ComparedDocument]
    cluster: Cluster
    changes: Sequence[Change]


def components(versions: Sequence[Version], pairs: NDArray[np.int64], log_odds: NDArray[np.float64]) -> list[Component]:
    """Part documents by the stories that they may tell; the arguments as of ``find_families``."""
    pairs, log_odds = pairs[log_odds > 0], log_odds[log_odds > 0]
    n = len(versions)
    graph = csr_matrix((np.ones(len(pairs)), (pairs[:, 0], pairs[:, 1])), shape=(n, n))
    of = connected_components(graph, directed=False)[1]
    place = np.zeros(n, dtype=np.int64)
    found = []
    for members in _members(of):
        place[members] = np.arange(len(members))
        own = of[pairs[:, 0]] == of[members[0]] if len(members) > 1 else np.zeros(len(pairs), dtype=bool)
        found.append(Component(tuple(members), [versions[i] for i in members], place[pairs[own]], log_odds[own]))
    return found


def resolve(
    component: Component,
    alone: NDArray[np.float64],
    at_equal_priors: NDArray[np.float64],
    weights: ComparisonWeights,
) -> Iterator[ResolvedStory]:
    """Infer the stories of a component.

    Args:
        component: The documents.
        alone: float64 (n, 3): probability of each of ``LABELS`` from each text alone, as stated; NaN where nothing was judged.
        at_equal_priors: The same if all were as frequent.
        weights: The fitted numbers.
    """
    versions = component.versions
    families = find_families(versions, component.pairs, component.log_odds, weights)
    similarity = np.bincount(component.pairs.ravel(), np.repeat(component.log_odds, 2), minlength=len(versions))
    is_judged = np.isfinite(alone.sum(axis=1))
    alone, at_equal_priors = (np.where(is_judged[:, None], p, 1 / len(LABELS)) for p in (alone, at_equal_priors))
    for number, members in enumerate(_members(families.of)):
        own = [versions[i] for i in members]
        known = alone[members], at_equal_priors[members], similarity[members].astype(np.float64)
        same_event = families.same_event.get(number, ())
        story = Story.resolve(number, own, *known, weights, families.alignments, same_event)
        judged = zip(story.documents, is_judged[members].tolist(), strict=True)
        documents = [document if is_known else _unjudged(document) for document, is_known in judged]
        yield ResolvedStory(tuple(component.places[i] for i in members), documents, story.cluster, story.changes)


def _unjudged(document: ComparedDocument) -> ComparedDocument:
    """A text that cannot be judged by itself has no label unless other versions took part in it."""
    return document if document.uses_comparison else replace(document, label=None, probabilities=None, pivot={})


def numbered(found: Iterable[Sequence[ResolvedStory]]) -> list[ResolvedStory]:
    """All stories of all components, numbered in the order of their first document."""
    parts = list(found)
    first = sorted(story.places[0] for part in parts for story in part)
    number_of = {place: number for number, place in enumerate(first)}
    stories = [_renumbered(story, [number_of[other.places[0]] for other in part]) for part in parts for story in part]
    return sorted(stories, key=lambda story: story.cluster.cluster)


def _renumbered(story: ResolvedStory, numbers: Sequence[int]) -> ResolvedStory:
    """A story whose number, and those of other stories on its event, are those of a list instead of their place in it."""
    number = numbers[story.cluster.cluster]
    same_event = tuple(sorted(numbers[other] for other in story.cluster.same_event))
    documents = [replace(document, cluster=number) for document in story.documents]
    return replace(story, documents=documents, cluster=replace(story.cluster, cluster=number, same_event=same_event))


def _members(of: NDArray[np.integer]) -> list[list[int]]:
    """The places of each part, from the part of each place."""
    order = np.argsort(of, kind="stable")
    return [part.tolist() for part in np.split(order, np.flatnonzero(np.diff(of[order])) + 1)]
