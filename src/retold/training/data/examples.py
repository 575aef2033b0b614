"""Labelled examples: read from JSONL (plain, .gz or .xz), CSV, or a folder with one sub-folder per label."""

from __future__ import annotations

import csv
import gzip
import json
import lzma
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields
from pathlib import Path
from typing import IO, Any

from retold.detector.verdict import LABELS
from retold.errors import InputError
from retold.limits import MAX_FILE_BYTES, MAX_ROW

# Beside the three verdicts: machine English without an English original, and human translations (null in the corpus).
MACHINE_TRANSLATED = "machine-translated"
CONTROL = "control"
KNOWN_LABELS = (*LABELS, MACHINE_TRANSLATED, CONTROL)
_CORPUS_FILES = ("originals", "backtranslated", "edited", "translated", "controls")
_TEXT_SUFFIXES = (".txt", ".md")


@dataclass(frozen=True, slots=True)
class LabelledText:
    """One labelled text; empty strings where nothing is known.

    ``group`` names the English original that the text is or descends from; splits keep groups together.
    """

    id: str
    group: str
    label: str
    text: str
    kind: str = ""
    source: str = ""
    domain: str = ""
    pivot: str = ""
    engine: str = ""
    forward: str = ""
    edit_distance: float = float("nan")


_FIELDS = tuple(f.name for f in fields(LabelledText))


def read_examples(paths: Iterable[Path]) -> list[LabelledText]:
    """Read labelled examples from files and folders, in the order given.

    Raises:
        InputError: naming the file and line whose label or text cannot be used.
    """
    found = [example for path in paths for example in _read(path)]
    if not found:
        raise InputError(
            "no labelled examples found; see the README for the three forms they may have. Rows of retold label count once "
            "their label is filled in"
        )
    return found


def _read(path: Path) -> Iterator[LabelledText]:
    if path.is_dir():
        yield from _read_folder(path)
    elif path.suffix == ".csv":
        yield from _read_csv(path)
    elif path.is_file():
        yield from _read_jsonl(path)
    else:
        raise InputError(f"{path}: no such file or folder")


def _read_folder(path: Path) -> Iterator[LabelledText]:
    corpus = [path / f"{name}.jsonl.xz" for name in _CORPUS_FILES]
    if all(file.is_file() for file in corpus):
        for file in corpus:
            yield from _read_jsonl(file)
        return
    labels = sorted(d for d in path.iterdir() if d.is_dir() and d.name in KNOWN_LABELS)
    if not labels:
        raise InputError(f"{path}: expected sub-folders named {', '.join(LABELS)}")
    for folder in labels:
        for file in sorted(f for f in folder.rglob("*") if f.suffix in _TEXT_SUFFIXES):
            if file.stat().st_size > MAX_FILE_BYTES:
                raise InputError(f"{file}: larger than {MAX_FILE_BYTES:,} bytes; split it into articles")
            text = file.read_text(encoding="utf-8", errors="replace")
            # Versions of one story share a file name across the label folders.
            yield _example(
                {"id": str(file.relative_to(path)), "group": file.stem, "label": folder.name, "text": text}, file
            )


def _open(path: Path) -> IO[str]:
    opener = {".xz": lzma.open, ".gz": gzip.open}.get(path.suffix, open)
    return opener(path, "rt", encoding="utf-8")  # type: ignore[operator]


def _read_jsonl(path: Path) -> Iterator[LabelledText]:
    with _open(path) as lines:
        number = 0
        while line := lines.readline(MAX_ROW):
            number += 1
            row = _parse(line, f"{path}, line {number}") if line.strip() else {}
            if row and not _is_unfilled(row):
                yield _example(row, path, number)


def _parse(line: str, place: str) -> dict[str, Any]:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise InputError(f"{place}: not valid JSON ({error})") from None
    if not isinstance(row, dict):
        raise InputError(f"{place}: expected an object with text and label")
    return row


def _read_csv(path: Path) -> Iterator[LabelledText]:
    csv.field_size_limit(MAX_ROW)
    with path.open(encoding="utf-8-sig", newline="") as lines:
        for number, row in enumerate(csv.DictReader(lines), start=2):
            if not _is_unfilled(row):
                yield _example({k: v for k, v in row.items() if k and v}, path, number)


def _is_unfilled(row: dict[str, Any]) -> bool:
    """True for a row that was proposed for labelling, has its reason, and got no label."""
    return bool(row.get("why")) and not row.get("label")


def _example(row: dict[str, Any], path: Path, number: int = 0) -> LabelledText:
    place = f"{path}, line {number}" if number else str(path)
    text, label = row.get("text"), row.get("label", CONTROL if "kind" in row else None) or CONTROL
    if not isinstance(text, str) or not text.strip():
        raise InputError(f"{place}: no text")
    if label not in KNOWN_LABELS or (label == CONTROL and "kind" not in row and row.get("label") != CONTROL):
        raise InputError(f"{place}: label {row.get('label')!r}, expected one of {', '.join(LABELS)}")
    known = {name: row[name] for name in _FIELDS if row.get(name) is not None}
    identity = str(row.get("id") or f"{path.name}:{number}")
    defaults = {"id": identity, "group": str(row.get("group") or identity), "label": label, "text": text}
    return LabelledText(**{**known, **defaults, "edit_distance": _number(row.get("edit_distance"))})


def _number(value: object) -> float:
    try:
        return float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return float("nan")
