"""Adapt a classifier to one's own labelled articles: as much as they can carry, and no more.

Candidates of rising strength are fitted: leaving the classifier alone, taking over how frequent the labels are, a slope and a
constant for each label, weights for the scores of its signals, and weights for every feature, with weaker and weaker ridges
towards the classifier as it is. Each counts as far as an article is like one's own (``nearness``), and predicts the articles of
groups that it has not seen. Their log-linear mixture that predicts best is the adaptation (stacking, Wolpert 1992; Genest and
Zidek 1986); as its parts are linear, it is one adaptation again. Where articles are few, what predicts best is mostly chance, so
that the mixture stays near the candidates that did well everywhere.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import expit, logsumexp, softmax
from sklearn.model_selection import StratifiedGroupKFold

from retold.detector.adaptation import Adaptation, bounded_log
from retold.detector.calibration import PRIOR
from retold.detector.classifier import LinearClassifier
from retold.detector.verdict import LABELS
from retold.training.fit.adaptation_candidates import CANDIDATES, OwnArticles, fit_candidate
from retold.training.fit.nearness import everywhere, fit_nearness

# Parts of the cross-validation; ten where few examples make each count.
_FOLDS, _FOLDS_OF_FEW, _FEW = 5, 10, 40
_SEED: Final = 20
# The candidate that doubts labels, one that wrong labels do not lead far astray, and the divisions into folds that it is averaged over.
_REVIEWER: Final = next(c for c in CANDIDATES if c.feature_ridge == 300.0 and c.keeps_classifier)
_DIVISIONS: Final = 3
# Nats that leaving the prior weights must gain on the held-out articles for each nat of distance from them.
_MIXTURE_RIDGE: Final = 3.0


@dataclass(frozen=True)
class AdaptedFit:
    """An adaptation, and how it does on articles that it has not seen.

    Attributes:
        adaptation: Fitted to all articles.
        weights: Share of each candidate in the mixture, float64 (len(CANDIDATES),).
        held_out: Probabilities of each article by a mixture that was fitted and weighed without its group, float64 (n, 3).
        alone: Those of the classifier as it was, at the usual prior, float64 (n, 3).
    """

    adaptation: Adaptation
    weights: NDArray[np.float64]
    held_out: NDArray[np.float64]
    alone: NDArray[np.float64]


def own_articles(
    classifier: LinearClassifier,
    features: NDArray[np.float64],
    labels: NDArray[np.object_],
    groups: NDArray[np.object_],
) -> OwnArticles:
    """Articles whose labels are among ``LABELS`` from their features (n, n_features)."""
    index = np.array([LABELS.index(label) for label in labels], dtype=np.intp)
    logs, standard = bounded_log(classifier.probabilities(features)), classifier.standardise(features)
    prior = np.array(PRIOR) if classifier.adaptation is None else classifier.adaptation.prior
    return OwnArticles(logs, standard, index, groups, prior, np.ones(len(labels)))


def adapt(classifier: LinearClassifier, own: OwnArticles, others: NDArray[np.float64]) -> AdaptedFit:
    """Fit the candidates, weigh them by cross-validation and mix them. Deterministic.

    Args:
        classifier: What is adapted.
        own: Articles of two labels and two groups at least.
        others: Features of articles that it was trained on, float64 (m, n_features): what is to be judged as before. Those that an
            earlier adaptation was for do not count.
    """
    directions, unlike = np.vstack([classifier.coef, classifier.group_coef]).T, classifier.standardise(others)
    if classifier.adaptation is not None:
        unlike = unlike[~classifier.adaptation.is_like_own(unlike)]
    nearness, of_own = fit_nearness(own.standard, unlike, list(_folds(own)))
    own = replace(own, nearness=expit(of_own))
    found = _held_out(own, directions)
    weights = mixture_weights(found, own.labels)
    held_out = np.empty((len(own.labels), len(LABELS)))
    for seen, unseen in _folds(own):
        held_out[unseen] = _mixed(found[:, unseen], mixture_weights(found[:, seen], own.labels[seen]))
    parts = [fit_candidate(candidate, own, directions, nearness) for candidate in CANDIDATES]
    alone = softmax(own.log_probabilities + np.log(own.prior), axis=1)
    return AdaptedFit(_mixture(parts, weights), weights, held_out, alone)


def cross_validated(classifier: LinearClassifier, own: OwnArticles) -> NDArray[np.float64]:
    """Probabilities (n, 3) of each article by a candidate that was fitted without its group: the geometric mean of several divisions.

    Args:
        classifier: What is adapted.
        own: The articles.
    """
    directions = np.vstack([classifier.coef, classifier.group_coef]).T
    found, nearness = np.zeros((len(own.labels), len(LABELS))), everywhere(own.standard.shape[1])
    for seed in range(_SEED, _SEED + _DIVISIONS):
        for seen, unseen in _folds(own, seed):
            fitted = fit_candidate(_REVIEWER, own.take(seen), directions, nearness)
            found[unseen] += _log_posteriors(fitted, own.take(unseen))
    return np.asarray(softmax(found / _DIVISIONS, axis=1))


def mixture_weights(log_posteriors: NDArray[np.float64], labels: NDArray[np.intp]) -> NDArray[np.float64]:
    """Weights (n_candidates,), summing to 1, with which the log-linear mixture predicts labels (n,) best.

    Args:
        log_posteriors: Of each candidate for each article, float64 (n_candidates, n, 3).
        labels: Indices into ``LABELS``.
    """
    usual = np.log([candidate.prior_weight for candidate in CANDIDATES])
    truth = np.eye(len(LABELS))[labels]

    def loss(x: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        logits = usual + x
        weights = softmax(logits)
        mixed = np.tensordot(weights, log_posteriors, 1)
        normal = logsumexp(mixed, axis=1, keepdims=True)
        distance = np.log(np.maximum(weights, 1e-300)) - usual
        slopes = ((np.exp(mixed - normal) - truth) * log_posteriors).sum(axis=(1, 2)) + _MIXTURE_RIDGE * distance
        value = normal.sum() - (truth * mixed).sum() + _MIXTURE_RIDGE * (weights * distance).sum()
        return float(value), weights * (slopes - (weights * slopes).sum())

    found = minimize(loss, np.zeros(len(usual)), jac=True, method="L-BFGS-B")
    return np.asarray(softmax(usual + found.x))


def _held_out(own: OwnArticles, directions: NDArray[np.float64]) -> NDArray[np.float64]:
    """Log-posteriors of each candidate for articles of groups that it has not seen, float64 (n_candidates, n, 3)."""
    found, nearness = np.empty((len(CANDIDATES), len(own.labels), len(LABELS))), everywhere(own.standard.shape[1])
    for seen, unseen in _folds(own):
        known, other = own.take(seen), own.take(unseen)
        for i, candidate in enumerate(CANDIDATES):
            found[i, unseen] = _log_posteriors(fit_candidate(candidate, known, directions, nearness), other)
    return found


def _log_posteriors(fitted: Adaptation, own: OwnArticles) -> NDArray[np.float64]:
    """Log-probabilities (n, 3) of the labels, where they are as frequent as an adaptation assumes."""
    evidence = fitted.evidence(own.log_probabilities, own.standard, own.nearness) + np.log(fitted.prior)
    return np.asarray(evidence - logsumexp(evidence, axis=1, keepdims=True))


def _folds(own: OwnArticles, seed: int = _SEED) -> Iterator[tuple[NDArray[np.intp], NDArray[np.intp]]]:
    """Rows to fit to and rows to predict, groups kept together, labels spread evenly."""
    wanted = _FOLDS if len(own.labels) > _FEW else _FOLDS_OF_FEW
    n_folds = min(wanted, len(np.unique(own.groups)), int(np.bincount(own.labels).max()))
    with warnings.catch_warnings():
        # Labels of fewer examples than folds are wanted; the others are still spread evenly.
        warnings.simplefilter("ignore", UserWarning)
        splits = StratifiedGroupKFold(n_folds, shuffle=True, random_state=seed)
        yield from splits.split(own.labels, own.labels, own.groups)


def _mixed(log_posteriors: NDArray[np.float64], weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """Probabilities (n, 3) of a log-linear mixture of log-posteriors (n_candidates, n, 3)."""
    return np.asarray(softmax(np.tensordot(weights, log_posteriors, 1), axis=1))


def _mixture(parts: list[Adaptation], weights: NDArray[np.float64]) -> Adaptation:
    """The log-linear mixture of adaptations to the same articles."""
    slope, coef, intercept = (
        np.tensordot(weights, [getattr(part, name) for part in parts], 1) for name in ("slope", "coef", "intercept")
    )
    return replace(parts[0], slope=slope, coef=coef, intercept=intercept)
