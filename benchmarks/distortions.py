"""What becomes of spun copies and word salad, by rules that nothing was learned from, and how many human texts share their warning.

The corpus is read with copies that ``retold corpus spin`` and ``retold corpus scramble`` made. Everything is fitted anew without a third
of the stories; for each rule and thesaurus of the spun copies, and each family of rules of word salad, what tells them is fitted
without it (without all copies by that rule, and all by that thesaurus if there are others), and the copies of the stories left out are
scored as the shipped model would score them: the label at the usual prior, and "not normal English". Human texts are those of the
same stories; thresholds are on sources held out, as in training.

    python benchmarks/distortions.py ../shared/corpus spun.jsonl salad.jsonl --cache DIR [--documents N]

``--documents`` takes so many texts, story by story, with the shipped language model and channel: minutes, where the whole corpus takes
hours.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from zlib import crc32

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from benchmarks.progress import stopwatch
from retold.detector.calibration import BANDS, PRIOR, band_of, with_prior
from retold.detector.classifier import LinearClassifier
from retold.detector.components import ModelComponents
from retold.detector.normality import ABNORMAL_KINDS
from retold.detector.verdict import LABELS, ORIGINAL
from retold.model_store import bundled_model, read_model
from retold.signals.ngrams.words import WordNgrams
from retold.training.data.checks import check_examples
from retold.training.data.examples import LabelledText, read_examples
from retold.training.data.feature_store import FeatureStore, describe_examples
from retold.training.estimates import TrainingContext, estimate_replaced_words
from retold.training.evaluation.protocols import Configuration, held_out_features
from retold.training.evaluation.tables import markdown
from retold.training.fit.calibration import fit_calibrated
from retold.training.fit.cross_fitting import CrossFit, cross_fit
from retold.training.fit.normality import fit_normality, is_human
from retold.training.pipeline import corpus_features, extract_features, with_misfit

# The third of the stories that is measured on.
_FOLD = 0
# Share of the sampled stories whose machine translations are taken, too.
_MACHINE_SHARE = 0.2


@dataclass(frozen=True)
class Scored:
    """The held-out rows of one run: their table, which are copies, labels, and whether each is no normal English."""

    table: pd.DataFrame
    copies: NDArray[np.bool_]
    labels: NDArray[np.str_]
    abnormal: NDArray[np.bool_]


def main(argv: list[str] | None = None) -> None:
    """Read, fit, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", type=Path, help="folder of the corpus")
    parser.add_argument("copies", type=Path, nargs="*", help="what retold corpus spin and scramble wrote")
    parser.add_argument("--documents", type=int, default=0, metavar="N", help="a sample of N texts; default: all")
    parser.add_argument("--cache", type=Path, default=Path(".cache/training"), help="finished steps")
    options = parser.parse_args(argv)
    context = TrainingContext(options.cache, 1, stopwatch())
    read = read_examples([options.corpus, *options.copies])
    examples = check_examples(sampled(read, options.documents) if options.documents else read).examples
    bundled, news = ModelComponents.from_folder(read_model(bundled_model())), options.corpus / "news.txt.xz"
    if options.documents:
        components = replace(bundled, ngram_classifiers=())
        store = extract_features(examples, [components], context)
    else:
        store, components = corpus_features(examples, news, bundled, context)
        replaced_words = estimate_replaced_words(news, components.language_model, context)
        components = replace(components, replaced_words=replaced_words)
    store = with_misfit(store, examples, components, context)
    fitted = cross_fit(store, np.arange(len(store.table)), context.cache, context.jobs, context.report)
    print(report(store, fitted, context))


def sampled(examples: Sequence[LabelledText], number: int) -> list[LabelledText]:
    """About so many examples, whole stories, the same on every machine; of what machines made, which only labels learn from, a fifth."""
    table = describe_examples(examples)
    is_measured = table["kind"].isin(ABNORMAL_KINDS).to_numpy() | is_human(table)
    odds = np.where(is_measured, 1.0, _MACHINE_SHARE)
    odds *= number / odds.sum()
    place = np.array([crc32(f"distortions {e.group}".encode()) / 2**32 for e in examples])
    return [examples[i] for i in np.flatnonzero(place < odds).tolist()]


def report(store: FeatureStore, fitted: CrossFit, context: TrainingContext) -> str:
    """Markdown: a row for each kind of copies held out, then the human texts under the warning, by source."""
    known = without_stories(store, fitted, context)
    runs = [(kept_out.name, held_out(known, kept_out, context)) for kept_out in kept_apart(store.table)]
    rows = [_row(name, run) for name, run in runs]
    head = ["held out", "texts", "called original", "edited", "back-translated", "not normal English", *_lengths()]
    text = "### Spun copies and word salad\n\n" + markdown(head, rows)
    return text + ("\n" + _alarms([run for _, run in runs]) if runs else "")


@dataclass(frozen=True)
class KeptOut:
    """Copies that are scored, bool (n,), and those that nothing may be learned from, bool (n,)."""

    name: str
    scored: NDArray[np.bool_]
    unseen: NDArray[np.bool_]


