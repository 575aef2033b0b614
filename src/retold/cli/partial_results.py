"""What stays of work that was cut short: ``FILE.partial`` to be read, and ``FILE.record`` to go on from."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from itertools import count
from pathlib import Path

# Bytes compared at a time.
_BLOCK = 1 << 20
# How a Parquet file begins and ends; without its end it cannot be read.
_PARQUET = b"PAR1"


def record_file(output: str | Path) -> Path:
    """Where the finished results of a run lie until its output is whole."""
    path = Path(os.path.realpath(output))
    return path.with_name(path.name + ".record")


def partial_file(path: Path) -> Path:
    """Where the results of a run that was cut short lie."""
    return path.with_name(path.name + ".partial")


def adopt(draft: Path, partial: Path, remark: Callable[[str], object]) -> None:
    """Show what a run that was stopped hard left behind; delete it where partial results hold it already."""
    if partial.is_file() and _begins_with(partial, draft):
        draft.unlink()
    elif kept := keep_partial(draft, partial):
        remark(f"an earlier run was stopped while it wrote; what it had written is in {kept}")


def drop_outdated(partial: Path, path: Path) -> None:
    """Delete partial results that stand in the whole ones."""
    with suppress(OSError):
        if partial.is_file() and _begins_with(path, partial):
            partial.unlink()


def keep_partial(draft: Path, partial: Path) -> Path | None:
    """Keep what was written before the work stopped, if anything that can be read.

    Earlier partial results are replaced only by results that begin with them; others get a name of their own.
    """
    if not draft.stat().st_size or _is_cut_parquet(draft):
        draft.unlink()
        return None
    names = (partial if n == 1 else partial.with_name(f"{partial.name}.{n}") for n in count(1))
    target = next(name for name in names if not name.exists() or _begins_with(draft, name))
    os.replace(draft, target)
    return target


def _is_cut_parquet(file: Path) -> bool:
    with file.open("rb") as stream:
        start = stream.read(len(_PARQUET))
        stream.seek(-min(len(_PARQUET), file.stat().st_size), os.SEEK_END)
        return start == _PARQUET and (stream.read() != _PARQUET or file.stat().st_size <= 2 * len(_PARQUET))


def _begins_with(file: Path, start: Path) -> bool:
    """True if the bytes of a file begin with all those of another."""
    with file.open("rb") as long, start.open("rb") as short:
        while block := short.read(_BLOCK):
            if long.read(len(block)) != block:
                return False
    return True
