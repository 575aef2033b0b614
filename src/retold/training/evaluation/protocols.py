"""Evaluation on what training has not seen: groups always, and an engine, a pivot or a source beside them.

A protocol is a list of configurations; each trains anew on what it may see and predicts what was held out. The n-gram
classifiers, which take most of the time, leave their scores in files, so that a run which was interrupted goes on where it
stopped and a change of the last step alone is evaluated in minutes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from joblib import Parallel, delayed
from numpy.typing import NDArray

from retold.detector.calibration import OPERATING_POINTS, PRIOR, Calibration, with_prior
from retold.detector.verdict import BACK_TRANSLATED, EDITED, LABELS, ORIGINAL
from retold.training.data.code_fingerprint import code_fingerprint
from retold.training.data.examples import KNOWN_LABELS
from retold.training.data.feature_store import FeatureStore
from retold.training.data.splits import FOLDS, held_out_engine
from retold.training.data.step_files import load_arrays, save_arrays
from retold.training.fit import mt_rescorer as deep
from retold.training.fit.calibration import fit_calibrated, held_out_logits
from retold.training.fit.classifier import features_from
from retold.training.fit.ngram_classifiers import fit_ngram_classifiers, ngram_scores

# The engine families that are held out in turn.
ENGINES = ("google", "bergamot", "nllb", "opus-mt", "argos", "wmt", "deepl", "llm")
# Pivots and sources are held out so many parts at a time: stricter than one by one, and many times faster.
PIVOT_PARTS, SOURCE_PARTS = 4, 6
# Prefix of the columns that were predicted with what an engine says of a text, too.
DEEP = "deep_"
# What decides what the ngram_classifiers learn.
_LEARNING = (
    "training/fit/ngram_classifiers.py",
    "training/data/labels.py",
    "training/data/segments.py",
    "detector/segments.py",
)
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
    fold, family = table["fold"].to_numpy(), table["family"].to_numpy()
    no_engine = family == ""
    for name in (engine for engine in ENGINES if (family == engine).any()):
        out = held_out_engine(table, name)
        for k in range(FOLDS):
            yield name, k, (fold != k) & ~out, (fold == k) & (no_engine | (family == name))


def _by_pivot(table: pd.DataFrame) -> Iterator[_Split]:
    fold, pivot, engine = (table[c].to_numpy() for c in ("fold", "pivot", "engine"))
    names = sorted(set(table.loc[table["label"] == BACK_TRANSLATED, "pivot"]) - {""})
    for i in range(PIVOT_PARTS):
        members = names[i::PIVOT_PARTS]
        out = np.isin(pivot, members)
        for k in range(FOLDS):
            yield "+".join(members), k, (fold != k) & ~out, (fold == k) & (out | (engine == ""))


def _by_source(table: pd.DataFrame) -> Iterator[_Split]:
    source, group = table["source"].to_numpy(), table["group"].to_numpy()
    names = sorted(set(table.loc[table["label"].isin([ORIGINAL, EDITED]), "source"]))
    for i in range(SOURCE_PARTS):
        members = names[i::SOURCE_PARTS]
        out = np.isin(source, members)
        related = out | np.isin(group, group[out])
        yield "+".join(members), 0, ~related, out


def run(corpus: FeatureStore, protocol: str, folder: Path, jobs: int, report: Callable[[str], None]) -> pd.DataFrame:
    """Run a protocol and return its predictions: the test rows' table with ``held_out`` and the columns of ``_predict``."""
    folder.mkdir(parents=True, exist_ok=True)
    runs = list(configurations(corpus.table, protocol))
    work = (delayed(_predict)(corpus, c, folder) for c in runs)
    parts = []
    for part, done in zip(Parallel(n_jobs=jobs, return_as="generator", max_nbytes="1M")(work), runs, strict=True):
        parts.append(_labelled(corpus.table, done, part))
        report(f"{protocol} {len(parts)}/{len(runs)}: held out {done.name[:60]}, fold {done.fold}")
    return pd.concat(parts, ignore_index=True)


