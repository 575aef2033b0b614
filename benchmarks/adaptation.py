"""Measure what adapting to one's own labelled articles gives on domains that the model has not seen.

Each domain is held out in turn: n-gram classifiers, classifier and calibration are trained on a sample of the rest of the corpus (the
language model, the channel and the fitted tables are the shipped model's), then adapted to 20 to 1,000 articles of the
domain as ``retold train --data`` adapts, and tested on articles of other groups of it. ``mixture`` holds all domains out at once and
draws from all. Beside it stands what scikit-learn users do: a standardised logistic regression on the same features, with its default
ridge and with the one of ``RetoldClassifier``. Labels are drawn evenly. The same draws with a third of the labels changed at
random show what the gate refuses and how many of the labels it lists are wrong.

Features, held-out models and results are kept in the cache: a run that was stopped goes on where it was.

Run: python benchmarks/adaptation.py CORPUS [--cache DIR] [--seeds N] [--sizes 20 60 ...] [--domains ...]
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any
from zlib import crc32

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from retold.detector.calibration import PRIOR, with_prior
from retold.detector.classifier import LinearClassifier
from retold.detector.components import ModelComponents
from retold.detector.verdict import LABELS
from retold.model_store import bundled_model, read_model
from retold.training.data.checks import check_examples
from retold.training.data.examples import LabelledText, read_examples
from retold.training.data.feature_store import FeatureStore, build_feature_store
from retold.training.data.step_files import load_arrays, save_arrays
from retold.training.evaluation.adaptation_gate import measure
from retold.training.evaluation.label_errors import reviewed
from retold.training.evaluation.metrics import macro_f1
from retold.training.evaluation.tables import markdown
from retold.training.fit.adaptation import AdaptedFit, adapt, own_articles
from retold.training.fit.adaptation_candidates import OwnArticles
from retold.training.fit.calibration import fit_calibrated
from retold.training.fit.classifier import features_from
from retold.training.fit.cross_fitting import cross_fit
from retold.training.fit.ngram_classifiers import ngram_scores

# The domain of each source that is held out.
DOMAINS = {
    "asap-google": "essays",
    "argrewrite": "essays",
    "iwslt17-mozilla": "talks",
    "llm-telephone": "llm",
    "wikinews": "wikinews",
    "bbc2004": "news_pool",
    "imbd": "edits",
}
MIXTURE = "mixture"
SIZES = (20, 60, 240, 1_000)
# Texts of a label and domain, and of a label, kind and source elsewhere, that are measured; versions of a story (talks have few
# stories and many versions); rows that a held-out model is trained on. Chosen for half an hour on one core.
_OWN, _ELSEWHERE, _VERSIONS, _VERSIONS_OF_TALKS, _TRAINED = 800, 160, 4, 7, 7_000
# Words below which a text says too little.
_LEAST_WORDS = 30
# Articles that are tested at most; share of the groups that may be drawn from; articles that a label must have.
_TESTED, _POOL, _LEAST = 600, 0.6, 5
# Inverse ridges of the baselines: scikit-learn's default, and that of ``RetoldClassifier``.
_BASELINES = {"logistic regression, C=1": 1.0, "logistic regression, C=0.05": 0.05}
# Share of the labels that are changed.
_WRONG = 1 / 3


def main(argv: list[str] | None = None) -> None:
    """Read the arguments, measure what is not measured yet, and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", type=Path, help="folder of the corpus")
    parser.add_argument("--cache", type=Path, default=Path(".cache/adaptation"), help="finished steps")
    parser.add_argument("--seeds", type=int, default=5, help="draws of each size")
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES, help="articles that are labelled")
    parser.add_argument(
        "--domains", nargs="+", default=[*sorted(set(DOMAINS.values())), MIXTURE], help="held out in turn"
    )
    args = parser.parse_args(argv)
    start = time.monotonic()

    def report(line: str) -> None:
        print(f"[{time.monotonic() - start:6.0f} s] {line}", file=sys.stderr, flush=True)

    store = _store(args.corpus, args.cache, report)
    results = args.cache / "results.jsonl"
    done = _read(results)
    known = {(r["domain"], r["articles"], r["seed"]) for r in done}
    for domain in args.domains:
        missing = [(n, s) for n in args.sizes for s in range(args.seeds) if (domain, n, s) not in known]
        if not missing:
            continue
        held_out = _held_out(store, domain, args.cache)
        for size, seed in missing:
            found = {"domain": domain, "articles": size, "seed": seed} | _draw(held_out, size, seed)
            with results.open("a", encoding="utf-8") as stream:
                stream.write(json.dumps(found) + "\n")
        report(f"{domain} measured")
    print(tables([r for r in _read(results) if r["domain"] in args.domains and r["articles"] in args.sizes]))


