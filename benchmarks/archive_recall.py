"""Measure how often the source of a text is among the first articles that a search finds.

The archive holds 33,000 articles of the corpus; versions come from the held-out third. Reported by engine family and kind of
edit, for whole texts and for passages, with the time of a search.

Run: python benchmarks/archive_recall.py CORPUS ARCHIVE [--most N] [--words 80 60] [--terms 40 25]
"""

from __future__ import annotations

import argparse
import time
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from benchmarks.archive_corpus import Version, corpus_archive, has_source, is_source, passage, versions
from retold.archive import Archive, PostgresArchive, search
from retold.archive.search import N_TERMS

# Places among which the source is to be: as many as a reader looks through.
_FIRST = 5
# Words; most whole texts that are shorter are passages of three sentences from an encyclopaedia.
_SHORT = 80


def main(argv: list[str] | None = None) -> None:
    """Read the arguments, measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", type=Path, help="folder of the corpus")
    parser.add_argument("archive", help="folder of its archive, or address of a database; made if there is none")
    parser.add_argument("--most", type=int, default=300, help="versions of each kind")
    parser.add_argument("--words", type=int, nargs="*", default=[80, 60], help="lengths of passages")
    parser.add_argument("--terms", type=int, nargs="*", default=[N_TERMS], help="words of a text that are searched for")
    args = parser.parse_args(argv)
    archive = corpus_archive(args.corpus, args.archive)
    found = versions(args.corpus, args.most)
    print(f"{len(archive):,} articles; share of versions whose source is first, and among the first {_FIRST}")
    for n_terms in args.terms:
        for n_words in [0, *args.words]:
            print_recall(archive, found, n_words, n_terms)


def print_recall(
    archive: Archive | PostgresArchive, found: dict[str, list[Version]], n_words: int, n_terms: int = N_TERMS
) -> None:
    """A line a kind, and one of all; texts that are no longer than a passage have one of their own."""
    print(f"{f'passages of {n_words} words' if n_words else 'whole texts'}, {n_terms} terms:")
    ranks: defaultdict[str, list[int]] = defaultdict(list)
    began = time.perf_counter()
    for kind, rows in found.items():
        for row in rows:
            query = passage(row.text, n_words) if n_words else row.text
            if len(row.text.split()) <= (n_words or _SHORT):
                ranks[f"(texts of at most {n_words or _SHORT} words)"].append(rank(archive, row, query, n_terms))
            elif has_source(row, query):
                ranks[kind].append(rank(archive, row, query, n_terms))
    milliseconds = 1000 * (time.perf_counter() - began) / sum(map(len, ranks.values()))
    for kind in sorted(ranks):
        print(f"  {kind:32} {_shares(ranks[kind])}")
    long = [r for kind, some in ranks.items() if not kind.startswith("(") for r in some]
    print(f"  {'all longer texts':32} {_shares(long)}, {milliseconds:.1f} ms each with the check")


def rank(archive: Archive | PostgresArchive, version: Version, query: str, n_terms: int = N_TERMS) -> int:
    """Place of the source among the hits, from 0; ``_FIRST`` if it is not among the first."""
    for place, hit in enumerate(search([archive], query, _FIRST, n_terms)):
        if is_source(version, archive.text(hit.article) or ""):
            return place
    return _FIRST


def _shares(ranks: Sequence[int]) -> str:
    places = np.array(ranks)
    return f"{(places == 0).mean():.3f} {(places < _FIRST).mean():.3f} of {len(places)}"


if __name__ == "__main__":
    main()
