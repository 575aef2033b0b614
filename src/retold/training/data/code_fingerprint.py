"""The program's own source, as part of the names of cached results: a change of the code makes them useless."""

from __future__ import annotations

from functools import cache
from pathlib import Path

_KINDS = (".py", ".txt", ".tsv", ".json")


@cache
def code_fingerprint(*places: str) -> bytes:
    """All code and data of rooms and files, named from the package's folder, such as ``text`` or ``training/fit/language_model.py``."""
    package = Path(__file__).parents[2]
    files = [file for place in places for file in _files(package / place)]
    return b"".join(file.read_bytes() for file in files)


def _files(place: Path) -> list[Path]:
    return [place] if place.is_file() else sorted(file for file in place.rglob("*.*") if file.suffix in _KINDS)
