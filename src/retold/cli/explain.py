"""``retold explain``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from retold.cli.batches import Scored, Scorer, ScoringSummary, score_all
from retold.cli.output import check_format, check_inputs
from retold.cli.progress import Progress
from retold.cli.score import load
from retold.cli.terminal import Streams, standard_streams, terminal_width, wants_colour
from retold.reading import read
from retold.report import explain as explained
from retold.report.formatting import is_judged
from retold.report.passages import part_words

if TYPE_CHECKING:
    from retold.detector.explanation import FeatureContributions

FORMATS = ("text", "json")


def explain(
    path: str | Path,
    model: str | Path | None = None,
    format: str = "text",
    scorer: Scorer | None = None,
    streams: Streams | None = None,
) -> int:
    """Print each document behind a path with what gave it away marked, the evidence, what weighed most, and where.

    Args:
        path: A file, a folder, or "-".
        model: Folder of the model; None for the packaged one.
        format: One of ``FORMATS``; ``json`` is one object a line.
        scorer: Stands in for the detector that ``model`` names.
        streams: Stands in for the standard streams.

    Returns:
        0 if all were judged, 1 if some were not, 2 if nothing could be read.

    Raises:
        InputError: if the format is unknown or the path does not exist.
        RetoldError: if the model cannot be loaded.
    """
    check_format(format, FORMATS)
    check_inputs([path])
    streams = streams or standard_streams()
    out, progress, tally = streams.output, Progress(streams.errors, in_place=False), ScoringSummary()
    chosen = scorer or load(model)
    for result in score_all(read([path], progress.remark, streams.input), chosen):
        tally.count(result)
        if not isinstance(result, Scored):
            progress.remark(f"{result.id}: {result.reason}")
            continue
        if format == "text" and tally.judged + tally.unjudged > 1:
            out.write("\n")
        out.write(_shown(result, _weighing(chosen, result), format, out))
        out.write(_part(chosen, result) if format == "text" else "")
        out.flush()
    return tally.exit_code


def _weighing(scorer: Scorer, result: Scored) -> FeatureContributions | None:
    """What weighed most, if whoever scored can tell."""
    weigh = getattr(scorer, "weigh", None)
    return weigh(result.verdict, result.text) if weigh is not None else None


def _shown(result: Scored, weighing: FeatureContributions | None, format: str, out: TextIO) -> str:
    if format == "text":
        return explained(result.verdict, result.text, terminal_width(out), wants_colour(out), weighing)
    from retold.detector.explanation import Explanation, FeatureContributions

    return json.dumps(Explanation(result.verdict, weighing or FeatureContributions()).as_dict()) + "\n"


def _part(scorer: Scorer, result: Scored) -> str:
    """A paragraph on the part that reads machine-made while the rest does not, or an empty string."""
    from retold.detector.calibration import EQUAL
    from retold.detector.segments import machine_segment, score_segments

    # The parts are set against each other, whatever mixture their article comes from.
    fair = scorer.using(prior=EQUAL) if hasattr(scorer, "using") else scorer
    judge = getattr(fair, "predict_proba", None)
    if judge is None or not is_judged(result.verdict):
        return ""
    part = machine_segment(score_segments(result.text, judge))
    return "\n" + part_words(part, result.text, result.verdict.n_words) if part else ""
