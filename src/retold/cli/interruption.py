"""Signals that ask a program to end are handled as Ctrl-C is: results are kept, files are closed, workers end."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Final

# What Ctrl-C, a service manager or container, and a closed terminal send.
_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Interruption:
    """Raises KeyboardInterrupt at a signal and remembers which it was.

    Libraries that manage processes may put another error in the place of the one that is raised here, so that only the
    number says why the work stopped.

    Attributes:
        number: That of the last signal; 0 if there was none.
    """

    def __init__(self) -> None:
        self.number = 0

    def handle(self, number: int, frame: FrameType | None) -> None:
        """Handle a signal."""
        self.number = number
        raise KeyboardInterrupt


@contextmanager
def watched_signals() -> Iterator[Interruption]:
    """Handle signals until the end of a block; one that is ignored, as by nohup, stays so. Only the main thread can."""
    interruption = Interruption()
    if threading.current_thread() is not threading.main_thread():
        yield interruption
        return
    previous = {number: signal.getsignal(number) for number in _SIGNALS}
    for number, handler in previous.items():
        if handler in (signal.SIG_DFL, signal.default_int_handler):
            signal.signal(number, interruption.handle)
    try:
        yield interruption
    finally:
        for number, handler in previous.items():
            # None: set by something other than Python.
            if handler is not None:
                signal.signal(number, handler)
