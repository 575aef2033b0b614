"""Two versions whose order is known: every change, and what a reference says of a version."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from retold.compare.alignment import Alignment, align
from retold.compare.changes import changes_between
from retold.compare.clustering import pair_measures, vectors
from retold.compare.pair_features import swapped
from retold.compare.pivot_language import SHOWN, pivot_probabilities
from retold.compare.relations import align_pair, describe, log_manners
from retold.compare.result import Change
from retold.compare.version import Version
from retold.compare.weights import ComparisonWeights, knowledge

# Share of the words of a version that it must share with its reference, in their order, to count as a copy of it.
_COPY = 0.98
# Probability of edited and of back-translated that a text alone has at least, so that it never outweighs any comparison.
_FLOOR = 0.02
# Log-odds that a text tells the story of a reference, for having been put beside it by hand. All three were chosen by
# judgement; ``benchmarks/comparison.py`` prints what comes of them.
_NAMED = 2.0


def compare_pair(a: Version, b: Version) -> list[Change]:
    """Every change from ``a`` to ``b``, in the order of ``b``; retranslations only if ``b`` seems translated from ``a``."""
    known = knowledge()
    edited, translated = relation_to(a, [b], known)[0]
    al = align(a, b)
    pivots = pivot_probabilities([al], known)[0] if translated > edited else None
    return changes_between(al, pivots, known)


def relation_to(reference: Version, versions: Sequence[Version], known: ComparisonWeights) -> NDArray[np.float64]:
    """float64 (n_versions, 2): log probability that each was edited, or translated, if made from the reference."""
    alignments = [align_pair(reference, v) for v in versions]
    back = np.array([al.a is not reference for al in alignments], dtype=bool)
    structure = describe(alignments, known.replaced)
    structure[back] = swapped(structure[back])
    return log_manners(structure, known)


def against_reference(
    reference: str, texts: Sequence[str], alone: NDArray[np.float64]
) -> list[tuple[NDArray[np.float64], dict[str, float]] | None]:
    """What a known original says of texts.

    Args:
        reference: The original.
        texts: Versions of it, or not.
        alone: float64 (n_texts, 3): probability of original, edited and back-translated from each text alone; NaN where nothing was judged.

    Returns:
        For each text its three probabilities, float64 (3,), and the probabilities of its likeliest pivots by ISO 639-1 code,
        none unless it was back-translated; None if it tells another story.
    """
    if not len(texts):
        return []
    known = knowledge()
    original = Version.of("", reference)
    versions = [Version.of("", text) for text in texts]
    related = _same_story(original, versions, known)
    relations = relation_to(original, versions, known)
    alignments = [align(original, v) for v in versions]
    pivots = pivot_probabilities(alignments, known)
    return [
        _judged(al, row, own, shares, known) if same else None
        for al, row, own, shares, same in zip(alignments, relations, alone, pivots, related, strict=True)
    ]


def _same_story(original: Version, versions: Sequence[Version], known: ComparisonWeights) -> NDArray[np.bool_]:
    matrices = vectors([original.article, *(v.article for v in versions)], known)
    pairs = np.array([(0, i + 1) for i in range(len(versions))], dtype=np.int64).reshape(-1, 2)
    measures = pair_measures(*matrices, pairs)
    return np.asarray(measures @ known.story_weights[:-1] + known.story_weights[-1] + _NAMED > 0)


def _judged(
    al: Alignment,
    relation: NDArray[np.float64],
    own: NDArray[np.float64],
    pivots: NDArray[np.float64],
    known: ComparisonWeights,
) -> tuple[NDArray[np.float64], dict[str, float]]:
    """Add the log-odds of the pair to those of the text; a copy of the original is the original."""
    n = max(len(al.kept), len(al.a.article.tokens), 1)
    if int((al.kept >= 0).sum()) >= _COPY * n and not al.edits:
        return np.array([1.0, 0.0, 0.0]), {}
    # Of a text that cannot be judged by itself nothing is known beforehand.
    own = np.nan_to_num(own, nan=1 / len(own))
    shares = np.exp(relation + np.log(np.clip(own[1:], _FLOOR, None)))
    shares = np.concatenate([[0.0], shares / shares.sum()])
    best = np.argsort(-pivots, kind="stable")[:SHOWN].tolist() if shares[2] > shares[1] else []
    return shares, {known.pivot_names[j]: round(float(pivots[j]), 6) for j in best}
