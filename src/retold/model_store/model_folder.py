"""A model on disk: a folder of arrays, JSON and plain text, with a manifest; loading it runs no code.

Every file is named in the manifest with its size and SHA-256 digest. Nothing is built before the whole folder has
passed the audit: names, sizes, digests, and what ``schema`` declares of each array and text. A digest proves only that a
file is the one that was signed, not that whoever signed it meant well.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from retold.errors import ModelError
from retold.model_store.schema import array_faults, meta_fault, name_fault
from retold.model_store.strict_json import parse_json

MANIFEST = "manifest.json"
# Raised when an older program could not read what a newer one writes.
FORMAT = 1
# A manifest lists some 60 files; a megabyte leaves room and refuses a bomb.
_MAX_MANIFEST_BYTES = 1_000_000
# The shipped model takes 50 MB; a gigabyte bounds what a hostile manifest can make us read.
_MAX_MODEL_BYTES = 1_000_000_000
# Faults named in one message; a reader takes in no more.
_SHOWN_FAULTS = 5


@dataclass(frozen=True)
class ModelFolder:
    """The audited content of a model folder.

    Attributes:
        path: Where it lies.
        meta: What the manifest says beside its files: name, version, versions of libraries, feature names, ...
        arrays: Read-only arrays mapped from disk, by name.
        texts: Plain text files, by name.
        signature: First 12 hex digits of the digest of the manifest, which covers every other file.
    """

    path: Path
    meta: dict[str, Any]
    arrays: dict[str, NDArray[Any]]
    texts: dict[str, str]
    signature: str


def digest(file: Path) -> str:
    """Return the SHA-256 digest of a file, in hex."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def read_model(path: Path) -> ModelFolder:
    """Audit a model folder and map its arrays.

    Raises:
        ModelError: naming the file at fault and what to do, if anything is missing, changed or unexpected.
    """
    try:
        return _read(path)
    except OSError as error:
        raise ModelError(f"{error.filename or path}: {error.strerror or error}; check its permissions") from None


def _read(path: Path) -> ModelFolder:
    raw = _manifest_bytes(path)
    manifest = _parse_manifest(path, raw)
    files = manifest.pop("files")
    _raise_for(path, [meta_fault(manifest), *(_file_fault(path, name, entry) for name, entry in sorted(files.items()))])
    if sum(entry["bytes"] for entry in files.values()) > _MAX_MODEL_BYTES:
        raise ModelError(f"{path}: larger than {_MAX_MODEL_BYTES:,} bytes, so not a model of this program")
    arrays = {name[:-4]: _map(path / name) for name in files if name.endswith(".npy")}
    _raise_for(path, array_faults(arrays))
    texts = {name: _text(path / name) for name in files if not name.endswith(".npy")}
    return ModelFolder(path, manifest, arrays, texts, hashlib.sha256(raw).hexdigest()[:12])


def _raise_for(path: Path, faults: list[str]) -> None:
    found = [fault for fault in faults if fault]
    if found:
        more = f"; and {len(found) - _SHOWN_FAULTS} more" if len(found) > _SHOWN_FAULTS else ""
        raise ModelError(f"{path}: this model is damaged: {'; '.join(found[:_SHOWN_FAULTS])}{more}. Get it anew.")


def read_manifest(path: Path) -> dict[str, Any]:
    """Read the manifest of a model folder alone; its files are not audited.

    Raises:
        ModelError: if there is none, or it is not one of this program.
    """
    return _parse_manifest(path, _manifest_bytes(path))


def _manifest_bytes(path: Path) -> bytes:
    file = path / MANIFEST
    if not file.is_file():
        raise ModelError(f"{path}: no model here ({MANIFEST} is missing). Train one: retold train --output {path}")
    if file.stat().st_size > _MAX_MANIFEST_BYTES:
        raise ModelError(f"{file}: larger than {_MAX_MANIFEST_BYTES} bytes, so not a manifest of this program")
    return file.read_bytes()


def _parse_manifest(path: Path, raw: bytes) -> dict[str, Any]:
    manifest = parse_json(raw.decode("utf-8", "replace"), str(path / MANIFEST))
    if not isinstance(manifest, dict) or not isinstance(manifest.get("files"), dict):
        raise ModelError(f"{path / MANIFEST}: not a manifest: it lists no files")
    if manifest.pop("format", None) != FORMAT:
        raise ModelError(f"{path / MANIFEST}: made for another version of retold; train the model again")
    return manifest


def _file_fault(path: Path, name: str, entry: object) -> str:
    """Return what is wrong with one listed file, or an empty string."""
    file = path / name
    if not isinstance(entry, dict) or type(entry.get("bytes")) is not int:
        return f"{name[:100]} has no size"
    # A declared name holds no separator, so that the file lies in the folder.
    if fault := name_fault(name, entry["bytes"]):
        return fault
    if file.is_symlink() or not file.is_file():
        return f"{name} is missing or a link"
    if file.stat().st_size != entry["bytes"]:
        return f"{name} has {file.stat().st_size} bytes, not {entry['bytes']}"
    if digest(file) != entry.get("sha256"):
        return f"{name} was changed (digest differs)"
    return ""


def _map(file: Path) -> NDArray[Any]:
    try:
        # As np.load() does, but of an array alone: that also opens archives.
        return np.lib.format.open_memmap(file, mode="r")
    except OSError:
        raise
    except Exception as error:
        # NumPy parses a header as Python, which fails in many ways: a TokenError was the last one found.
        raise ModelError(f"{file}: not a readable array ({error}); get the model anew") from None


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise ModelError(f"{file}: not UTF-8 ({error.reason}); get the model anew") from None
