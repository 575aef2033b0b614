"""Ways to adapt a classifier to one's own articles, from leaving it alone to weighing every feature anew."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import logsumexp

from retold.detector.adaptation import Adaptation
from retold.detector.calibration import PRIOR
from retold.detector.verdict import LABELS

# Examples that the usual shares of the labels count for beside one's own, so that a label without examples keeps a chance.
_PRIOR_EXAMPLES: Final = 1.0
# Ridges of slope and constants: standard deviations of 0.3 and 1 around what they were. Chosen by judgement.
_SLOPE_RIDGE, _INTERCEPT_RIDGE = 10.0, 1.0
# A feature that varies less than this, in standard deviations of the training data, among one's own articles teaches
# nothing; one that varies less than the second is taken to vary as much as that. Chosen by judgement.
_CONSTANT, _LEAST_SPREAD = 0.05, 0.2
# Mean square of the nearness that ridges are scaled by, at least: a change that reaches hardly any article is not made large.
_LEAST_REACH = 0.1
_NONE: Final = float("inf")


@dataclass(frozen=True)
class Candidate:
    """A way to adapt.

    Attributes:
        words: What it changes.
        learns_shares: Whether verdicts assume the labels to be as frequent as in the examples.
        learns_constants: Whether slope and constants are fitted.
        score_ridge: Ridge of the weights of the signals' scores; infinite for none.
        feature_ridge: Ridge of the weights of the features; infinite for none.
        keeps_classifier: Whether what the classifier says counts beside the features.
        prior_weight: Its share in the mixture before anything was measured.
    """

    words: str
    learns_shares: bool = True
    learns_constants: bool = True
    score_ridge: float = _NONE
    feature_ridge: float = _NONE
    keeps_classifier: bool = True
    prior_weight: float = 0.03


# Weakest first. Ridges are for log-odds per standard deviation among one's own articles: their inverse is the expected
# square of a weight. Half of the prior weight goes to the two that were best, held out, with few and with many examples of sources
# held out; a quarter to the logistic regression that scikit-learn fits to the features with C=0.05, which is ahead where a
# domain is far from news and articles are many.
CANDIDATES: Final = (
    Candidate("nothing", learns_shares=False, learns_constants=False),
    Candidate("how frequent the labels are", learns_constants=False),
    Candidate("slope and constants"),
    Candidate("weights of the signals", score_ridge=30.0),
    Candidate("weights of the features, ridge 1000", score_ridge=100.0, feature_ridge=1000.0),
    Candidate("weights of the features, ridge 300", score_ridge=30.0, feature_ridge=300.0, prior_weight=0.3),
    Candidate("weights of the features, ridge 100", score_ridge=10.0, feature_ridge=100.0),
    Candidate("weights of the features, ridge 30", score_ridge=3.0, feature_ridge=30.0, prior_weight=0.2),
    Candidate("weights of the features, ridge 10", score_ridge=1.0, feature_ridge=10.0),
    Candidate("the features alone, ridge 100", feature_ridge=100.0, keeps_classifier=False),
    Candidate("the features alone, ridge 20", feature_ridge=20.0, keeps_classifier=False, prior_weight=0.23),
    Candidate("the features alone, ridge 1", feature_ridge=1.0, keeps_classifier=False),
)


@dataclass(frozen=True)
class OwnArticles:
    """One's own labelled articles, as a classifier sees them.

    Attributes:
        log_probabilities: The classifier's at a uniform prior, float64 (n, 3).
        standard: Standardised features, float64 (n, n_features).
        labels: Indices into ``LABELS``, intp (n,).
        groups: Names of groups, objects (n,).
        prior: Shares of the labels that the classifier's verdicts assume, float64 (3,).
        nearness: How far each is like the articles of other groups, float64 (n,): an adaptation counts for it so far.
    """

    log_probabilities: NDArray[np.float64]
    standard: NDArray[np.float64]
    labels: NDArray[np.intp]
    groups: NDArray[np.object_]
    prior: NDArray[np.float64]
    nearness: NDArray[np.float64]

    def take(self, rows: NDArray[np.intp]) -> OwnArticles:
        """Some of them."""
        names = ("log_probabilities", "standard", "labels", "groups", "nearness")
        return replace(self, **{name: getattr(self, name)[rows] for name in names})


def fit_candidate(
    candidate: Candidate, own: OwnArticles, directions: NDArray[np.float64], nearness: NDArray[np.float64]
) -> Adaptation:
    """Fit one candidate to articles.

    Args:
        candidate: The candidate.
        own: The articles.
        directions: Weights of the features in each score of the classifier, float64 (n_features, n_scores).
        nearness: Of the adaptation, float64 (n_features + 1,).
    """
    n_features, shares = own.standard.shape[1], label_shares(own.labels)
    if not candidate.learns_constants:
        constants = np.zeros(len(LABELS)) if candidate.learns_shares else np.log(own.prior / shares)
        return Adaptation(np.ones(1), np.zeros((len(LABELS), n_features)), constants, shares, nearness)
    columns, ridge = _columns(candidate, own.standard, directions)
    centre = (own.standard @ columns).mean(axis=0)
    slope, constants, weights = _penalised(own, candidate.keeps_classifier, own.standard @ columns - centre, ridge)
    return Adaptation(slope, weights @ columns.T, constants - weights @ centre, shares, nearness)


def label_shares(labels: NDArray[np.intp]) -> NDArray[np.float64]:
    """Shares (3,) of the labels (n,); none is quite 0."""
    counts = np.bincount(labels, minlength=len(LABELS)) + _PRIOR_EXAMPLES * np.array(PRIOR)
    return np.asarray(counts / counts.sum())


def _columns(
    candidate: Candidate, standard: NDArray[np.float64], directions: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """What a candidate weighs, scaled to one's own articles, float64 (n_features, n_columns), and its ridges (n_columns,)."""
    parts, ridges = [np.empty((standard.shape[1], 0))], [np.empty(0)]
    if np.isfinite(candidate.score_ridge):
        parts.append(directions / np.maximum((standard @ directions).std(axis=0), _CONSTANT))
        ridges.append(np.full(directions.shape[1], candidate.score_ridge))
    if np.isfinite(candidate.feature_ridge):
        spread = standard.std(axis=0)
        parts.append(np.diag(np.where(spread > _CONSTANT, 1 / np.maximum(spread, _LEAST_SPREAD), 0.0)))
        ridges.append(np.full(standard.shape[1], candidate.feature_ridge))
    return np.hstack(parts), np.concatenate(ridges)


