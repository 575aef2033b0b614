"""The arguments of ``retold score``."""

from __future__ import annotations

import argparse

from retold.cli.fail_on import FailOn
from retold.cli.scored_output import FORMATS
from retold.cli.shared_arguments import (
    MAX_SECONDS,
    add_engine,
    add_format,
    add_jobs,
    add_model,
    add_output,
    add_paths,
    add_resume,
    whole_number,
)
from retold.limits import DOCUMENT_SECONDS


def add_score_arguments(command: argparse.ArgumentParser) -> None:
    """Add what ``retold score`` takes to its parser."""
    add_paths(command)
    add_format(command, FORMATS, from_output=True)
    add_output(command)
    add_resume(command)
    command.add_argument(
        "--no-evidence",
        dest="evidence",
        action="store_false",
        help="look for no evidence, which takes a third less time",
    )
    add_jobs(command, "processes to use")
    _add_originals(command)
    _add_decision(command)
    command.add_argument(
        "--time-limit",
        type=whole_number(MAX_SECONDS),
        default=DOCUMENT_SECONDS,
        metavar="SECONDS",
        help="of the processor that one document may take before it is left without a verdict; "
        f"default: {DOCUMENT_SECONDS}",
    )
    command.add_argument(
        "--scheduler",
        metavar="ADDRESS",
        help="score on the Dask cluster with this scheduler, as tcp://host:8786, whose workers have this version installed",
    )
    command.add_argument("--deep", action="store_true", help="rescore doubtful texts with a translation engine")
    add_engine(command, "one in the user's cache folder")
    add_model(command)


def _add_originals(command: argparse.ArgumentParser) -> None:
    """What the documents are compared with."""
    beside = command.add_mutually_exclusive_group()
    beside.add_argument("--reference", metavar="ORIGINAL", help="compare each document with this original, too")
    beside.add_argument(
        "--archive",
        nargs="+",
        default=[],
        metavar="ARCHIVE",
        help="find the source of each document in these archives, and compare it with that; see: retold archive --help",
    )


def _add_decision(command: argparse.ArgumentParser) -> None:
    """Where the lines between labels are drawn, and which labels fail the run."""
    command.add_argument(
        "--operating-point",
        choices=("low-fpr", "balanced"),
        help="call a text back-translated at this point, not where that is most probable",
    )
    command.add_argument(
        "--prior",
        metavar="O,E,B",
        help="shares of original, edited, back-translated you expect, as 0.8,0.1,0.1; auto: estimated from the texts, which are read twice",
    )
    command.add_argument(
        "--fail-on",
        type=FailOn.parse,
        metavar="LABEL[:P]",
        help="end with code 3 if a document has this label for sure, or with at least this probability",
    )
