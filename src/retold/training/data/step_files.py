"""Finished steps of training on disk: written whole or not at all, and refused in one sentence if they were damaged since."""

from __future__ import annotations

import os
import secrets
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from retold.errors import InputError


def save_arrays(file: Path, arrays: Mapping[str, NDArray[Any]]) -> None:
    """Write arrays under a name that only a complete file ever has."""
    draft = _draft(file)
    with draft.open("xb") as stream:
        np.savez(stream, allow_pickle=False, **arrays)
    os.replace(draft, file)


def save_text(file: Path, text: str) -> None:
    """Write a text under a name that only a complete file ever has."""
    draft = _draft(file)
    draft.write_text(text, encoding="utf-8")
    os.replace(draft, file)


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


def _draft(file: Path) -> Path:
    """A name for the file while it is written; random, so that what a hard stop left behind is in no later run's way."""
    file.parent.mkdir(parents=True, exist_ok=True)
    return file.with_name(f".{file.name}.{secrets.token_hex(4)}")