def _read(results: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in results.read_text().splitlines()] if results.exists() else []


def _store(corpus: Path, cache: Path, report: Any) -> FeatureStore:
    examples = check_examples(sample(read_examples([corpus]))).examples
    components = replace(ModelComponents.from_folder(read_model(bundled_model())), ngram_classifiers=())
    return build_feature_store(examples, [components], cache, 1, report)


def sample(examples: Sequence[LabelledText]) -> list[LabelledText]:
    """Texts of the domains, and fewer of each source elsewhere, in an order of their own."""
    long = sorted((e for e in examples if len(e.text.split()) >= _LEAST_WORDS), key=lambda e: crc32(e.id.encode()))
    own: dict[tuple[str, str], list[LabelledText]] = defaultdict(list)
    elsewhere: dict[tuple[str, str, str], list[LabelledText]] = defaultdict(list)
    versions: dict[tuple[str, str], int] = defaultdict(int)
    for e in long:
        domain = DOMAINS.get(e.source, "")
        if domain:
            versions[e.group, e.label] += 1
            if versions[e.group, e.label] <= (_VERSIONS_OF_TALKS if domain == "talks" else _VERSIONS):
                own[domain, e.label].append(e)
        # Other collections of the same news are held out with it.
        elif e.domain != "wikinews":
            elsewhere[e.label, e.kind, e.source].append(e)
    parts = [own[key][:_OWN] for key in sorted(own)] + [elsewhere[key][:_ELSEWHERE] for key in sorted(elsewhere)]
    return [e for part in parts for e in part]


class HeldOut:
    """A classifier that has not seen a domain, the domain's articles, and the rows it was trained on.

    Attributes:
        classifier: Trained elsewhere.
        table: The domain's articles.
        features: Theirs, float64 (n, n_features).
        stored: Labels and features of the rows that it was trained on.
    """

    def __init__(
        self,
        classifier: LinearClassifier,
        table: pd.DataFrame,
        features: NDArray[np.float64],
        stored: tuple[NDArray[np.object_], NDArray[np.float64]],
    ) -> None:
        self.classifier, self.table, self.features, self.stored = classifier, table, features, stored


def _held_out(store: FeatureStore, domain: str, cache: Path) -> HeldOut:
    """Train without a domain; kept in the cache."""
    of = store.table["source"].map(DOMAINS).fillna("").to_numpy()
    own = of != "" if domain == MIXTURE else of == domain
    related = store.table["group"].isin(set(store.table["group"][own])).to_numpy()
    rest = np.flatnonzero(~own & ~related)
    rest = np.sort(np.random.default_rng(7).choice(rest, min(_TRAINED, len(rest)), replace=False))
    rows = np.flatnonzero(own & store.table["label"].isin(LABELS).to_numpy())
    file = cache / f"held-out-{domain}-{len(rest)}-{len(rows)}.npz"
    if not file.exists():
        fitted = cross_fit(store, rest, cache, 1, lambda line: print(line, file=sys.stderr))
        table, seen = store.table.iloc[fitted.rows].reset_index(drop=True), fitted.features
        classifier = fit_calibrated(table, seen, store.schema.groups, fitted.logits)
        unseen = features_from(store, rows, ngram_scores(store, rows, fitted.ngram_classifiers))
        save_arrays(file, classifier.arrays() | {"seen": seen, "unseen": unseen})
    arrays = load_arrays(file)
    stored = store.table["label"].to_numpy(object)[rest], arrays["seen"]
    return HeldOut(
        LinearClassifier.from_arrays(arrays), store.table.iloc[rows].reset_index(drop=True), arrays["unseen"], stored
    )


def _draw(held_out: HeldOut, size: int, seed: int) -> dict[str, Any]:
    """Adapt to one draw and test on articles of other groups."""
    rng = np.random.default_rng(seed)
    groups, labels = (held_out.table[name].to_numpy(object) for name in ("group", "label"))
    names = rng.permutation(np.unique(groups.astype(str)))
    offered = np.isin(groups.astype(str), names[: int(len(names) * _POOL)])
    test = _even(np.flatnonzero(~offered), labels, _TESTED, rng)
    rows = _even(np.flatnonzero(offered), labels, size, rng)
    start = time.monotonic()
    own, fit, after = _adapted(held_out, rows, labels[rows])
    seconds = time.monotonic() - start
    figures = {
        name: _tested(c, held_out, test, labels) for name, c in (("shipped", held_out.classifier), ("adapted", after))
    }
    for name, inverse_ridge in _BASELINES.items():
        steps = StandardScaler(), LogisticRegression(C=inverse_ridge, max_iter=1000)
        model = make_pipeline(*steps).fit(held_out.features[rows], labels[rows].astype(str))
        figures[name] = macro_f1(labels[test], model.predict(held_out.features[test]).astype(object))
    report = measure(fit, labels[rows], held_out.classifier, after, held_out.stored)
    doubted, _ = reviewed(held_out.classifier, own)
    drawn = {"drawn": len(rows), "seconds": seconds, "refused": report.is_refused, "doubted": len(doubted)}
    return figures | drawn | _wrong(held_out, rows, labels[rows], rng)


