"""The command line: parse, run the command, turn what goes wrong into a sentence and an exit code."""

from __future__ import annotations

import argparse
import gc
import os
import shlex
import signal
import sys
import traceback
from collections.abc import Sequence
from contextlib import suppress

import retold
from retold.cli import archive, compare, corpus, drift, evaluate, explain, extract, label, score, trace, train
from retold.cli import exit_codes as codes
from retold.cli.completion import add_completion
from retold.cli.interruption import watched_signals
from retold.cli.record import GO_ON
from retold.cli.shared_arguments import ArgumentParser
from retold.cli.stop_reasons import stop_reason
from retold.errors import RetoldError
from retold.printable import printable

# In the order of the help. Each module has ``add_arguments`` and ``run``.
COMMANDS = (score, explain, compare, extract, archive, trace, corpus, label, drift, train, evaluate)

_NOTES = """\
A PATH is a text, Markdown, HTML, JSONL, CSV or Parquet file, a folder, or - for standard input (plain text, or JSONL).
JSONL, CSV and Parquet rows need a "text" and may have an "id" and a "date". Offsets of evidence count characters of the text as
given; for HTML and Markdown that is the text extracted from it.

examples:
  retold score article.txt page.html folder/
  retold explain article.txt
  retold extract page.html
  retold score --help
  retold --print-completion bash > ~/.local/share/bash-completion/completions/retold

exit codes:
  0    every document was scored
  1    some inputs could not be read or judged; the others were
  2    the command was not understood, nothing could be read, or the model cannot be used
  3    a document has a verdict that --fail-on names
  70   the work stopped: an internal error, a worker process that was killed, a full disk or memory
  130  interrupted (129, 143: by SIGHUP, SIGTERM); results so far were written (with --output, to FILE.partial);
       the same command with --resume goes on
  141  whatever read the output closed it
"""

# Commands that go on where they were interrupted; the others begin anew.
_RESUMED = frozenset({"archive", "corpus", "evaluate", "train"})
# Objects made between two collections of garbage, which Python sets at 700 for programs that keep little. The word lists
# are hundreds of thousands of objects that stay: counting them over and over took a sixth of the time to the first verdict.
_COLLECT_AFTER = 100_000


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command and return its exit code; errors meant for the reader go to standard error, without a traceback."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    _use_utf8()
    gc.set_threshold(_COLLECT_AFTER, *gc.get_threshold()[1:])
    with watched_signals() as interruption:
        try:
            code = _exit_code(arguments)
            # Here rather than at exit, where Python would report a closed pipe at length.
            if sys.stdout:
                sys.stdout.flush()
            return code
        except (Exception, KeyboardInterrupt) as error:
            return _failure_code(error, interruption.number, arguments)


def _failure_code(error: BaseException, signal_number: int, arguments: Sequence[str]) -> int:
    """Report why the work stopped, and return the exit code."""
    _name_the_command(getattr(error, "__notes__", []), arguments)
    if signal_number or isinstance(error, KeyboardInterrupt):
        if not any(note.startswith("to go on") for note in getattr(error, "__notes__", ())):
            is_resumed = bool(arguments) and arguments[0] in _RESUMED
            error.add_note(f"to {'go on' if is_resumed else 'start again'}: {shlex.join(['retold', *arguments])}")
        return _fail("interrupted", error, codes.SIGNALLED + (signal_number or signal.SIGINT))
    if isinstance(error, RetoldError):
        return _fail(str(error), error, codes.FAILED)
    if isinstance(error, BrokenPipeError):
        _abandon_stdout()
        return codes.PIPE_CLOSED
    return _fail(stop_reason(error), error, codes.STOPPED)


def _name_the_command(notes: list[str], arguments: Sequence[str]) -> None:
    """Put the command into the note that says how to go on."""
    resumed = [*arguments, *(["--resume"] if "--resume" not in arguments else [])]
    notes[:] = [f"to go on: {shlex.join(['retold', *resumed])}" if note == GO_ON else note for note in notes]


def run_command(arguments: Sequence[str]) -> int:
    """Parse a command line and run it.

    Raises:
        SystemExit: with code 2 if it is not understood, with 0 after ``--help`` and ``--version``.
        RetoldError: as the command says.
    """
    options = build_parser().parse_args(arguments)
    return int(options.run(options))


def build_parser() -> argparse.ArgumentParser:
    """Build the parser of all commands."""
    parser = ArgumentParser(
        prog="retold",
        description="Tell original English articles from edited and back-translated ones, and show why.",
        epilog=_NOTES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"retold {retold.__version__}")
    add_completion(parser)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for module in COMMANDS:
        module.add_arguments(commands)
    return parser


def _exit_code(arguments: Sequence[str]) -> int:
    try:
        return run_command(arguments)
    except SystemExit as stop:
        return int(stop.code or 0)


def _fail(message: str, error: BaseException, code: int) -> int:
    """Write a message and the notes of an error to standard error, if it takes them."""
    if os.environ.get("RETOLD_DEBUG"):
        traceback.print_exception(error)
    with suppress(OSError):
        print(f"retold: {printable('; '.join([message, *getattr(error, '__notes__', ())]))}", file=sys.stderr)
    return code


def _use_utf8() -> None:
    """Write UTF-8 whatever the locale, since articles hold more than it may be able to."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")


def _abandon_stdout() -> None:
    """Point standard output at nothing, so that Python does not fail again when it flushes at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
