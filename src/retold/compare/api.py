"""Texts in, a comparison out: stories, lineage, labels and changes."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from retold.compare.clustering import similar_pairs
from retold.compare.components import Component, ResolvedStory, components, numbered, resolve
from retold.compare.result import Comparison
from retold.compare.version import Version
from retold.compare.weights import ComparisonWeights
from retold.detector import Detector, load
from retold.detector.batches import require_texts
from retold.detector.calibration import with_prior
from retold.detector.scoring import ScoringConfig
from retold.detector.verdict import LABELS
from retold.errors import InputError
from retold.text import Article
from retold.workers import in_workers

_RISKS = ("fact", "meaning", "none")
# Shares of the work that each process gets, one after the other.
_SHARES_OF_A_PROCESS = 4


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
    jobs: int = 1,
) -> Comparison:
    """Group texts into stories, and say which version descends from which, and how.

    Args:
        texts: The documents.
        ids: A name for each, all different; "0", "1" and so on if None.
        detector: Scores each text by itself, and holds the fitted numbers of comparison; the shipped one if None.
        dates: The day each appeared, YYYY-MM-DD or empty; a version hardly descends from a later one.
        probabilities: float64 (n_texts, 3) in the order of ``LABELS``, in place of the detector's scores, at equal priors: before
            its lineage is known a version is as likely of one kind as of another.
        jobs: Processes; more than one needs a detector that was loaded from a folder. The result is the same.

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
    detector = detector or load()
    days = [""] * len(names) if dates is None else dates
    versions = [Version.of(*document) for document in zip(names, texts, days, strict=True)]
    parts = components(versions, *similar_pairs([v.article for v in versions], detector.comparison_weights.stories))
    stated = None if probabilities is None else np.asarray(probabilities, dtype=np.float64).reshape(-1, len(LABELS))
    return _joined(numbered(_resolved_parts(parts, stated, detector, jobs)))


def _resolved_parts(
    parts: Sequence[Component], stated: NDArray[np.float64] | None, detector: SupportsComparison, jobs: int
) -> list[list[ResolvedStory]]:
    """The stories of each part, in several processes if there is enough to share."""
    shares = _shares(parts, jobs)
    if len(shares) < 2 or not isinstance(detector, Detector) or detector.path is None:
        return resolved(parts, stated, detector)
    calls = [(share, stated, detector.path, detector.config) for share in shares]
    return [found for part in in_workers(_resolved_in_worker, calls, jobs) for found in part]


def _shares(parts: Sequence[Component], jobs: int) -> list[list[Component]]:
    """Parts in shares of about as many documents: several a process, since a pair of long documents takes longer."""
    if jobs < 2 or not parts:
        return [list(parts)]
    n_shares = min(jobs * _SHARES_OF_A_PROCESS, len(parts))
    shares: list[list[Component]] = [[] for _ in range(n_shares)]
    for i, part in enumerate(sorted(parts, key=lambda part: (-len(part.places), part.places))):
        shares[i % n_shares].append(part)
    return shares


def _resolved_in_worker(
    parts: Sequence[Component], stated: NDArray[np.float64] | None, model: Path, config: ScoringConfig
) -> list[list[ResolvedStory]]:
    return resolved(parts, stated, load(model).with_config(config))


def resolved(
    parts: Sequence[Component], stated: NDArray[np.float64] | None, detector: SupportsComparison
) -> list[list[ResolvedStory]]:
    """The stories of each part, of documents whose probabilities are stated, float64 (n_documents, 3), or are the detector's."""
    places = [place for part in parts for place in part.places]
    if stated is not None:
        alone = at_equal_priors = stated[places]
    else:
        alone = detector.article_probabilities([version.article for part in parts for version in part.versions])
        at_equal_priors = with_prior(alone, [1 / share for share in detector.prior])
    ends = np.cumsum([len(part.places) for part in parts]).tolist()
    rows = [slice(end - len(part.places), end) for part, end in zip(parts, ends, strict=True)]
    weights = detector.comparison_weights
    return [
        list(resolve(part, alone[own], at_equal_priors[own], weights)) for part, own in zip(parts, rows, strict=True)
    ]


def _joined(stories: Sequence[ResolvedStory]) -> Comparison:
    """All stories as one result: documents in the order given, changes with those of fact first."""
    documents = {
        place: document for story in stories for place, document in zip(story.places, story.documents, strict=True)
    }
    changes = [change for story in stories for change in story.changes]
    changes.sort(key=lambda c: (_RISKS.index(c.risk), c.fact is None))
    return Comparison(
        tuple(documents[place] for place in sorted(documents)),
        tuple(story.cluster for story in stories),
        tuple(changes),
    )
