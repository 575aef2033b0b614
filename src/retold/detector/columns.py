"""Verdicts as columns of a table: names and types that are the same for any rows."""

from __future__ import annotations

import json
import math
from typing import Any, Final

from retold.detector.verdict import LABELS, Verdict
from retold.signals.registry import FEATURE_GROUPS

# In order, with types as pandas names them, so that the parts of a partitioned table fit together.
TYPES: Final = {
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


def cells(verdict: Verdict, is_json: bool = True) -> dict[str, Any]:
    """The cells of a verdict by the names of ``TYPES``; numbers that are not known are NaN.

    Args:
        verdict: The verdict.
        is_json: Write evidence as JSON; else it is a list of dictionaries.
    """
    probabilities, spans = verdict.probabilities or {}, verdict.as_dict()["evidence"]
    return {
        "label": verdict.label,
        **{f"p_{label.replace('-', '_')}": probabilities.get(label, math.nan) for label in LABELS},
        "abstained": verdict.abstained,
        "n_words": verdict.n_words,
        "language": verdict.language,
        "pivot": verdict.top_pivot,
        "p_pivot": verdict.pivot[verdict.top_pivot] if verdict.top_pivot else math.nan,
        **{f"signal_{group}": verdict.signals.get(group, math.nan) for group in FEATURE_GROUPS},
        "evidence": json.dumps(spans) if is_json else spans,
        "warnings": "; ".join(verdict.warnings),
        "model": verdict.model,
        "signature": verdict.signature,
    }
