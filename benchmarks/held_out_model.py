"""Train a detector without one third of the corpus, so that what is measured on that third is measured on unseen stories.

The third is the one that ``measure_compare.py`` measures on, unless another is named. Nothing of it reaches the model:
the channel, the experts and the head are learned from the other two; the running news shares no story with either.
Pivots are not learned, since a comparison reads them off the pairs. It takes about half an hour on two cores; finished
steps are kept and taken up again.

Run: python benchmarks/held_out_model.py CORPUS MODEL [--fold K] [--cache DIR] [--jobs N]
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

import numpy as np

from retold.detector.components import ModelComponents
from retold.training.data.checks import check_examples
from retold.training.data.examples import LabelledText, read_examples
from retold.training.data.splits import FOLDS, fold_of
from retold.training.evaluation.model_card import training_card
from retold.training.package import write_package
from retold.training.pipeline import (
    TrainedModel,
    TrainingContext,
    cached_language_model,
    fit_rows,
    learn_channel,
    measured,
    shipped_tables,
)


def main(argv: list[str] | None = None) -> None:
    """Read the arguments, train and write the model."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", type=Path, help="folder of the corpus")
    parser.add_argument("output", type=Path, help="folder of the model to write")
    parser.add_argument("--fold", type=int, default=0, choices=range(FOLDS), help="the third that is left out")
    parser.add_argument(
        "--cache", type=Path, default=Path(".cache/retold"), help="finished steps, shared with train.py"
    )
    parser.add_argument("--jobs", type=int, default=1, help="processes")
    args = parser.parse_args(argv)
    start = time.monotonic()

    def report(line: str) -> None:
        print(f"[{time.monotonic() - start:6.0f} s] {line}", file=sys.stderr, flush=True)

    shop = TrainingContext(args.cache, args.jobs, report)
    examples = check_examples(read_examples([args.corpus])).examples
    trained = train_without(args.fold, examples, args.corpus / "news.txt.xz", shop)
    notes = (f"TrainedModel without fold {args.fold} of {FOLDS}, to be measured on it; not for use.",)
    name = f"without-{args.fold}"
    card = training_card(name, trained, notes)
    write_package(
        args.output, trained.resources, trained.head, trained.deep, trained.replay, {"name": name, "version": "1"}, card
    )
    report(f"wrote the model to {args.output}")


def train_without(fold: int, examples: list[LabelledText], news: Path, shop: TrainingContext) -> TrainedModel:
    """Train on all folds but one, as the evaluation by group does."""
    language_model = cached_language_model(news, shop)
    corpus = measured(examples, language_model, None, shop)
    rows = np.flatnonzero(corpus.table["fold"].to_numpy() != fold)
    folds = fold_of([e.group for e in examples])
    others = [e for e, own in zip(examples, folds, strict=True) if own != fold]
    channel = learn_channel(others, language_model, shop.cache)
    resources = ModelComponents(language_model, channel, tables=shipped_tables())
    return fit_rows(corpus, rows, resources, shop)


if __name__ == "__main__":
    main()
