"""What becomes of spun copies and word salad, by rules that nothing was learned from, and how many human texts share their warning.

The corpus is read with copies that ``retold corpus spin`` and ``retold corpus scramble`` made. For each family of rules everything is
fitted anew without it and without a third of the stories, whose copies by these rules are then scored as the shipped model would:
the label at the usual prior, and "not normal English". Human texts are those of the same stories.

    python benchmarks/distortions.py ../shared/corpus spun.jsonl salad.jsonl --cache DIR

With the cache of a training on the same files it takes some two minutes a family on one core.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from retold.detector.calibration import PRIOR, with_prior
from retold.detector.components import ModelComponents
from retold.detector.normality import ABNORMAL_KINDS
from retold.detector.verdict import LABELS, ORIGINAL
from retold.model_store import bundled_model, read_model
from retold.signals.ngrams.words import WordNgrams
from retold.training.data.checks import check_examples
from retold.training.data.examples import read_examples
from retold.training.data.feature_store import FeatureStore
from retold.training.estimates import TrainingContext
from retold.training.evaluation.protocols import Configuration, held_out_features
from retold.training.evaluation.tables import markdown
from retold.training.fit.calibration import fit_calibrated
from retold.training.fit.cross_fitting import CrossFit, cross_fit
from retold.training.fit.normality import fit_normality, is_human
from retold.training.pipeline import corpus_features

_FOLD = 0


@dataclass(frozen=True)
class Scored:
    """The held-out rows of one run: their table, labels, and whether each is no normal English."""

    table: pd.DataFrame
    labels: NDArray[np.str_]
    abnormal: NDArray[np.bool_]


def main(argv: list[str] | None = None) -> None:
    """Read, fit, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", type=Path, help="folder of the corpus")
    parser.add_argument("copies", type=Path, nargs="*", help="what retold corpus spin and scramble wrote")
    parser.add_argument("--cache", type=Path, default=Path(".cache/training"), help="finished steps")
    options = parser.parse_args(argv)
    start = time.monotonic()
    context = TrainingContext(
        options.cache, 1, lambda line: print(f"[{time.monotonic() - start:6.0f} s] {line}", file=sys.stderr, flush=True)
    )
    examples = check_examples(read_examples([options.corpus, *options.copies])).examples
    bundled = ModelComponents.from_folder(read_model(bundled_model()))
    store, _ = corpus_features(examples, options.corpus / "news.txt.xz", bundled, context)
    fitted = cross_fit(store, np.arange(len(store.table)), context.cache, context.jobs, context.report)
    print(report(store, fitted, context))


def report(store: FeatureStore, fitted: CrossFit, context: TrainingContext) -> str:
    """Markdown: a row a family of rules held out, then the human texts under the warning, by source."""
    families = sorted(set(store.table["family"][store.table["kind"].isin(ABNORMAL_KINDS)]))
    runs = [(family, held_out(store, fitted, family, context)) for family in families]
    rows = [_family_row(family, run) for family, run in runs]
    head = ["rules held out", "texts", "called original", "edited", "back-translated", "not normal English"]
    text = "### Spun copies and word salad\n\n" + markdown(head, rows)
    return text + ("\n" + _alarms(runs[0][1]) if runs else "")


def held_out(store: FeatureStore, fitted: CrossFit, family: str, context: TrainingContext) -> Scored:
    """Fit without a family of rules and a fold of stories, and score the fold's copies by these rules, and its human texts."""
    context.report(f"without {family}")
    table = store.table
    fold, own = table["fold"].to_numpy(), (table["family"] == family).to_numpy()
    seen = np.flatnonzero((fold != _FOLD) & ~own)
    test = np.flatnonzero((fold == _FOLD) & (own | is_human(table)))
    place, features, unseen = held_out_features(
        store, fitted, Configuration("rules", family, _FOLD, seen, test), context
    )
    rest = table.iloc[fitted.rows[place]].reset_index(drop=True)
    classifier = fit_calibrated(rest, features, store.schema.groups, fitted.logits[place])
    counts = store.ngram_counts[WordNgrams.name]
    normality = fit_normality(rest, features, counts[fitted.rows[place]], store.schema.names, classifier)
    words = table["n_words"].to_numpy()[test]
    standard = classifier.standardise(unseen)
    excess = normality.excess(standard, counts[test], words).max(axis=1) if normality else np.full(len(test), -1.0)
    abnormal = excess >= 0
    shares = with_prior(classifier.probabilities(unseen), PRIOR)
    shares[abnormal, LABELS.index(ORIGINAL)] = -1.0
    return Scored(table.iloc[test].reset_index(drop=True), np.array(LABELS)[shares.argmax(axis=1)], abnormal)


def _family_row(family: str, run: Scored) -> list:
    own = (run.table["family"] == family).to_numpy()
    return [
        family,
        int(own.sum()),
        *(float(np.mean(run.labels[own] == label)) for label in LABELS),
        float(run.abnormal[own].mean()),
    ]


def _alarms(run: Scored) -> str:
    human = is_human(run.table)
    table = run.table[human].assign(abnormal=run.abnormal[human])
    rates = table.groupby(["label", "source"])["abnormal"].agg(["size", "sum"]).reset_index()
    worst = rates.sort_values("sum", ascending=False).head(8)
    rows: Sequence[list] = [["all", len(table), int(table["abnormal"].sum()), float(table["abnormal"].mean())]]
    rows = [*rows, *([f"{r.label}, {r.source}", int(r.size_), int(r.sum_), r.sum_ / r.size_] for r in _named(worst))]
    return "Human texts called no normal English:\n\n" + markdown(["texts", "number", "called so", "share"], rows)


def _named(rates: pd.DataFrame) -> Sequence:
    return list(rates.rename(columns={"size": "size_", "sum": "sum_"}).itertuples())


if __name__ == "__main__":
    main()
