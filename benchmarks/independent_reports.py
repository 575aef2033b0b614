"""Measure how many independent reports of one event comparison joins, and how many versions it finds to descend from their original.

Independent reports are articles of the held-out third and of running news that fitting does not see, alike enough to tell one
story, that share under 1% of seven-word sequences outside quotations; versions are the held-out edits and round trips.

Run: python benchmarks/independent_reports.py CORPUS [--articles N] [--versions N]
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from zlib import crc32

import numpy as np

import retold
from retold.compare.descent import descent_log_odds
from retold.compare.relations import align_pair
from retold.compare.version import Version
from retold.compare.weights import ComparisonWeights
from retold.training.data.story_clusters import corpus_rows, every_version, is_held_out
from retold.training.fit.comparison_descent import independent_reports
from retold.training.fit.language_model import news_articles

# Articles at the beginning of running news that fitting sees, and words of those that are paired.
_SEEN, _MIN_WORDS = 10_000, 150
# Words below which a version is a passage, counted by itself.
_PASSAGE = 80


def main(argv: list[str] | None = None) -> None:
    """Read the arguments, measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", type=Path, help="folder of the corpus")
    parser.add_argument("--articles", type=int, default=6000, help="articles of running news, and as many originals")
    parser.add_argument("--versions", type=int, default=1000, help="edits and round trips")
    args = parser.parse_args(argv)
    weights = retold.load().comparison_weights
    rows = list(corpus_rows(args.corpus))
    originals = [r["text"] for r in rows if r["label"] == "original" and is_held_out(r["group"])]
    news = [a for a in news_articles(args.corpus / "news.txt.xz") if len(a.split()) >= _MIN_WORDS]
    for name, texts in (("originals", originals), ("running news", news[_SEEN:])):
        pairs = independent_reports(texts[: args.articles], weights.stories, 0.0)
        linked = share_linked(pairs, weights)
        print(f"independent reports in {name}: {np.mean(linked) if linked else 0:.4f} of {len(linked)} linked")
    versions = sorted(every_version(rows, held_out=True), key=lambda pair: crc32(pair[1]["id"].encode()))
    found: dict[str, list[bool]] = defaultdict(list)
    for original, row in versions[: args.versions]:
        length = f"{_PASSAGE} words and more" if len(row["text"].split()) >= _PASSAGE else "shorter"
        found[f"{row['label']} versions, {length}"] += share_linked([(original, row["text"])], weights)
    for label, hits in sorted(found.items()):
        print(f"{label}: {np.mean(hits):.4f} of {len(hits)} linked to their original")


def share_linked(pairs: Iterable[tuple[str, str]], weights: ComparisonWeights) -> list[bool]:
    """Of each pair of texts, whether one is taken to descend from the other or both from one text."""
    alignments = [align_pair(Version.of("", a), Version.of("", b)) for a, b in pairs]
    return (descent_log_odds(alignments, weights.descent, weights.relations.substitutions) > 0).tolist()


if __name__ == "__main__":
    main()
