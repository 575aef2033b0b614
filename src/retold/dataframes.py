"""Score a DataFrame: a pure, picklable function for pandas, Dask, Ray and Spark."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd

from retold.detector import LABELS, Verdict, load
from retold.errors import InputError
from retold.signals.registry import FEATURE_GROUPS

# Columns of the result, in order, with types that are the same for any rows, so that the parts of a partitioned table fit
# together. ``evidence`` comes between the signals and the last three.
_TYPES = {
    "label": "string",
    **{f"p_{label.replace('-', '_')}": "float64" for label in LABELS},
    "abstained": "bool",
    "n_words": "int64",
    "language": "string",
    "pivot": "string",
    "p_pivot": "float64",
    **{f"signal_{group}": "float64" for group in FEATURE_GROUPS},
    "evidence": "string",
    "warnings": "string",
    "model": "string",
    "signature": "string",
}


def score_frame(
    frame: pd.DataFrame,
    text: str = "text",
    model: str | Path | None = None,
    *,
    prior: str | Sequence[float] | Mapping[str, float] | None = None,
    operating_point: str | None = None,
    jobs: int = 1,
    evidence: Literal["json", "objects"] | None = "json",
) -> pd.DataFrame:
    """Return verdicts as columns, under the index of ``frame``.

    Args:
        frame: One article a row; it is not changed. A missing text is an empty one.
        text: Name of the column that holds the articles.
        model: A model folder; the shipped one if None.
        prior: Expected shares of original, edited and back-translated articles, such as ``0.8,0.1,0.1``.
        operating_point: Where a text is called back-translated; see ``Detector.with_options``.
        jobs: Processes.
        evidence: ``json`` writes the spans of an article as JSON, so that the result can be stored as Parquet; ``objects`` keeps
            them as lists of dictionaries; None looks for none, which takes a third less time.

    Returns:
        A frame with the names of the JSON output: ``label``, one ``p_...`` column a class, ``abstained``, ``n_words``,
        ``language``, ``pivot`` (the likeliest) with its probability ``p_pivot``, one ``signal_...`` column a group of signals,
        ``evidence``, ``warnings`` (joined by "; "), ``model`` and ``signature``. Label, probabilities and signals are missing
        where nothing was judged. The types of the columns do not depend on the rows.

    Raises:
        InputError: if there is no such column, or an option is none.
        ModelError: if there is no sound model.

    Example:
        >>> import pandas as pd
        >>> score_frame(pd.DataFrame({"text": ["Too short."]}))["abstained"].tolist()
        [True]
    """
    if list(frame.columns).count(text) != 1:
        raise InputError(f"no column {text!r}, or more than one; the frame has {', '.join(map(str, frame.columns))}")
    if evidence not in ("json", "objects", None):
        raise InputError(f"evidence={evidence!r}: choose json, objects or None")
    detector = load(model).with_options(prior=prior, operating_point=operating_point)
    verdicts = detector.score_many(map(_as_text, frame[text]), jobs=jobs, evidence=evidence is not None)
    rows = [_cells(verdict, is_json=evidence == "json") for verdict in verdicts]
    types = {name: kind for name, kind in _TYPES.items() if name != "evidence" or evidence is not None}
    result = pd.DataFrame(rows, index=frame.index, columns=list(types))
    return result.astype(types if evidence != "objects" else types | {"evidence": object})


def _as_text(value: Any) -> str:
    if isinstance(value, str):
        return value
    return "" if pd.api.types.is_scalar(value) and pd.isna(value) else str(value)


def _cells(verdict: Verdict, is_json: bool) -> dict[str, Any]:
    probabilities, spans = verdict.probabilities or {}, verdict.as_dict()["evidence"]
    return {
        "label": verdict.label,
        **{f"p_{label.replace('-', '_')}": probabilities.get(label, np.nan) for label in LABELS},
        "abstained": verdict.abstained,
        "n_words": verdict.n_words,
        "language": verdict.language,
        "pivot": verdict.top_pivot,
        "p_pivot": verdict.pivot[verdict.top_pivot] if verdict.top_pivot else np.nan,
        **{f"signal_{group}": verdict.signals.get(group, np.nan) for group in FEATURE_GROUPS},
        "evidence": json.dumps(spans) if is_json else spans,
        "warnings": "; ".join(verdict.warnings),
        "model": verdict.model,
        "signature": verdict.signature,
    }
