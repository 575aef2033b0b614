"""Measure what a hundred pairs of an engine that the model has not seen give, as ``retold corpus roundtrip`` makes them.

An engine is held out of everything that measures or judges its round trips (``benchmarks/held_out.py``). Then the classifier is adapted
to pairs of it, an original and its round trip, as ``retold train --data`` adapts, and tested on pairs of other stories.

Run: python -m benchmarks.own_engine CORPUS [--cache DIR] [--pairs 25 100 250] [--draws 3]
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from benchmarks.held_out import ENGINES, HeldOut, held_out_features, hold_out
from benchmarks.progress import stopwatch
from retold.detector.calibration import PRIOR, with_prior
from retold.detector.classifier import LinearClassifier
from retold.detector.verdict import BACK_TRANSLATED, LABELS, ORIGINAL
from retold.training.evaluation import metrics
from retold.training.evaluation.tables import markdown

# Share of the stories that pairs are drawn from; the others are tested. False positives at which round trips are found.
_POOL, _ALLOWED = 0.6, 0.01
_FIGURES = ("AUROC", "found at 1%", "round trips called so", "originals called round trips")


def main(argv: list[str] | None = None) -> None:
    """Read the arguments, measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", type=Path, help="folder of the corpus")
    parser.add_argument("--cache", type=Path, default=Path(".cache/adaptation"), help="shared with adaptation.py")
    parser.add_argument("--pairs", type=int, nargs="+", default=[25, 100, 250], help="pairs of the engine")
    parser.add_argument("--draws", type=int, default=3, help="draws of pairs")
    parser.add_argument("--engines", nargs="+", default=ENGINES, help="held out in turn")
    args = parser.parse_args(argv)
    report = stopwatch()
    store, rows = held_out_features(args.corpus, args.cache, report), []
    for engine in args.engines:
        trips = (store.table["family"] == engine) & (store.table["label"] == BACK_TRANSLATED)
        stories = set(store.table["group"][trips])
        own = trips | (store.table["group"].isin(stories) & (store.table["label"] == ORIGINAL))
        held_out = hold_out(store, own.to_numpy(), engine, args.cache)
        for pairs in args.pairs:
            found = [figures for draw in range(args.draws) if (figures := _draw(held_out, pairs, draw))]
            if found:
                before, after = (np.mean([draw[i] for draw in found], axis=0) for i in (0, 1))
                rows += [[engine, pairs, name, b, a] for name, b, a in zip(_FIGURES, before, after, strict=True)]
        report(f"{engine} measured")
    print(markdown(["engine held out", "pairs", "figure", "before", "after"], rows))


def _draw(held_out: HeldOut, pairs: int, seed: int) -> tuple[list[float], list[float]] | None:
    """Figures before and after adapting to so many pairs; None if there are not so many."""
    table = held_out.table
    both = table.groupby("group")["label"].nunique()
    stories = np.random.default_rng(seed).permutation(np.array(sorted(both[both > 1].index), dtype=str))
    offered = int(len(stories) * _POOL)
    if offered < pairs:
        return None
    own, tested = _pairs(table, stories[:pairs]), _pairs(table, stories[offered:])
    labels = table["label"].to_numpy(object)
    after = held_out.adapted(own, labels[own])[-1]
    truth, features = labels[tested], held_out.features[tested]
    return _figures(held_out.classifier, truth, features), _figures(after, truth, features)


def _pairs(table: pd.DataFrame, stories: NDArray[np.str_]) -> NDArray[np.intp]:
    """Rows of the first original and the first round trip of each story."""
    return np.flatnonzero(table["group"].isin(stories) & ~table.duplicated(["group", "label"]))


def _figures(classifier: LinearClassifier, truth: NDArray[np.object_], features: NDArray[np.float64]) -> list[float]:
    prior = PRIOR if classifier.adaptation is None else tuple(classifier.adaptation.prior.tolist())
    shares = with_prior(classifier.probabilities(features), prior)
    machine, called = shares[:, LABELS.index(BACK_TRANSLATED)], shares.argmax(axis=1) == LABELS.index(BACK_TRANSLATED)
    is_trip = truth == BACK_TRANSLATED
    limit = np.quantile(machine[~is_trip], 1 - _ALLOWED)
    found = [metrics.auroc(machine[~is_trip], machine[is_trip]), (machine[is_trip] > limit).mean()]
    return [float(x) for x in (*found, called[is_trip].mean(), called[~is_trip].mean())]


if __name__ == "__main__":
    main()
