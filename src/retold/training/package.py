"""Write a trained model into a folder, with what later training needs of it."""

from __future__ import annotations

import io
import platform
import re
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from retold import __version__
from retold.detector.components import ModelComponents, build_signals
from retold.detector.features import feature_schema
from retold.detector.normality import ABNORMAL_KINDS
from retold.model_store import ModelFolder, read_model, write_model
from retold.training.data.examples import KNOWN_LABELS

# Rows of training features that go with a model, so that others can add examples to it without the texts; they take 4 MB.
REPLAY_ROWS = 8_000
# What the labels and weights of a row are made from; its text and id are not stored.
REPLAY_COLUMNS = ["label", "kind", "source", "domain", "family", "pivot", "edit_distance", "group", "n_words"]
# The headings under which a card states what was measured.
EVALUATION, EVIDENCE = "## Evaluation", "## Evidence"
_LIBRARIES = ("numpy", "scipy", "scikit-learn", "textstat", "langdetect")


def replay_sample(table: pd.DataFrame, seed: int) -> NDArray[np.intp]:
    """Rows to keep, balanced over label, source and engine family, in order.

    None is a spun copy or word salad, from which the classifiers learn no label.
    """
    rows = np.flatnonzero(table["label"].isin(KNOWN_LABELS) & ~table["kind"].isin(ABNORMAL_KINDS))
    key = (table["label"] + "|" + table["source"] + "|" + table["family"]).iloc[rows]
    weight = 1 / np.sqrt(key.map(key.value_counts()).to_numpy(dtype=float))
    size = min(REPLAY_ROWS, len(rows))
    chosen = np.random.default_rng(seed).choice(rows, size=size, replace=False, p=weight / weight.sum())
    return np.sort(chosen)


def write_package(
    path: Path,
    components: ModelComponents,
    classifiers: Mapping[str, NDArray[Any]],
    replay: tuple[pd.DataFrame, NDArray[np.float64]],
    meta: Mapping[str, Any],
    texts: Mapping[str, str],
) -> None:
    """Write the model folder.

    Args:
        path: The folder.
        components: What the signals are built from.
        classifiers: The arrays of the classifiers, calibration and second look.
        replay: Table and features of the rows that later training replays.
        meta: Name, version and whatever else the manifest is to hold.
        texts: Further text files by name: the card, comparison weights.
    """
    table, features = replay
    names = feature_schema(build_signals(components)).names
    arrays = components.arrays() | dict(classifiers) | {"replay_features": features.astype(np.float32)}
    texts = components.texts() | dict(texts) | {"replay.csv": table[REPLAY_COLUMNS].to_csv(index=False)}
    libraries = {name: version(name) for name in _LIBRARIES} | {"python": platform.python_version()}
    made = {"retold": __version__, "libraries": libraries, "features": list(names)}
    write_model(path, {**meta, **made}, arrays, texts)


def read_replay(folder: ModelFolder) -> tuple[pd.DataFrame, NDArray[np.float64]]:
    """The rows that a model was trained on, as far as they go with it: table (n rows) and features (n, n_features)."""
    table = pd.read_csv(io.StringIO(folder.texts["replay.csv"]), keep_default_na=False, dtype={"group": str})
    table["edit_distance"] = pd.to_numeric(table["edit_distance"], errors="coerce")
    return table, folder.arrays["replay_features"].astype(np.float64)


def put_into_card(path: Path, report: str, heading: str = EVALUATION) -> None:
    """Write a report into a model's card, in the place of an earlier one under the same heading of the second level.

    Raises:
        ModelError: if there is no sound model there.
    """
    folder = read_model(path)
    sections = re.split(r"(?m)^(?=## )", folder.texts["CARD.md"])
    kept = [section.rstrip() for section in sections if not section.startswith(heading)]
    write_model(path, folder.meta, folder.arrays, {**folder.texts, "CARD.md": "\n\n".join([*kept, report])})
