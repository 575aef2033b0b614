"""Measure what adapting to one's own labelled articles gives on domains that the model has not seen.

Nothing that measures an article of a domain was learned from that domain (``benchmarks/held_out.py`` says how). Each domain is held
out in turn: a classifier is trained on a sample of the rest, adapted to 20 to 1,000 articles of the domain as ``retold train --data``
adapts, and tested on articles of other groups of it. ``mixture`` holds all domains out at once and draws from all; ``known news``
are other stories of news sources that the classifier knows. Beside it stands what scikit-learn users do: a standardised
logistic regression on the same features, with its default ridge and with the one of ``RetoldClassifier``. Labels are drawn evenly. A
size is left out where a domain has not that many articles beside those that are tested.

Features, held-out models and results are kept in the cache: a run that was stopped goes on where it was.

Run: python -m benchmarks.adaptation CORPUS [--cache DIR] [--seeds N] [--sizes 20 60 ...] [--domains ...]
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from benchmarks.held_out import DOMAINS, KNOWN, MIXTURE, HeldOut, even, held_out_features, hold_out_domain, verdicts
from benchmarks.progress import stopwatch
from retold.training.evaluation.adaptation_gate import measure
from retold.training.evaluation.label_errors import reviewed
from retold.training.evaluation.metrics import macro_f1
from retold.training.evaluation.tables import markdown

# Articles that are adapted to; 20 are the fewest that ``retold train`` takes.
SIZES = (20, 60, 240, 1_000)
# Articles that are tested at most; share of the groups that may be drawn from, and for the largest sizes.
_TESTED, _POOL, _POOL_OF_MANY, _MANY = 600, 0.6, 0.85, 500
# A draw that is smaller than this share of its size is left out.
_ENOUGH = 0.95
# Inverse ridges of the baselines: scikit-learn's default, and that of ``RetoldClassifier``.
_BASELINES = {"logistic regression, C=1": 1.0, "logistic regression, C=0.05": 0.05}
_MODELS = ("shipped", "adapted", *_BASELINES)


def main(argv: list[str] | None = None) -> None:
    """Read the arguments, measure what is not measured yet, and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", type=Path, help="folder of the corpus")
    parser.add_argument("--cache", type=Path, default=Path(".cache/adaptation"), help="finished steps")
    parser.add_argument("--seeds", type=int, default=5, help="draws of each size")
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES, help="articles that are labelled")
    parser.add_argument(
        "--domains", nargs="+", default=[*sorted(set(DOMAINS.values())), MIXTURE, KNOWN], help="held out in turn"
    )
    args = parser.parse_args(argv)
    report = stopwatch()
    store = held_out_features(args.corpus, args.cache, report)
    results = args.cache / "results.jsonl"
    done = _read(results)
    known = {(r["domain"], r["articles"], r["seed"]) for r in done}
    for domain in args.domains:
        missing = [(n, s) for n in args.sizes for s in range(args.seeds) if (domain, n, s) not in known]
        if not missing:
            continue
        held_out = hold_out_domain(store, domain, args.cache)
        for size, seed in missing:
            figures = _draw(held_out, size, seed)
            if not figures:
                continue
            found = {"domain": domain, "articles": size, "seed": seed} | figures
            with results.open("a", encoding="utf-8") as stream:
                stream.write(json.dumps(found) + "\n")
        report(f"{domain} measured")
    print(tables([r for r in _read(results) if r["domain"] in args.domains and r["articles"] in args.sizes]))


def _read(results: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in results.read_text().splitlines()] if results.exists() else []


def _draw(held_out: HeldOut, size: int, seed: int) -> dict[str, Any]:
    """Adapt to one draw and test on articles of other groups; nothing where there are not so many."""
    rng = np.random.default_rng(seed)
    groups, labels = (held_out.table[name].to_numpy(object) for name in ("group", "label"))
    names = rng.permutation(np.unique(groups.astype(str)))
    offered = np.isin(groups.astype(str), names[: int(len(names) * (_POOL_OF_MANY if size > _MANY else _POOL))])
    test = even(np.flatnonzero(~offered), labels, _TESTED, rng)
    rows = even(np.flatnonzero(offered), labels, size, rng)
    if len(rows) < _ENOUGH * size:
        return {}
    start = time.process_time()
    own, fit, after = held_out.adapted(rows, labels[rows])
    seconds = time.process_time() - start
    features = held_out.features
    figures: dict[str, Any] = {
        name: macro_f1(labels[test], verdicts(classifier, features[test]))
        for name, classifier in (("shipped", held_out.classifier), ("adapted", after))
    }
    for name, inverse_ridge in _BASELINES.items():
        steps = StandardScaler(), LogisticRegression(C=inverse_ridge, max_iter=1000)
        model = make_pipeline(*steps).fit(features[rows], labels[rows].astype(str))
        figures[name] = macro_f1(labels[test], model.predict(features[test]).astype(object))
    n_doubted = reviewed(held_out.classifier, own).n_doubted
    report, news = (
        measure(fit, labels[rows], held_out.classifier, after, stored, n_doubted)
        for stored in (held_out.stored, tuple(part[held_out.is_news] for part in held_out.stored))
    )
    lost = {"stored": report.stored, "news": news.stored}
    return figures | lost | {"seconds": seconds, "refused": report.is_refused}


def tables(results: Sequence[dict[str, Any]]) -> str:
    """Markdown: macro-F1 by domain and size, and what the training data lost."""
    frame = pd.DataFrame(results)
    for lost, of in (("forgotten", "stored"), ("forgotten news", "news")):
        frame[lost] = [before - after for before, after in frame[of]]
    single = frame[~frame["domain"].isin([MIXTURE, KNOWN])]
    rows = [_row(part, domain, size) for (domain, size), part in frame.groupby(["domain", "articles"])]
    rows += [_row(part, "**mean of domains**", size) for size, part in single.groupby("articles")]
    head = [
        "domain held out",
        "articles",
        *_MODELS,
        "gain",
        "worst draw",
        "refused",
        "lost elsewhere",
        "lost on its news",
        "seconds",
    ]
    return markdown(head, rows)


def _row(part: pd.DataFrame, domain: str, size: int) -> list[Any]:
    gain = part["adapted"] - part["shipped"]
    figures = [float(part[name].mean()) for name in _MODELS]
    rest = [float(part[name].mean()) for name in ("refused", "forgotten", "forgotten news", "seconds")]
    return [domain, int(size), *figures, float(gain.mean()), float(gain.min()), *rest]


if __name__ == "__main__":
    main()
