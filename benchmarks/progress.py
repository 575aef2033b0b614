"""Lines of progress, which every long measurement prints alike."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable


def stopwatch() -> Callable[[str], None]:
    """Return what prints a line on standard error, with the seconds since now before it."""
    start = time.monotonic()

    def report(line: str) -> None:
        print(f"[{time.monotonic() - start:6.0f} s] {line}", file=sys.stderr, flush=True)

    return report
