"""Evaluation on what training has not seen: groups always, and an engine, a pivot or a source beside them.

A protocol is a list of configurations; each trains anew on what it may see and predicts what was held out. The n-gram
classifiers, which take most of the time, are kept in files, so that a run which was interrupted goes on where it
stopped and a change of the last step alone is evaluated in minutes.

Two things are shared between the configurations, to keep an evaluation within an hour: the n-gram log-odds of the training rows,
cross-fitted by story once for all, and the log-odds that the calibration is fitted to, cross-fitted by story and source. So what
is held out never trains an n-gram classifier or a classifier that scores it, but the few numbers that turn log-odds into
probabilities were fitted to training rows whose own log-odds came from models that may have seen it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from retold.detector.calibration import OPERATING_POINTS, PRIOR, Calibration, band_of, with_prior
from retold.detector.verdict import BACK_TRANSLATED, EDITED, LABELS, ORIGINAL
from retold.training.data.examples import KNOWN_LABELS
from retold.training.data.feature_store import FeatureStore
from retold.training.data.splits import FOLDS, held_out_engine, source_parts
from retold.training.estimates import TrainingContext
from retold.training.fit import mt_rescorer as deep
from retold.training.fit.calibration import fit_calibrated
from retold.training.fit.classifier import features_from
from retold.training.fit.cross_fitting import CrossFit
from retold.training.fit.ngram_classifiers import fit_ngram_classifiers, ngram_scores

# The engine families that are held out in turn.
ENGINES = ("google", "bergamot", "nllb", "opus-mt", "argos", "wmt", "deepl", "llm")
# Pivots are held out so many parts at a time: stricter than one by one, and many times faster.
PIVOT_PARTS = 4
# Families that are held out with every fold of the stories: all but the one of which a fold is thousands of texts.
_EVERY_FOLD = ("google", "nllb", "opus-mt", "argos", "wmt", "deepl", "llm")
# Prefix of the columns that were predicted with what an engine says of a text, too.
DEEP = "deep_"
# Columns of what reads as translated, whatever it is called, and of the probability from which on an edit is called one.
TRANSLATED, EDITED_FROM = "translated", "edited_from"
PROTOCOLS = ("group", "engine", "pivot", "source")
# Those for which the card says what an engine adds; of the sample, single pivots have too few texts for a figure.
DEEP_PROTOCOLS = ("group", "engine", "source")


@dataclass(frozen=True)
class Configuration:
    """One training run: which rows may be seen, which are predicted, and the name of what was held out."""

    protocol: str
    name: str
    fold: int
    train: NDArray[np.intp]
    test: NDArray[np.intp]


def configurations(table: pd.DataFrame, protocol: str) -> Iterator[Configuration]:
    """The runs of a protocol."""
    maker = {"group": _by_group, "engine": _by_engine, "pivot": _by_pivot, "source": _by_source}[protocol]
    for name, fold, train, test in maker(table):
        if train.any() and test.any():
            yield Configuration(protocol, name, fold, np.flatnonzero(train), np.flatnonzero(test))


def missing(table: pd.DataFrame, protocol: str) -> str:
    """What a protocol lacks in this table, in words; empty if it can be run."""
    machine = table[table["label"] == BACK_TRANSLATED]
    human = table[table["label"].isin([ORIGINAL, EDITED])]
    return {
        "group": "" if table["group"].nunique() > 1 else "all texts are of one story (group)",
        "engine": "" if machine["family"].isin(ENGINES).any() else "no back-translated text names its engine",
        "pivot": "" if machine["pivot"].ne("").any() else "no back-translated text names its pivot",
        "source": "" if human["source"].nunique() > 1 else "originals and edits are not of several named sources",
    }[protocol]


_Split = tuple[str, int, NDArray[np.bool_], NDArray[np.bool_]]


def _by_group(table: pd.DataFrame) -> Iterator[_Split]:
    fold = table["fold"].to_numpy()
    for k in range(FOLDS):
        yield "none", k, fold != k, fold == k


def _by_engine(table: pd.DataFrame) -> Iterator[_Split]:
    """Each family in turn, with each fold of stories where it has few of them."""
    fold, family = table["fold"].to_numpy(), table["family"].to_numpy()
    no_engine = family == ""
    for name in (engine for engine in ENGINES if (family == engine).any()):
        out = held_out_engine(table, name)
        for k in range(FOLDS if name in _EVERY_FOLD else 1):
            yield name, k, (fold != k) & ~out, (fold == k) & (no_engine | (family == name))


def _by_pivot(table: pd.DataFrame) -> Iterator[_Split]:
    fold, pivot, engine = (table[c].to_numpy() for c in ("fold", "pivot", "engine"))
    names = sorted(set(table.loc[table["label"] == BACK_TRANSLATED, "pivot"]) - {""})
    for i in range(PIVOT_PARTS):
        members, k = names[i::PIVOT_PARTS], i % FOLDS
        out = np.isin(pivot, members)
        yield "+".join(members), k, (fold != k) & ~out, (fold == k) & (out | (engine == ""))


def _by_source(table: pd.DataFrame) -> Iterator[_Split]:
    for name, seen, out in source_parts(table):
        yield name, 0, seen, out


def run(corpus: FeatureStore, fitted: CrossFit, protocol: str, context: TrainingContext) -> pd.DataFrame:
    """Run a protocol and return its predictions: the test rows' table with ``held_out`` and the columns of ``_predict``."""
    runs = list(configurations(corpus.table, protocol))
    parts = []
    for done in runs:
        parts.append(_labelled(corpus.table, done, _predict(corpus, fitted, done, context)))
        context.report(f"{protocol} {len(parts)}/{len(runs)}: held out {done.name[:60]}, fold {done.fold}")
    return pd.concat(parts, ignore_index=True)


