"""``retold label``."""

from __future__ import annotations

import argparse
import csv
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from retold.cli.exit_codes import FAILED, OK, SOME_FAILED
from retold.cli.filtering import filter_scorable
from retold.cli.output import opened
from retold.cli.output_checks import check_inputs, check_output
from retold.cli.progress import Progress
from retold.cli.shared_arguments import Commands, add_command, add_model, add_paths, whole_number
from retold.cli.terminal import Streams, standard_streams, terminal_width
from retold.limits import BATCH_DOCUMENTS
from retold.report.csv import guarded
from retold.report.table import shortened, shown_id

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from retold.detector import Detector
    from retold.monitoring.active_learning import Proposal
    from retold.reading import Document

# Articles proposed unless another number is given: the fewest that adapting takes.
COUNT = 20
# Articles proposed at once: more than anyone reads.
_MAX_COUNT = 2_000
_EXAMPLES = """
retold label archive/ --count 20 --output todo.csv
retold train --data todo.csv --output models/mine
"""


def add_arguments(commands: Commands) -> None:
    """Add the command to a parser."""
    help = "propose which unlabelled articles are worth labelling next"
    notes = "Proposed are articles that stand for the others, those that the model is unsure of first, near-duplicates once."
    command = add_command(commands, "label", run, help, _EXAMPLES, notes)
    add_paths(command)
    command.add_argument(
        "--count", type=whole_number(_MAX_COUNT), default=COUNT, metavar="N", help=f"how many at most; default: {COUNT}"
    )
    command.add_argument(
        "--output",
        metavar="FILE",
        help="JSONL, or CSV if it ends so, with labels to fill in for: retold train --data FILE",
    )
    add_model(command)


def run(options: argparse.Namespace) -> int:
    """Run the command as it was parsed."""
    return label(options.paths, options.count, options.output, model=options.model)


def label(
    paths: Sequence[str | Path],
    count: int = COUNT,
    output: str | Path | None = None,
    *,
    model: str | Path | None = None,
    streams: Streams | None = None,
) -> int:
    """Propose which unlabelled articles are worth labelling next, as a table and as a file to fill in.

    Args:
        paths: Files, folders, or "-".
        count: How many to propose at most.
        output: JSONL file, or CSV if it ends so, with an empty ``label`` to fill in; ``retold train --data`` reads it and
            passes over rows that stay empty. None for the table alone.
        model: Folder of the model whose uncertainty decides; None for the packaged one.
        streams: Used instead of the standard streams.

    Returns:
        0 if every document was considered, 1 if some could not, 2 if none.

    Raises:
        InputError: if the output cannot be written or the documents are too many.
        RetoldError: if the model cannot be loaded.
    """
    check_inputs(paths)
    check_output(output, paths, model)
    # Load NumPy and the model.
    from retold.detector import load
    from retold.detector.verdict import LABELS
    from retold.monitoring.active_learning import propose

    streams = streams or standard_streams()
    progress = Progress(streams.errors, in_place=False)
    detector = load(model)
    documents, passed_over = filter_scorable(paths, progress, streams)
    if not documents:
        return FAILED
    standard, probabilities = _measure([d.text for d in documents], detector, progress)
    proposals = propose([d.text for d in documents], standard, probabilities, count)
    streams.output.writelines(_table(documents, proposals, streams.output))
    if output is not None:
        with opened(output, streams.output) as stream:
            _write(
                stream, _rows(documents, proposals, probabilities, LABELS), is_csv=str(output).lower().endswith(".csv")
            )
        progress.remark(
            f"fill in the labels ({', '.join(LABELS)}), then: retold train --data {output}; "
            "rows without a label are passed over"
        )
    return SOME_FAILED if passed_over else OK


def _measure(
    texts: Sequence[str], detector: Detector, progress: Progress
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Standardised features (n, n_features) and probabilities (n, 3)."""
    import numpy as np

    parts = []
    for start in range(0, len(texts), BATCH_DOCUMENTS):
        parts.append(detector.features(texts[start : start + BATCH_DOCUMENTS]).to_numpy())
        progress.update(f"{min(start + BATCH_DOCUMENTS, len(texts)):,} of {len(texts):,} articles measured")
    features = np.vstack(parts)
    return detector.classifier.standardise(features), detector.classifier.probabilities(features)


def _table(documents: Sequence[Document], proposals: Sequence[Proposal], stream: TextIO) -> Iterator[str]:
    width = terminal_width(stream)
    id_width = max(8, min(48, width // 3))
    yield f"{'document':<{id_width}}  why\n"
    for proposal in proposals:
        name = shown_id(documents[proposal.index].id, id_width, cut=stream.isatty())
        yield f"{name:<{id_width}}  {shortened(proposal.why, max(width - id_width - 2, 20))}\n"


def _rows(
    documents: Sequence[Document],
    proposals: Sequence[Proposal],
    probabilities: NDArray[np.float64],
    labels: Sequence[str],
) -> list[dict[str, Any]]:
    rows = []
    for proposal in proposals:
        document = documents[proposal.index]
        shares = zip(labels, probabilities[proposal.index], strict=True)
        rows.append(
            {"id": document.id, "label": "", "why": proposal.why, "group": document.id}
            | {f"p_{label}": round(float(share), 4) for label, share in shares}
            | {"text": document.text}
        )
    return rows


def _write(stream: TextIO, rows: list[dict[str, Any]], is_csv: bool) -> None:
    if not is_csv:
        stream.writelines(json.dumps(row) + "\n" for row in rows)
        return
    table = csv.DictWriter(stream, list(rows[0]))
    table.writeheader()
    table.writerows({k: guarded(v) if isinstance(v, str) else v for k, v in row.items()} for row in rows)
