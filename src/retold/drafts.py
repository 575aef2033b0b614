"""Drafts: files and folders written beside their place under a hidden name, and renamed when they are whole.

A draft is locked as long as its writer lives. So what a hard stop (``kill -9``, a worker ended for memory) leaves behind is told from
the draft of another process by its open lock, and whoever writes to the same place next clears it away.
"""

from __future__ import annotations

import fcntl
import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

# What a draft is for: to take a place, or to be deleted once something else has taken it.
DRAFT, REPLACED = "draft", "replaced"


def draft_name(target: Path, kind: str = DRAFT) -> Path:
    """A hidden name beside a place; random, so that nothing is in its way, and so long that no user's file has it."""
    return target.with_name(f".{target.name}.{kind}-{secrets.token_hex(4)}")


@contextmanager
def draft_file(target: Path, mode: str, **options: Any) -> Iterator[tuple[Path, Any]]:
    """Give the path of a new file beside a place and a stream to write it, which the caller closes.

    Args:
        target: The place.
        mode: As of ``open``; with "x", so that a link planted under this name is not followed.
        options: Further ones of ``open``.

    Raises:
        OSError: if it cannot be made.
    """
    fresh = draft_name(target, "new")
    stream = fresh.open(mode, **options)
    # A lock outlives the stream, since the draft is renamed only when it is closed.
    with _locked(os.dup(stream.fileno())):
        yield fresh.rename(draft_name(target)), stream


@contextmanager
def draft_folder(target: Path) -> Iterator[Path]:
    """Make an empty folder beside a place.

    Raises:
        OSError: if it cannot be made.
    """
    fresh = draft_name(target, "new")
    fresh.mkdir()
    with _locked(os.open(fresh, os.O_RDONLY)):
        yield fresh.rename(draft_name(target))


@contextmanager
def set_aside(folder: Path) -> Iterator[Path]:
    """Rename a folder that is about to be replaced, and give its new name."""
    with _locked(os.open(folder, os.O_RDONLY)):
        yield folder.rename(draft_name(folder, REPLACED))


@contextmanager
def _locked(descriptor: int) -> Iterator[None]:
    """Lock a file or folder until its descriptor is closed at the end of a block."""
    try:
        # Where a file system has no locks, nothing is ever found abandoned.
        with suppress(OSError):
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    finally:
        os.close(descriptor)


def clear_abandoned(target: Path, take: Callable[[Path], object], kind: str = DRAFT) -> None:
    """Give each draft for a place whose writer is gone to a function that moves or deletes it.

    Args:
        target: The place.
        take: An OSError that it raises leaves the draft to the next run.
        kind: ``DRAFT`` or ``REPLACED``.
    """
    start = f".{target.name}.{kind}-"
    with suppress(OSError):
        for name in sorted(name for name in os.listdir(target.parent) if name.startswith(start)):
            _take(target.with_name(name), take)


def _take(draft: Path, take: Callable[[Path], object]) -> None:
    with suppress(OSError):
        # Without waiting, should a pipe have this name.
        descriptor = os.open(draft, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            take(draft)
        finally:
            os.close(descriptor)
