"""Measure how often ``retold drift`` is right: on outlets that the model does not know, and on unseen articles of those it knows.

Of each source with enough originals that the model does not store, batches are drawn at random. ``known``: beside the model as it is,
a batch is to be called no drift. ``unknown``: the source's rows are taken out of what the model stores, and it is to be called
another outlet or drift. ``unknown, relatives too`` takes out collections that draw on the same outlets, as well. ``mixed`` draws
from all sources, which the model knows: no drift.

Run: python benchmarks/drift.py CORPUS [--cache DIR] [--articles 100] [--draws 5]
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from zlib import crc32

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from retold import load
from retold.detector.verdict import ORIGINAL
from retold.model_store import bundled_model, read_model
from retold.monitoring.drift import measure_drift
from retold.training.data.examples import LabelledText, read_examples
from retold.training.data.step_files import load_arrays, save_arrays
from retold.training.evaluation.tables import markdown
from retold.training.package import read_replay

# Articles measured of a source; sources with fewer are left out.
_MOST, _LEAST = 200, 150
# Collections that draw on the same outlets, or measure as if: the news tests of WMT; what language models were given to polish.
_RELATIVES = (
    ("wmt-systems", "wmt-mozilla", "wmt08-12-mozilla"),
    ("imbd", "l2r", "mixset", "apt_eval", "raidar_news"),
)
# Words that a text must have to be judged.
_LEAST_WORDS = 40


def main(argv: list[str] | None = None) -> None:
    """Read the arguments, measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", type=Path, help="folder of the corpus")
    parser.add_argument("--cache", type=Path, default=Path(".cache/drift"), help="features of the articles")
    parser.add_argument("--articles", type=int, default=100, help="articles of a batch")
    parser.add_argument("--draws", type=int, default=5, help="batches of a source")
    args = parser.parse_args(argv)
    folder = read_model(bundled_model())
    table, rows = read_replay(folder)
    batches = _articles(args.corpus, set(table["group"]), args.cache)
    random = np.random.default_rng(20)
    found = []
    for source in [*sorted(batches), "mixed"]:
        pool = batches[source] if source != "mixed" else np.vstack([batches[name] for name in sorted(batches)])
        stored = {"known": (table, rows)}
        for case, names in (("unknown", {source}), ("unknown, relatives too", _relatives(source))):
            kept = ~table["source"].isin(names).to_numpy()
            stored[case] = table[kept].reset_index(drop=True), rows[kept]
        for _ in range(args.draws):
            batch = pool[random.choice(len(pool), min(args.articles, len(pool) // 2), replace=False)]
            for case in stored if source != "mixed" else ("known",):
                drift = measure_drift(batch, folder.meta["features"], stored[case], load().classifier)
                found.append((source, case, drift.level, (drift.level == "none") == (case == "known")))
        print(f"{source} measured", file=sys.stderr, flush=True)
    print(_table(pd.DataFrame(found, columns=["source", "case", "level", "right"])))


def _relatives(source: str) -> set[str]:
    return {source}.union(*(names for names in _RELATIVES if source in names))


def _articles(corpus: Path, stored: set[str], cache: Path) -> dict[str, NDArray[np.float64]]:
    """Features of originals that a model does not store, by source, each float64 (n, n_features); kept in the cache."""
    file = cache / "drift-articles.npz"
    if not file.exists():
        cache.mkdir(parents=True, exist_ok=True)
        by_source: dict[str, list[LabelledText]] = {}
        for e in sorted(read_examples([corpus]), key=lambda e: crc32(e.id.encode())):
            if e.label == ORIGINAL and e.group not in stored and len(e.text.split()) >= _LEAST_WORDS:
                by_source.setdefault(e.source, []).append(e)
        chosen = {name: part[:_MOST] for name, part in by_source.items() if len(part) >= _LEAST}
        detector = load()
        save_arrays(file, {name: detector.features([e.text for e in part]).to_numpy() for name, part in chosen.items()})
    return load_arrays(file)


def _table(found: pd.DataFrame) -> str:
    rows = [
        [
            source,
            case,
            len(part),
            float(part["right"].mean()),
            ", ".join(f"{k} {n}" for k, n in part["level"].value_counts().items()),
        ]
        for (source, case), part in found.groupby(["source", "case"])
    ]
    for case, part in found.groupby("case"):
        rows.append([f"**all {case}**", case, len(part), float(part["right"].mean()), ""])
    return markdown(["source", "outlet", "batches", "called rightly", "called"], rows)


if __name__ == "__main__":
    main()
