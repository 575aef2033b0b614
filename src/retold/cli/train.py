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
from retold.errors import ModelError

if TYPE_CHECKING:
    from retold.model_store import ModelFolder
    from retold.training.data.examples import LabelledText
    from retold.training.pipeline import TrainedModel, TrainingContext

_EXAMPLES = """
retold train --add-to shipped --data mine.jsonl --output models/mine
retold train --data mine.csv --output models/mine
retold score article.txt --model models/mine
"""


def add_arguments(commands: Commands) -> None:
    """Add the command to a parser."""
    command = add_command(commands, "train", run, "train a model from labelled examples", _EXAMPLES)
    add_training_arguments(command)
    command.add_argument("--add-to", metavar="MODEL", help="add the examples to this model, or to 'shipped'")
    command.add_argument("--output", type=Path, default=Path("models/mine"), help="folder of the new model")
    command.add_argument(
        "--force", action="store_true", help="write the model even if it falls below the one it is compared with"
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
    # Load NumPy and scikit-learn, as do the imports below.
    from retold.model_store import check_replaceable
    from retold.training.evaluation.model_card import training_card
    from retold.training.package import write_package

    inputs = [*data_paths(options), options.news, _base(options) if options.add_to else None]
    check_replaceable(options.output, [path for path in inputs if path is not None])
    context = training_context(options)
    examples = examples_of(options, context)
    context.report(f"read {len(examples):,} examples")
    trained, notes = _train(options, examples, context)
    notes = (*notes, *_gate(options, examples, trained, context))
    card = training_card(options.name, trained, notes)
    meta = {"name": options.name, "version": options.version}
    write_package(options.output, trained.resources, trained.head, trained.deep, trained.replay, meta, card)
    context.report(f"wrote the model to {options.output}; score with it: retold score --model {options.output} ARTICLE")
    return OK


def _train(
    options: argparse.Namespace, examples: list[LabelledText], context: TrainingContext
) -> tuple[TrainedModel, tuple[str, ...]]:
    from retold.detector.components import ModelComponents
    from retold.detector.verdict import LABELS
    from retold.model_store import bundled_model, read_model
    from retold.training.data.checks import check_examples
    from retold.training.pipeline import add_to, train_all, train_anew

    checked = check_examples(examples, needed=() if options.add_to else LABELS)
    show_notes(checked.notes)
    if options.add_to:
        return add_to(read_model(_base(options)), checked.examples, context), checked.notes
    news = news_of(options)
    if news is not None:
        return train_all(checked.examples, news, context), checked.notes
    context.report("no running news given (--news): language model and channel are taken from the shipped model")
    folder = read_model(bundled_model())
    return train_anew(checked.examples, ModelComponents.from_folder(folder), context), checked.notes


def _gate(
    options: argparse.Namespace, examples: list[LabelledText], trained: TrainedModel, context: TrainingContext
) -> tuple[str, ...]:
    """Return what the quality gate measured, for the card; raises InputError if it refuses the model."""
    from retold.model_store import bundled_model, read_model
    from retold.training.data.checks import check_examples
    from retold.training.evaluation import quality_gate as gate

    context.report("measuring the new model beside the old one")
    if options.add_to:
        checks = gate.check_added(read_model(_base(options)), trained)
    elif news_of(options) is not None:
        checks = gate.check_stored(_shipped(), trained)
    else:
        checks = gate.check_own(check_examples(examples).examples, read_model(bundled_model()), trained, context)
    notes = gate.enforce_checks(checks, options.force)
    for note in notes:
        context.report(note)
    return notes


def _shipped() -> ModelFolder | None:
    """The shipped model; None where the first one is being trained, or the first of a new form."""
    from retold.detector.classifier import LinearClassifier
    from retold.model_store import bundled_model, read_model

    try:
        folder = read_model(bundled_model())
        LinearClassifier.from_arrays(folder.arrays)
    except ModelError:
        return None
    return folder


def _base(options: argparse.Namespace) -> Path:
    from retold.model_store import bundled_model

    return bundled_model() if options.add_to == "shipped" else Path(options.add_to)
