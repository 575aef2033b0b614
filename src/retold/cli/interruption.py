"""Signals that ask a program to end are handled as Ctrl-C is: results are kept, files are closed, workers end."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Final

# What a service manager, a container and a closed terminal send.
_SIGNALS: Final = (signal.SIGTERM, signal.SIGHUP)


class Terminated(KeyboardInterrupt):
    """A signal other than Ctrl-C asked the program to end.

    Attributes:
        number: The signal's.
    """

    def __init__(self, number: int) -> None:
        super().__init__()
        self.number = number


@contextmanager
def termination_as_interrupt() -> Iterator[None]:
    """Raise ``Terminated`` at a signal; one that is ignored, as by nohup, stays so. Only the main thread can do this."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    previous = {number: signal.getsignal(number) for number in _SIGNALS}
    for number, handler in previous.items():
        if handler is signal.SIG_DFL:
            signal.signal(number, _terminate)
    try:
        yield
    finally:
        for number, handler in previous.items():
            # None: set by something other than Python.
            if handler is not None:
                signal.signal(number, handler)


def _terminate(number: int, frame: FrameType | None) -> None:
    # Once: what is done on the way out should not be cut short.
    for each in _SIGNALS:
        signal.signal(each, signal.SIG_IGN)
    raise Terminated(number)
