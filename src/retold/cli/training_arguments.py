"""What ``retold train`` and ``retold evaluate`` share: their arguments, and the data that these name."""

from __future__ import annotations

import argparse
import os
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from retold.cache_folder import cache_folder
from retold.cli.shared_arguments import add_jobs
from retold.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from retold.training.data.examples import LabelledText
    from retold.training.estimates import TrainingContext

# The corpus lies beside the checkout where the project is developed and tested.
_CORPUS = Path("../shared/corpus")
_NEWS = "news.txt.xz"
# Note of an interruption.
RESUMED = "finished steps are kept"


def add_training_arguments(command: argparse.ArgumentParser) -> None:
    """Add where the examples are, and how to work."""
    command.add_argument("--data", type=Path, nargs="+", metavar="PATH", help="JSONL, CSV, or a folder per label")
    command.add_argument(
        "--pairs",
        type=Path,
        nargs="+",
        default=[],
        metavar="FILE",
        help="JSONL of running news and its round trips (retold corpus roundtrip), for the n-gram classifiers only",
    )
    command.add_argument("--news", type=Path, help="running news for the language model, articles between blank lines")
    command.add_argument(
        "--cache",
        type=Path,
        metavar="DIR",
        help="finished steps, from which runs resume; default: one in the user's cache folder",
    )
    add_jobs(command, "processes", default=os.cpu_count() or 1)
    command.add_argument(
        "--deep",
        action="store_true",
        help="also learn from a sample that an engine translates: an hour and a half more on one core",
    )
    command.add_argument(
        "--engine", default="packaged", metavar="COMMAND", help="the engine that translates; default: packaged"
    )


def training_context(options: argparse.Namespace) -> TrainingContext:
    """Make the context of a run, which reports progress with the seconds since its start."""
    # Load NumPy and scikit-learn.
    from retold.training.estimates import TrainingContext
    from retold.translation import make_engine

    start = time.monotonic()

    def report(line: str) -> None:
        print(f"[{time.monotonic() - start:6.0f} s] {line}", file=sys.stderr, flush=True)

    # Each process translates by itself, a sentence at a time.
    engine = make_engine(options.engine, 1) if options.deep else None
    return TrainingContext(options.cache or cache_folder() / "training", options.jobs, report, engine)


def data_paths(options: argparse.Namespace) -> list[Path]:
    """Return where the labelled examples are: what was named, else the corpus."""
    return list(options.data or [_default_corpus()])


def examples_of(options: argparse.Namespace, context: TrainingContext) -> list[LabelledText]:
    """Read the labelled examples."""
    from retold.training.data.examples import read_examples, read_running_news

    paths = data_paths(options)
    context.report(f"reading {', '.join(map(str, [*paths, *options.pairs]))}")
    return [*read_examples(paths), *read_running_news(options.pairs)]


def news_of(options: argparse.Namespace) -> Path | None:
    """The running news: what was named, else what lies in the corpus."""
    if options.news is not None:
        return Path(options.news)
    return next((folder / _NEWS for folder in data_paths(options) if (folder / _NEWS).is_file()), None)


def show_notes(notes: Sequence[str]) -> None:
    """Write notes on the examples to standard error."""
    for note in notes:
        print(f"note: {note}", file=sys.stderr)


def _default_corpus() -> Path:
    folder = Path(os.environ.get("RETOLD_CORPUS", _CORPUS))
    if not folder.is_dir():
        raise InputError(f"no labelled examples at {folder}; name yours: --data FILE_OR_FOLDER")
    return folder
