"""``retold train``."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from retold.cli.exit_codes import OK
from retold.cli.shared_arguments import Commands, add_command
from retold.cli.training_arguments import (
    RESUMED,
    add_training_arguments,
    data_paths,
    examples_of,
    news_of,
    show_notes,
    training_context,
)
from retold.errors import InputError
from retold.printable import counted

if TYPE_CHECKING:
    from retold.training.data.examples import LabelledText

_EXAMPLES = """
retold train --data mine.jsonl --output models/mine
retold train --data mine.csv --add-to models/mine --output models/mine-2
retold score article.txt --model models/mine
"""


def add_arguments(commands: Commands) -> None:
    """Add the command to a parser."""
    command = add_command(
        commands, "train", run, "adapt the shipped model to your labelled examples, or train one anew", _EXAMPLES
    )
    add_training_arguments(command)
    command.add_argument(
        "--add-to",
        metavar="MODEL",
        help="adapt this model to the examples; default: 'shipped', unless there is running news",
    )
    command.add_argument(
        "--anew", action="store_true", help="train all classifiers on the examples alone: for some thousand of them"
    )
    command.add_argument(
        "--comparison-only",
        action="store_true",
        help="fit anew what compares versions, from a corpus with running news; all else stays that of the shipped model",
    )
    command.add_argument("--output", type=Path, default=Path("models/mine"), help="folder of the new model")
    command.add_argument("--force", action="store_true", help="write the model even if the quality gate finds it worse")
    command.add_argument(
        "--hold-out-fold", type=int, metavar="K", help="leave out one third of the stories (0, 1 or 2), to measure on"
    )
    command.add_argument("--name", default="mine", help="name shown on every verdict")
    command.add_argument("--version", default="1", help="version shown beside it")


def run(options: argparse.Namespace) -> int:
    """Run the command as it was parsed; 0 if a model was written."""
    try:
        return _run(options)
    except KeyboardInterrupt as error:
        error.add_note(RESUMED)
        raise


def _run(options: argparse.Namespace) -> int:
    # Load NumPy and scikit-learn.
    from retold.model_store import check_replaceable
    from retold.training.api import SHIPPED, base_folder, train, train_comparison

    if options.anew and options.add_to:
        raise InputError("--anew trains without a model to add to; leave out --anew or --add-to")
    news = None if options.add_to else news_of(options)
    base = options.add_to or (None if options.anew or news is not None else SHIPPED)
    inputs = [*data_paths(options), *options.pairs, options.news, base_folder(base) if base is not None else None]
    check_replaceable(options.output, [path for path in inputs if path is not None])
    if options.deep and base is not None:
        raise InputError("--deep trains the second look anew: add --anew; an adapted model keeps the one that it has")
    context = training_context(options)
    examples = _without_fold(options.hold_out_fold, examples_of(options, context))
    context.report(f"read {counted(len(examples), 'example')}")
    if options.comparison_only:
        if news is None:
            raise InputError("--comparison-only learns from running news, too; name it with --news FILE")
        show_notes(train_comparison(examples, news, options.output, context))
        context.report(f"wrote the model to {options.output}")
        return OK
    named = {"name": options.name, "version": options.version}
    show_notes(train(examples, options.output, context, adapt=base, news=news, **named, force=options.force))
    context.report(f"wrote the model to {options.output}; score with it: retold score --model {options.output} ARTICLE")
    return OK


def _without_fold(fold: int | None, examples: list[LabelledText]) -> list[LabelledText]:
    from retold.training.data.splits import FOLDS, fold_of

    if fold is None:
        return examples
    if fold not in range(FOLDS):
        raise InputError(f"--hold-out-fold {fold}: folds are numbered 0 to {FOLDS - 1}")
    folds = fold_of([example.group for example in examples])
    return [example for example, own in zip(examples, folds, strict=True) if own != fold]
