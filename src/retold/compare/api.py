"""Texts in, a comparison out: stories, lineage, labels and changes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from retold.compare.clustering import clusters, similar_pairs
from retold.compare.result import ComparedDocument, Comparison
from retold.compare.story import Story
from retold.compare.version import Version
from retold.compare.weights import ComparisonWeights, knowledge
from retold.detector.batches import require_texts
from retold.detector.verdict import LABELS
from retold.errors import InputError

_RISKS = ("fact", "meaning", "none")


class Judge(Protocol):
    """What a comparison needs of a detector."""

    def predict_proba(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """float64 array (n_texts, 3): probabilities in the order of ``LABELS``; a row of NaN where nothing can be judged."""
        ...


def compare(
    texts: Sequence[str],
    ids: Sequence[str] | None = None,
    detector: Judge | None = None,
    probabilities: NDArray[np.float64] | None = None,
    dates: Sequence[str] | None = None,
) -> Comparison:
    """Group texts into stories, and say which version descends from which, and how.

    Args:
        texts: The documents.
        ids: A name for each, all different; "0", "1" and so on if None.
        detector: Judges each text alone, which counts beside the comparison.
        probabilities: float64 (n_texts, 3) in the order of ``LABELS``, in place of a detector. If both are None, a text that
            stands alone has no label.
        dates: The day each appeared, YYYY-MM-DD or empty; a version hardly descends from a later one.

    Returns:
        The documents in the order given, the stories in order of their first document, the changes with those of fact first.

    Raises:
        InputError: if ``texts`` is one string, or ids are missing or not all different.
    """
    require_texts(texts)
    names = [str(i) for i in range(len(texts))] if ids is None else [str(i) for i in ids]
    if len(names) != len(texts) or len(set(names)) != len(names):
        raise InputError("a comparison needs one id for each text, all different; rename the documents")
    if not names:
        return Comparison((), (), ())
    alone = _alone(texts, detector, probabilities)
    days = [""] * len(names) if dates is None else dates
    versions = [Version.of(*given) for given in zip(names, texts, days, strict=True)]
    return _compared(versions, alone, knowledge())


def _alone(
    texts: Sequence[str], detector: Judge | None, probabilities: NDArray[np.float64] | None
) -> NDArray[np.float64]:
    """Probabilities of each text alone, float64 (n_texts, 3); NaN where nothing could be judged."""
    if probabilities is None and detector is not None:
        probabilities = detector.predict_proba(texts)
    if probabilities is None:
        return np.full((len(texts), len(LABELS)), np.nan)
    return np.asarray(probabilities, dtype=np.float64).reshape(len(texts), len(LABELS))


def _compared(versions: list[Version], alone: NDArray[np.float64], known: ComparisonWeights) -> Comparison:
    pairs, log_odds = similar_pairs([v.article for v in versions], known)
    story = clusters(len(versions), pairs, log_odds)
    shared = np.repeat(np.maximum(log_odds, 0), 2)
    central = np.bincount(pairs.ravel(), shared, minlength=len(versions)).astype(np.float64)
    is_judged = np.isfinite(alone).all(axis=1).reshape(-1)
    alone = np.where(is_judged[:, None], alone, 1 / len(LABELS))
    documents: dict[int, ComparedDocument] = {}
    found, changes = [], []
    for number, members in enumerate(_members(story)):
        told = Story(number, [versions[i] for i in members], alone[members], central[members], known)
        documents |= dict(zip(members, told.documents, strict=True))
        found.append(told.cluster)
        changes += told.changes
    for i, document in documents.items():
        if not is_judged[i] and not document.uses_comparison:
            documents[i] = replace(document, label=None, probabilities=None, pivot={})
    changes.sort(key=lambda c: _RISKS.index(c.risk))
    return Comparison(tuple(documents[i] for i in range(len(versions))), tuple(found), tuple(changes))


def _members(story: NDArray[np.int64]) -> list[list[int]]:
    if not len(story):
        return []
    order = np.argsort(story, kind="stable")
    return [part.tolist() for part in np.split(order, np.flatnonzero(np.diff(story[order])) + 1)]
