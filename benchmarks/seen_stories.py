"""What memory is worth: an engine held out, on stories that training knows from other versions and on those it does not.

For each engine family and each fold of the stories, the two n-gram classifiers learn the target ``machine`` from the other folds and from
every second story of the fold, without that family. The share of its round trips of news that their summed log-odds find at 1% of the
originals of the stories left out is given for both halves of the fold. A goal is that both differ by at most 0.10.

Usage: python -m benchmarks.seen_stories ../shared/corpus [--families google deepl]

Counting takes ten minutes on one core for the whole corpus, each family some three minutes.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from zlib import crc32

import numpy as np

import retold
from benchmarks.learning_curve import MIN_WORDS, Counted, count, log_odds
from retold.detector.verdict import BACK_TRANSLATED, ORIGINAL
from retold.training.data.examples import read_examples
from retold.training.data.splits import FOLDS, held_out_engine
from retold.training.evaluation.tables import markdown

FAMILIES = ("google", "deepl", "nllb", "opus-mt", "argos", "llm")
_RATE = 0.01


def found(corpus: Counted, family: str) -> list[object]:
    """Number and share found of round trips of known stories, then of unknown ones, over all folds."""
    table = corpus.table
    fold, label = table["fold"].to_numpy(), table["label"].to_numpy(object)
    known = np.array([crc32(f"seen {group}".encode()) % 2 == 0 for group in table["group"]])
    is_news = ((table["domain"] == "news") & (table["n_words"] >= MIN_WORDS)).to_numpy()
    out, trips = held_out_engine(table, family), (table["family"] == family).to_numpy() & (label == BACK_TRANSLATED)
    hits, totals = np.zeros(2), np.zeros(2)
    for k in range(FOLDS):
        score = log_odds(corpus, np.flatnonzero(((fold != k) | known) & ~out), "machine")
        originals = score[(fold == k) & ~known & (label == ORIGINAL) & is_news]
        if not len(originals):
            continue
        bound = np.quantile(originals, 1 - _RATE)
        for half, chosen in enumerate((known, ~known)):
            own = trips & is_news & (fold == k) & chosen
            hits[half] += (score[own] > bound).sum()
            totals[half] += own.sum()
    shares = hits / np.maximum(totals, 1)
    return [family, int(totals[0]), float(shares[0]), int(totals[1]), float(shares[1]), float(shares[0] - shares[1])]


def main(argv: list[str] | None = None) -> None:
    """Count, fit, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", type=Path, help="folder of the corpus")
    parser.add_argument("--families", nargs="+", default=list(FAMILIES), help="held out in turn")
    parser.add_argument("--cache", type=Path, default=Path(".cache/learning-curve"), help="counted segments")
    options = parser.parse_args(argv)
    corpus = count(read_examples([options.corpus]), retold.load().components.language_model, options.cache)
    head = ["engine held out", "of known stories", "found", "of unknown stories", "found", "difference"]
    print(markdown(head, [found(corpus, family) for family in options.families]))


if __name__ == "__main__":
    main()
