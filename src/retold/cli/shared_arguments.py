"""Arguments that several commands share, and how a command is added."""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable
from typing import NoReturn, TypeAlias

from retold.limits import ENGINE_SECONDS
from retold.printable import printable

# A day; nobody waits longer for one batch or document.
MAX_SECONDS = 86_400
WHOLE_FILE = "write here, whole or not at all"
# What ``add_subparsers`` returns.
Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"


class ArgumentParser(argparse.ArgumentParser):
    """Says what is wrong with a command in one sentence, where the standard one writes every option before it."""

    def error(self, message: str) -> NoReturn:
        """Write it, name the help, and exit with 2."""
        self.exit(2, f"retold: {printable(message)}; see: {self.prog} --help\n")


def add_command(
    commands: Commands, name: str, run: Callable[[argparse.Namespace], int], help: str, examples: str, notes: str = ""
) -> argparse.ArgumentParser:
    """Add a command; its help ends with examples and notes, whose lines are kept.

    Args:
        commands: Where to add it.
        name: What the user types.
        run: Runs it with the parsed options and returns an exit code.
        help: One line, without a full stop.
        examples: Command lines.
        notes: Anything else.
    """
    indented = "\n".join(f"  {line}" for line in examples.strip().splitlines())
    command = commands.add_parser(
        name,
        help=help,
        description=f"{help[0].upper()}{help[1:]}.",
        epilog="\n\n".join(part for part in (f"examples:\n{indented}", notes.strip()) if part),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    command.set_defaults(run=run)
    return command


def add_paths(command: argparse.ArgumentParser) -> None:
    """Add any number of inputs."""
    command.add_argument("paths", nargs="+", metavar="PATH", help="files, folders, or - for standard input")


def add_format(command: argparse.ArgumentParser, formats: tuple[str, ...], from_output: bool = False) -> None:
    """Add the format of the output; the first is the default.

    Args:
        command: Where to add it.
        formats: What the command writes.
        from_output: Leave None where none is given, for ``format_of`` to go by the name of the output.
    """
    default = f"as --output ends, else {formats[0]}" if from_output else formats[0]
    command.add_argument(
        "--format", choices=formats, default=None if from_output else formats[0], help=f"default: {default}"
    )


def add_output(command: argparse.ArgumentParser) -> None:
    """Add the file to write."""
    command.add_argument("--output", metavar="FILE", help=f"{WHOLE_FILE}; default: standard output")


def add_resume(command: argparse.ArgumentParser) -> None:
    """Add the switch that goes on where an earlier run stopped."""
    command.add_argument(
        "--resume",
        action="store_true",
        help="use what an earlier run of this command with --output finished; give the same command again",
    )


def add_model(command: argparse.ArgumentParser) -> None:
    """Add the model."""
    command.add_argument("--model", metavar="DIR", help="folder of a model; default: the packaged one")


def add_engine(command: argparse.ArgumentParser, cache: str) -> None:
    """Add a translation engine, its time limit and its cache.

    Args:
        command: Where to add them.
        cache: Where translations are cached by default, in words.
    """
    command.add_argument(
        "--engine", default="packaged", metavar="COMMAND", help="the engine that translates; default: packaged"
    )
    command.add_argument(
        "--engine-timeout",
        type=whole_number(MAX_SECONDS),
        default=ENGINE_SECONDS,
        metavar="SECONDS",
        help=f"time limit of an engine command for one batch of sentences; default: {ENGINE_SECONDS}",
    )
    command.add_argument(
        "--cache", metavar="FILE", help=f"file that keeps translations for later runs; default: {cache}"
    )


def add_jobs(command: argparse.ArgumentParser, help: str, default: int = 1) -> None:
    """Add the number of processes or threads."""
    most = 4 * (os.cpu_count() or 1)
    command.add_argument(
        "--jobs", type=whole_number(most), default=default, metavar="N", help=f"{help}; default: {default}"
    )


def whole_number(most: int) -> Callable[[str], int]:
    """Return a parser of whole numbers from 1 to ``most``, for the ``type`` of an argument."""

    def number(value: str) -> int:
        if not value.isascii() or not value.isdigit() or not 1 <= int(value[:9]) <= most:
            raise argparse.ArgumentTypeError(f"{value[:20]!r} is not a whole number from 1 to {most}")
        return int(value)

    return number
