"""Measure what labelling the proposed articles gives, beside labelling as many at random.

A source is held out of the classifier, and the stories of one fold out of everything. A classifier is fitted to the rows that a model
stores of the other sources; then articles of half of that source's held-out stories are labelled, proposed ones or random ones,
and the classifier is adapted to them as ``retold train`` does; the other half of the stories is what is measured.

Run: python benchmarks/active_learning.py CORPUS [--cache DIR] [--fold K] [--counts 20 50 ...]
"""

from __future__ import annotations

import argparse
import sys
import time
from dataclasses import replace
from pathlib import Path
from zlib import crc32

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from retold.detector.calibration import PRIOR, with_prior
from retold.detector.classifier import LinearClassifier
from retold.detector.components import ModelComponents
from retold.detector.verdict import BACK_TRANSLATED, LABELS, ORIGINAL
from retold.model_store import bundled_model, read_model
from retold.monitoring.active_learning import propose
from retold.training.data.checks import check_examples
from retold.training.data.examples import read_examples
from retold.training.data.feature_store import FeatureStore
from retold.training.data.splits import FOLDS
from retold.training.estimates import TrainingContext
from retold.training.evaluation import metrics
from retold.training.evaluation.protocols import Configuration, configurations, held_out_features
from retold.training.evaluation.tables import markdown
from retold.training.fit.adaptation import adapt, own_articles
from retold.training.fit.classifier import SEED, fit_classifier
from retold.training.fit.cross_fitting import cross_fit
from retold.training.package import replay_sample
from retold.training.pipeline import corpus_features

# Articles that are offered for labelling, drawn from the half of the stories that is not measured.
_POOL = 800
_DRAWS = 20
# Articles that a source must have on either side.
_LEAST = 80


