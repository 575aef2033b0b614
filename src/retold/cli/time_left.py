"""How long a run of known size will still take, by how fast its last steps were."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from typing import Final

# Steps whose speed counts: few enough that a start from a cache is soon forgotten.
_RECENT: Final = 20
_MINUTE, _HOUR = 60, 3600


class TimeLeft:
    """Knows the size of the work and says what is left of it.

    Args:
        total: Size of the work, in any unit.
        clock: Gives seconds.
    """

    def __init__(self, total: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._total, self._clock = total, clock
        self._steps = deque([(0, clock())], maxlen=_RECENT + 1)

    def advance(self, size: int) -> None:
        """Note that a step of this size is done."""
        self._steps.append((self._steps[-1][0] + size, self._clock()))

    def __str__(self) -> str:
        (first, start), (done, now) = self._steps[0], self._steps[-1]
        if done == first or done >= self._total:
            return ""
        return f"about {spoken((self._total - done) * (now - start) / (done - first))} left"


def spoken(seconds: float) -> str:
    """Seconds, minutes or hours, as one would say them."""
    if seconds < 2 * _MINUTE:
        return f"{seconds:.0f} s"
    return f"{seconds / _MINUTE:.0f} min" if seconds < 2 * _HOUR else f"{seconds / _HOUR:.1f} h"
