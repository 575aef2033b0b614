"""How good a model is on one's own labelled articles, beside another model if one is given."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from retold.detector import Detector, load
from retold.detector.calibration import BANDS
from retold.detector.verdict import LABELS, Verdict
from retold.errors import InputError
from retold.report.evaluation import render_evaluation
from retold.report.evaluation_html import render_evaluation_html
from retold.training.data.examples import LabelledText, examples_of_frame
from retold.training.evaluation import bootstrap

# Articles of a part below which it gets no row of its own; mistakes shown with their evidence; spans shown of each.
_LEAST_PART, _WORST, _SPANS = 10, 10, 5
# Equal-count bins of the calibration curve; fewer where each would hold less than this many articles.
_BINS, _LEAST_BIN = 10, 10
_COLUMNS = tuple(f"p_{label}" for label in LABELS)


@dataclass(frozen=True)
class ModelEvaluation:
    """What was measured; every part is plain numbers and words.

    Attributes:
        model: Name, version and digest.
        other: The same of the model that it is compared with; empty if there is none.
        predictions: A row an article: what is known of it, its label, what it was called, its probabilities.
        figures: For each figure its value and its 95% interval.
        confusion: How often each label was called what: ``{label: {called: n}}``.
        calibration: For each label, bins: mean probability, share that has the label, number of articles.
        parts: For each part its kind, name, size and figures.
        comparison: For each figure both models' values, the difference, its interval, and the share of draws in which the
            second model is higher; empty if there is none.
        mistakes: The gravest, with evidence.
        notes: What was left out, and why.
    """

    model: str
    other: str
    predictions: pd.DataFrame
    figures: dict[str, dict[str, float]]
    confusion: dict[str, dict[str, int]]
    calibration: dict[str, list[dict[str, float]]]
    parts: list[dict[str, Any]]
    comparison: dict[str, dict[str, float]]
    mistakes: list[dict[str, Any]]
    notes: tuple[str, ...]

    def as_dict(self) -> dict[str, Any]:
        """The JSON object, without single predictions; null where there is no figure."""
        names = ("model", "other", "figures", "confusion", "calibration", "parts", "comparison", "mistakes", "notes")
        found: dict[str, Any] = _plain({name: getattr(self, name) for name in names})
        return found

    def __str__(self) -> str:
        return render_evaluation(self.as_dict())

    def html(self) -> str:
        """The report as one HTML page, which makes no request."""
        return "".join(render_evaluation_html(self.as_dict()))

    def _repr_markdown_(self) -> str:
        return f"```text\n{self}\n```"


def evaluate(
    model: str | Path | Detector | None,
    data: pd.DataFrame | Sequence[LabelledText],
    *,
    compare_with: str | Path | Detector | None = None,
    prior: str | Sequence[float] | Mapping[str, float] | None = None,
    jobs: int = 1,
) -> ModelEvaluation:
    """Measure a model on one's own labelled articles, which it must not have been trained on.

    Args:
        model: A detector or a model's folder; None for the shipped one.
        data: A frame with ``text`` and ``label`` (``group`` for versions of one story, ``source`` and ``engine`` where they are
            known), or examples that were read.
        compare_with: Another model, measured on the same articles with a paired bootstrap.
        prior: Expected shares of original, edited and back-translated articles; None leaves each model its own.
        jobs: Processes.

    Raises:
        InputError: if the examples cannot be used.
        ModelError: if there is no sound model.

    Example:
        >>> retold.evaluate(None, pd.read_json("test.jsonl", lines=True))          # doctest: +SKIP
    """
    examples = examples_of_frame(data) if isinstance(data, pd.DataFrame) else list(data)
    other = _detector(compare_with, prior) if compare_with is not None else None
    return evaluate_model(_detector(model, prior), examples, other, jobs)


def _detector(
    model: str | Path | Detector | None, prior: str | Sequence[float] | Mapping[str, float] | None
) -> Detector:
    detector = model if isinstance(model, Detector) else load(model)
    return detector.with_options(prior=prior)


def evaluate_model(
    detector: Detector, examples: Sequence[LabelledText], other: Detector | None = None, jobs: int = 1
) -> ModelEvaluation:
    """Score labelled articles and measure; deterministic.

    Args:
        detector: The model.
        examples: The articles; those that a verdict cannot name are left out, in words.
        other: Another model for a paired comparison on the same articles.
        jobs: Processes.

    Raises:
        InputError: if no article is left.
    """
    usable = [e for e in examples if e.label in LABELS]
    notes = _counted(len(examples) - len(usable), "examples have labels that a verdict cannot have and were left out")
    table = _scored(detector, usable, jobs)
    second = _scored(other, usable, jobs) if other is not None else None
    judged = table["called"].notna().to_numpy()
    if second is not None:
        judged = judged & second["called"].notna().to_numpy()
    notes += _counted(int((~judged).sum()), "articles were not judged (too short, or not English) and were left out")
    if not judged.any():
        raise InputError("no article is left to measure on: none has a label of a verdict and was judged")
    table = table[judged].reset_index(drop=True)
    labels, shares, groups = _arrays(table)
    found = bootstrap.intervals(lambda rows: bootstrap.figures(labels[rows], shares[rows]), groups)
    figures = {name: {"value": v, "low": low, "high": high} for name, (v, (low, high), _) in found.items()}
    kept = [e for e, is_judged in zip(usable, judged, strict=True) if is_judged]
    parts, lacking = _parts(table)
    return ModelEvaluation(
        detector.name,
        other.name if other is not None else "",
        table,
        figures,
        _confusion(labels, shares),
        {label: _bins(labels == i, shares[:, i]) for i, label in enumerate(LABELS) if (labels == i).any()},
        parts,
        _compared(table, second[judged].reset_index(drop=True)) if second is not None else {},
        _mistakes(detector, kept, labels, shares),
        (*notes, *_absent(labels), *lacking, *_few_groups(groups)),
    )


def _scored(detector: Detector, examples: Sequence[LabelledText], jobs: int) -> pd.DataFrame:
    verdicts = detector.score_many([e.text for e in examples], [e.id for e in examples], jobs, evidence=False)
    rows = [_row(example, verdict) for example, verdict in zip(examples, verdicts, strict=True)]
    return pd.DataFrame(rows, columns=["id", "group", "label", "source", "engine", "n_words", "called", *_COLUMNS])


def _row(example: LabelledText, verdict: Verdict) -> list[Any]:
    shares = verdict.probabilities or {}
    known = [example.id, example.group, example.label, example.source, example.engine, verdict.n_words, verdict.label]
    return known + [shares.get(label, np.nan) for label in LABELS]


def _arrays(table: pd.DataFrame) -> tuple[NDArray[np.intp], NDArray[np.float64], NDArray[np.object_]]:
    labels = np.array([LABELS.index(label) for label in table["label"]], dtype=np.intp)
    return labels, table[list(_COLUMNS)].to_numpy(dtype=np.float64), table["group"].to_numpy(object)


def _confusion(labels: NDArray[np.intp], shares: NDArray[np.float64]) -> dict[str, dict[str, int]]:
    counts = bootstrap.confusion(labels, shares).tolist()
    return {label: dict(zip(LABELS, row, strict=True)) for label, row in zip(LABELS, counts, strict=True)}


def _bins(truth: NDArray[np.bool_], shares: NDArray[np.float64]) -> list[dict[str, float]]:
    """Bins of equal count along the probability."""
    order = np.argsort(shares, kind="stable")
    n_bins = max(min(_BINS, len(order) // _LEAST_BIN), 1)
    return [
        {"probability": float(shares[rows].mean()), "share": float(truth[rows].mean()), "articles": len(rows)}
        for rows in np.array_split(order, n_bins)
    ]


def _parts(table: pd.DataFrame) -> tuple[list[dict[str, Any]], tuple[str, ...]]:
    """Figures of each source, engine and length, and in words what cannot be given."""
    parts, lacking = [], []
    for kind, column in (("source", table["source"]), ("engine", table["engine"]), ("length", _lengths(table))):
        names = (
            sorted(set(column) - {""}) if kind != "length" else list(dict.fromkeys(sorted(column, key=_first_number)))
        )
        if not names:
            lacking.append(f"no figures by {kind}: no article names its {kind}")
        found = [_part(table[column == name], kind, name) for name in names]
        parts += [part for part in found if part["articles"] >= _LEAST_PART]
        small = sum(part["articles"] < _LEAST_PART for part in found)
        lacking += [f"{small} of {len(found)} parts by {kind} hold fewer than {_LEAST_PART} articles"] if small else []
    return parts, tuple(lacking)


def _part(table: pd.DataFrame, kind: str, name: str) -> dict[str, Any]:
    labels, shares, _ = _arrays(table)
    figures = bootstrap.figures(labels, shares)
    chosen = ("accuracy", "macro-F1", "AUROC, back-translated against original", "originals called back-translated")
    return {"by": kind, "name": name, "articles": len(table)} | {figure: figures[figure] for figure in chosen}


def _lengths(table: pd.DataFrame) -> pd.Series:
    """Length bands in words, such as ``80 to 149 words``."""
    edges = (0, *BANDS)
    names = [f"{low} to {high - 1} words" for low, high in zip(edges, BANDS, strict=False)] + [
        f"{BANDS[-1]} words and more"
    ]
    return pd.Series([names[int(np.searchsorted(BANDS, n, side="right"))] for n in table["n_words"]], dtype=object)


def _first_number(name: str) -> int:
    return int(name.split()[0])


def _compared(table: pd.DataFrame, second: pd.DataFrame) -> dict[str, dict[str, float]]:
    """Both models on the same draws of the same articles."""
    labels, shares, groups = _arrays(table)
    others = _arrays(second)[1]

    def difference(rows: NDArray[np.intp]) -> Mapping[str, float]:
        one, two = (bootstrap.figures(labels[rows], p[rows]) for p in (shares, others))
        return {name: two[name] - value for name, value in one.items()}

    before, after = (bootstrap.figures(labels, p) for p in (shares, others))
    return {
        name: {"model": before[name], "other": after[name], "difference": d, "low": low, "high": high, "higher": higher}
        for name, (d, (low, high), higher) in bootstrap.intervals(difference, groups).items()
    }


def _mistakes(
    detector: Detector, examples: Sequence[LabelledText], labels: NDArray[np.intp], shares: NDArray[np.float64]
) -> list[dict[str, Any]]:
    """The articles to whose label the model gives least, with what it shows as evidence."""
    given = shares[np.arange(len(labels)), labels]
    wrong = np.flatnonzero(shares.argmax(axis=1) != labels)
    worst = wrong[np.argsort(given[wrong], kind="stable")][:_WORST].tolist()
    verdicts = detector.score_many([examples[row].text for row in worst], [examples[row].id for row in worst])
    return [_mistake(verdict, examples[row].label, given[row]) for row, verdict in zip(worst, verdicts, strict=True)]


def _mistake(verdict: Verdict, label: str, given: float) -> dict[str, Any]:
    spans = [
        f"{span.text} (for {span.suggestion})" if span.suggestion else span.text for span in verdict.evidence[:_SPANS]
    ]
    return {
        "id": verdict.id,
        "label": label,
        "called": verdict.label,
        "probability_of_label": float(given),
        "evidence": spans,
    }


def _counted(number: int, words: str) -> tuple[str, ...]:
    return (f"{number:,} {words}",) if number else ()


def _absent(labels: NDArray[np.intp]) -> Iterator[str]:
    for i, label in enumerate(LABELS):
        if not (labels == i).any():
            yield f"no article is {label}, so nothing is said of that label"


def _few_groups(groups: NDArray[np.object_]) -> Iterator[str]:
    n = len(set(groups))
    yield f"intervals are of {bootstrap.DRAWS:,} draws of {n:,} groups (stories)" + (
        "; with so few they are too narrow" if n < 2 * _LEAST_PART else ""
    )


def _plain(value: Any) -> Any:
    """JSON without NaN."""
    if isinstance(value, float):
        return None if np.isnan(value) else round(value, 6)
    if isinstance(value, dict):
        return {name: _plain(one) for name, one in value.items()}
    return [_plain(one) for one in value] if isinstance(value, (list, tuple)) else value
