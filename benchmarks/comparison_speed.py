"""Measure how long it takes to judge documents alone and to compare them: stories of news in four versions and more.

Run: python benchmarks/comparison_speed.py CORPUS [--documents N] [--jobs 1 2]
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import numpy as np

import retold
from retold.compare import compare
from retold.training.data.story_clusters import corpus_rows, stories

# Versions of a story at least.
_VERSIONS = 4


def main(argv: list[str] | None = None) -> None:
    """Read the arguments, measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", type=Path, help="folder of the corpus")
    parser.add_argument("--documents", type=int, default=1000, help="documents to compare")
    parser.add_argument("--jobs", type=int, nargs="*", default=[1, 2], help="processes")
    parser.add_argument("--words", type=int, nargs=2, default=[350, 1000], help="fewest and most words of an original")
    args = parser.parse_args(argv)
    texts = documents(args.corpus, args.documents, *args.words)
    n_words = np.mean([len(text.split()) for text in texts])
    found = set()
    for jobs in args.jobs:
        began, used = time.perf_counter(), time.process_time()
        result = compare(texts, detector=retold.load(), jobs=jobs)
        found.add(str(result.as_dict()))
        seconds, used = time.perf_counter() - began, time.process_time() - used
        own = f", {used:.1f} s of the processor" if jobs == 1 else ""
        print(
            f"{len(texts):,} documents of {n_words:.0f} words, {len(result.clusters)} stories, {jobs} processes:"
            f" {seconds:.1f} s{own}"
        )
    print("the same with any number of processes" if len(found) == 1 else "RESULTS DIFFER")


def documents(corpus: Path, most: int, fewest_words: int, most_words: int) -> list[str]:
    """Texts of stories of a held-out third."""
    held_out = stories(corpus_rows(corpus), held_out=True)
    found = [s for s in held_out if len(s) >= _VERSIONS and fewest_words <= len(s[0].text.split()) <= most_words]
    return [member.text for story in found for member in story][:most]


if __name__ == "__main__":
    main()
