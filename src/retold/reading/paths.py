"""Paths as they are given: wildcards, the files of folders, and the suffixes that decide how a file is read."""

from __future__ import annotations

import gzip
import lzma
import os
from collections import Counter
from collections.abc import Callable, Container, Iterable, Iterator
from glob import glob
from pathlib import Path
from typing import Any

from retold.limits import MAX_FOLDER_DEPTH
from retold.reading.documents import Unreadable
from retold.reading.encoding import replace_surrogates

# What unpacks a file a line at a time.
OPENERS: dict[str, Callable[[Path, str], Any]] = {".gz": gzip.open, ".xz": lzma.open}


def matching(paths: Iterable[str]) -> list[str]:
    """The paths, those with wildcards that no shell has replaced as the files that they match, in order of their names."""
    found: list[str] = []
    for path in paths:
        # A file may be named so.
        found += [path] if os.path.exists(path) else sorted(glob(path, recursive=True)) or [path]
    return found


def suffix_of(name: str) -> str:
    """The suffix that decides how a file is read, in lower case: that of what is compressed with that of the compression."""
    path = Path(name.lower())
    return "".join(path.suffixes[-2:]) if path.suffix in OPENERS else path.suffix


def shown_path(path: Path) -> str:
    """A path as text that every output can encode."""
    return replace_surrogates(str(path))


def walk(folder: Path, known: Container[str], passed_over: Counter[str], depth: int = 0) -> Iterator[Path | Unreadable]:
    """Yield the regular files of a folder and those below it, in sorted order; hidden ones are left out.

    Symbolic links are never followed, so no loop can hold the walk.

    Args:
        folder: Where to begin.
        known: Suffixes of the files to yield, in lower case.
        passed_over: Counts what is not yielded, by kind.
        depth: How deep the folder lies below the first.
    """
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError as error:
        yield Unreadable(shown_path(folder), f"{error.strerror or error}; check its permissions")
        return
    for entry in entries:
        if entry.name.startswith("."):
            continue
        if entry.is_dir(follow_symlinks=False) and depth < MAX_FOLDER_DEPTH:
            yield from walk(Path(entry.path), known, passed_over, depth + 1)
        elif kind := _reason_to_pass(entry, known):
            passed_over[kind] += 1
        else:
            yield Path(entry.path)


def _reason_to_pass(entry: os.DirEntry[str], known: Container[str]) -> str:
    if entry.is_symlink():
        return "symbolic link"
    if entry.is_dir(follow_symlinks=False):
        return "too deeply nested folder"
    if not entry.is_file(follow_symlinks=False):
        return "special file"
    suffix = suffix_of(entry.name)
    return "" if suffix in known else f"{suffix or 'unsuffixed'} file"
