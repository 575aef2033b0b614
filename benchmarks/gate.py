"""Measure what the gate refuses and which labels it doubts: honest data sets, and data sets with a third of the labels wrong.

Data sets are random draws of a domain that nothing has seen (``benchmarks/held_out.py``), labels even as far as they go. ``honest`` is a
draw as it is; it must not be refused. ``a third wrong`` is the same draw, a third of its labels changed at random to another label that
the draw has; it must be refused, or of the labels that are listed as wrong 70% must be. Cached results go on where they were.

Run: python -m benchmarks.gate CORPUS [--cache DIR] [--seeds N] [--sizes 20 60 240] [--domains ...]
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from benchmarks.held_out import DOMAINS, MIXTURE, HeldOut, even, held_out_features, hold_out_domain
from benchmarks.progress import stopwatch
from retold.training.evaluation.adaptation_gate import are_too_many, measure
from retold.training.evaluation.label_errors import reviewed
from retold.training.evaluation.tables import markdown
from retold.training.fit.adaptation import own_articles

# Share of the labels that are changed, and of the labels listed that must be wrong ones.
_WRONG, _PRECISE = 1 / 3, 0.7


def main(argv: list[str] | None = None) -> None:
    """Read the arguments, measure what is not measured yet, and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", type=Path, help="folder of the corpus")
    parser.add_argument("--cache", type=Path, default=Path(".cache/adaptation"), help="shared with adaptation.py")
    parser.add_argument("--seeds", type=int, default=4, help="draws of each size")
    parser.add_argument("--sizes", type=int, nargs="+", default=[20, 60, 240], help="articles of a data set")
    parser.add_argument("--domains", nargs="+", default=[*sorted(set(DOMAINS.values())), MIXTURE], help="drawn from")
    args = parser.parse_args(argv)
    report = stopwatch()
    store, file = held_out_features(args.corpus, args.cache, report), args.cache / "gate.jsonl"
    done = [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []
    known = {(row["domain"], row["articles"], row["seed"]) for row in done}
    for domain in args.domains:
        held_out = hold_out_domain(store, domain, args.cache)
        for size, seed in [(n, s) for n in args.sizes for s in range(args.seeds) if (domain, n, s) not in known]:
            done.append({"domain": domain, "articles": size, "seed": seed, **measured(held_out, size, seed)})
            with file.open("a", encoding="utf-8") as stream:
                stream.write(json.dumps(done[-1]) + "\n")
        report(f"{domain} measured")
    print(table([row for row in done if row["domain"] in args.domains and row["articles"] in args.sizes]))


def measured(held_out: HeldOut, size: int, seed: int) -> dict[str, Any]:
    """One draw, honest and with a third of its labels wrong."""
    rng = np.random.default_rng(seed)
    labels = held_out.table["label"].to_numpy(object)
    rows = even(np.arange(len(labels)), labels, size, rng)
    honest, given = labels[rows], labels[rows].copy()
    wrong = rng.choice(len(rows), round(len(rows) * _WRONG), replace=False)
    for i in wrong:
        given[i] = rng.choice([label for label in sorted(set(honest)) if label != honest[i]])
    refused, listed = _gate(held_out, rows, honest)
    wrong_refused, found = _gate(held_out, rows, given)
    right = np.isin(found, wrong)
    return {
        "refused": refused,
        "listed": len(listed),
        "wrong_refused": wrong_refused,
        "wrong_listed": len(found),
        "precision": float(right.mean()) if len(found) else None,
        "recall": float(right.sum() / len(wrong)),
    }


def _gate(held_out: HeldOut, rows: NDArray[np.intp], labels: NDArray[np.object_]) -> tuple[bool, NDArray[np.intp]]:
    """Whether a data set is refused, and the rows of it that are doubted."""
    groups = held_out.table["group"].to_numpy(object)[rows]
    review = reviewed(held_out.classifier, own_articles(held_out.classifier, held_out.features[rows], labels, groups))
    if are_too_many(review.n_doubted, len(rows)):
        return True, review.rows
    _, fit, after = held_out.adapted(rows, labels)
    report = measure(fit, labels, held_out.classifier, after, held_out.stored, review.n_doubted)
    return report.is_refused, review.rows


def table(results: list[dict[str, Any]]) -> str:
    """Markdown: a row a size, and one for all."""
    frame = pd.DataFrame(results)
    frame["caught"] = frame["wrong_refused"] | (frame["precision"].astype(float) >= _PRECISE)
    parts = [(str(size), part) for size, part in frame.groupby("articles")] + [("all", frame)]
    names = ["refused", "listed", "wrong_refused", "wrong_listed", "precision", "recall", "caught"]
    rows = [[size, len(part), *(float(part[name].astype(float).mean()) for name in names)] for size, part in parts]
    head = ["articles", "data sets", "honest: refused", "labels listed", "a third wrong: refused", "labels listed"]
    return markdown([*head, "precision of the list", "recall", "refused or precision 0.7"], rows)


if __name__ == "__main__":
    main()
