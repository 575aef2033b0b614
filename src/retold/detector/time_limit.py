"""A limit of time for each document, so that none holds up the others, whatever is in it."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from types import FrameType
from typing import Final, NoReturn, TypeVar

# Seconds between reminders, in case a library took the first one for an error of its own and went on.
_AGAIN: Final = 1.0

T = TypeVar("T")
R = TypeVar("R")


class TookTooLongError(Exception):
    """The time is over."""


@contextmanager
def limited(seconds: float | None) -> Iterator[None]:
    """Limit the time of the processor that a block takes; how busy the machine is does not matter, waiting is free.

    Only the main thread of a process can be interrupted; in others, and on Windows, there is no limit.

    Raises:
        TookTooLongError: in the block, once the time is over.
    """
    can_interrupt = hasattr(signal, "setitimer") and threading.current_thread() is threading.main_thread()
    if seconds is None or not can_interrupt:
        yield
        return
    previous = signal.signal(signal.SIGPROF, _stop)
    signal.setitimer(signal.ITIMER_PROF, seconds, _AGAIN)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, previous)


def each_within(
    seconds: float | None, items: Sequence[T], measure: Callable[[Sequence[T]], list[R]], otherwise: Callable[[T], R]
) -> list[R]:
    """Measure items together; where that takes longer than one may, one by one.

    Args:
        seconds: What one item may take; None for no limit.
        items: What is measured.
        measure: Returns a result for each of some items.
        otherwise: Gives the result of one that took too long.
    """
    try:
        with limited(seconds):
            return measure(items)
    except TookTooLongError:
        if len(items) == 1:
            return [otherwise(items[0])]
        return [result for item in items for result in each_within(seconds, [item], measure, otherwise)]


def _stop(number: int, frame: FrameType | None) -> NoReturn:
    raise TookTooLongError
