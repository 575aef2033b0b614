"""The command line: it dispatches what ``arguments`` parsed; the commands are functions of ``retold.cli``.

Nothing imported here loads an array library, so that ``--help`` answers at once; detectors are loaded by the commands.
"""

from __future__ import annotations

import argparse
import gc
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from retold import cli as commands
from retold.cli import exit_codes as codes
from retold.cli.arguments import parser
from retold.errors import RetoldError
from retold.report.formatting import printable

if TYPE_CHECKING:
    from retold.translation import TranslationCache

# Objects made between two collections of garbage, which Python sets at 700 for programs that keep little. The lists of words
# are hundreds of thousands of objects that stay: counting them over and over took a sixth of the time to the first verdict.
_COLLECT_AFTER = 100_000


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command and return its exit code; errors meant for the reader go to standard error, without a traceback."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    _use_utf8()
    gc.set_threshold(_COLLECT_AFTER, *gc.get_threshold()[1:])
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
    if arguments[:1] in (["train"], ["evaluate"]):
        from retold.cli import train as command

        work = {"train": command.train, "evaluate": command.evaluate}[arguments[0]]
        return int(work(arguments[1:]) or 0)
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
        from retold.cli import corpus

        return corpus.roundtrip(chosen.paths, chosen.output, chosen.engine, chosen.pivot, chosen.jobs, chosen.memory)
    if chosen.command == "label":
        from retold.cli import label

        return label.label(chosen.paths, chosen.count, chosen.output, chosen.model)
    if chosen.command == "drift":
        from retold.cli import drift

        return drift.drift(chosen.paths, chosen.model, chosen.format)
    return commands.version()


def _echoes(chosen: argparse.Namespace) -> TranslationCache:
    from retold.translation import TranslationCache, make_engine

    return TranslationCache(make_engine(chosen.engine, chosen.jobs), Path(chosen.memory) if chosen.memory else None)


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
