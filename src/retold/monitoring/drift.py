"""How far a batch of articles is from what a model was trained on, and whether that matters.

The measure is the population stability index (PSI; Siddiqi 2006, "Credit Risk Scorecards") of each feature: the symmetric
Kullback-Leibler divergence between the batch and the stored training originals over the originals' deciles. Small batches
always differ a little and outlets always differ from one another, so two yardsticks go with it: random batches of as many
training originals, and batches of one training source against the others.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
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
from retold.signals.registry import NGRAM_CLASSIFIERS, SIGNALS

# Articles below which the index of a batch is noise, and originals that a model must store to be compared with.
LEAST_ARTICLES, LEAST_ORIGINALS = 20, 100
_BINS = 10
_DRAWS = 400
_SEED = 20
# A batch is ordinary if one in a hundred random batches differs as much.
_ORDINARY = 0.99
# Share of the training sources whose distance from the others is that of an ordinary outlet.
_OUTLETS = 0.9
# Rows of a source that make a batch of one outlet.
_LEAST_OF_SOURCE = 30
# A feature beyond these quantiles of the originals counts as out of range.
_RANGE = (0.005, 0.995)
# Neighbours that stand for an article: a few, so that one odd original decides nothing.
_NEIGHBOURS = 5
# Signals that say how an article is written rather than whether a machine wrote it.
_MANNER = ("readability", "house_style", "language", LENGTH)
LENGTH_BANDS = ((0, 80), (80, 150), (150, 300), (300, 600), (600, 10**9))


@dataclass(frozen=True)
class Shift:
    """How far one group of features, or one feature, moved.

    Attributes:
        name: Its name.
        index: Mean PSI of its features in the batch.
        ordinary: What one in a hundred random batches of training originals reaches.
        here: What is typical of the batch; nan for a group.
        trained: What is typical of the training originals; nan for a group.
        by: Difference of the means in standard deviations of the originals; nan for a group.
    """

    name: str
    index: float
    ordinary: float
    here: float = float("nan")
    trained: float = float("nan")
    by: float = float("nan")

    @property
    def moved(self) -> bool:
        """True if it moved more than chance moves it."""
        return self.index > self.ordinary


@dataclass(frozen=True)
class Drift:
    """A batch beside the training originals.

    Attributes:
        n_articles: Articles of the batch.
        n_originals: Training originals.
        index: Mean PSI over all features but the learned scores.
        ordinary: What one in a hundred random batches of that size reaches.
        sources: Mean PSI of each training source that has enough rows, against the others, as if of that size.
        groups: Shifts of the signals, the strongest first.
        features: Shifts of single features that moved, the strongest first.
        outside: Share of articles with more features out of range than 99% of the training originals have.
        lengths: Share of articles by length band: name, here, in training.
        effect: What the detector does on stored rows most like the batch, and on all; see ``_effect``.
    """

    n_articles: int
    n_originals: int
    index: float
    ordinary: float
    sources: dict[str, float]
    groups: list[Shift]
    features: list[Shift]
    outside: float
    lengths: list[tuple[str, float, float]]
    effect: dict[str, float]

    @property
    def level(self) -> str:
        """How far it is: ``none``, ``outlet`` if it is no further than nine in ten training sources, or ``strong``."""
        if self.index <= self.ordinary:
            return "none"
        furthest = float(np.quantile(list(self.sources.values()), _OUTLETS)) if self.sources else 0.0
        return "outlet" if self.index <= furthest else "strong"


def measure_drift(
    features: NDArray[np.float64],
    names: Sequence[str],
    stored: tuple[pd.DataFrame, NDArray[np.float64]],
    head: LinearClassifier,
) -> Drift:
    """Compare a batch with the originals that are stored with a model.

    Args:
        features: The batch's features, float64 (n, n_features).
        names: UniqueIds of the features.
        stored: Table and features of the model's stored rows.
        head: The model's last step, for the expected effect.

    Raises:
        InputError: if the batch is too small.
        ModelError: if the model stores too few originals, or other features.
    """
    table, rows = stored
    original = (table["label"] == ORIGINAL).to_numpy()
    if len(features) < LEAST_ARTICLES:
        raise InputError(f"only {len(features)} articles; {LEAST_ARTICLES} are the least that drift can be measured on")
    if original.sum() < LEAST_ORIGINALS or rows.shape[1] != len(names):
        raise ModelError(
            "the model stores too few training originals to compare with; use the shipped one, or train on more"
        )
    # Stored scores are by n-gram classifiers that had seen two thirds of the training data, and those of new articles by ones
    # that saw all: they differ a little without any drift, so the index leaves them out.
    written = np.array([_signal_name(name) not in {signal.name for signal in NGRAM_CLASSIFIERS} for name in names])
    yardstick = _Yardstick(rows[original], table["source"].to_numpy(object)[original], len(features), written)
    index, chance = yardstick.index(features), yardstick.chance
    groups = _groups(names, index, chance)
    single = [
        _single(name, column, before, float(moved), by_chance)
        for name, column, before, moved, by_chance in zip(
            names, features.T, rows[original].T, index, chance.T, strict=True
        )
    ]
    # Of so many features some exceed their own one in a hundred by chance; single ones are named by the highest of all.
    highest = float(np.quantile((chance - np.quantile(chance, _ORDINARY, axis=0)).max(axis=1), _ORDINARY))
    return Drift(
        n_articles=len(features),
        n_originals=int(original.sum()),
        index=float(index[written].mean()),
        ordinary=float(np.quantile(chance[:, written].mean(axis=1), _ORDINARY)),
        sources=yardstick.sources,
        groups=groups,
        features=sorted((s for s in single if s.index > s.ordinary + highest), key=lambda s: s.ordinary - s.index),
        outside=yardstick.outside(features),
        lengths=_lengths(_words(features, names), _words(rows[original], names)),
        effect=_effect(features, names, table, rows, head),
    )


class _Yardstick:
    """The training originals, cut into deciles, and what chance and outlets do to batches of them."""

    def __init__(
        self, originals: NDArray[np.float64], sources: NDArray[np.object_], size: int, counted: NDArray[np.bool_]
    ) -> None:
        self._counted = counted
        self._originals = originals
        self._sources = sources
        self._size = size
        inner = np.linspace(0, 1, _BINS + 1)[1:-1]
        self._edges = np.quantile(originals, inner, axis=0)
        self._binned = self._bins(originals)
        self._chance = np.random.default_rng(_SEED)

    def _bins(self, features: NDArray[np.float64]) -> NDArray[np.int64]:
        """Bin of each value, made different for each feature: int64 (n, n_features)."""
        columns = [np.searchsorted(edges, x, side="left") for edges, x in zip(self._edges.T, features.T, strict=True)]
        return np.stack(columns, axis=1) + np.arange(features.shape[1]) * _BINS

    def _shares(self, binned: NDArray[np.int64]) -> NDArray[np.float64]:
        """Smoothed share of each bin, float64 (n_features, _BINS)."""
        n, n_features = binned.shape
        counts = np.bincount(binned.ravel(), minlength=n_features * _BINS).reshape(n_features, _BINS)
        return (counts + 0.5) / (n + 0.5 * _BINS)

    def index(self, features: NDArray[np.float64]) -> NDArray[np.float64]:
        """PSI of each feature of a batch, float64 (n_features,)."""
        return _psi(self._shares(self._bins(features)), self._shares(self._binned))

    @cached_property
    def chance(self) -> NDArray[np.float64]:
        """PSI of random batches of originals, float64 (_DRAWS, n_features)."""
        n, whole = len(self._binned), self._shares(self._binned)
        draws = (self._chance.choice(n, self._size, replace=self._size > n // 2) for _ in range(_DRAWS))
        return np.stack([_psi(self._shares(self._binned[rows]), whole) for rows in draws])

    @cached_property
    def sources(self) -> dict[str, float]:
        """Mean PSI of each source against the others, with what chance adds to a batch of this size."""
        usual = float(np.median(self.chance[:, self._counted].mean(axis=1)))
        found = {}
        for name in sorted(set(self._sources)):
            mine = self._sources == name
            if mine.sum() < _LEAST_OF_SOURCE or mine.all():
                continue
            rest = self._shares(self._binned[~mine])
            drawn = [self._chance.choice(np.flatnonzero(~mine), int(mine.sum())) for _ in range(20)]
            by_chance = float(
                np.mean([_psi(self._shares(self._binned[rows]), rest)[self._counted].mean() for rows in drawn])
            )
            found[name] = float(_psi(self._shares(self._binned[mine]), rest)[self._counted].mean()) - by_chance + usual
        return found

    def outside(self, features: NDArray[np.float64]) -> float:
        """Share of a batch with more features out of range than 99% of the originals have."""
        low, high = np.quantile(self._originals, _RANGE, axis=0)
        beyond = [((x < low) | (x > high)).sum(axis=1) for x in (self._originals, features)]
        return float(np.mean(beyond[1] > np.quantile(beyond[0], 0.99)))


def _signal_name(feature: str) -> str:
    """The signal that a feature belongs to; the feature itself if it belongs to none."""
    signal = signal_of(feature)
    return signal.name if signal is not None else feature


def _psi(p: NDArray[np.float64], q: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(((p - q) * np.log(p / q)).sum(axis=-1))


def _groups(names: Sequence[str], index: NDArray[np.float64], chance: NDArray[np.float64]) -> list[Shift]:
    signal = np.array([_signal_name(name) for name in names])
    titles = {signal.name: signal.title for signal in SIGNALS}
    found = []
    for key in dict.fromkeys(signal):
        mine = signal == key
        limit = float(np.quantile(chance[:, mine].mean(axis=1), _ORDINARY))
        found.append(Shift(titles.get(key, key), float(index[mine].mean()), limit))
    return sorted(found, key=lambda shift: shift.ordinary - shift.index)


def _single(
    name: str, here: NDArray[np.float64], trained: NDArray[np.float64], index: float, chance: NDArray[np.float64]
) -> Shift:
    by = (here.mean() - trained.mean()) / (trained.std() or 1.0)
    return Shift(name, index, float(np.quantile(chance, _ORDINARY)), *_typical(name, here, trained), float(by))


def _typical(name: str, here: NDArray[np.float64], trained: NDArray[np.float64]) -> tuple[float, float]:
    """Medians of a feature, or means where most articles have nothing of it; of the length, words."""
    if name == LENGTH:
        here, trained = (REFERENCE_WORDS * 2**x for x in (here, trained))
    medians = float(np.median(here)), float(np.median(trained))
    return medians if all(medians) else (float(here.mean()), float(trained.mean()))


def _words(features: NDArray[np.float64], names: Sequence[str]) -> NDArray[np.float64]:
    return np.asarray(np.rint(REFERENCE_WORDS * 2 ** features[:, list(names).index(LENGTH)]))


def _lengths(here: NDArray[np.float64], trained: NDArray[np.float64]) -> list[tuple[str, float, float]]:
    found = []
    for low, high in LENGTH_BANDS:
        name = f"{low} to {high - 1} words" if high < 10**9 else f"{low} words and more"
        mine, theirs = (float(np.mean((words >= low) & (words < high))) for words in (here, trained))
        found.append((name, mine, theirs))
    return found


def _effect(
    features: NDArray[np.float64],
    names: Sequence[str],
    table: pd.DataFrame,
    rows: NDArray[np.float64],
    head: LinearClassifier,
) -> dict[str, float]:
    """Shares called back-translated: of all stored originals and round trips, and of those written most like the batch.

    Likeness is distance in the features of manner alone (length, register, house style, language), so that round trips in
    the batch do not choose round trips. The head has seen the stored rows; the two figures are to be compared.
    """
    manner = np.array([_signal_name(name) in _MANNER for name in names])
    standard, mine = head.standardise(rows)[:, manner], head.standardise(features)[:, manner]
    called = with_prior(head.probabilities(rows), PRIOR).argmax(axis=1) == LABELS.index(BACK_TRANSLATED)
    found = {}
    for label in (ORIGINAL, BACK_TRANSLATED):
        labelled = np.flatnonzero((table["label"] == label).to_numpy())
        if len(labelled) >= _NEIGHBOURS:
            near = (
                NearestNeighbors(n_neighbors=_NEIGHBOURS)
                .fit(standard[labelled])
                .kneighbors(mine, return_distance=False)
            )
            found[f"{label}, all"] = float(called[labelled].mean())
            found[f"{label}, like these"] = float(called[labelled][near].mean())
    return found


def as_dict(drift: Drift) -> dict[str, Any]:
    """The report as one JSON-able object."""
    shift_fields = [{k: v for k, v in vars(s).items() if v == v} | {"moved": s.moved} for s in drift.groups]
    features = [{k: v for k, v in vars(s).items() if v == v} for s in drift.features]
    return {**vars(drift), "level": drift.level, "groups": shift_fields, "features": features}
