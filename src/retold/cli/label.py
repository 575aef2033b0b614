"""``retold label``."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

import numpy as np

from retold.cli.exit_codes import FAILED, OK, SOME_FAILED
from retold.cli.filtering import filter_scorable
from retold.cli.output import check_inputs, check_output, opened
from retold.cli.progress import Progress
from retold.cli.terminal import Streams, standard_streams, terminal_width
from retold.detector import load
from retold.detector.verdict import LABELS
from retold.limits import BATCH_DOCUMENTS
from retold.monitoring.active_learning import Proposal, propose
from retold.report.csv import guarded
from retold.report.formatting import printable
from retold.report.table import shortened

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from retold.detector.detector import Detector
    from retold.reading import Document

COUNT = 20
_COLUMNS = ("id", "label", "why", "group", *(f"p_{label}" for label in LABELS), "text")


def label(
    paths: Sequence[str | Path],
    count: int = COUNT,
    output: str | Path | None = None,
    model: str | Path | None = None,
    streams: Streams | None = None,
) -> int:
    """Propose which unlabelled articles are worth labelling next, as a table and as a file to fill in.

    Args:
        paths: Files, folders, or "-".
        count: How many to propose at most.
        output: JSONL file, or CSV if it ends so, with an empty ``label`` to fill in; ``retold train --data`` reads it and
            passes over rows that stay empty. None for the table alone.
        model: Folder of the model whose doubts decide; None for the packaged one.
        streams: Stands in for the standard streams.

    Returns:
        0 if every document could be weighed, 1 if some could not, 2 if none.

    Raises:
        InputError: if the output cannot be written or the documents are too many.
        RetoldError: if the model cannot be loaded.
    """
    check_inputs(paths)
    check_output(output, paths)
    streams = streams or standard_streams()
    progress = Progress(streams.errors, in_place=False)
    detector = load(model)
    documents, passed_over = filter_scorable(paths, progress, streams)
    if not documents:
        return FAILED
    standard, probabilities = _weighed([d.text for d in documents], detector, progress)
    proposals = propose([d.text for d in documents], standard, probabilities, count)
    streams.output.writelines(_table(documents, proposals, terminal_width(streams.output)))
    if output is not None:
        with opened(output, streams.output) as stream:
            _write(stream, _rows(documents, proposals, probabilities), is_csv=str(output).lower().endswith(".csv"))
        progress.remark(
            f"fill in the labels ({', '.join(LABELS)}), then: retold train --add-to shipped --data {output}; "
            "rows without a label are passed over"
        )
    return SOME_FAILED if passed_over else OK


def _weighed(
    texts: Sequence[str], detector: Detector, progress: Progress
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Standardised features (n, n_features) and probabilities (n, 3)."""
    parts = []
    for start in range(0, len(texts), BATCH_DOCUMENTS):
        parts.append(detector.features(texts[start : start + BATCH_DOCUMENTS]).to_numpy())
        progress.update(f"{min(start + BATCH_DOCUMENTS, len(texts)):,} of {len(texts):,} articles weighed")
    features = np.vstack(parts)
    return detector.head.standardise(features), detector.head.probabilities(features)


def _table(documents: Sequence[Document], proposals: Sequence[Proposal], width: int) -> Iterator[str]:
    id_width = max(8, min(48, width // 3))
    yield f"{'document':<{id_width}}  why\n"
    for proposal in proposals:
        name = shortened(printable(documents[proposal.index].id), id_width, keep_end=True)
        yield f"{name:<{id_width}}  {shortened(proposal.why, max(width - id_width - 2, 20))}\n"


def _rows(
    documents: Sequence[Document], proposals: Sequence[Proposal], probabilities: NDArray[np.float64]
) -> Iterator[dict[str, Any]]:
    for proposal in proposals:
        document = documents[proposal.index]
        shares = {
            f"p_{label}": round(float(p), 4) for label, p in zip(LABELS, probabilities[proposal.index], strict=True)
        }
        yield {
            "id": document.id,
            "label": "",
            "why": proposal.why,
            "group": document.id,
            **shares,
            "text": document.text,
        }


def _write(stream: TextIO, rows: Iterator[dict[str, Any]], is_csv: bool) -> None:
    if not is_csv:
        stream.writelines(json.dumps(row) + "\n" for row in rows)
        return
    sheet = csv.DictWriter(stream, _COLUMNS)
    sheet.writeheader()
    sheet.writerows({k: guarded(v) if isinstance(v, str) else v for k, v in row.items()} for row in rows)
