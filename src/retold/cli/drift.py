"""``retold drift``."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path

from retold.cli.exit_codes import FAILED, OK, SOME_FAILED
from retold.cli.filtering import filter_scorable
from retold.cli.output_checks import check_format, check_inputs
from retold.cli.progress import Progress
from retold.cli.shared_arguments import Commands, add_command, add_format, add_model, add_paths
from retold.cli.terminal import Streams, standard_streams
from retold.limits import BATCH_DOCUMENTS
from retold.printable import printable

FORMATS = ("table", "json")
_EXAMPLES = """
retold drift new/
retold drift new.jsonl --format json
"""


def add_arguments(commands: Commands) -> None:
    """Add the command to a parser."""
    command = add_command(commands, "drift", run, "compare a batch of articles with the training data", _EXAMPLES)
    add_paths(command)
    add_format(command, FORMATS)
    add_model(command)


def run(options: argparse.Namespace) -> int:
    """Run the command as it was parsed."""
    return drift(options.paths, options.format, model=options.model)


def drift(
    paths: Sequence[str | Path],
    format: str = "table",
    *,
    model: str | Path | None = None,
    streams: Streams | None = None,
) -> int:
    """Report how far a batch of articles is from what a model was trained on.

    Args:
        paths: Files, folders, or "-".
        format: One of ``FORMATS``.
        model: Folder of the model; None for the packaged one.
        streams: Used instead of the standard streams.

    Returns:
        0 if every document was measured, 1 if some could not be, 2 if none.

    Raises:
        InputError: if the format is unknown, or the articles are too few or too many.
        RetoldError: if the model cannot be loaded, or stores too little to compare with.
    """
    check_format(format, FORMATS)
    check_inputs(paths)
    # Load NumPy, pandas and the model.
    import numpy as np

    from retold.detector import load
    from retold.model_store import bundled_model, read_model
    from retold.monitoring.drift import measure_drift
    from retold.monitoring.drift_report import drift_lines
    from retold.training.package import read_replay

    streams = streams or standard_streams()
    progress = Progress(streams.errors, in_place=False)
    folder = read_model(Path(model) if model is not None else bundled_model())
    detector = load(model)
    documents, passed_over = filter_scorable(paths, progress, streams)
    if not documents:
        return FAILED
    frames = [
        detector.features([d.text for d in documents[start : start + BATCH_DOCUMENTS]])
        for start in range(0, len(documents), BATCH_DOCUMENTS)
    ]
    names = [str(name) for name in frames[0].columns]
    result = measure_drift(np.vstack([f.to_numpy() for f in frames]), names, read_replay(folder), detector.classifier)
    if format == "json":
        streams.output.write(json.dumps(result.as_dict() | {"passed_over": dict(passed_over)}) + "\n")
    else:
        streams.output.writelines(f"{printable(line)}\n" for line in drift_lines(result, passed_over))
    return SOME_FAILED if passed_over else OK
