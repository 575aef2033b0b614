"""Measure what labelling the articles that ``retold label`` proposes gives, beside labelling as many, and more, at random.

A domain is held out of everything (``benchmarks/held_out.py``). Articles of half of its stories are offered as they come, without a look at
their labels; proposed ones or random ones are labelled and the classifier is adapted to them as ``retold train`` does; articles of
the other half of the stories are measured.

Run: python -m benchmarks.active_learning CORPUS [--cache DIR] [--draws 5] [--count 40] [--random 40 60] [--domains ...]
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from benchmarks.held_out import DOMAINS, MIXTURE, HeldOut, held_out_features, hold_out_domain, verdicts
from benchmarks.progress import stopwatch
from retold.monitoring.active_learning import representative
from retold.training.evaluation.metrics import macro_f1
from retold.training.evaluation.tables import markdown

# Articles that are offered at most; random choices whose mean counts.
_OFFERED, _CHOICES = 600, 4


def main(argv: list[str] | None = None) -> None:
    """Read the arguments, measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", type=Path, help="folder of the corpus")
    parser.add_argument("--cache", type=Path, default=Path(".cache/adaptation"), help="shared with adaptation.py")
    parser.add_argument("--draws", type=int, default=5, help="divisions of a domain's stories")
    parser.add_argument("--count", type=int, default=40, help="articles proposed")
    parser.add_argument("--random", type=int, nargs="+", default=[40, 60], help="articles labelled at random")
    parser.add_argument(
        "--domains", nargs="+", default=[*sorted(set(DOMAINS.values())), MIXTURE], help="held out in turn"
    )
    args = parser.parse_args(argv)
    report = stopwatch()
    store, rows = held_out_features(args.corpus, args.cache, report), []
    for domain in args.domains:
        held_out = hold_out_domain(store, domain, args.cache)
        for seed in range(args.draws):
            rows.append({"domain": domain, **dict(figures(held_out, seed, args.count, args.random))})
        report(f"{domain} measured")
    print(table(pd.DataFrame(rows), f"{args.random[-1]} at random"))


def figures(held_out: HeldOut, seed: int, count: int, sizes: list[int]) -> Iterator[tuple[str, float]]:
    """Macro-F1 before, after labelling what is proposed, and after labelling so many at random."""
    rng = np.random.default_rng(seed)
    groups = held_out.table["group"].to_numpy(object).astype(str)
    stories = rng.permutation(np.unique(groups))
    is_offered = np.isin(groups, stories[: len(stories) // 2])
    offered = rng.permutation(np.flatnonzero(is_offered))[:_OFFERED]
    tested = np.flatnonzero(~is_offered)
    yield "before", _macro_f1(held_out, offered[:0], tested)
    standard = held_out.classifier.standardise(held_out.features[offered])
    yield f"{count} proposed", _macro_f1(held_out, offered[[row for row, _ in representative(standard, count)]], tested)
    for size in sizes:
        size = min(size, len(offered))
        drawn = [_macro_f1(held_out, rng.choice(offered, size, replace=False), tested) for _ in range(_CHOICES)]
        yield f"{size} at random", float(np.mean(drawn))


def _macro_f1(held_out: HeldOut, labelled: NDArray[np.intp], tested: NDArray[np.intp]) -> float:
    """Of the verdicts on the tested rows, after adapting to the labelled ones if they have two labels."""
    classifier, labels = held_out.classifier, held_out.table["label"].to_numpy(object)
    if len(set(labels[labelled])) > 1:
        classifier = held_out.adapted(labelled, labels[labelled])[-1]
    return macro_f1(labels[tested], verdicts(classifier, held_out.features[tested]))


def table(found: pd.DataFrame, rival: str) -> str:
    """Markdown: a row a domain, the mean of all, and the gain over the largest number at random with its standard error."""
    names = list(found.columns[1:])
    rows = [[domain, len(part), *part[names].mean().tolist()] for domain, part in found.groupby("domain")]
    rows.append(["**mean**", len(found), *found[names].mean().tolist()])
    gain = found[names[1]] - found[rival] if rival in found else pd.Series([np.nan])
    error = gain.std() / np.sqrt(len(gain)) if len(gain) > 1 else float("nan")
    line = f"{names[1]} against {rival}: {gain.mean():+.3f}, standard error {error:.3f}\n"
    return f"{markdown(['domain held out', 'draws', *names], rows)}\n{line}"


if __name__ == "__main__":
    main()
