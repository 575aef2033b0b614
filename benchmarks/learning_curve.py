"""What do more stories bring? N-gram classifiers from growing shares of the stories, on engines and stories held out.

For each engine family in turn, the two n-gram classifiers learn the target ``machine`` and the target ``back_translated``
from the stories of two folds without that family, and their summed log-odds rank the round trips of the third fold: against
originals of the same stories (AUROC), at 1% false positives among all originals of news length, and against human
translations. WMT's unnamed commercial engines are held out, and ranked, with a commercial one,
which they may be. A share of 0.5 leaves out every second story; ``--pairs`` adds running news and its round trips.

Usage: python benchmarks/learning_curve.py ../shared/corpus [--families google deepl] [--shares 0.25 1] [--pairs FILE ...]

Counting takes ten minutes on one core for the whole corpus, each row of the table about a minute.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from zlib import crc32

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse import vstack

import retold
from retold.detector.verdict import BACK_TRANSLATED, ORIGINAL
from retold.language_model import LanguageModel
from retold.language_model.batch import Batch
from retold.signals.registry import NGRAM_CLASSIFIERS
from retold.text import analyse
from retold.training.data.examples import RUNNING_NEWS, LabelledText, read_examples, read_running_news
from retold.training.data.feature_store import describe_examples
from retold.training.data.segments import NgramCounts, Segments, count_segments
from retold.training.data.splits import held_out_engine
from retold.training.evaluation.metrics import auroc, true_positives_at
from retold.training.fit.ngram_classifiers import fit_target

# The third of the stories that is measured on, and from how many words on, as in the evaluation of the verdict.
FOLD, MIN_WORDS = 0, 150
TARGETS = ("machine", "back_translated")
_BATCH = 256


@dataclass(frozen=True)
class Counted:
    """The corpus as n-gram counts: a table, the counts of whole texts, and those of their segments."""

    table: pd.DataFrame
    counts: NgramCounts
    segments: Segments


def count(examples: Sequence[LabelledText], model: LanguageModel, cache: Path) -> Counted:
    """Count the n-grams of texts and segments."""
    texts = [example.text for example in examples]
    parts: dict[str, list] = {signal.name: [] for signal in NGRAM_CLASSIFIERS}
    n_words = []
    for start in range(0, len(texts), _BATCH):
        batch = Batch([analyse(text) for text in texts[start : start + _BATCH]], model)
        n_words += [article.n_words for article in batch.articles]
        for signal in NGRAM_CLASSIFIERS:
            parts[signal.name].append(signal.count(batch))
    table = describe_examples(examples).assign(n_words=n_words)
    counts = {name: vstack(blocks, format="csr") for name, blocks in parts.items()}
    return Counted(table, counts, count_segments(texts, model, cache, 1, lambda line: print(line, file=sys.stderr)))


def story_share(groups: pd.Series, share: float) -> NDArray[np.bool_]:
    """bool array (n,): the stories of a share, those of a smaller share among them."""
    return np.array([crc32(f"share {group}".encode()) / 2**32 < share for group in groups])


def log_odds(corpus: Counted, rows: NDArray[np.intp], target: str) -> NDArray[np.float64]:
    """float64 array (n,): summed log-odds of every text by classifiers fitted to some rows."""
    total = np.zeros(len(corpus.table))
    for signal in NGRAM_CLASSIFIERS:
        weights, intercept = fit_target(
            corpus.counts[signal.name], corpus.table, corpus.segments, signal.name, rows, target
        )
        total += corpus.counts[signal.name] @ weights + intercept
    return total


def measure(corpus: Counted, family: str, share: float) -> list[list[object]]:
    """Rows of the table for one family held out and one share of the stories."""
    table = corpus.table
    fold, label, long = (
        table["fold"].to_numpy(),
        table["label"].to_numpy(object),
        table["n_words"].to_numpy() >= MIN_WORDS,
    )
    out = held_out_engine(table, family)
    train = np.flatnonzero((fold != FOLD) & ~out & story_share(table["group"], share))
    trips = (fold == FOLD) & out & (label == BACK_TRANSLATED) & long
    if not trips.any() or not len(train):
        return []
    own = table["kind"].to_numpy(object) != RUNNING_NEWS
    originals = (fold == FOLD) & (label == ORIGINAL) & long & own
    same = originals & table["group"].isin(set(table["group"][trips])).to_numpy()
    human = (fold == FOLD) & (table["kind"] == "human_translation").to_numpy() & long
    stories = table["group"].iloc[train].nunique()
    found = []
    for target in TARGETS:
        score = log_odds(corpus, train, target)
        area = auroc(score[same], score[trips])
        rate = true_positives_at(score[originals], score[trips], 0.01)
        human_area = auroc(score[human], score[trips]) if human.any() else float("nan")
        found.append([family, target, share, stories, int(trips.sum()), area, rate, human_area])
    return found


def main(argv: list[str] | None = None) -> None:
    """Count, fit, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", type=Path, help="folder of the corpus")
    parser.add_argument("--families", nargs="+", default=["google", "deepl", "llm", "nllb"], help="held out in turn")
    parser.add_argument("--shares", nargs="+", type=float, default=[0.125, 0.25, 0.5, 1.0], help="of the stories")
    parser.add_argument("--pairs", nargs="+", type=Path, default=[], help="running news and its round trips, JSONL")
    parser.add_argument("--cache", type=Path, default=Path(".cache/learning-curve"), help="counted segments")
    options = parser.parse_args(argv)
    examples = [*read_examples([options.corpus]), *read_running_news(options.pairs)]
    corpus = count(examples, retold.load().components.language_model, options.cache)
    print("held out    target            share  stories  texts  AUROC  TPR at 1% FPR  AUROC against human translations")
    for family in options.families:
        for share in options.shares:
            for name, target, part, stories, n, area, rate, human in measure(corpus, family, share):
                print(
                    f"{name:11} {target:17} {part:5} {stories:8,} {n:6,}  {area:.3f}  {rate:13.3f}  {human:.3f}",
                    flush=True,
                )


if __name__ == "__main__":
    main()
