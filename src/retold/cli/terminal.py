"""The standard streams, and what the terminals behind them can show."""

from __future__ import annotations

import io
import os
import shutil
import sys
from dataclasses import dataclass
from typing import BinaryIO, TextIO

from retold.errors import InputError
from retold.limits import DEFAULT_WIDTH


@dataclass(frozen=True, slots=True)
class Streams:
    """Where a command reads "-" from and where it writes results and remarks."""

    input: BinaryIO
    output: TextIO
    errors: TextIO


def standard_streams() -> Streams:
    """Return the streams of this process: a closed input is empty, closed errors take remarks to nowhere."""
    return Streams(
        sys.stdin.buffer if sys.stdin else io.BytesIO(), sys.stdout or _Closed(), sys.stderr or io.StringIO()
    )


class _Closed(io.StringIO):
    """A standard output that was closed, so that results are not lost in silence."""

    def write(self, text: str) -> int:
        raise InputError("standard output is closed; redirect it to a file or to /dev/null")


def terminal_width(stream: TextIO) -> int:
    """Columns of the terminal behind a stream, or the width for files and pipes."""
    return shutil.get_terminal_size((DEFAULT_WIDTH, 24)).columns if stream.isatty() else DEFAULT_WIDTH


def wants_colour(stream: TextIO) -> bool:
    """Tell whether a stream is a terminal that colours are welcome on (see no-color.org)."""
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
