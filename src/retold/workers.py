"""Work in several processes, which end with the one that started them, however that ends."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from typing import Any, Final, TypeVar

# Between two looks at who the parent is; each takes a microsecond.
_SECONDS: Final = 1.0

Result = TypeVar("Result")


def in_workers(function: Callable[..., Result], calls: Iterable[Sequence[Any]], jobs: int) -> Iterator[Result]:
    """Call a function with each list of arguments, and yield the results in order.

    Args:
        function: Of a module, so that workers can import it.
        calls: Positional arguments; taken as the work goes on.
        jobs: Processes.
    """
    # Takes longer to load than an article to score, which needs no other process.
    from joblib import Parallel, delayed

    work = (delayed(_call)(os.getpid(), function, *arguments) for arguments in calls)
    yield from Parallel(n_jobs=jobs, return_as="generator")(work)


def _call(parent: int, function: Callable[..., Result], *arguments: Any) -> Result:
    # Not so in the process itself, where there is but one job, and on another machine.
    if os.getppid() == parent:
        _end_with(parent)
    return function(*arguments)


@cache
def _end_with(parent: int) -> None:
    """End this process once its parent is gone: a queue of tasks says nothing of that, and is waited at for five minutes."""
    threading.Thread(target=_watch, args=(parent,), daemon=True, name="parent watch").start()


def _watch(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(_SECONDS)
    os._exit(1)
