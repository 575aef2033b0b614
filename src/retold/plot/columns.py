"""What the pictures read from a frame of verdicts, checked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from retold.detector.verdict import LABELS
from retold.errors import InputError
from retold.printable import printable

# What a verdict that is not sure is drawn as.
UNSURE: Final = "unsure"


def kinds_of(scores: pd.DataFrame, labels: Sequence[str] | pd.Series | None) -> NDArray[np.object_]:
    """What each article is drawn as: its true label, else its verdict; empty where nothing was judged."""
    if labels is not None:
        return given(scores, labels)
    verdicts = scores["label"].mask(scores["abstained"], UNSURE).where(scores["label"].notna(), "")
    return verdicts.to_numpy(object)


def given(scores: pd.DataFrame, labels: Sequence[str] | pd.Series) -> NDArray[np.object_]:
    """The true label of each row, object (n,).

    Raises:
        InputError: if they are not as many as rows, or one is unknown.
    """
    found = column(scores, labels, "labels")
    unknown = sorted({str(label) for label in found} - set(LABELS))
    if unknown:
        raise InputError(f"unknown label {printable(unknown[0])!r}; labels are {', '.join(LABELS)}")
    return found


def column(scores: pd.DataFrame, values: Sequence[Any] | pd.Series, name: str) -> NDArray[np.object_]:
    """Values beside the rows, object (n,); ``name`` names them in errors.

    Raises:
        InputError: if they are not as many as rows.
    """
    found = np.asarray(values, dtype=object)
    if found.shape != (len(scores),):
        raise InputError(f"{name}: {len(found):,} values for {len(scores):,} rows; give one for each row")
    return found


def probability(scores: pd.DataFrame, label: str) -> NDArray[np.float64]:
    """Probability of a label in each row, float64 (n,); NaN where nothing was judged.

    Raises:
        InputError: if there is no such label.
    """
    if label not in LABELS:
        raise InputError(f"unknown label {printable(label)!r}; labels are {', '.join(LABELS)}")
    return scores[f"p_{label.replace('-', '_')}"].to_numpy(float)