def kept_apart(table: pd.DataFrame) -> list[KeptOut]:
    """What is held out in turn: each rule of each thesaurus, and each family of word salad's rules."""
    spun = (table["kind"] == ABNORMAL_KINDS[0]).to_numpy()
    # "spun:first-30.th_en_US_v2" is the first synonym of that thesaurus, for 30% of the words.
    named = table["engine"].where(spun, "").str.extract(r"^spun:([a-z]+)[^.]*\.?(.*)$").fillna("")
    rule, thesaurus = named[0].to_numpy(), named[1].to_numpy()
    several = len(set(thesaurus[spun])) > 1
    found = []
    for r, t in sorted(set(zip(rule[spun], thesaurus[spun], strict=True))):
        own = spun & (rule == r) & (thesaurus == t)
        found.append(KeptOut(f"{r} {t}".strip(), own, spun & ((rule == r) | (several & (thesaurus == t)))))
    salad, family = (table["kind"] == ABNORMAL_KINDS[1]).to_numpy(), table["family"].to_numpy()
    found += [KeptOut(name, salad & (family == name), salad & (family == name)) for name in sorted(set(family[salad]))]
    return [kept_out for kept_out in found if (kept_out.scored & (table["fold"] == _FOLD).to_numpy()).any()]


@dataclass(frozen=True)
class Known:
    """What was fitted without a fold of the stories, once for all: neither n-gram classifiers nor labels learn from copies.

    Attributes:
        rows: The rows that may be learned from, and their features.
        test: The fold's copies and human texts, and their features.
        counts: Scaled counts of word n-grams of all rows.
        misfit: How badly the words of each row fit where they stand.
    """

    table: pd.DataFrame
    names: tuple[str, ...]
    classifier: LinearClassifier
    rows: NDArray[np.intp]
    features: NDArray[np.float64]
    test: NDArray[np.intp]
    unseen: NDArray[np.float64]
    counts: csr_matrix
    misfit: NDArray[np.float64]


def without_stories(store: FeatureStore, fitted: CrossFit, context: TrainingContext) -> Known:
    """Fit to all stories but a fold."""
    table = store.table
    fold, copies = table["fold"].to_numpy(), table["kind"].isin(ABNORMAL_KINDS).to_numpy()
    seen, test = np.flatnonzero(fold != _FOLD), np.flatnonzero((fold == _FOLD) & (copies | is_human(table)))
    run = Configuration("rules", "", _FOLD, seen, test)
    place, features, unseen = held_out_features(store, fitted, run, context)
    rows = fitted.rows[place]
    learned = table.iloc[rows].reset_index(drop=True)
    classifier = fit_calibrated(learned, features, store.schema, fitted.logits[place])
    counts = store.ngram_counts[WordNgrams.name]
    misfit = store.misfit if store.misfit is not None else np.zeros(len(table))
    return Known(table, store.schema.names, classifier, rows, features, test, unseen, counts, misfit)


def held_out(known: Known, kept_out: KeptOut, context: TrainingContext) -> Scored:
    """Fit what tells copies without some of them, and score those of the fold left out, and its human texts."""
    context.report(f"without {kept_out.name}")
    table = known.table
    learned = ~kept_out.unseen[known.rows]
    rows = known.rows[learned]
    normality = fit_normality(
        table.iloc[rows].reset_index(drop=True),
        known.features[learned],
        known.counts[rows],
        known.misfit[rows],
        known.names,
        known.classifier,
    )
    is_scored = kept_out.scored[known.test] | is_human(table)[known.test]
    test, unseen = known.test[is_scored], known.unseen[is_scored]
    words = table["n_words"].to_numpy()[test]
    standard, counts = known.classifier.standardise(unseen), known.counts[test]
    misfit = known.misfit[test].__getitem__
    excess = normality.excess(standard, counts, words, misfit) if normality else np.full((len(test), 1), -1.0)
    abnormal = excess.max(axis=1) >= 0
    shares = with_prior(known.classifier.probabilities(unseen), PRIOR)
    shares[abnormal, LABELS.index(ORIGINAL)] = -1.0
    labels = np.array(LABELS)[shares.argmax(axis=1)]
    return Scored(table.iloc[test].reset_index(drop=True), kept_out.scored[test], labels, abnormal)


def _lengths() -> list[str]:
    return [*(f"of {low} to {high - 1} words" for low, high in pairwise(BANDS)), f"of {BANDS[-1]} and more"]


def _row(name: str, run: Scored) -> list:
    own, band = run.copies, band_of(run.table["n_words"].to_numpy())
    by_length = [run.abnormal[own & (band == b)] for b in range(1, len(BANDS) + 1)]
    return [
        name,
        int(own.sum()),
        *(float(np.mean(run.labels[own] == label)) for label in LABELS),
        float(run.abnormal[own].mean()),
        *(float(found.mean()) if len(found) else "" for found in by_length),
    ]


def _alarms(runs: Sequence[Scored]) -> str:
    """Human texts under the warning, summed over the runs, and the sources that have most of them."""
    tables = [run.table[~run.copies].assign(abnormal=run.abnormal[~run.copies]) for run in runs]
    table = pd.concat(tables, ignore_index=True)
    rates = table.groupby(["label", "source"])["abnormal"].agg(["size", "sum"]).reset_index()
    worst = rates.sort_values("sum", ascending=False).head(8)
    rows: Sequence[list] = [["all", len(table), int(table["abnormal"].sum()), float(table["abnormal"].mean())]]
    rows = [*rows, *([f"{r.label}, {r.source}", int(r.size_), int(r.sum_), r.sum_ / r.size_] for r in _named(worst))]
    text = "Human texts called no normal English, each counted once a row above:\n\n"
    return text + markdown(["texts", "number", "called so", "share"], rows)


def _named(rates: pd.DataFrame) -> Sequence:
    return list(rates.rename(columns={"size": "size_", "sum": "sum_"}).itertuples())


if __name__ == "__main__":
    main()
