"""How one version relates to another: two models over what is measured of an aligned pair.

One tells which came first, from where both stand among all versions too; the other how a version was made from its
parent, from the pair alone. Both also see what the words say that replaced others.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.special import log_softmax

from retold.compare.alignment import Alignment, align
from retold.compare.centrality import PLACE
from retold.compare.pair_features import ALONE, STRUCTURE, structure_of, swapped
from retold.compare.substitutions import REPLACED, SubstitutionModel, replaced
from retold.compare.version import Version
from retold.compare.weights import ComparisonWeights

# What the second of an ordered pair may be to the first; the two last are the two first the other way round.
EDITED_FROM, TRANSLATED_FROM, SIBLING, EDITED_TO, TRANSLATED_TO = range(5)
RELATIONS: Final = ("edited", "back-translated", "sibling", "edited, reversed", "back-translated, reversed")
REVERSED: Final = (EDITED_TO, TRANSLATED_TO, SIBLING, EDITED_FROM, TRANSLATED_FROM)

# Standard deviations beyond which a measure says no more, and what brings products to the range of the scores.
_CLIP, _PRODUCT_SCALE = 4.0, 3.0
# Measures that ``structure_of`` takes of a pair.
_N_STRUCTURAL = len(STRUCTURE) - 2 * len(PLACE) - 2 * len(REPLACED)


def in_order(x: Version, y: Version) -> bool:
    """True if the pair is aligned as (x, y): longer text first, so that no result depends on the order of the input."""
    return (-len(x.article.tokens), x.article.text) <= (-len(y.article.tokens), y.article.text)


def align_pair(x: Version, y: Version) -> Alignment:
    """Align two versions in the one order in which they are always aligned."""
    return align(x, y) if in_order(x, y) else align(y, x)


def log_relations(
    alignments: Sequence[Alignment], knowledge: ComparisonWeights, standing: NDArray[np.float64] | None = None
) -> NDArray[np.float64]:
    """How versions relate.

    Args:
        alignments: Pairs of versions.
        knowledge: What was learned.
        standing: (n_pairs, 8) from ``places`` if the pairs are all those of a story, else None.

    Returns:
        float64 (n_pairs, 5): log probability of each of ``RELATIONS``, of ``b`` to ``a``, as if all were as frequent.
    """
    structure = describe(alignments, knowledge.replaced, standing)
    order = knowledge.order
    logits = with_products(structure, *knowledge.scores) @ order.measures.T + order.intercept
    forth, apart, back = log_softmax(logits, axis=1).T
    manners = log_manners(structure, knowledge), log_manners(swapped(structure), knowledge)
    return np.column_stack([forth[:, None] + manners[0], apart, back[:, None] + manners[1]])


def log_manners(structure: NDArray[np.float64], knowledge: ComparisonWeights) -> NDArray[np.float64]:
    """float64 (n_pairs, 2): log probability that the second was edited, or translated, if it was made from the first.

    How both stand among other versions takes no part: it would tell which versions tend to be collected together.
    """
    mean, scale = knowledge.scores
    columns = with_products(structure[:, ALONE], mean[ALONE], scale[ALONE])
    for_translated = (columns @ knowledge.manner.measures.T + knowledge.manner.intercept)[:, 0]
    return -np.logaddexp(0, np.column_stack([for_translated, -for_translated]))


def with_products(
    structure: NDArray[np.float64], mean: NDArray[np.float64], scale: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Clipped standard scores of measures (n_pairs, k), then their products in pairs: (n_pairs, k + k (k + 1) / 2).

    A measure means something beside another: few words kept is a cut if quotations are intact.
    """
    standard = np.clip((structure - mean) / scale, -_CLIP, _CLIP)
    i, j = np.triu_indices(standard.shape[1])
    return np.hstack([standard, standard[:, i] * standard[:, j] / _PRODUCT_SCALE])


def describe(
    alignments: Sequence[Alignment], model: SubstitutionModel, standing: NDArray[np.float64] | None = None
) -> NDArray[np.float64]:
    """Measures of pairs, float64 (n_pairs, len(STRUCTURE))."""
    rows = np.array([structure_of(al) for al in alignments]).reshape(-1, _N_STRUCTURAL)
    standing = np.zeros((len(alignments), 2 * len(PLACE))) if standing is None else standing
    return assembled(rows, standing, model.scores([replaced(al) for al in alignments]))


def assembled(
    rows: NDArray[np.float64], standing: NDArray[np.float64], words: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Put structure, standing and replaced words of each pair into the order of ``STRUCTURE``."""
    k, n, m = STRUCTURE.index(PLACE[0]), len(PLACE), len(REPLACED)
    return np.hstack([rows[:, :k], standing[:, :n], words[:, :m], rows[:, k:], standing[:, n:], words[:, m:]])


def with_standing(structure: NDArray[np.float64], standing: NDArray[np.float64]) -> NDArray[np.float64]:
    """The same measures where the pairs stand elsewhere among other versions, (n_pairs, 8) from ``places``."""
    moved = structure.copy()
    moved[:, [i for i in range(len(STRUCTURE)) if i not in ALONE]] = standing
    return moved