def _even(rows: NDArray[np.intp], labels: NDArray[np.object_], size: int, rng: np.random.Generator) -> NDArray[np.intp]:
    """At most so many rows, labels even as far as they go; a label with hardly any articles is left out."""
    parts = [rng.permutation(rows[labels[rows] == label]) for label in LABELS]
    parts = [part for part in parts if len(part) >= _LEAST]
    each = size // len(parts)
    chosen = np.concatenate([part[:each] for part in parts])
    spare = np.concatenate([part[each:] for part in parts])
    return np.concatenate([chosen, spare[: size - len(chosen)]])


def _adapted(
    held_out: HeldOut, rows: NDArray[np.intp], labels: NDArray[np.object_]
) -> tuple[OwnArticles, AdaptedFit, LinearClassifier]:
    groups = held_out.table["group"].to_numpy(object)[rows]
    own = own_articles(held_out.classifier, held_out.features[rows], labels, groups)
    fit = adapt(held_out.classifier, own)
    return own, fit, replace(held_out.classifier, adaptation=fit.adaptation)


def _tested(
    classifier: LinearClassifier, held_out: HeldOut, test: NDArray[np.intp], labels: NDArray[np.object_]
) -> float:
    """Macro-F1 of the labels that verdicts would have."""
    prior = PRIOR if classifier.adaptation is None else tuple(classifier.adaptation.prior.tolist())
    shares = with_prior(classifier.probabilities(held_out.features[test]), prior)
    return macro_f1(labels[test], np.array(LABELS, dtype=object)[shares.argmax(axis=1)])


def _wrong(
    held_out: HeldOut, rows: NDArray[np.intp], labels: NDArray[np.object_], rng: np.random.Generator
) -> dict[str, Any]:
    """What happens where a third of the labels are wrong."""
    given, present = labels.copy(), sorted(set(labels))
    wrong = rng.choice(len(rows), round(len(rows) * _WRONG), replace=False)
    for i in wrong:
        given[i] = rng.choice([label for label in present if label != labels[i]])
    own, fit, after = _adapted(held_out, rows, given)
    report = measure(fit, given, held_out.classifier, after, held_out.stored)
    listed, _ = reviewed(held_out.classifier, own)
    right = np.isin(listed, wrong)
    return {
        "wrong_refused": report.is_refused,
        "wrong_listed": len(listed),
        "wrong_precision": float(right.mean()) if len(listed) else None,
        "wrong_recall": float(right.sum() / max(len(wrong), 1)),
    }


def tables(results: Sequence[dict[str, Any]]) -> str:
    """Markdown: macro-F1 by domain and size, and what happens to wrong labels."""
    frame = pd.DataFrame(results)
    names = ["shipped", "adapted", *_BASELINES]
    single = frame[frame["domain"] != MIXTURE]
    rows = [_row(part, domain, size, names) for (domain, size), part in frame.groupby(["domain", "articles"])]
    rows += [_row(part, "**mean of domains**", size, names) for size, part in single.groupby("articles")]
    head = ["domain held out", "articles", *names, "gain", "worst draw", "seconds"]
    flipped = [
        [
            size,
            f"{part['refused'].mean():.1%}",
            float((part["doubted"] / part["drawn"]).mean()),
            f"{part['wrong_refused'].mean():.1%}",
            float(part["wrong_precision"].astype(float).mean()),
            float((part["wrong_refused"] | (part["wrong_precision"].astype(float) >= 0.7)).mean()),
            float(part["wrong_recall"].mean()),
        ]
        for size, part in frame.groupby("articles")
    ]
    flipped_head = ["articles", "refused", "labels listed", "refused, a third wrong", "precision of the list"]
    flipped_head += ["refused or precision 0.7", "recall of the list"]
    return f"{markdown(head, rows)}\n{markdown(flipped_head, flipped)}"


def _row(part: pd.DataFrame, domain: str, size: int, names: list[str]) -> list[Any]:
    gain = part["adapted"] - part["shipped"]
    figures = [float(part[name].mean()) for name in names]
    return [domain, int(size), *figures, float(gain.mean()), float(gain.min()), float(part["seconds"].mean())]


if __name__ == "__main__":
    main()
