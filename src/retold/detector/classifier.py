"""The last step: from the numbers of all signals to three probabilities."""

from __future__ import annotations

from typing import Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import softmax
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.linear_model import LogisticRegression
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import _check_sample_weight, check_is_fitted, validate_data

# Standard deviations beyond which a feature says no more: one freak rate must not decide a verdict.
CLIP = 4.0


class VerdictClassifier(ClassifierMixin, BaseEstimator):
    """Multinomial logistic regression over clipped standard scores, with a temperature.

    Args:
        C: Inverse strength of the ridge penalty.
        max_iter: Bound on the solver's iterations.

    Attributes:
        classes_: Labels, sorted, shape (n_classes,).
        mean_, scale_: Weighted mean and standard deviation of each feature, shape (n_features,).
        coef_, intercept_: Log-odds, shapes (n_classes, n_features) and (n_classes,).
        n_iter_: Iterations the solver took.
        temperature_: What the log-odds are divided by; 1 until calibrated.

    Example:
        >>> import numpy as np
        >>> X, y = np.array([[0.0], [1.0], [2.0], [3.0]]), np.array(["a", "a", "b", "b"])
        >>> VerdictClassifier().fit(X, y).predict([[2.9]])
        array(['b'], dtype='<U1')
    """

    def __init__(self, C: float = 1.0, max_iter: int = 1000) -> None:
        self.C = C
        self.max_iter = max_iter

    def fit(self, X: ArrayLike, y: ArrayLike, sample_weight: ArrayLike | None = None) -> Self:
        """Fit to features (n_samples, n_features), labels (n_samples,) and weights (n_samples,), all finite."""
        X, y = validate_data(self, X, y, dtype=np.float64)
        check_classification_targets(y)
        weight = _check_sample_weight(sample_weight, X)
        self.mean_ = np.average(X, axis=0, weights=weight)
        spread = np.sqrt(np.average((X - self.mean_) ** 2, axis=0, weights=weight))
        self.scale_ = np.where(spread > 1e-9, spread, 1.0)
        inner = LogisticRegression(C=self.C, max_iter=self.max_iter)
        inner.fit(self.standardise(X), y, sample_weight=weight)
        self.classes_, self.n_iter_ = inner.classes_, inner.n_iter_
        two = len(self.classes_) == 2
        self.coef_ = np.vstack([-inner.coef_ / 2, inner.coef_ / 2]) if two else inner.coef_
        self.intercept_ = np.hstack([-inner.intercept_ / 2, inner.intercept_ / 2]) if two else inner.intercept_
        self.temperature_ = 1.0
        return self

    def standardise(self, X: NDArray[np.float64]) -> NDArray[np.float64]:
        """Clipped standard scores of features (n_samples, n_features)."""
        return np.clip((X - self.mean_) / self.scale_, -CLIP, CLIP)

    def log_odds(self, X: ArrayLike) -> NDArray[np.float64]:
        """float64 array (n_samples, n_classes) of unnormalised log probabilities before the temperature."""
        check_is_fitted(self)
        X = validate_data(self, X, reset=False, dtype=np.float64)
        # einsum adds in one order whatever the number of rows; a matrix product need not.
        return np.asarray(np.einsum("ij,kj->ik", self.standardise(X), self.coef_) + self.intercept_)

    def predict_proba(self, X: ArrayLike) -> NDArray[np.float64]:
        """float64 array (n_samples, n_classes), rows summing to 1, in the order of ``classes_``."""
        return np.asarray(softmax(self.log_odds(X) / self.temperature_, axis=1))

    def predict(self, X: ArrayLike) -> NDArray:
        """The most probable label of each sample, shape (n_samples,)."""
        best = np.argmax(self.log_odds(X), axis=1)
        return np.asarray(self.classes_[best])
