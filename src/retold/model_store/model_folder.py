"""A model on disk: a folder of arrays, JSON and plain text, with a manifest; loading it runs no code.

Every file is named in the manifest with its size and SHA-256 digest. Nothing is built before the whole folder has
passed the audit: names, sizes, digests, and for arrays the type and shape that the manifest promises.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from retold.errors import ModelError

MANIFEST = "manifest.json"
FORMAT = 1
# A manifest lists some 60 files; a megabyte leaves room and refuses a bomb.
_MAX_MANIFEST_BYTES = 1_000_000
# The shipped model takes 45 MB; a gigabyte bounds what a hostile manifest can make us read.
_MAX_FILE_BYTES = 1_000_000_000
_SAFE_NAME = re.compile(r"[a-z0-9_][a-z0-9_.\-]{0,80}")
_ALLOWED_KINDS = frozenset("fiub")


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
    raw = _manifest_bytes(path)
    manifest = _parse_manifest(path, raw)
    files = manifest.pop("files")
    faults = [fault for name, entry in sorted(files.items()) if (fault := _audit(path, name, entry))]
    if faults:
        raise ModelError(f"{path}: this model folder is not what its manifest says: {'; '.join(faults)}. Get it anew.")
    arrays = {name[:-4]: _map(path / name, entry) for name, entry in files.items() if name.endswith(".npy")}
    texts = {name: (path / name).read_text(encoding="utf-8") for name in files if not name.endswith(".npy")}
    return ModelFolder(path, manifest, arrays, texts, hashlib.sha256(raw).hexdigest()[:12])


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
    try:
        manifest = json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise ModelError(f"{path / MANIFEST}: not valid JSON ({error})") from None
    if not isinstance(manifest, dict) or not isinstance(manifest.get("files"), dict):
        raise ModelError(f"{path / MANIFEST}: not a manifest: it lists no files")
    if manifest.pop("format", None) != FORMAT:
        raise ModelError(f"{path / MANIFEST}: made for another version of retold; train the model again")
    return manifest


def _audit(path: Path, name: str, entry: object) -> str:
    """What is wrong with one listed file, or an empty string."""
    file = path / name
    if not _SAFE_NAME.fullmatch(name.lower()):
        return f"unsafe file name {name!r}"
    if not isinstance(entry, dict) or not isinstance(entry.get("bytes"), int):
        return f"{name} has no size"
    if file.is_symlink() or not file.is_file():
        return f"{name} is missing or a link"
    if file.stat().st_size != entry["bytes"] or entry["bytes"] > _MAX_FILE_BYTES:
        return f"{name} has {file.stat().st_size} bytes, not {entry['bytes']}"
    if digest(file) != entry.get("sha256"):
        return f"{name} was changed (digest differs)"
    return ""


def _map(file: Path, entry: dict[str, Any]) -> NDArray[Any]:
    try:
        array = np.load(file, mmap_mode="r", allow_pickle=False)
    except (ValueError, OSError, EOFError) as error:
        raise ModelError(f"{file}: not a readable array ({error})") from None
    if array.dtype.kind not in _ALLOWED_KINDS:
        raise ModelError(f"{file}: arrays of {array.dtype} are not allowed in a model")
    if array.dtype.str != entry.get("dtype") or list(array.shape) != entry.get("shape"):
        raise ModelError(f"{file}: {array.dtype.str} {array.shape} is not what the manifest promises")
    return array
