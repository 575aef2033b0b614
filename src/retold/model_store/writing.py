"""Write a model folder: whole or not at all, and never over anything but a model of this program."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from retold.drafts import REPLACED, clear_abandoned, draft_folder, set_aside
from retold.errors import InputError, ModelError
from retold.model_store.model_folder import FORMAT, MANIFEST, digest, read_manifest
from retold.model_store.schema import meta_fault


def check_replaceable(path: Path, inputs: Iterable[Path] = ()) -> None:
    """Refuse a folder in whose place no model may be written.

    Allowed are a name that is free, an empty folder, and a model of this program with nothing else beside its files.

    Args:
        path: The folder to write.
        inputs: Files and folders that are read to make the model.

    Raises:
        InputError: naming what is in the way.
    """
    target = path.resolve()
    for one in inputs:
        if target == one.resolve() or target in one.resolve().parents:
            raise InputError(
                f"{path} is or holds the input {one}, which would be lost; name another folder with --output"
            )
    if not target.exists():
        return
    if not target.is_dir():
        raise InputError(f"{path} is a file; name another folder with --output")
    names = {entry.name for entry in target.iterdir()}
    others = sorted(names - _model_files(target))
    if others:
        shown = ", ".join(others[:3])
        raise InputError(f"{path} holds what is no model of retold ({shown}); name another folder with --output")


def _model_files(folder: Path) -> set[str]:
    """The files of the model in a folder; none if there is no model."""
    try:
        return {MANIFEST, *read_manifest(folder)["files"]}
    except ModelError:
        return set()


def write_model(
    path: Path,
    meta: Mapping[str, Any],
    arrays: Mapping[str, NDArray[Any]],
    texts: Mapping[str, str],
    inputs: Iterable[Path] = (),
) -> None:
    """Write a model folder; an existing one is replaced only when the new one is complete.

    Args:
        path: The folder; its parent is created.
        meta: JSON-able description; must not hold the keys ``format`` and ``files``.
        arrays: Numeric arrays, stored as ``NAME.npy``.
        texts: Text files by full name, such as ``CARD.md``.
        inputs: Files and folders that were read to make the model.

    Raises:
        InputError: as ``check_replaceable``, or if the model's name or version cannot be shown.
    """
    check_replaceable(path, inputs)
    if fault := meta_fault(meta):
        raise InputError(f"cannot write the model {path}: {fault}")
    target = path.resolve()
    target.parent.mkdir(parents=True, exist_ok=True)
    clear_abandoned(target, shutil.rmtree)
    clear_abandoned(target, lambda old: _put_back(old, target), REPLACED)
    with draft_folder(target) as draft:
        try:
            _write_files(draft, meta, arrays, texts)
            _replace(target, draft)
        except BaseException:
            shutil.rmtree(draft, ignore_errors=True)
            raise


def _put_back(old: Path, target: Path) -> None:
    """Finish what a hard stop cut short: a model that was set aside is put back, or deleted if another took its place."""
    if target.exists():
        shutil.rmtree(old)
    else:
        old.rename(target)


def _write_files(
    folder: Path, meta: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]], texts: Mapping[str, str]
) -> None:
    for name, array in sorted(arrays.items()):
        np.save(folder / f"{name}.npy", np.ascontiguousarray(array), allow_pickle=False)
    for name, text in sorted(texts.items()):
        (folder / name).write_text(text, encoding="utf-8")
    manifest = {"format": FORMAT, **meta, "files": {f.name: _entry(f) for f in sorted(folder.iterdir())}}
    (folder / MANIFEST).write_text(json.dumps(manifest, indent=1, sort_keys=True) + "\n", encoding="utf-8")


def _replace(target: Path, draft: Path) -> None:
    """Put a draft in its place; what was there is deleted last, and put back if the draft cannot take its place."""
    if not target.exists():
        draft.rename(target)
        return
    with set_aside(target) as old:
        try:
            draft.rename(target)
        except BaseException:
            old.rename(target)
            raise
        shutil.rmtree(old, ignore_errors=True)


def _entry(file: Path) -> dict[str, Any]:
    return {"bytes": file.stat().st_size, "sha256": digest(file)}
