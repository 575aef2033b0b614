"""Score a DataFrame: a pure, picklable function for pandas, Dask, Ray and Spark."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from retold.detector import LABELS, load
from retold.errors import InputError


def score_frame(frame: pd.DataFrame, text: str = "text", model: str | Path | None = None) -> pd.DataFrame:
    """Return verdicts as columns beside an index that is that of ``frame``.

    Args:
        frame: One article a row; it is not changed.
        text: Name of the column that holds the articles.
        model: A model folder; the shipped one if None.

    Returns:
        A frame with the names of the JSON output: ``label``, one ``p_...`` column a class, ``abstained``, ``n_words``,
        ``language``, ``pivot``, one ``signal_...`` column a family, ``evidence``, ``warnings`` and ``model``.

    Raises:
        InputError: if there is no such column.
        ModelError: if there is no sound model.

    Example:
        >>> import pandas as pd
        >>> score_frame(pd.DataFrame({"text": ["Too short."]}))["abstained"].tolist()
        [True]
    """
    if text not in frame.columns:
        raise InputError(f"no column {text!r}; the frame has {', '.join(map(str, frame.columns))}")
    verdicts = load(model).score_many(frame[text].fillna("").astype(str).tolist())
    rows = [_flat(v.as_dict()) for v in verdicts]
    return pd.DataFrame(rows, index=frame.index)


def _flat(verdict: dict) -> dict:
    probabilities, signals = verdict.pop("probabilities"), verdict.pop("signals")
    del verdict["id"]
    named = {f"p_{label.replace('-', '_')}": probabilities[label] for label in LABELS}
    return {"label": verdict.pop("label"), **named, **verdict, **{f"signal_{k}": v for k, v in signals.items()}}
