"""Measure how often the source of a text is among the first articles that a search finds.

The archive holds 33,000 articles of the corpus; versions come from the held-out third. Reported by engine family and kind of
edit, for whole texts and for passages, with the time of a search.

Run: python benchmarks/archive_recall.py CORPUS ARCHIVE [--most N] [--words 80 60]
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from benchmarks.archive_corpus import Version, corpus_archive, is_same_article, passage, versions
from retold.archive import Archive

_FIRST = 5


def main(argv: list[str] | None = None) -> None:
    """Read the arguments, measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", type=Path, help="folder of the corpus")
    parser.add_argument("archive", type=Path, help="folder of its archive, which is made if there is none")
    parser.add_argument("--most", type=int, default=300, help="versions of each kind")
    parser.add_argument("--words", type=int, nargs="*", default=[80, 60], help="lengths of passages")
    args = parser.parse_args(argv)
    archive = corpus_archive(args.corpus, args.archive)
    found = versions(args.corpus, args.most)
    print(f"{len(archive):,} articles; share of versions whose source is first, and among the first {_FIRST}")
    for n_words in [0, *args.words]:
        print_recall(archive, found, n_words)


def print_recall(archive: Archive, found: dict[str, list[Version]], n_words: int) -> None:
    """A line a kind, and one of all."""
    print(f"{f'passages of {n_words} words' if n_words else 'whole texts'}:")
    total: dict[str, list[int]] = {}
    began = time.perf_counter()
    for kind, rows in found.items():
        total[kind] = [rank(archive, row, passage(row.text, n_words) if n_words else row.text) for row in rows]
    milliseconds = 1000 * (time.perf_counter() - began) / sum(map(len, total.values()))
    for kind, ranks in total.items():
        print(f"  {kind:32} {_shares(ranks)}")
    print(f"  {'all':32} {_shares([r for ranks in total.values() for r in ranks])}, {milliseconds:.1f} ms each")


def rank(archive: Archive, version: Version, query: str) -> int:
    """Place of the source among the hits, from 0; ``_FIRST`` if it is not among the first."""
    for place, hit in enumerate(archive.search(query, _FIRST)):
        if is_same_article(version.original, archive.text(hit.article) or ""):
            return place
    return _FIRST


def _shares(ranks: Sequence[int]) -> str:
    places = np.array(ranks)
    return f"{(places == 0).mean():.3f} {(places < _FIRST).mean():.3f} of {len(places)}"


if __name__ == "__main__":
    main()
