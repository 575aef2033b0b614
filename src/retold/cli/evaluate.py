"""``retold evaluate``."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from retold.cli.exit_codes import OK
from retold.cli.output import check_output, opened
from retold.cli.shared_arguments import Commands, add_command
from retold.cli.training_arguments import (
    RESUMED,
    add_training_arguments,
    data_paths,
    examples_of,
    news_of,
    training_context,
)

# As ``retold.training.evaluation.protocols`` names them, which takes half a second to load; a test compares the two.
PROTOCOLS = ("group", "engine", "pivot", "source")
_EXAMPLES = """
retold evaluate --data mine.jsonl --protocols group engine
retold evaluate --ablation --output report.md --into models/mine
"""


def add_arguments(commands: Commands) -> None:
    """Add the command to a parser."""
    help = "evaluate on groups, engines, pivots and sources that training has not seen"
    command = add_command(commands, "evaluate", run, help, _EXAMPLES)
    add_training_arguments(command)
    command.add_argument(
        "--protocols", nargs="+", choices=PROTOCOLS, default=list(PROTOCOLS), help="what to hold out in turn"
    )
    command.add_argument("--ablation", action="store_true", help="also measure what each group of signals contributes")
    command.add_argument("--output", type=Path, default=Path("evaluation.md"), help="the report, Markdown")
    command.add_argument("--into", type=Path, metavar="MODEL", help="put the report into this model's card, too")


def run(options: argparse.Namespace) -> int:
    """Run the command as it was parsed: retrain without what is tested; 0 if the report was written."""
    options.output.absolute().parent.mkdir(parents=True, exist_ok=True)
    check_output(options.output, [*data_paths(options), *([options.news] if options.news else [])])
    try:
        return _run(options)
    except KeyboardInterrupt as error:
        error.add_note(RESUMED)
        raise


def _run(options: argparse.Namespace) -> int:
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
