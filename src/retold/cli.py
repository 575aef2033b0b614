"""The command line: it parses and dispatches; the commands are functions of ``retold.commands``.

Nothing imported here loads an array library, so that ``--help`` answers at once; detectors are loaded by the commands.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from retold import commands
from retold.commands import codes
from retold.errors import RetoldError
from retold.report.words import printable

if TYPE_CHECKING:
    from retold.translation import Memory

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

# Articles proposed for labelling at once: more than anyone reads, and clustering takes the square of it.
_MOST_PROPOSED = 2_000

_ENGINES = """\
The packaged engine takes English through Portuguese and back; it needs: python -m pip install 'retold[deep]'

Any other engine can be named as a command. It is run without a shell, reads English sentences from standard input, one a
line, UTF-8, and writes the round trip of each to standard output, one a line, in the same order. A line that it cannot
translate is an empty line. A code other than 0 stops the work; what was said until then is kept, and the same command
goes on from there. For example, with a program "mt" that translates lines:

  retold corpus roundtrip archive/ --output mine.jsonl --pivot fr --engine "sh -c 'mt en fr | mt fr en'"
"""


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command and return its exit code; errors meant for the reader go to standard error, without a traceback."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    _use_utf8()
    try:
        code = _dispatch(arguments)
        # Here rather than at exit, where Python would report a closed pipe at length.
        if sys.stdout:
            sys.stdout.flush()
        return code
    except RetoldError as error:
        return _fail(str(error))
    except BrokenPipeError:
        _abandon_stdout()
        return codes.PIPE_CLOSED
    except KeyboardInterrupt:
        _say("interrupted")
        return codes.INTERRUPTED
    except OSError as error:
        return _fail(f"{error}; check the space and permissions of the output")


def _dispatch(arguments: list[str]) -> int:
    if arguments[:1] == ["train"]:
        from retold.training import command

        return int(command.train(arguments[1:]) or 0)
    if arguments[:1] == ["evaluate"]:
        from retold.training import command

        return int(command.evaluate(arguments[1:]) or 0)
    return _run(parser().parse_args(arguments))


def _run(chosen: argparse.Namespace) -> int:
    if chosen.command == "score":
        return commands.score(
            chosen.paths,
            chosen.format,
            chosen.output,
            chosen.model,
            chosen.jobs,
            reference=chosen.reference,
            prior=chosen.prior,
            point=chosen.operating_point,
            echoes=_echoes(chosen) if chosen.deep else None,
        )
    if chosen.command == "compare":
        return commands.compare(chosen.paths, chosen.format, chosen.show, chosen.output, chosen.model)
    if chosen.command == "explain":
        return commands.explain(chosen.path, chosen.model, chosen.format)
    if chosen.command == "corpus":
        from retold.commands import corpus

        return corpus.roundtrip(chosen.paths, chosen.output, chosen.engine, chosen.pivot, chosen.jobs, chosen.memory)
    if chosen.command == "label":
        from retold.commands import label

        return label.label(chosen.paths, chosen.count, chosen.output, chosen.model)
    if chosen.command == "drift":
        from retold.commands import drift

        return drift.drift(chosen.paths, chosen.model, chosen.format)
    return commands.version()


def _echoes(chosen: argparse.Namespace) -> Memory:
    from retold.translation import Memory, engine_named

    return Memory(engine_named(chosen.engine, chosen.jobs), Path(chosen.memory) if chosen.memory else None)


def parser() -> argparse.ArgumentParser:
    """Build the parser of all commands; ``train`` and ``evaluate`` parse their own arguments."""
    top = argparse.ArgumentParser(
        prog="retold",
        description="Tell original English articles from edited and back-translated ones, and show why.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    names = top.add_subparsers(dest="command", required=True, metavar="COMMAND")
    _add_score(names)
    explain = names.add_parser("explain", help="print an article with what gave it away marked")
    explain.add_argument("path", metavar="PATH", help="a file, a folder, or - for standard input")
    explain.add_argument(
        "--format", choices=("text", "json"), default="text", help="default: text; json: a line a document"
    )
    _add_model(explain)
    _add_compare(names)
    _add_corpus(names)
    _add_label(names)
    drift = names.add_parser("drift", help="compare a batch of articles with the training data")
    drift.add_argument("paths", nargs="+", metavar="PATH", help="files, folders, or - for standard input")
    drift.add_argument("--format", choices=("table", "json"), default="table", help="default: table")
    _add_model(drift)
    names.add_parser("train", help="fit a model (see: retold train --help)")
    names.add_parser("evaluate", help="measure a model (see: retold evaluate --help)")
    names.add_parser("version", help="print the version")
    return top


def _add_score(names: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    score = names.add_parser(
        "score", help="score articles", epilog=_EPILOG, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    score.add_argument("paths", nargs="+", metavar="PATH", help="files, folders, or - for standard input")
    score.add_argument("--format", choices=("table", "jsonl", "csv", "html"), default="table", help="default: table")
    score.add_argument("--output", metavar="FILE", help="write here, whole or not at all; default: standard output")
    score.add_argument("--jobs", type=_positive, default=1, metavar="N", help="processes to use; default: 1")
    score.add_argument("--reference", metavar="ORIGINAL", help="judge each document beside this original")
    score.add_argument(
        "--operating-point",
        choices=("low-fpr", "balanced"),
        help="call a text back-translated at this point, not where that is most probable",
    )
    score.add_argument(
        "--prior", metavar="O,E,B", help="shares of original, edited, back-translated you expect, as 0.8,0.1,0.1"
    )
    score.add_argument("--deep", action="store_true", help="also translate doubtful texts and look at what comes back")
    score.add_argument("--engine", default="packaged", metavar="COMMAND", help="what translates; default: packaged")
    score.add_argument("--memory", metavar="FILE", help="where to keep translations; default: nowhere")
    _add_model(score)


def _add_compare(names: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    compare = names.add_parser(
        "compare",
        help="compare versions of stories",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    compare.add_argument("paths", nargs="+", metavar="PATH", help="files, folders, or - for standard input")
    compare.add_argument("--format", choices=("table", "json"), default="table", help="default: table")
    compare.add_argument("--show", nargs=2, metavar=("A", "B"), help="print what changed from document A to document B")
    compare.add_argument("--output", metavar="FILE", help="write here, whole or not at all; default: standard output")
    _add_model(compare)


def _add_corpus(names: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    corpus = names.add_parser("corpus", help="make labelled examples from your own articles")
    kinds = corpus.add_subparsers(dest="kind", required=True, metavar="KIND")
    trip = kinds.add_parser(
        "roundtrip",
        help="originals and their round trips through a language",
        epilog=_ENGINES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    trip.add_argument("paths", nargs="+", metavar="PATH", help="files, folders, or - for standard input")
    trip.add_argument("--output", required=True, metavar="FILE.jsonl", help="write here, whole or not at all")
    trip.add_argument(
        "--engine", default="packaged", metavar="ENGINE", help="packaged (default), or 'COMMAND'; see below"
    )
    trip.add_argument(
        "--pivot", default="", metavar="CODE", help="language in between, such as pt; default: the engine's own"
    )
    trip.add_argument(
        "--jobs", type=_positive, default=1, metavar="N", help="threads of the packaged engine; default: 1"
    )
    trip.add_argument(
        "--memory",
        metavar="FILE",
        help="keeps what the engine said, for later runs; default: one that goes when all is done",
    )


def _add_label(names: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    label = names.add_parser(
        "label",
        help="propose which unlabelled articles are worth labelling next",
        description="Propose articles that the model is unsure of, each of another kind, near-duplicates once.",
    )
    label.add_argument("paths", nargs="+", metavar="PATH", help="files, folders, or - for standard input")
    label.add_argument("--count", type=_count, default=20, metavar="N", help="how many at most; default: 20")
    label.add_argument(
        "--output",
        metavar="FILE",
        help="JSONL, or CSV if it ends so, with labels to fill in for: retold train --data FILE",
    )
    _add_model(label)


def _add_model(command: argparse.ArgumentParser) -> None:
    command.add_argument("--model", metavar="DIR", help="folder of a model; default: the packaged one")


def _positive(value: str) -> int:
    limit = 4 * (os.cpu_count() or 1)
    if not value.isascii() or not value.isdigit() or not 1 <= int(value[:9]) <= limit:
        raise argparse.ArgumentTypeError(f"{value[:20]!r} is not a whole number from 1 to {limit}")
    return int(value)


def _count(value: str) -> int:
    if not value.isascii() or not value.isdigit() or not 1 <= int(value[:9]) <= _MOST_PROPOSED:
        raise argparse.ArgumentTypeError(f"{value[:20]!r} is not a whole number from 1 to {_MOST_PROPOSED}")
    return int(value)


def _fail(message: str) -> int:
    _say(printable(message))
    return codes.FAILED


def _say(what: str) -> None:
    """Write a line to standard error, if it takes one."""
    with suppress(OSError):
        print(f"retold: {what}", file=sys.stderr)


def _use_utf8() -> None:
    """Write UTF-8 whatever the locale, since articles hold more than it may be able to."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")


def _abandon_stdout() -> None:
    """Point standard output at nothing, so that Python does not fail again when it flushes at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
