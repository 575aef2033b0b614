"""What the command line accepts: its commands, their arguments and their help.

``train`` and ``evaluate`` parse their own arguments; here they are only named.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable
from typing import TypeAlias

_EPILOG = """\
A PATH is a text, Markdown, HTML, JSONL, CSV or Parquet file, a folder, or - for standard input (plain text, or JSONL).
JSONL, CSV and Parquet rows need a "text" and may have an "id" and a "date". Offsets of evidence count characters of the text as
given; for HTML and Markdown that is the text taken from it.

exit codes:
  0    every document was scored
  1    some inputs could not be read or judged; the others were
  2    the command was not understood, or nothing could be read
  130  interrupted; results so far were written (with --output, to FILE.partial)
  141  whatever read the output closed it
"""

_ENGINES = """\
The packaged engine takes English through Portuguese and back; it needs: python -m pip install 'retold[deep]'

Any other engine can be named as a command. It is run without a shell, reads English sentences from standard input, one a
line, UTF-8, and writes the round trip of each to standard output, one a line, in the same order. A line that it cannot
translate is an empty line. A code other than 0 stops the work; what was said until then is kept, and the same command
goes on from there. For example, with a program "mt" that translates lines:

  retold corpus roundtrip archive/ --output mine.jsonl --pivot fr --engine "sh -c 'mt en fr | mt fr en'"
"""

# Articles proposed for labelling at once: more than anyone reads, and clustering takes the square of it.
_MOST_PROPOSED = 2_000
_WHOLE_FILE = "write here, whole or not at all"

# What ``add_subparsers`` returns.
Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"


def parser() -> argparse.ArgumentParser:
    """Build the parser of all commands."""
    top = argparse.ArgumentParser(
        prog="retold",
        description="Tell original English articles from edited and back-translated ones, and show why.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for add in (_add_score, _add_explain, _add_compare, _add_corpus, _add_label, _add_drift):
        add(commands)
    commands.add_parser("train", help="fit a model (see: retold train --help)")
    commands.add_parser("evaluate", help="measure a model (see: retold evaluate --help)")
    commands.add_parser("version", help="print the version")
    return top


def _add_score(commands: Commands) -> None:
    score = _reader(commands, "score", "score articles", epilog=_EPILOG)
    _add_format(score, "table", "jsonl", "csv", "html")
    score.add_argument("--output", metavar="FILE", help=f"{_WHOLE_FILE}; default: standard output")
    _add_jobs(score, "processes to use")
    score.add_argument("--reference", metavar="ORIGINAL", help="judge each document beside this original")
    score.add_argument(
        "--operating-point",
        choices=("low-fpr", "balanced"),
        help="call a text back-translated at this point, not where that is most probable",
    )
    score.add_argument(
        "--prior", metavar="O,E,B", help="shares of original, edited, back-translated you expect, as 0.8,0.1,0.1"
    )
    score.add_argument("--deep", action="store_true", help="ask a translation engine about doubtful texts")
    score.add_argument("--engine", default="packaged", metavar="COMMAND", help="what translates; default: packaged")
    score.add_argument("--memory", metavar="FILE", help="where to keep translations; default: nowhere")
    _add_model(score)


def _add_explain(commands: Commands) -> None:
    explain = commands.add_parser("explain", help="print an article with what gave it away marked")
    explain.add_argument("path", metavar="PATH", help="a file, a folder, or - for standard input")
    explain.add_argument(
        "--format", choices=("text", "json"), default="text", help="default: text; json: a line a document"
    )
    _add_model(explain)


def _add_compare(commands: Commands) -> None:
    compare = _reader(commands, "compare", "compare versions of stories", epilog=_EPILOG)
    _add_format(compare, "table", "json")
    compare.add_argument("--show", nargs=2, metavar=("A", "B"), help="print what changed from document A to document B")
    compare.add_argument("--output", metavar="FILE", help=f"{_WHOLE_FILE}; default: standard output")
    _add_model(compare)


def _add_corpus(commands: Commands) -> None:
    corpus = commands.add_parser("corpus", help="make labelled examples from your own articles")
    kinds = corpus.add_subparsers(dest="kind", required=True, metavar="KIND")
    trip = _reader(kinds, "roundtrip", "originals and their round trips through a language", epilog=_ENGINES)
    trip.add_argument("--output", required=True, metavar="FILE.jsonl", help=_WHOLE_FILE)
    trip.add_argument(
        "--engine", default="packaged", metavar="ENGINE", help="packaged (default), or 'COMMAND'; see below"
    )
    trip.add_argument(
        "--pivot", default="", metavar="CODE", help="language in between, such as pt; default: the engine's own"
    )
    _add_jobs(trip, "threads of the packaged engine")
    trip.add_argument(
        "--memory",
        metavar="FILE",
        help="keeps what the engine said, for later runs; default: one that goes when all is done",
    )


def _add_label(commands: Commands) -> None:
    label = _reader(
        commands,
        "label",
        "propose which unlabelled articles are worth labelling next",
        description="Propose articles that the model is unsure of, each of another kind, near-duplicates once.",
    )
    label.add_argument(
        "--count",
        type=_from_one_to(_MOST_PROPOSED),
        default=20,
        metavar="N",
        help="how many at most; default: 20",
    )
    label.add_argument(
        "--output",
        metavar="FILE",
        help="JSONL, or CSV if it ends so, with labels to fill in for: retold train --data FILE",
    )
    _add_model(label)


def _add_drift(commands: Commands) -> None:
    drift = _reader(commands, "drift", "compare a batch of articles with the training data")
    _add_format(drift, "table", "json")
    _add_model(drift)


def _reader(
    commands: Commands, name: str, help: str, description: str | None = None, epilog: str | None = None
) -> argparse.ArgumentParser:
    """Add a command that reads any number of paths; its description and epilog keep their lines."""
    lines = argparse.RawDescriptionHelpFormatter
    command = commands.add_parser(name, help=help, description=description, epilog=epilog, formatter_class=lines)
    command.add_argument("paths", nargs="+", metavar="PATH", help="files, folders, or - for standard input")
    return command


def _add_format(command: argparse.ArgumentParser, default: str, *others: str) -> None:
    command.add_argument("--format", choices=(default, *others), default=default, help=f"default: {default}")


def _add_model(command: argparse.ArgumentParser) -> None:
    command.add_argument("--model", metavar="DIR", help="folder of a model; default: the packaged one")


def _add_jobs(command: argparse.ArgumentParser, help: str) -> None:
    most = 4 * (os.cpu_count() or 1)
    command.add_argument("--jobs", type=_from_one_to(most), default=1, metavar="N", help=f"{help}; default: 1")


def _from_one_to(most: int) -> Callable[[str], int]:
    """A reader of whole numbers from 1 to ``most``, as argparse takes it for the type of an argument."""

    def number(value: str) -> int:
        if not value.isascii() or not value.isdigit() or not 1 <= int(value[:9]) <= most:
            raise argparse.ArgumentTypeError(f"{value[:20]!r} is not a whole number from 1 to {most}")
        return int(value)

    return number
