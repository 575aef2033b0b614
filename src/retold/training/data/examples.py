"""Labelled examples: JSONL, CSV or Parquet with a column ``label``, or a folder with one sub-folder per label."""

from __future__ import annotations

import difflib
import hashlib
import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any, Final

import pandas as pd

from retold.detector.verdict import LABELS
from retold.errors import InputError
from retold.reading import Document, read
from retold.reading.documents import row_document

# Beside the three verdicts: machine English without an English original, and human translations (null in the corpus).
MACHINE_TRANSLATED: Final = "machine-translated"
CONTROL: Final = "control"
KNOWN_LABELS: Final = (*LABELS, MACHINE_TRANSLATED, CONTROL)
# Kind of a passage of running news, which the language model has seen, and of its round trip.
RUNNING_NEWS: Final = "running_news"
_CORPUS_FILES: Final = ("originals", "backtranslated", "edited", "translated", "controls")
# Places listed of a fault that many rows share, and faults.
_SHOWN: Final = 20
# Hex digits of the digests that name groups: at a million examples two share one with a probability of 1e-7.
_NAME_DIGITS: Final = 16


@dataclass(frozen=True, slots=True)
class LabelledText:
    """One labelled text; empty strings where nothing is known.

    ``group`` names the English original that the text is or descends from; splits keep groups together. Where near-duplicates
    of several stories were joined into one group, ``story`` is the group before that.
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
    story: str = ""

    @property
    def original(self) -> str:
        """Name of the one original that the text is or descends from."""
        return self.story or self.group


# Where something is wrong, and what.
_Fault = tuple[str, str]
_METADATA: Final = tuple(f.name for f in fields(LabelledText))[4:-1]
_COLUMNS: Final = ("label", "group", "why", *_METADATA)


def read_examples(paths: Iterable[Path]) -> list[LabelledText]:
    """Read labelled examples from files and folders.

    Examples with a ``group`` come in the order given. The others are grouped by ``id``, in folders by file name, and are
    ordered, and their groups named, by their texts: the same texts are the same examples however they are stored.

    Raises:
        InputError: naming the files and lines whose label or text cannot be used.
    """
    faults: list[_Fault] = []
    return _collected(_documents(paths, faults), faults)


def _collected(documents: Iterable[Document], faults: list[_Fault]) -> list[LabelledText]:
    grouped: list[LabelledText] = []
    others: dict[str, list[LabelledText]] = defaultdict(list)
    for document in documents:
        example = _example(document, faults)
        if example is not None and document.fields.get("group"):
            grouped.append(example)
        elif example is not None:
            others[example.group].append(example)
    _raise_for(faults)
    if not grouped and not others:
        raise InputError(
            "no labelled examples found; see the README for the forms they may have. Rows of retold label count once "
            "their label is filled in"
        )
    return grouped + _named_by_text(others.values())


def examples_of_frame(frame: pd.DataFrame) -> list[LabelledText]:
    """Labelled examples from the columns of a frame: ``text`` and ``label``, and any other field by its name.

    Raises:
        InputError: naming the column that is missing, or the rows whose label or text cannot be used.
    """
    if missing := [name for name in ("text", "label") if name not in frame.columns]:
        raise InputError(f"no column {missing[0]!r}; the frame has {', '.join(map(str, frame.columns))}")
    rows = frame.astype(object).where(frame.notna(), None).to_dict("records")
    faults: list[_Fault] = []
    return _collected(_rows(rows, faults), faults)


def _rows(rows: Iterable[Mapping[Any, Any]], faults: list[_Fault]) -> Iterator[Document]:
    for number, row in enumerate(rows, start=1):
        item = row_document(row, f"row {number}", _COLUMNS)
        if isinstance(item, Document):
            yield item
        else:
            faults.append((item.id, item.reason))


def read_running_news(paths: Iterable[Path]) -> list[LabelledText]:
    """Read passages of running news and their round trips, as ``retold corpus roundtrip`` writes them.

    They are marked ``RUNNING_NEWS``: the language model has seen the originals, so that only n-gram classifiers learn from them.

    Raises:
        InputError: naming the files and lines whose label or text cannot be used.
    """
    found = read_examples(paths) if (paths := list(paths)) else []
    return [replace(e, kind=RUNNING_NEWS, source=RUNNING_NEWS, domain="news", group=f"news:{e.group}") for e in found]


def _documents(paths: Iterable[Path], faults: list[_Fault]) -> Iterator[Document]:
    for path in paths:
        for folder, label in _label_folders(path):
            for item in read([folder], fields=_COLUMNS):
                if not isinstance(item, Document):
                    faults.append((item.id, item.reason))
                elif label and item.id == item.source:
                    # Versions of one story share a file name across the label folders.
                    file = Path(item.source)
                    yield replace(item, id=f"{label}/{file.name}", fields={"label": label, "story": file.stem})
                else:
                    yield replace(item, fields={**item.fields, "label": label}) if label else item


def _label_folders(path: Path) -> list[tuple[Path, str]]:
    """What is read, and the label of everything in it if it is a folder of one label."""
    if not path.is_dir():
        return [(path, "")]
    corpus = [path / f"{name}.jsonl.xz" for name in _CORPUS_FILES]
    if all(file.is_file() for file in corpus):
        return [(file, "") for file in corpus]
    folders = sorted(
        folder for folder in path.iterdir() if folder.is_dir() and _as_written(folder.name) in KNOWN_LABELS
    )
    if not folders:
        raise InputError(f"{path}: expected sub-folders named {', '.join(LABELS)}")
    return [(folder, _as_written(folder.name)) for folder in folders]


def _example(document: Document, faults: list[_Fault]) -> LabelledText | None:
    """The example of a row; None for a row that cannot be used, or that was proposed for labelling and got no label."""
    row = document.fields
    if row.get("why") and not row.get("label"):
        return None
    label = _as_written(str(row.get("label") or (CONTROL if "kind" in row else "")))
    if not document.text.strip():
        faults.append((document.source, "no text"))
    elif label not in KNOWN_LABELS:
        faults.append((document.source, _label_fault(str(row.get("label") or ""))))
    else:
        values: dict[str, Any] = {name: str(row[name]) for name in _METADATA if name in row}
        group = str(row.get("group") or row.get("story") or document.id)
        return LabelledText(
            document.id, group, label, _plain(document.text), **{**values, "edit_distance": _number(row)}
        )
    return None


def _as_written(label: str) -> str:
    """A label as verdicts write it: "Back Translated" as back-translated."""
    return "-".join(label.lower().replace("_", " ").split())


def _label_fault(label: str) -> str:
    if not label.strip():
        return f"no label; expected one of {', '.join(LABELS)}"
    close = difflib.get_close_matches(label, KNOWN_LABELS, 1)
    advice = f"did you mean {close[0]}?" if close else f"expected one of {', '.join(LABELS)}"
    return f"label {label[:40]!r}; {advice}"


def _plain(text: str) -> str:
    """A text without what depends on the file that it is stored in: line ends, and white space around it."""
    return text.replace("\r\n", "\n").strip()


def _number(row: Mapping[str, Any]) -> float:
    try:
        return float(row["edit_distance"])
    except (KeyError, TypeError, ValueError):
        return math.nan


def _raise_for(faults: list[_Fault]) -> None:
    """Report all faults at once; places with the same fault share a clause."""
    places: dict[str, list[str]] = defaultdict(list)
    for place, reason in faults:
        places[reason].append(place)
    if faults:
        clauses = [f"{_shortened(found)}: {reason}" for reason, found in places.items()]
        more = f"; and {len(clauses) - _SHOWN:,} more kinds of faults" if len(clauses) > _SHOWN else ""
        raise InputError("; ".join(clauses[:_SHOWN]) + more)


def _shortened(places: list[str]) -> str:
    more = f" and {len(places) - _SHOWN:,} more" if len(places) > _SHOWN else ""
    return ", ".join(places[:_SHOWN]) + more


def _named_by_text(groups: Iterable[list[LabelledText]]) -> list[LabelledText]:
    """Examples in the order of their texts' digests, their groups named after the smallest digest in them."""
    named = []
    for members in groups:
        digests = [hashlib.sha256(e.text.encode()).hexdigest()[:_NAME_DIGITS] for e in members]
        named += [(d, e.label, replace(e, group=min(digests))) for d, e in zip(digests, members, strict=True)]
    return [example for *_, example in sorted(named, key=lambda entry: entry[:2])]
