"""``retold evaluate``."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from retold.cli.exit_codes import OK
from retold.cli.output import opened
from retold.cli.output_checks import check_output, format_of
from retold.cli.shared_arguments import Commands, add_command, add_format
from retold.cli.training_arguments import (
    RESUMED,
    add_training_arguments,
    data_paths,
    examples_of,
    news_of,
    training_context,
)
from retold.errors import InputError
from retold.printable import counted

if TYPE_CHECKING:
    from retold.training.evaluation.own_evaluation import ModelEvaluation

# As ``retold.training.evaluation.protocols`` names them, which takes half a second to load; a test compares the two.
PROTOCOLS = ("group", "engine", "pivot", "source")
FORMATS = ("table", "json", "html")
_REPORT = Path("evaluation.md")
_EXAMPLES = """
retold evaluate --model models/mine --data test.jsonl
retold evaluate --model shipped --compare-with models/mine --data test.jsonl --output report.html
retold evaluate --data mine.jsonl --protocols group engine
"""
_NOTES = """\
With --model, that model is measured on the examples, which it must not have been trained on. Without, models are trained
anew on a part of the examples and measured on the rest."""


def add_arguments(commands: Commands) -> None:
    """Add the command to a parser."""
    help = "measure a model on your labelled articles, or what training on them would give"
    command = add_command(commands, "evaluate", run, help, _EXAMPLES, _NOTES)
    add_training_arguments(command)
    command.add_argument("--model", metavar="DIR", help="measure this model, or 'shipped'")
    command.add_argument(
        "--compare-with", metavar="DIR", help="another model, or 'shipped', measured on the same articles"
    )
    command.add_argument(
        "--prior", metavar="O,E,B", help="expected shares of original, edited, back-translated; with --model"
    )
    add_format(command, FORMATS, from_output=True)
    command.add_argument(
        "--protocols", nargs="+", choices=PROTOCOLS, default=list(PROTOCOLS), help="what to hold out in turn"
    )
    command.add_argument("--ablation", action="store_true", help="also measure what each group of signals contributes")
    command.add_argument(
        "--output", type=Path, help=f"the report; default: with --model standard output, without {_REPORT} (Markdown)"
    )
    command.add_argument("--into", type=Path, metavar="MODEL", help="put the report into this model's card, too")


def run(options: argparse.Namespace) -> int:
    """Run the command as it was parsed; 0 if the report was written."""
    if options.model is None and (options.compare_with or options.prior or options.format):
        raise InputError("--compare-with, --prior and --format are for a model that is there; name it with --model")
    options.output = options.output or (None if options.model else _REPORT)
    inputs = [*data_paths(options), *([options.news] if options.news else [])]
    if options.output is not None:
        options.output.absolute().parent.mkdir(parents=True, exist_ok=True)
        check_output(options.output, inputs)
    try:
        return _measure(options) if options.model else _retrain(options)
    except KeyboardInterrupt as error:
        error.add_note(RESUMED)
        raise


def _measure(options: argparse.Namespace) -> int:
    """Measure a model that is there."""
    # Load NumPy, scikit-learn and models.
    from retold.training.api import base_folder
    from retold.training.evaluation.own_evaluation import evaluate

    context = training_context(options)
    folders = [base_folder(name) if name else None for name in (options.model, options.compare_with)]
    examples = examples_of(options, context)
    context.report(f"scoring {counted(len(examples), 'article')}")
    result = evaluate(folders[0], examples, compare_with=folders[1], prior=options.prior, jobs=options.jobs)
    format = options.format or format_of(options.output, FORMATS)
    with opened(options.output, sys.stdout) as stream:
        stream.write(_written(result, format))
    return OK


def _written(result: ModelEvaluation, format: str) -> str:
    if format == "json":
        return json.dumps(result.as_dict(), indent=1) + "\n"
    return result.html() if format == "html" else str(result)


def _retrain(options: argparse.Namespace) -> int:
    """Retrain without what is tested."""
    # Load NumPy and scikit-learn.
    from retold.training.api import evaluate
    from retold.training.package import put_into_card

    context = training_context(options)
    examples, news = examples_of(options, context), news_of(options)
    result = evaluate(examples, context, news=news, held_out=options.protocols, with_ablation=options.ablation)
    with opened(options.output, sys.stdout) as stream:
        stream.write(result.report)
    if options.into is not None:
        put_into_card(options.into, result.report)
    print(result)
    return OK