def main(argv: list[str] | None = None) -> None:
    """Read the arguments, measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", type=Path, help="folder of the corpus")
    parser.add_argument(
        "--cache", type=Path, default=Path(".cache/retold"), help="finished steps, shared with train.py"
    )
    parser.add_argument(
        "--fold", type=int, default=0, choices=range(FOLDS), help="the third of the stories to measure on"
    )
    parser.add_argument("--counts", type=int, nargs="+", default=[20, 50], help="articles labelled")
    args = parser.parse_args(argv)
    start = time.monotonic()
    context = TrainingContext(
        args.cache, 1, lambda line: print(f"[{time.monotonic() - start:6.0f} s] {line}", file=sys.stderr)
    )
    examples = check_examples(read_examples([args.corpus])).examples
    bundled = ModelComponents.from_folder(read_model(bundled_model()))
    corpus, _ = corpus_features(examples, args.corpus / "news.txt.xz", bundled, context)
    print(study(corpus, [e.text for e in examples], args.fold, args.counts, context))


def study(corpus: FeatureStore, texts: list[str], fold: int, counts: list[int], context: TrainingContext) -> str:
    """Markdown table: the figures before, after proposed and after random labels."""
    run = list(configurations(corpus.table, "group"))[fold]
    fitted = cross_fit(corpus, np.arange(len(corpus.table)), context.cache, context.jobs, context.report)
    _, *features = held_out_features(corpus, fitted, run, context)
    rows = []
    for source in sorted(set(corpus.table["source"])):
        found = _source(corpus, texts, run, features, source, counts)
        context.report(f"{source}: {'measured' if found else 'too few articles, or of one label only'}")
        rows += found
    rows += _means(rows)
    head = [
        "source held out",
        "labelled",
        "figure",
        "before",
        "proposed",
        "random, mean",
        "random, 10% to 90%",
        "share beaten",
    ]
    return markdown(head, rows)


def _source(
    corpus: FeatureStore,
    texts: list[str],
    run: Configuration,
    features: list[NDArray],
    source: str,
    counts: list[int],
) -> list[list]:
    table, other = (corpus.table.iloc[rows].reset_index(drop=True) for rows in (run.train, run.test))
    rest, own = (table["source"] != source).to_numpy(), (other["source"] == source).to_numpy()
    seen, unseen = features[0][rest], features[1][own]
    table, other = table[rest].reset_index(drop=True), other[own].reset_index(drop=True)
    places = run.test[own]
    kept = replay_sample(table, SEED)
    base = (table.iloc[kept].reset_index(drop=True), seen[kept])
    usable = other["label"].isin(LABELS).to_numpy() & (other["n_words"] >= 40).to_numpy()
    half = np.array([crc32(f"{group} label".encode()) % 2 for group in other["group"]])
    chance = np.random.default_rng(SEED)
    pool = np.flatnonzero(usable & (half == 0))
    pool = np.sort(chance.choice(pool, min(_POOL, len(pool)), replace=False))
    test = np.flatnonzero(usable & (half == 1))
    if len(pool) < _LEAST or len(test) < _LEAST or other["label"].iloc[test].nunique() < 2:
        return []
    groups = corpus.schema.groups
    classifier = fit_classifier(*base, groups)
    before = _figures(classifier, other.iloc[test], unseen[test])
    found = []
    for count in counts:
        offered = [texts[places[i]] for i in pool]
        standard, shares = classifier.standardise(unseen[pool]), classifier.probabilities(unseen[pool])
        proposed = pool[[p.index for p in propose(offered, standard, shares, count)]]
        draws = [chance.choice(pool, len(proposed), replace=False) for _ in range(_DRAWS)]
        after, *drawn = (_adapted(classifier, other, unseen, picks, test) for picks in (proposed, *draws))
        for name, was in before.items():
            values = np.array([figures[name] for figures in drawn])
            low, high = np.quantile(values, (0.1, 0.9))
            spread, beaten = f"{low:.3f} to {high:.3f}", float(np.mean(values < after[name]))
            found.append([source, count, name, was, after[name], float(values.mean()), spread, beaten])
    return found


def _adapted(
    classifier: LinearClassifier, other: pd.DataFrame, features: NDArray, picks: NDArray, test: NDArray
) -> dict[str, float]:
    labels, groups = (other[name].to_numpy(object)[picks] for name in ("label", "group"))
    if len(set(labels)) < 2:
        return _figures(classifier, other.iloc[test], features[test])
    fit = adapt(classifier, own_articles(classifier, features[picks], labels, groups))
    return _figures(replace(classifier, adaptation=fit.adaptation), other.iloc[test], features[test])


def _figures(classifier: LinearClassifier, table: pd.DataFrame, features: NDArray[np.float64]) -> dict[str, float]:
    prior = PRIOR if classifier.adaptation is None else tuple(classifier.adaptation.prior.tolist())
    shares, truth = with_prior(classifier.probabilities(features), prior), table["label"].to_numpy(object)
    called = np.array(LABELS, dtype=object)[shares.argmax(axis=1)]
    right = shares[np.arange(len(truth)), [LABELS.index(label) for label in truth]]
    found = {
        "macro-F1": metrics.macro_f1(truth, called),
        "mean log-probability of the label": float(np.log(right).mean()),
    }
    machine = shares[:, LABELS.index(BACK_TRANSLATED)]
    sides = machine[truth == ORIGINAL], machine[truth == BACK_TRANSLATED]
    return found | ({"AUROC": metrics.auroc(*sides)} if min(map(len, sides)) >= 20 else {})


def _means(rows: list[list]) -> list[list]:
    frame = pd.DataFrame(rows, columns=["part", "count", "figure", "before", "proposed", "random", "spread", "beaten"])
    found = []
    for (count, figure), part in frame.groupby(["count", "figure"]):
        values = [float(part[name].mean()) for name in ("before", "proposed", "random")]
        found.append(["**mean**", int(count), figure, *values, "", float(part["beaten"].mean())])
    return found


if __name__ == "__main__":
    main()
