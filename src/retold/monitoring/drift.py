"""Data drift: how far a batch of articles is from what a model was trained on, and whether that matters.

The measure is the population stability index of each feature. Small batches always differ a little and outlets always
differ from one another, so it is compared with that of random batches of as many training originals, and of each training
source against the others. A batch that measures like one of these sources (``known_outlets``) is no drift.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.neighbors import NearestNeighbors

from retold.detector.calibration import PRIOR, with_prior
from retold.detector.classifier import LinearClassifier
from retold.detector.features import LENGTH, REFERENCE_WORDS, signal_of
from retold.detector.verdict import BACK_TRANSLATED, LABELS, ORIGINAL
from retold.errors import InputError, ModelError
from retold.monitoring.feature_shifts import ORDINARY, Shift, feature_shifts, signal_shifts
from retold.monitoring.known_outlets import NearestOutlet, nearest_outlet
from retold.monitoring.stability_index import bins, deciles, psi, random_psi, source_indices
from retold.signals.registry import NGRAM_CLASSIFIERS

# Articles below which the index of a batch is noise, and originals that a model must store to be compared with.
MIN_ARTICLES, MIN_ORIGINALS = 20, 100
_SEED = 20
# A batch is an outlet's if one in ten training sources differs as much from the others.
_OUTLETS = 0.9
# A feature beyond these quantiles of the originals counts as out of range.
_RANGE = (0.005, 0.995)
# Neighbours that stand for an article: a few, so that one odd original decides nothing.
_NEIGHBOURS = 5
# Signals of how an article is written rather than of whether a machine wrote it.
_STYLE = ("readability", "house_style", "language", LENGTH)
# Lower ends of the length bands, words.
_LENGTH_BANDS = (0, 80, 150, 300, 600)


@dataclass(frozen=True)
class Drift:
    """A batch beside the training originals.

    Attributes:
        n_articles: Articles of the batch.
        n_originals: Training originals.
        index: Mean PSI over the handcrafted features and the length.
        ordinary: The index that one in a hundred random batches of that size reaches.
        sources: Index of each training source that has enough rows, against the others, as if of that size.
        nearest: The training source that the batch is most like; None if none has enough rows.
        groups: Shifts of the signals, the strongest first.
        features: Shifts of single features that moved, the strongest first.
        outside: Share of articles with more features out of range than 99% of the training originals have.
        lengths: Share of articles by length band: name, here, in training.
        effect: Shares of stored rows called back-translated: of all, and of those most like the batch.
    """

    n_articles: int
    n_originals: int
    index: float
    ordinary: float
    sources: dict[str, float]
    nearest: NearestOutlet | None
    groups: list[Shift]
    features: list[Shift]
    outside: float
    lengths: list[tuple[str, float, float]]
    effect: dict[str, float]

    @property
    def level(self) -> str:
        """How far it is.

        ``none`` if it is like a random batch or like one of the training sources, ``outlet`` if it is no further than nine in ten
        training sources are from the others, or ``strong``.
        """
        if self.index <= self.ordinary or (self.nearest is not None and self.nearest.is_known):
            return "none"
        furthest = float(np.quantile(list(self.sources.values()), _OUTLETS)) if self.sources else 0.0
        return "outlet" if self.index <= furthest else "strong"

    def as_dict(self) -> dict[str, Any]:
        """The JSON object; what does not apply to a shift is left out of it."""
        groups, features = (
            [{k: v for k, v in vars(s).items() if v == v} for s in x] for x in (self.groups, self.features)
        )
        groups = [row | {"moved": shift.moved} for row, shift in zip(groups, self.groups, strict=True)]
        nearest = vars(self.nearest) if self.nearest is not None else None
        return {**vars(self), "level": self.level, "nearest": nearest, "groups": groups, "features": features}


def measure_drift(
    features: NDArray[np.float64],
    names: Sequence[str],
    stored: tuple[pd.DataFrame, NDArray[np.float64]],
    classifier: LinearClassifier,
) -> Drift:
    """Compare a batch with the originals that are stored with a model.

    Args:
        features: The batch's features, float64 (n, n_features).
        names: Names of the features.
        stored: Table and features of the model's replayed rows.
        classifier: The model's classifier, for the expected effect.

    Raises:
        InputError: if the batch is too small.
        ModelError: if the model stores too few originals, or other features.
    """
    table, rows = stored
    is_original = (table["label"] == ORIGINAL).to_numpy()
    originals, signals = rows[is_original], np.array([getattr(signal_of(name), "name", name) for name in names])
    _require_enough(features, originals, len(names))
    # Stored n-gram scores are of classifiers that had seen two thirds of the training data, and those of new articles of ones
    # that saw all: they differ a little without any drift, so the index leaves them out.
    counted = ~np.isin(signals, [signal.name for signal in NGRAM_CLASSIFIERS])
    edges, random = deciles(originals), np.random.default_rng(_SEED)
    binned = bins(originals, edges)
    ranks = bins(features, edges)
    index, chance = psi(ranks, binned), random_psi(binned, len(features), random)
    mean_chance = chance[:, counted].mean(axis=1)
    sources = table["source"].to_numpy(object)[is_original]
    return Drift(
        n_articles=len(features),
        n_originals=len(originals),
        index=float(index[counted].mean()),
        ordinary=float(np.quantile(mean_chance, ORDINARY)),
        sources=source_indices(binned[:, counted], sources, float(np.median(mean_chance)), random),
        nearest=nearest_outlet(ranks[:, counted], binned[:, counted], sources, random),
        groups=signal_shifts(signals, index, chance),
        features=feature_shifts(names, features, originals, index, chance),
        outside=_share_outside(features, originals),
        lengths=_length_shares(*(x[:, list(names).index(LENGTH)] for x in (features, originals))),
        effect=_expected_effect(features, np.isin(signals, _STYLE), table["label"].to_numpy(), rows, classifier),
    )


def _require_enough(features: NDArray[np.float64], originals: NDArray[np.float64], n_features: int) -> None:
    if len(features) < MIN_ARTICLES:
        raise InputError(f"too few articles to measure drift: {len(features)} (minimum {MIN_ARTICLES})")
    if len(originals) < MIN_ORIGINALS or originals.shape[1] != n_features:
        raise ModelError(
            "the model stores too few training originals to compare with; use the shipped one, or train on more"
        )


def _share_outside(features: NDArray[np.float64], originals: NDArray[np.float64]) -> float:
    """Share of articles with more features out of range than 99% of the originals have."""
    low, high = np.quantile(originals, _RANGE, axis=0)
    trained, here = (((x < low) | (x > high)).sum(axis=1) for x in (originals, features))
    return float(np.mean(here > np.quantile(trained, 0.99)))


def _length_shares(*log2_ratios: NDArray[np.float64]) -> list[tuple[str, float, float]]:
    """Band, share of the batch and share of the training originals."""
    words = [np.rint(REFERENCE_WORDS * 2**x) for x in log2_ratios]
    here, trained = (np.histogram(x, [*_LENGTH_BANDS, np.inf])[0] / len(x) for x in words)
    names = [f"{low} to {high - 1} words" for low, high in pairwise(_LENGTH_BANDS)]
    return list(zip([*names, f"{_LENGTH_BANDS[-1]} words and more"], here.tolist(), trained.tolist(), strict=True))


def _expected_effect(
    features: NDArray[np.float64],
    style: NDArray[np.bool_],
    labels: NDArray[np.object_],
    rows: NDArray[np.float64],
    classifier: LinearClassifier,
) -> dict[str, float]:
    """Shares called back-translated of stored originals and round trips: of all, and of the nearest to the batch in style.

    Only features of style decide what is near, so that round trips in the batch do not choose round trips. The classifier
    has seen the stored rows: the two figures are to be compared with one another.
    """
    stored, batch = (classifier.standardise(x)[:, style] for x in (rows, features))
    called = with_prior(classifier.probabilities(rows), PRIOR).argmax(axis=1) == LABELS.index(BACK_TRANSLATED)
    effect = {}
    for label in (ORIGINAL, BACK_TRANSLATED):
        of_label = np.flatnonzero(labels == label)
        if len(of_label) >= _NEIGHBOURS:
            nearest = NearestNeighbors(n_neighbors=_NEIGHBOURS).fit(stored[of_label]).kneighbors(batch)[1]
            effect[f"{label}, all"] = float(called[of_label].mean())
            effect[f"{label}, like these"] = float(called[of_label][nearest].mean())
    return effect
