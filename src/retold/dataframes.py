"""Score and trace DataFrames: pure, picklable functions for pandas, Dask, Ray and Spark."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd

from retold.detector import LABELS, load
from retold.detector.columns import TYPES, cells
from retold.detector.prior_estimation import AUTO
from retold.errors import InputError
from retold.reading import Document
from retold.reading.documents import parse_day

if TYPE_CHECKING:
    from retold.archive.taken import TakenArticle
    from retold.archive.tracing import Archives, Trace

# What is kept of a row beside its text, id and date, as an archive does.
_FIELDS = ("url", "outlet")

# The same of ``trace_frame``, by text and by source.
_TRACE_TYPES = {
    **{name: kind for name, kind in TYPES.items() if name in ("label", "abstained", "n_words", "pivot", "p_pivot")},
    **{f"p_{label.replace('-', '_')}": "float64" for label in LABELS},
    **{f"source_{name}": "string" for name in ("id", "date", "url", "outlet", "archive")},
    "relation": "string",
    **dict.fromkeys(("p_relation", "shared", "covered"), "float64"),
    "sources": "string",
    "n_facts": "int64",
    "changes": "string",
    "warnings": "string",
    "model": "string",
    "signature": "string",
}
_TAKEN_TYPES = {
    **dict.fromkeys(("id", "date", "url", "outlet", "archive"), "string"),
    "n_texts": "int64",
    "first_date": "string",
    "last_date": "string",
    "takers": "string",
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
    time_limit: float | None = None,
) -> pd.DataFrame:
    """Return verdicts as columns, under the index of ``frame``.

    Args:
        frame: One article a row; it is not changed. A missing text is an empty one.
        text: Name of the column that holds the articles.
        model: A model folder; the shipped one if None.
        prior: Expected shares of original, edited and back-translated articles, such as ``0.8,0.1,0.1``; ``auto`` estimates
            them from the texts, which are then scored twice; see ``retold.detector.prior_estimation``.
        operating_point: Where a text is called back-translated; see ``Detector.with_options``.
        jobs: Processes.
        evidence: ``json`` writes the spans of an article as JSON, so that the result can be stored as Parquet; ``objects`` keeps
            them as lists of dictionaries; None looks for none, which takes a third less time.
        time_limit: Seconds of the processor that one article may take; see ``Detector.with_options``.

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
    _require_column(frame, text)
    if evidence not in ("json", "objects", None):
        raise InputError(f"evidence={evidence!r}: choose json, objects or None")
    detector = load(model)
    texts = list(map(_as_text, frame[text]))
    if isinstance(prior, str) and prior == AUTO:
        prior = detector.estimate_prior(texts).prior
    detector = detector.with_options(prior=prior, operating_point=operating_point, time_limit=time_limit)
    verdicts = detector.score_many(texts, jobs=jobs, evidence=evidence is not None)
    rows = [cells(verdict, is_json=evidence == "json") for verdict in verdicts]
    types = {name: kind for name, kind in TYPES.items() if name != "evidence" or evidence is not None}
    result = pd.DataFrame(rows, index=frame.index, columns=list(types))
    return result.astype(types if evidence != "objects" else types | {"evidence": object})


