"""``--print-completion SHELL``: what a shell needs to complete commands, options and file names."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from typing import Any, Final

SHELLS: Final = ("bash", "zsh", "tcsh")
# What the help calls values that are files or folders.
_FILES: Final = frozenset(
    {"PATH", "FILE", "FILE.jsonl", "DIR", "ARCHIVE", "ORIGINAL", "MODEL", "OTHER", "NEWS", "OUTPUT"}
)


class PrintCompletion(argparse.Action):
    """Writes the completion of the whole parser for a shell, and ends."""

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: Any,
        option_string: str | None = None,
    ) -> None:
        """Write it to standard output."""
        # Here, since hardly any run needs it.
        import shtab

        for action in _actions(parser):
            if (action.metavar or action.dest.upper()) in _FILES and action.choices is None:
                action.complete = shtab.FILE  # type: ignore[attr-defined]
        print(shtab.complete(parser, values))
        parser.exit()


def add_completion(parser: argparse.ArgumentParser) -> None:
    """Add the option to the parser of all commands."""
    parser.add_argument(
        "--print-completion",
        action=PrintCompletion,
        choices=SHELLS,
        help="print what this shell needs to complete commands",
    )


def _actions(parser: argparse.ArgumentParser) -> Iterator[argparse.Action]:
    """Every argument of a parser and of its commands."""
    for action in parser._actions:
        yield action
        commands: Sequence[argparse.ArgumentParser] = ()
        if isinstance(action, argparse._SubParsersAction):
            commands = list(action.choices.values())
        for command in commands:
            yield from _actions(command)