def _predict(
    corpus: FeatureStore, fitted: CrossFit, configuration: Configuration, context: TrainingContext
) -> pd.DataFrame:
    """Predictions for test rows: a column a label, a point, ``TRANSLATED`` and ``EDITED_FROM``; with ``DEEP`` where an engine was used."""
    test = configuration.test
    place, seen, unseen = held_out_features(corpus, fitted, configuration, context)
    train, logits = fitted.rows[place], fitted.logits[place]
    table = corpus.table.iloc[train].reset_index(drop=True)
    classifier = fit_calibrated(table, seen, corpus.schema, logits)
    words = corpus.table["n_words"].to_numpy()[test]
    plain = classifier.probabilities(unseen)
    found = pd.DataFrame(_columns(classifier.calibration, plain, words, ""))
    found[TRANSLATED] = classifier.reads_translated(unseen, words)
    found[EDITED_FROM] = classifier.edited_from[band_of(words)]
    if corpus.engine_features is None or configuration.protocol not in DEEP_PROTOCOLS:
        return found
    rescorers = deep.fit_rescorers(table, logits, corpus.engine_features[train], seen[:, -1], classifier.calibration)
    if rescorers is None:
        return found
    engine_features = corpus.engine_features[test]
    used = np.flatnonzero(deep.has_engine_features(engine_features))
    # As someone who uses it would: the engine is not used about what is clear.
    equal, again = plain[used], found.iloc[used].add_prefix(DEEP)
    logits, engine_features = classifier.log_odds(unseen[used]), engine_features[used]
    first_look = equal.copy()
    for suited, rows in rescorers.rescore(equal, first_look, logits, unseen[used, -1], engine_features.__getitem__):
        columns = _columns(suited.calibration, equal[rows], words[used[rows]], DEEP)
        again.loc[again.index[rows], list(columns)] = pd.DataFrame(columns).to_numpy()
    return found.join(again)


def _columns(
    calibration: Calibration, equal: NDArray[np.float64], words: NDArray[np.integer], prefix: str
) -> dict[str, NDArray]:
    shares = with_prior(equal, PRIOR)
    labels = {f"{prefix}p_{label}": shares[:, i] for i, label in enumerate(LABELS)}
    return labels | {
        f"{prefix}{point}": calibration.is_positive(equal, words, point).astype(float) for point in OPERATING_POINTS
    }


def held_out_features(
    corpus: FeatureStore, fitted: CrossFit, configuration: Configuration, context: TrainingContext
) -> tuple[NDArray[np.bool_], NDArray[np.float64], NDArray[np.float64]]:
    """What a run sees of its rows.

    Returns:
        Which of the cross-fitted rows it may see, bool (n,); their features; the features of its test rows, whose n-gram log-odds are
        by classifiers that have seen the training rows alone.
    """
    classifiers = fit_ngram_classifiers(corpus, configuration.train, context.cache, context.jobs)
    place = np.isin(fitted.rows, configuration.train)
    scores = ngram_scores(corpus, configuration.test, classifiers)
    return place, fitted.features[place], features_from(corpus, configuration.test, scores)


def _labelled(table: pd.DataFrame, done: Configuration, part: pd.DataFrame) -> pd.DataFrame:
    found = table.iloc[done.test].reset_index(drop=True).assign(held_out=done.name, test_fold=done.fold)
    return found.join(part)[found["label"].isin(KNOWN_LABELS)]
