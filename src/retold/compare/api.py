"""Texts in, a comparison out: stories, lineage, labels and changes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from retold.compare.clustering import similar_pairs
from retold.compare.families import find_families
from retold.compare.result import Change, Cluster, ComparedDocument, Comparison
from retold.compare.story import Story
from retold.compare.version import Version
from retold.compare.weights import ComparisonWeights
from retold.detector.batches import require_texts
from retold.detector.calibration import with_prior
from retold.detector.verdict import LABELS
from retold.errors import InputError
from retold.text import Article

_RISKS = ("fact", "meaning", "none")


class SupportsComparison(Protocol):
    """What a comparison needs of a detector."""

    @property
    def comparison_weights(self) -> ComparisonWeights:
        """The fitted numbers of comparison."""
        ...

    @property
    def prior(self) -> Sequence[float]:
        """Shares of ``LABELS`` that its probabilities are stated for."""
        ...

    def article_probabilities(self, articles: Sequence[Article]) -> NDArray[np.float64]:
        """float64 (n_articles, 3): probability of each of ``LABELS``, each text by itself; NaN where nothing can be judged."""
        ...


def compare(
    texts: Sequence[str],
    ids: Sequence[str] | None = None,
    detector: SupportsComparison | None = None,
    dates: Sequence[str] | None = None,
    probabilities: NDArray[np.float64] | None = None,
) -> Comparison:
    """Group texts into stories, and say which version descends from which, and how.

    Args:
        texts: The documents.
        ids: A name for each, all different; "0", "1" and so on if None.
        detector: Scores each text by itself, and holds the fitted numbers of comparison; the shipped one if None.
        dates: The day each appeared, YYYY-MM-DD or empty; a version hardly descends from a later one.
        probabilities: float64 (n_texts, 3) in the order of ``LABELS``, in place of the detector's scores, at equal priors: before
            its lineage is known a version is as likely of one kind as of another.

    Returns:
        The documents in the order given, the stories in order of their first document, the changes with those of fact first.

    Raises:
        InputError: if ``texts`` is one string, or ids are missing or not all different.
        ModelError: if the model cannot be read, or holds no weights of comparison.
    """
    require_texts(texts)
    names = [str(i) for i in range(len(texts))] if ids is None else [str(i) for i in ids]
    if len(names) != len(texts) or len(set(names)) != len(names):
        raise InputError("a comparison needs one id for each text, all different; rename the documents")
    if not names:
        return Comparison((), (), ())
    detector = detector or _shipped()
    days = [""] * len(names) if dates is None else dates
    versions = [Version.of(*document) for document in zip(names, texts, days, strict=True)]
    stated = probabilities is not None
    if probabilities is None:
        probabilities = detector.article_probabilities([version.article for version in versions])
    alone = np.asarray(probabilities, dtype=np.float64).reshape(len(texts), len(LABELS))
    at_equal_priors = alone if stated else with_prior(alone, [1 / share for share in detector.prior])
    return _compared(versions, alone, at_equal_priors, detector.comparison_weights)


def _shipped() -> SupportsComparison:
    # Maps the whole model, which a caller with a detector of their own does without.
    from retold.detector import load

    return load()


def _compared(
    versions: list[Version],
    alone: NDArray[np.float64],
    at_equal_priors: NDArray[np.float64],
    weights: ComparisonWeights,
) -> Comparison:
    """Compare versions whose single-text probabilities are known, as they are stated and at equal priors."""
    pairs, log_odds = similar_pairs([v.article for v in versions], weights.stories)
    families = find_families(versions, pairs, log_odds, weights)
    shared = np.repeat(np.maximum(log_odds, 0), 2)
    similarity = np.bincount(pairs.ravel(), shared, minlength=len(versions)).astype(np.float64)
    is_judged = np.isfinite(alone.sum(axis=1))
    alone, at_equal_priors = (np.where(is_judged[:, None], p, 1 / len(LABELS)) for p in (alone, at_equal_priors))
    documents: dict[int, ComparedDocument] = {}
    found: list[Cluster] = []
    changes: list[Change] = []
    for number, members in enumerate(_members(families.of)):
        own = [versions[i] for i in members]
        same_event = families.same_event.get(number, ())
        known = alone[members], at_equal_priors[members], similarity[members]
        story = Story.resolve(number, own, *known, weights, families.alignments, same_event)
        documents |= dict(zip(members, story.documents, strict=True))
        found.append(story.cluster)
        changes += story.changes
    for i, document in documents.items():
        if not is_judged[i] and not document.uses_comparison:
            documents[i] = replace(document, label=None, probabilities=None, pivot={})
    changes.sort(key=lambda c: (_RISKS.index(c.risk), c.fact is None))
    return Comparison(tuple(documents[i] for i in range(len(versions))), tuple(found), tuple(changes))


def _members(story_of: NDArray[np.int64]) -> list[list[int]]:
    """The documents of each story."""
    order = np.argsort(story_of, kind="stable")
    return [part.tolist() for part in np.split(order, np.flatnonzero(np.diff(story_of[order])) + 1)]
