"""The manifest of an archive: the file by which a folder is known to be one, and how to read it."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import retold
from retold.errors import ArchiveError
from retold.limits import MAX_MANIFEST_BYTES

NAME: Final = "manifest.json"
_FORMAT: Final = "retold-archive"
# Raised when an older program could not read what a newer one writes.
_VERSION: Final = 1


@dataclass(frozen=True, slots=True)
class Manifest:
    """How an archive is to be read; what it holds is counted in its files.

    Attributes:
        keeps_texts: False if the archive holds the addresses of the texts only.
        made_by: Name and version of the program that made it.
        format, version: What the folder is.
    """

    keeps_texts: bool
    made_by: str = f"retold {retold.__version__}"
    format: str = _FORMAT
    version: int = _VERSION

    def write(self, folder: Path) -> None:
        """Write it into a folder."""
        (folder / NAME).write_text(json.dumps(asdict(self), indent=1) + "\n", encoding="utf-8")

    @classmethod
    def read(cls, folder: Path) -> Manifest:
        """Read that of a folder.

        Raises:
            ArchiveError: if the folder is no archive, or one of a newer program; the message says what to do.
        """
        stored = _read_json(folder)
        if stored.get("format") != _FORMAT or type(stored.get("version")) is not int:
            raise ArchiveError(
                f"{folder / NAME} is not the manifest of an archive; make one elsewhere: retold archive add NEW.archive PATH..."
            )
        _refuse_newer(folder, stored)
        return cls(bool(stored.get("keeps_texts", True)), str(stored.get("made_by", ""))[:80])

    @staticmethod
    def refuse_newer(folder: Path) -> None:
        """Refuse the archive of a newer program, which this one would take back to an older form; any other manifest may pass.

        Raises:
            ArchiveError: if a newer program made it.
        """
        try:
            stored = _read_json(folder)
        except ArchiveError:
            return
        _refuse_newer(folder, stored)


def _refuse_newer(folder: Path, stored: dict[str, Any]) -> None:
    version = stored.get("version")
    if stored.get("format") == _FORMAT and type(version) is int and version > _VERSION:
        raise ArchiveError(
            f"{folder} was made by a newer program ({str(stored.get('made_by'))[:40]}, format {version}; this one reads"
            f" {_VERSION}); run: python -m pip install --upgrade retold"
        )


def _read_json(folder: Path) -> dict[str, Any]:
    if folder.is_file():
        raise ArchiveError(
            f"{folder} is a file, and an archive is a folder; name another: retold archive add NEW.archive PATH..."
        )
    if not folder.is_dir():
        raise ArchiveError(f"there is no archive {folder}; make one: retold archive add {folder} PATH...")
    try:
        with (folder / NAME).open("rb") as stream:
            stored = json.loads(stream.read(MAX_MANIFEST_BYTES))
    except OSError:
        raise ArchiveError(
            f"{folder} is no archive: it has no {NAME}; make one elsewhere: retold archive add NEW.archive PATH..."
        ) from None
    except (ValueError, RecursionError):
        stored = None
    if not isinstance(stored, dict):
        raise ArchiveError(
            f"{folder / NAME} is damaged; restore it from a copy, or run: retold archive repair {folder}"
        )
    return stored
