"""``retold explain``."""

from __future__ import annotations

from pathlib import Path

from retold.commands.output import check_inputs
from retold.commands.progress import Progress
from retold.commands.score import load
from retold.commands.scoring import Scored, Scorer, Tally, score_all
from retold.commands.streams import Streams, standard_streams, terminal_width, wants_colour
from retold.reading import read
from retold.report import explain as explained


def explain(
    path: str | Path,
    model: str | Path | None = None,
    scorer: Scorer | None = None,
    streams: Streams | None = None,
) -> int:
    """Print each document behind a path with what gave it away marked, then the evidence.

    Args:
        path: A file, a folder, or "-".
        model: Folder of the model; None for the packaged one.
        scorer: Stands in for the detector that ``model`` names.
        streams: Stands in for the standard streams.

    Returns:
        0 if all were judged, 1 if some were not, 2 if nothing could be read.

    Raises:
        InputError: if the path does not exist.
        RetoldError: if the model cannot be loaded.
    """
    check_inputs([path])
    streams = streams or standard_streams()
    out, progress, tally = streams.output, Progress(streams.errors, in_place=False), Tally()
    for result in score_all(read([path], progress.remark, streams.input), scorer or load(model)):
        tally.count(result)
        if not isinstance(result, Scored):
            progress.remark(f"{result.id}: {result.reason}")
            continue
        gap = "\n" if tally.judged + tally.unjudged > 1 else ""
        out.write(gap + explained(result.verdict, result.text, terminal_width(out), wants_colour(out)))
        out.flush()
    return tally.exit_code
