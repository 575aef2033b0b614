"""How one version was made from another: a logistic regression over the features of an aligned pair tells an edit from a round trip."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.special import log_expit

from retold.compare.alignment import Alignment, align
from retold.compare.centrality import CENTRALITY
from retold.compare.pair_features import PAIR_FEATURES, VERSION_PAIR_COLUMNS, alignment_features
from retold.compare.substitutions import SUBSTITUTION_SCORES, SubstitutionModel, count_substitutions
from retold.compare.version import Version
from retold.compare.weights import LogisticWeights, RelationWeights

# Standard deviations at which features are clipped, and what scales products to the range of the standard scores.
_CLIP, _PRODUCT_SCALE = 4.0, 3.0
# Log-odds of one text at which they are clipped; what lies beyond says no more.
_MOST_LOG_ODDS = 8.0
# Features that ``alignment_features`` gives.
_N_ALIGNMENT_FEATURES = len(PAIR_FEATURES) - 2 * len(CENTRALITY) - 2 * len(SUBSTITUTION_SCORES)


def align_pair(x: Version, y: Version) -> Alignment:
    """Align two versions, the longer as ``a``, so that no result depends on the order of the input."""
    is_in_order = (-len(x.article.tokens), x.article.text) <= (-len(y.article.tokens), y.article.text)
    return align(x, y) if is_in_order else align(y, x)


def log_relation_types(
    features: NDArray[np.float64], weights: RelationWeights, texts: NDArray[np.float64] | None = None
) -> NDArray[np.float64]:
    """float64 (n_pairs, 2): log probability that the second was edited, or back-translated, if made from the first.

    Centrality takes no part: it would tell which versions tend to be collected together.

    Args:
        features: float64 (n_pairs, n_features), of ``pair_features``.
        weights: The fitted numbers.
        texts: float64 (n_pairs, N_TEXT_FEATURES), of ``text_features``, NaN where a text could not be scored; None where none was.
    """
    own, beside = VERSION_PAIR_COLUMNS, weights.beside_texts
    columns = with_products(features[:, own], weights.mean[own], weights.scale[own])
    log_odds = _log_odds(columns, weights.relation_type)
    if texts is not None and beside is not None and (scored := np.isfinite(texts).all(axis=1)).any():
        mean, scale = np.append(weights.mean[own], beside.mean), np.append(weights.scale[own], beside.scale)
        columns = with_products(np.hstack([features[:, own], texts])[scored], mean, scale)
        log_odds[scored] = _log_odds(columns, beside.relation_type)
    return log_expit(np.column_stack([-log_odds, log_odds]))


def _log_odds(columns: NDArray[np.float64], model: LogisticWeights) -> NDArray[np.float64]:
    return np.asarray((columns @ model.coef.T + model.intercept)[:, 0])


def text_features(first: NDArray[np.float64], second: NDArray[np.float64]) -> NDArray[np.float64]:
    """float64 (n_pairs, N_TEXT_FEATURES): what a detector makes of the second text of each pair, and how much more than of the first.

    What both texts share (subject, outlet, register) cancels out.

    Args:
        first: float64 (n_pairs, 4): log-odds of the classifier's targets from the first text alone; NaN where it was not scored.
        second: The same from the second.
    """
    before, after = (np.clip(scores, -_MOST_LOG_ODDS, _MOST_LOG_ODDS) for scores in (first, second))
    return np.hstack([after, after - before])


def with_products(
    features: NDArray[np.float64], mean: NDArray[np.float64], scale: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Clipped standard scores of features (n_pairs, k), then their products in pairs: (n_pairs, k + k (k + 1) / 2).

    A feature means something beside another: few words kept is a cut if quotations are intact.
    """
    standard = np.clip((features - mean) / scale, -_CLIP, _CLIP)
    i, j = np.triu_indices(standard.shape[1])
    return np.hstack([standard, standard[:, i] * standard[:, j] / _PRODUCT_SCALE])


def pair_features(
    alignments: Sequence[Alignment], model: SubstitutionModel, centrality: NDArray[np.float64] | None = None
) -> NDArray[np.float64]:
    """Features of pairs, float64 (n_pairs, len(PAIR_FEATURES)); centrality is zero where none is given."""
    rows = np.array([alignment_features(al) for al in alignments]).reshape(-1, _N_ALIGNMENT_FEATURES)
    centrality = np.zeros((len(alignments), 2 * len(CENTRALITY))) if centrality is None else centrality
    scores = model.scores([count_substitutions(al) for al in alignments])
    k, n, m = PAIR_FEATURES.index(CENTRALITY[0]), len(CENTRALITY), len(SUBSTITUTION_SCORES)
    return np.hstack([rows[:, :k], centrality[:, :n], scores[:, :m], rows[:, k:], centrality[:, n:], scores[:, m:]])
