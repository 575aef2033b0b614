"""Two versions whose order is known: every change, and the relation of a text to a named original."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from retold.compare.alignment import Alignment
from retold.compare.changes import changes_between
from retold.compare.clustering import log_odds_of_one_story, vectors
from retold.compare.descent import descent_log_odds
from retold.compare.pair_features import swapped
from retold.compare.pivot_language import likeliest, pivot_probabilities
from retold.compare.relations import align_pair, log_relation_types, pair_features, text_features
from retold.compare.result import Change, rounded
from retold.compare.version import Version
from retold.compare.weights import ComparisonWeights
from retold.text import Article

# Log-odds of the classifier's targets from each text alone, float64 (n, 4): ``detector.article_log_odds``.
TextScorer: TypeAlias = Callable[[Sequence[Article]], NDArray[np.float64]]
# Log-odds that a text tells the story of a reference, for having been put beside it by hand; chosen by judgement.
# ``benchmarks/comparison.py`` measures what comes of it.
_NAMED = 2.0
# Log-odds of one story, and of descent, for the wording that an article of an archive was found to have in common with a text and with no
# other. On 804 texts of groups that nothing is reported of, these lose 11 of 214 round trips and 2 of 188 edits instead of 16 and 5, and
# link no more texts to articles that are not their source; 4 for one story links two more.
_OF_STORY, _OF_DESCENT = 3.0, 4.0

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
    score_texts: TextScorer | None = None,
    has_own_wording: bool = False,
) -> SourceRelation:
    """Say whether a text was made from an article, and how. Some 5 ms for 500 words, if both versions are used again.

    Args:
        source: The article, from ``Version.of``; keep it to compare it with several texts.
        text: The text, from ``Version.of``.
        weights: The fitted numbers, ``detector.comparison_weights``.
        score_texts: ``detector.article_log_odds``, of the detector that the weights are from; None leaves out what it makes of
            each text by itself.
        has_own_wording: True if the text is known to share wording with the article that no other article has.
    """
    (al,), features = _described(source, [text], weights)
    kept = int((al.kept[: al.b.end][al.b.is_word[: al.b.end]] >= 0).sum())
    shared = rounded(kept / max(int(al.a.is_word.sum()), 1))
    if not _same_story(source, [text], weights, _OF_STORY if has_own_wording else _NAMED)[0]:
        return SourceRelation(UNRELATED, 1.0, {}, shared)
    descent = _descent_log_odds([al], weights)[0] + (_OF_DESCENT if has_own_wording else 0.0)
    if descent <= 0:
        return SourceRelation(INDEPENDENT, rounded(expit(-descent)), {}, shared)
    log_types = _log_types(features, source, [text], weights, score_texts)
    probabilities, pivot = _judged(al, log_types[0], pivot_probabilities([al], weights.pivots)[0], weights)
    best = int(np.argmax(probabilities))
    return SourceRelation((COPIED, EDITED, BACK_TRANSLATED)[best], rounded(probabilities[best]), pivot, shared)


def compare_pair(a: Version, b: Version, weights: ComparisonWeights) -> list[Change]:
    """Every change from ``a`` to ``b``, in the order of ``b``; retranslations only if ``b`` seems translated from ``a``."""
    (al,), features = _described(a, [b], weights)
    log_types = log_relation_types(features, weights.relations)
    is_translated = log_types[0, 1] > log_types[0, 0]
    pivots = pivot_probabilities([al], weights.pivots)[0] if is_translated else None
    return changes_between(al, pivots, weights.pivots)


def against_reference(
    reference: str, texts: Sequence[str], weights: ComparisonWeights, score_texts: TextScorer | None = None
) -> list[tuple[NDArray[np.float64], dict[str, float]] | None]:
    """Judge texts beside a known original.

    Args:
        reference: The original.
        texts: Versions of it, or not.
        weights: The fitted numbers.
        score_texts: As of ``relation_to``.

    Returns:
        For each text its three probabilities, float64 (3,), and the probabilities of its likeliest pivots by ISO 639-1 code,
        none unless it was back-translated; None if it tells another story, or the same event in words of its own.
    """
    if not len(texts):
        return []
    original = Version.of("", reference)
    versions = [Version.of("", text) for text in texts]
    alignments, features = _described(original, versions, weights)
    log_types = _log_types(features, original, versions, weights, score_texts)
    is_version = _same_story(original, versions, weights) & (_descent_log_odds(alignments, weights) > 0)
    pivots = pivot_probabilities(alignments, weights.pivots)
    return [
        _judged(al, row, shares, weights) if same else None
        for al, row, shares, same in zip(alignments, log_types, pivots, is_version, strict=True)
    ]


def _described(
    original: Version, versions: Sequence[Version], weights: ComparisonWeights
) -> tuple[list[Alignment], NDArray[np.float64]]:
    """Each version aligned with its original, original first; features, float64 (n, n_pair_features)."""
    alignments = [align_pair(original, version) for version in versions]
    is_reversed = np.array([al.a is not original for al in alignments], dtype=bool)
    features = pair_features(alignments, weights.relations.substitutions)
    features[is_reversed] = swapped(features[is_reversed])
    return [al.starting_from(original) for al in alignments], features


def _log_types(
    features: NDArray[np.float64],
    original: Version,
    versions: Sequence[Version],
    weights: ComparisonWeights,
    score_texts: TextScorer | None,
) -> NDArray[np.float64]:
    """float64 (n, 2): log probability that each version was edited, or back-translated, by the pair and by what each text is alone."""
    if score_texts is None or weights.relations.beside_texts is None:
        return log_relation_types(features, weights.relations)
    scores = score_texts([original.article, *(version.article for version in versions)])
    texts = text_features(np.repeat(scores[:1], len(versions), axis=0), scores[1:])
    return log_relation_types(features, weights.relations, texts)


def _descent_log_odds(alignments: Sequence[Alignment], weights: ComparisonWeights) -> NDArray[np.float64]:
    return descent_log_odds(alignments, weights.descent, weights.relations.substitutions)


def _same_story(
    original: Version, versions: Sequence[Version], weights: ComparisonWeights, evidence: float = _NAMED
) -> NDArray[np.bool_]:
    """bool (n,): True for versions that tell the story of an original, if other evidence has so many log-odds for it."""
    matrices = vectors([original.article, *(v.article for v in versions)], weights.stories)
    pairs = np.array([(0, i + 1) for i in range(len(versions))], dtype=np.int64).reshape(-1, 2)
    return np.asarray(log_odds_of_one_story(*matrices, pairs, weights.stories) + evidence > 0)


def _judged(
    al: Alignment,
    log_types: NDArray[np.float64],
    pivots: NDArray[np.float64],
    weights: ComparisonWeights,
) -> tuple[NDArray[np.float64], dict[str, float]]:
    """Probabilities of a version of an original, and its pivots; a copy, word for word, is the original."""
    if _words(al.a) == _words(al.b):
        return np.array([1.0, 0.0, 0.0]), {}
    probabilities = np.concatenate([[0.0], np.exp(log_types)])
    is_translated = probabilities[2] > probabilities[1]
    return probabilities, likeliest(pivots, weights.pivots) if is_translated else {}


def _words(version: Version) -> list[str]:
    return [word for word, is_word in zip(version.article.lower, version.is_word.tolist(), strict=True) if is_word]