def trace_frame(
    frame: pd.DataFrame,
    archive: Archives,
    text: str = "text",
    model: str | Path | None = None,
    *,
    by: Literal["text", "source"] = "text",
    jobs: int = 1,
) -> pd.DataFrame:
    """Return where the articles of a frame come from, as columns under its index; or who took the articles of an archive.

    Args:
        frame: One article a row, with any of the columns ``id``, ``date``, ``url`` and ``outlet``; it is not changed. An article of
            an archive that appeared after a text is not its source.
        archive: An archive, the folder of one, or several of either, searched as one. Name folders where the function is sent to
            other processes: each opens them once.
        text: Name of the column that holds the articles.
        model: A model folder; the shipped one if None.
        by: ``text`` gives a row for each row of ``frame``, ``source`` one for each article that was taken.
        jobs: Processes.

    Returns:
        By text: ``label``, ``p_...``, ``pivot`` and what else ``score_frame`` has; ``source_id``, ``source_date``, ``source_url``,
        ``source_outlet``, ``source_archive``, ``relation``, ``p_relation``, ``shared`` and ``covered`` of the first source (see
        ``archive.sources.Source``), all missing where none was found; ``sources`` (all of them) and ``changes`` (changed facts
        first, ``n_facts`` of them) as JSON. By source: ``id``, ``date``, ``url``, ``outlet``, ``archive``, ``n_texts``, ``first_date`` and
        ``last_date`` of those texts, and ``takers`` as JSON. The types of the columns do not depend on the rows.

    Raises:
        InputError: if there is no such column, or ``by`` is unknown.
        ArchiveError: if an archive cannot be opened.
        ModelError: if there is no sound model.
    """
    # Load tantivy and what compares texts, which scoring does without.
    from retold.archive.taken import taken_articles
    from retold.archive.tracing import as_archives, trace_many

    _require_column(frame, text)
    if by not in ("text", "source"):
        raise InputError(f"by={by!r}: choose text or source")
    traces = trace_many(_documents(frame, text), as_archives(archive), load(model), jobs)
    if by == "source":
        rows = [_taken_cells(article) for article in taken_articles(traces)]
        return pd.DataFrame(rows, columns=list(_TAKEN_TYPES)).astype(_TAKEN_TYPES)
    cells = [_trace_cells(trace) for trace in traces]
    return pd.DataFrame(cells, index=frame.index, columns=list(_TRACE_TYPES)).astype(_TRACE_TYPES)


def _require_column(frame: pd.DataFrame, name: str) -> None:
    if not hasattr(frame, "columns"):
        raise InputError(f"expected a DataFrame with a column {name!r}, got of type {type(frame).__name__}")
    if list(frame.columns).count(name) != 1:
        raise InputError(f"no column {name!r}, or more than one; the frame has {', '.join(map(str, frame.columns))}")


def _documents(frame: pd.DataFrame, text: str) -> Iterator[Document]:
    """The rows of a frame as documents; a missing text is an empty one, a missing id the index."""
    columns = [
        [_as_text(value) for value in frame[c]] if c in frame.columns else None for c in ("id", "date", *_FIELDS)
    ]
    for place, (index, value) in enumerate(zip(frame.index, frame[text], strict=True)):
        id, day, *fields = ("" if column is None else column[place] for column in columns)
        known = dict(zip(_FIELDS, fields, strict=True))
        yield Document(id or str(index), _as_text(value), str(index), (), parse_day(day), known)


def _trace_cells(trace: Trace) -> dict[str, Any]:
    verdict, first = trace.verdict, trace.sources[0].as_dict() if trace.sources else {}
    return {
        **{name: value for name, value in cells(verdict, is_json=True).items() if name in _TRACE_TYPES},
        **{f"source_{name}": first.get(name) for name in ("id", "date", "url", "outlet", "archive")},
        "relation": first.get("relation"),
        "p_relation": first.get("probability", np.nan),
        **{name: first.get(name, np.nan) for name in ("shared", "covered")},
        "sources": json.dumps([source.as_dict() for source in trace.sources]),
        "n_facts": len(trace.facts),
        "changes": json.dumps([change.as_dict() for change in trace.changes]),
    }


def _taken_cells(article: TakenArticle) -> dict[str, Any]:
    row = article.as_dict()
    days = [taker.date for taker in article.takers if taker.date]
    row |= {"n_texts": len(article.takers), "first_date": min(days, default=None), "last_date": max(days, default=None)}
    return row | {"takers": json.dumps(row["takers"])}


def _as_text(value: Any) -> str:
    if isinstance(value, str):
        return value
    return "" if pd.api.types.is_scalar(value) and pd.isna(value) else str(value)