def _file(folder: Path, corpus: FeatureStore, configuration: Configuration) -> Path:
    """Where the ngram_classifiers' scores are kept; the name changes with the split and with what the ngram_classifiers see."""
    digest = hashlib.sha256(code_fingerprint(*_LEARNING))
    digest.update(f"{configuration.protocol} {configuration.name} {configuration.fold}".encode())
    for rows in (configuration.train, configuration.test):
        digest.update(rows.tobytes())
    ngram_counts = list(corpus.ngram_counts.values())
    ngram_counts += list(corpus.segments.ngram_counts.values()) if corpus.segments is not None else []
    for counts in ngram_counts:
        digest.update(np.ascontiguousarray(counts.indptr[::7]).tobytes() + counts.data[::10_007].tobytes())
    return folder / f"{configuration.protocol}-{digest.hexdigest()[:16]}.npz"


def _predict(corpus: FeatureStore, configuration: Configuration, folder: Path) -> pd.DataFrame:
    """Predictions for test rows: a column a label and a column an operating point; with ``DEEP`` where an engine was used."""
    train, test = configuration.train, configuration.test
    seen, unseen = stored_features(corpus, configuration, folder)
    table = corpus.table.iloc[train].reset_index(drop=True)
    logits = held_out_logits(table, seen, corpus.schema.groups)
    classifier = fit_calibrated(table, seen, corpus.schema.groups, logits)
    words = corpus.table["n_words"].to_numpy()[test]
    plain = classifier.probabilities(unseen)
    found = pd.DataFrame(_columns(classifier.calibration, plain, words, ""))
    if corpus.engine_features is None or configuration.protocol not in DEEP_PROTOCOLS:
        return found
    rescorers = deep.fit_rescorers(table, logits, corpus.engine_features[train], seen[:, -1])
    if rescorers is None:
        return found
    engine_features = corpus.engine_features[test]
    used = np.flatnonzero(deep.has_engine_features(engine_features))
    # As someone who uses it would: the engine is not used about what is clear.
    equal, again = plain[used], found.iloc[used].add_prefix(DEEP)
    logits, engine_features = classifier.log_odds(unseen[used]), engine_features[used]
    for suited, rows in rescorers.rescore(equal, logits, unseen[used, -1], engine_features.__getitem__):
        columns = _columns(suited.calibration, equal[rows], words[used[rows]], DEEP)
        again.iloc[rows] = pd.DataFrame(columns).to_numpy()
    return found.join(again)


def _columns(
    calibration: Calibration, equal: NDArray[np.float64], words: NDArray[np.integer], prefix: str
) -> dict[str, NDArray]:
    shares = with_prior(equal, PRIOR)
    labels = {f"{prefix}p_{label}": shares[:, i] for i, label in enumerate(LABELS)}
    return labels | {
        f"{prefix}{point}": calibration.is_positive(equal, words, point).astype(float) for point in OPERATING_POINTS
    }


def stored_features(
    corpus: FeatureStore, configuration: Configuration, folder: Path
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Features of a run's training rows, cross-fitted, and of its test rows; n-gram classifiers are trained if they are not stored."""
    file = _file(folder, corpus, configuration)
    if not file.exists():
        _save_scores(corpus, configuration, file)
    scores = load_arrays(file)
    seen = features_from(corpus, configuration.train, scores["train"].astype(np.float64))
    return seen, features_from(corpus, configuration.test, scores["test"].astype(np.float64))


def _save_scores(corpus: FeatureStore, configuration: Configuration, file: Path) -> None:
    learned = fit_ngram_classifiers(corpus, configuration.train)
    test = ngram_scores(corpus, configuration.test, learned.ngram_classifiers)
    save_arrays(file, {"train": learned.scores.astype(np.float32), "test": test.astype(np.float32)})


def _labelled(table: pd.DataFrame, done: Configuration, part: pd.DataFrame) -> pd.DataFrame:
    found = table.iloc[done.test].reset_index(drop=True).assign(held_out=done.name, test_fold=done.fold)
    return found.join(part)[found["label"].isin(KNOWN_LABELS)]
