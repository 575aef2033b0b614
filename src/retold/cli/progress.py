"""Progress and remarks on standard error: in place on a terminal, plain lines, rarely, in a log."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from typing import TextIO

from retold.limits import PROGRESS_LOG_SECONDS, PROGRESS_TERMINAL_SECONDS, QUIET_SECONDS
from retold.printable import printable

_ERASE = "\r\x1b[K"


class Progress:
    """Shows how far the work is, and writes remarks without mixing the two.

    Nothing here stops the work: what a full disk or a closed pipe does not take is lost.

    Args:
        stream: Where to write.
        in_place: Overwrite one line, which only a terminal can.
        clock: Gives seconds.

    Attributes:
        is_outdated: True if the last line that stays shows less than the work that is done.
    """

    def __init__(self, stream: TextIO, in_place: bool, clock: Callable[[], float] = time.monotonic) -> None:
        self._stream = stream
        self._in_place = in_place
        self._clock = clock
        self._next = clock() + (PROGRESS_TERMINAL_SECONDS if in_place else QUIET_SECONDS)
        self._shown = False
        self.is_outdated = False

    def update(self, what: object) -> None:
        """Show ``what`` if it is time to."""
        if self._clock() < self._next:
            return
        self._next = self._clock() + (PROGRESS_TERMINAL_SECONDS if self._in_place else PROGRESS_LOG_SECONDS)
        self._write(f"{_ERASE}retold: {what}" if self._in_place else f"retold: {what}\n")
        self._shown = self._in_place
        self.is_outdated = not self._in_place

    def remark(self, text: str) -> None:
        """Write a line that stays."""
        self.clear()
        self._write(f"retold: {printable(text)}\n")

    def clear(self) -> None:
        """Take the line in place away."""
        if self._shown:
            self._write(_ERASE)
            self._shown = False

    def _write(self, text: str) -> None:
        with suppress(OSError):
            self._stream.write(text)
            self._stream.flush()
