"""Features and log-odds of every text by models that have not seen it: what classifiers and calibration are fitted to.

N-gram classifiers are cross-fitted by story (stacked generalisation: Wolpert 1992). The log-odds that the calibration is fitted to
come from models that have not seen the text's *source* either, since a text that is scored later comes from an outlet that training
did not know: calibrated on stories of known outlets, "edited" was called on 8% of the originals of unknown ones, and on 31 to 41%
in three of them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from retold.detector.classifier import LinearClassifier
from retold.detector.features import FeatureSchema
from retold.signals.ngrams.classifier import NgramClassifier
from retold.training.data.examples import RUNNING_NEWS
from retold.training.data.feature_store import FeatureStore
from retold.training.data.splits import source_parts
from retold.training.fit.calibration import held_out_logits
from retold.training.fit.classifier import features_from, fit_classifier
from retold.training.fit.ngram_classifiers import fit_ngram_classifiers, ngram_scores

# Sources are held out from so many rows on; fewer are somebody's own few examples, of one source mostly.
_LEAST_ROWS = 5_000


@dataclass(frozen=True)
class CrossFit:
    """What models that have not seen a row make of it, for n rows of a corpus.

    Attributes:
        rows: The rows that classifiers are fitted to, intp (n,): all but running news, which the language model has seen.
        ngram_classifiers: Fitted to all of them, and to running news.
        features: float64 (n, n_features), the n-gram log-odds by classifiers that have not seen the row's story.
        logits: float64 (n, len(CLASSIFIER_TARGETS)): log-odds by classifiers that have seen neither its story nor, where sources can be
            held out, its source.
    """

    rows: NDArray[np.intp]
    ngram_classifiers: tuple[NgramClassifier, ...]
    features: NDArray[np.float64]
    logits: NDArray[np.float64]


def cross_fit(
    corpus: FeatureStore, rows: NDArray[np.intp], folder: Path, jobs: int, report: Callable[[str], None]
) -> CrossFit:
    """Fit the n-gram classifiers to rows of a corpus, and cross-fit the log-odds of each of them.

    Args:
        corpus: Its features.
        rows: The rows that may be used.
        folder: Where fitted classifiers are kept, so that an interrupted run goes on from there.
        jobs: Processes.
        report: Receives lines of progress.
    """
    table = corpus.table
    judged = rows[table["kind"].to_numpy()[rows] != RUNNING_NEWS]
    whole = fit_ngram_classifiers(corpus, rows, folder, jobs)
    scores = np.empty((len(judged), sum(len(c.intercepts) for c in whole)))
    fold = table["fold"].to_numpy()
    for k in np.unique(fold[judged]):
        report(f"n-gram classifiers without fold {k}")
        fitted = fit_ngram_classifiers(corpus, rows[fold[rows] != k], folder, jobs)
        scores[fold[judged] == k] = ngram_scores(corpus, judged[fold[judged] == k], fitted)
    features = features_from(corpus, judged, scores)
    own = table.iloc[judged].reset_index(drop=True)
    logits = held_out_logits(own, features, corpus.schema)
    if len(judged) >= _LEAST_ROWS:
        _without_source(corpus, judged, features, logits, folder, jobs, report)
    return CrossFit(judged, whole, features, logits)


def _without_source(
    corpus: FeatureStore,
    rows: NDArray[np.intp],
    features: NDArray[np.float64],
    logits: NDArray[np.float64],
    folder: Path,
    jobs: int,
    report: Callable[[str], None],
) -> None:
    """Replace, in place, the logits (n, k) of the rows whose source can be held out."""
    table = corpus.table.iloc[rows].reset_index(drop=True)
    for name, seen, out in source_parts(table):
        report(f"without the sources {name[:60]}")
        fitted = fit_ngram_classifiers(corpus, rows[seen], folder, jobs)
        classifier = _classifier(table, features, seen, corpus.schema)
        unseen = features_from(corpus, rows[out], ngram_scores(corpus, rows[out], fitted))
        logits[out] = classifier.log_odds(unseen)


def _classifier(
    table: pd.DataFrame, features: NDArray[np.float64], seen: NDArray[np.bool_], schema: FeatureSchema
) -> LinearClassifier:
    return fit_classifier(table[seen].reset_index(drop=True), features[seen], schema, fit_groups=False)
