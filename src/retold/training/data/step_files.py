"""Finished steps of training on disk: written whole or not at all, and refused in one sentence if they were damaged since."""

from __future__ import annotations

import os
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from retold.drafts import clear_abandoned, draft_file
from retold.errors import InputError


def save_arrays(file: Path, arrays: Mapping[str, NDArray[Any]]) -> None:
    """Write arrays under a name that only a complete file ever has."""
    with _whole(file) as stream:
        np.savez(stream, allow_pickle=False, **arrays)


def save_text(file: Path, text: str) -> None:
    """Write a text under a name that only a complete file ever has."""
    with _whole(file) as stream:
        stream.write(text.encode("utf-8"))


def load_arrays(file: Path) -> dict[str, NDArray[Any]]:
    """Read what ``save_arrays`` wrote.

    Raises:
        InputError: naming the file, if it was damaged.
    """
    try:
        with file.open("rb") as stream, np.load(stream, allow_pickle=False) as stored:
            return dict(stored)
    except (zipfile.BadZipFile, zlib.error, EOFError, ValueError, KeyError, OSError) as error:
        raise InputError(
            f"{file}: a damaged step of an earlier training ({error}); delete it and start again"
        ) from None


@contextmanager
def _whole(file: Path) -> Iterator[IO[bytes]]:
    """Write a file beside its place, and put it there when it is whole; what a hard stop left is deleted."""
    file.parent.mkdir(parents=True, exist_ok=True)
    clear_abandoned(file, Path.unlink)
    with draft_file(file, "xb") as (draft, stream):
        with stream:
            yield stream
        os.replace(draft, file)
