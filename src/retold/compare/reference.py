"""Two versions whose order is known: every change, and the relation of a text to a named original."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from retold.compare.alignment import Alignment
from retold.compare.changes import changes_between
from retold.compare.clustering import log_odds_of_one_story, vectors
from retold.compare.descent import descent_log_odds
from retold.compare.pair_features import swapped
from retold.compare.pivot_language import likeliest, pivot_probabilities
from retold.compare.relations import align_pair, log_relation_types, pair_features
from retold.compare.result import Change, rounded
from retold.compare.version import Version
from retold.compare.weights import ComparisonWeights

# Share of the words of a version that it must share with its reference, in their order, to count as a copy of it.
_COPY = 0.98
# Probability of edited and of back-translated that a text alone has at least, so that it never outweighs any comparison.
_FLOOR = 0.02
# Log-odds that a text tells the story of a reference, for having been put beside it by hand. All three were chosen by
# judgement; ``benchmarks/comparison.py`` measures what comes of them.
_NAMED = 2.0

# How a text may relate to another, ``SourceRelation.relation``.
COPIED, EDITED, BACK_TRANSLATED, REWORDED = "copied", "edited", "back-translated", "reworded"
INDEPENDENT, UNRELATED = "independent", "unrelated"
SOURCE_RELATIONS: Final = (COPIED, EDITED, BACK_TRANSLATED, REWORDED, INDEPENDENT, UNRELATED)


@dataclass(frozen=True, slots=True)
class SourceRelation:
    """How a text relates to an article that may be its source.

    Attributes:
        relation: One of ``SOURCE_RELATIONS``: the same words; edited in English; back-translated; reworded by a machine in
            English; another report of the same event; another story.
        probability: Of the relation.
        pivot: Probability of the likeliest pivot languages, strongest first; empty unless it is back-translated.
        shared: Share of the source's words that stand in the text, in their order.
    """

    relation: str
    probability: float
    pivot: dict[str, float]
    shared: float

    @property
    def is_descent(self) -> bool:
        """True if the text was made from the source."""
        return self.relation not in (INDEPENDENT, UNRELATED)

    @property
    def probabilities(self) -> NDArray[np.float64]:
        """float64 (3,): probability of original, edited and back-translated of a text that was made from the source."""
        if self.relation == COPIED:
            return np.array([1.0, 0.0, 0.0])
        p = self.probability if self.relation == BACK_TRANSLATED else 1 - self.probability
        return np.array([0.0, 1 - p, p])


def relation_to(
    source: Version,
    text: Version,
    weights: ComparisonWeights,
    single_text_probs: NDArray[np.float64] | None = None,
) -> SourceRelation:
    """Say whether a text was made from an article, and how. Some 5 ms for 500 words, if both versions are used again.

    Args:
        source: The article, from ``Version.of``; keep it to compare it with several texts.
        text: The text, from ``Version.of``.
        weights: The fitted numbers, ``detector.comparison_weights``.
        single_text_probs: float64 (3,): probability of original, edited and back-translated from the text alone; None if
            they are not known.
    """
    (al,), log_types = _related(source, [text], weights)
    kept = int((al.kept[: al.b.end][al.b.is_word[: al.b.end]] >= 0).sum())
    shared = rounded(kept / max(int(al.a.is_word.sum()), 1))
    if not _same_story(source, [text], weights)[0]:
        return SourceRelation(UNRELATED, 1.0, {}, shared)
    descent = _descent_log_odds([al], weights)[0]
    if descent <= 0:
        return SourceRelation(INDEPENDENT, rounded(expit(-descent)), {}, shared)
    own = np.full(3, 1 / 3) if single_text_probs is None else single_text_probs
    probabilities, pivot = _judged(al, log_types[0], own, pivot_probabilities([al], weights.pivots)[0], weights)
    best = int(np.argmax(probabilities))
    return SourceRelation((COPIED, EDITED, BACK_TRANSLATED)[best], rounded(probabilities[best]), pivot, shared)


def compare_pair(a: Version, b: Version, weights: ComparisonWeights) -> list[Change]:
    """Every change from ``a`` to ``b``, in the order of ``b``; retranslations only if ``b`` seems translated from ``a``."""
    (al,), log_types = _related(a, [b], weights)
    is_translated = log_types[0, 1] > log_types[0, 0]
    pivots = pivot_probabilities([al], weights.pivots)[0] if is_translated else None
    return changes_between(al, pivots, weights.pivots)


def against_reference(
    reference: str, texts: Sequence[str], single_text_probs: NDArray[np.float64], weights: ComparisonWeights
) -> list[tuple[NDArray[np.float64], dict[str, float]] | None]:
    """Judge texts beside a known original.

    Args:
        reference: The original.
        texts: Versions of it, or not.
        single_text_probs: float64 (n_texts, 3): probability of original, edited and back-translated from each text alone,
            NaN where nothing was judged.
        weights: The fitted numbers.

    Returns:
        For each text its three probabilities, float64 (3,), and the probabilities of its likeliest pivots by ISO 639-1 code,
        none unless it was back-translated; None if it tells another story, or the same event in words of its own.
    """
    if not len(texts):
        return []
    original = Version.of("", reference)
    versions = [Version.of("", text) for text in texts]
    alignments, log_types = _related(original, versions, weights)
    is_version = _same_story(original, versions, weights) & (_descent_log_odds(alignments, weights) > 0)
    pivots = pivot_probabilities(alignments, weights.pivots)
    return [
        _judged(al, row, own, shares, weights) if same else None
        for al, row, own, shares, same in zip(alignments, log_types, single_text_probs, pivots, is_version, strict=True)
    ]


def _related(
    original: Version, versions: Sequence[Version], weights: ComparisonWeights
) -> tuple[list[Alignment], NDArray[np.float64]]:
    """Each version aligned with its original, original first; log probability that it was edited, or back-translated."""
    alignments = [align_pair(original, version) for version in versions]
    is_reversed = np.array([al.a is not original for al in alignments], dtype=bool)
    features = pair_features(alignments, weights.relations.substitutions)
    features[is_reversed] = swapped(features[is_reversed])
    return [al.starting_from(original) for al in alignments], log_relation_types(features, weights.relations)


def _descent_log_odds(alignments: Sequence[Alignment], weights: ComparisonWeights) -> NDArray[np.float64]:
    return descent_log_odds(alignments, weights.descent, weights.relations.substitutions)


def _same_story(original: Version, versions: Sequence[Version], weights: ComparisonWeights) -> NDArray[np.bool_]:
    matrices = vectors([original.article, *(v.article for v in versions)], weights.stories)
    pairs = np.array([(0, i + 1) for i in range(len(versions))], dtype=np.int64).reshape(-1, 2)
    return np.asarray(log_odds_of_one_story(*matrices, pairs, weights.stories) + _NAMED > 0)


def _judged(
    al: Alignment,
    log_types: NDArray[np.float64],
    single_text_probs: NDArray[np.float64],
    pivots: NDArray[np.float64],
    weights: ComparisonWeights,
) -> tuple[NDArray[np.float64], dict[str, float]]:
    """Add the log-odds of the pair to those of the text; a copy of the original is the original."""
    n = max(len(al.kept), len(al.a.article.tokens), 1)
    if int((al.kept >= 0).sum()) >= _COPY * n and not al.edits:
        return np.array([1.0, 0.0, 0.0]), {}
    # Of a text that cannot be judged by itself nothing is known beforehand.
    single_text_probs = np.nan_to_num(single_text_probs, nan=1 / len(single_text_probs))
    shares = np.exp(log_types + np.log(np.clip(single_text_probs[1:], _FLOOR, None)))
    probabilities = np.concatenate([[0.0], shares / shares.sum()])
    is_translated = probabilities[2] > probabilities[1]
    return probabilities, likeliest(pivots, weights.pivots) if is_translated else {}