def _penalised(
    own: OwnArticles, keeps_classifier: bool, columns: NDArray[np.float64], ridge: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Slope (1,), constants (3,) and weights (3, k) of a multinomial logistic regression that is drawn to 1, 0 and 0.

    Ridges are for what reaches an article: where articles are but half like one's own, weights may be twice as large.

    Args:
        own: The articles.
        keeps_classifier: Whether the slope, 0 otherwise, multiplies what the classifier says.
        columns: What is weighed, float64 (n, k).
        ridge: Of each column's weights, float64 (k,).
    """
    n, k, near = len(LABELS), columns.shape[1], own.nearness[:, None]
    truth, offset = np.eye(n)[own.labels], own.log_probabilities * (1 - near) + np.log(label_shares(own.labels))
    usual, columns = own.log_probabilities * near * float(keeps_classifier), columns * near
    reach = max(float((near**2).mean()), _LEAST_REACH)
    ridge, constants_ridge = ridge * reach, _INTERCEPT_RIDGE * reach

    def loss(x: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        slope, constants, weights = x[0], x[1 : n + 1], x[n + 1 :].reshape(n, k)
        logits = offset + usual * slope + near * constants + columns @ weights.T
        normal = logsumexp(logits, axis=1, keepdims=True)
        error = np.exp(logits - normal) - truth
        drawn = _SLOPE_RIDGE * (slope - 1) ** 2 + constants_ridge * (constants**2).sum() + (ridge * weights**2).sum()
        by_slope = (error * usual).sum() + _SLOPE_RIDGE * (slope - 1)
        by_constant = (error * near).sum(axis=0) + constants_ridge * constants
        by_weight = (error.T @ columns + ridge * weights).ravel()
        value = normal.sum() - (truth * logits).sum() + drawn / 2
        return float(value), np.concatenate([[by_slope], by_constant, by_weight])

    start = np.concatenate([[1.0], np.zeros(n + n * k)])
    bounds = [(0.0, None), *[(None, None)] * (n + n * k)]
    found = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds, options={"maxiter": 300}).x
    return found[:1] * float(keeps_classifier), found[1 : n + 1], found[n + 1 :].reshape(n, k)
