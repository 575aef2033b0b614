"""``retold score``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from retold.cli.batches import Scored, Scorer, ScoringSummary, score_all
from retold.cli.output import check_format, check_inputs, check_output, opened
from retold.cli.progress import Progress
from retold.cli.reference import ReferenceScorer, read_reference
from retold.cli.terminal import Streams, standard_streams, terminal_width, wants_colour
from retold.reading import Unreadable, read
from retold.report import lines, page, sheet, table

if TYPE_CHECKING:
    from retold.translation import TranslationCache

FORMATS = ("table", "jsonl", "csv", "html")


def score(
    paths: Sequence[str | Path],
    format: str = "table",
    output: str | Path | None = None,
    model: str | Path | None = None,
    jobs: int = 1,
    scorer: Scorer | None = None,
    streams: Streams | None = None,
    reference: str | Path | None = None,
    prior: str | None = None,
    point: str | None = None,
    echoes: TranslationCache | None = None,
) -> int:
    """Score every document behind paths, writing each result as soon as its batch is done.

    Args:
        paths: Files, folders, or "-".
        format: One of ``FORMATS``.
        output: File to write; None or "-" for standard output.
        model: Folder of the model; None for the packaged one.
        jobs: Processes to use.
        scorer: Stands in for the detector that ``model`` names.
        streams: Stands in for the standard streams.
        reference: The original that the documents may be versions of; they are then judged beside it.
        prior: Expected shares of original, edited and back-translated articles, such as ``0.8,0.1,0.1``.
        point: Operating point that decides what is called back-translated.
        echoes: Has an engine look again at doubtful documents.

    Returns:
        0 if all were judged, 1 if some were not, 2 if nothing could be read.

    Raises:
        InputError: if the format is unknown, the output cannot be written, or no path exists.
        RetoldError: if the model cannot be loaded.
    """
    check_format(format, FORMATS)
    check_inputs(paths)
    check_output(output, paths)
    streams = streams or standard_streams()
    original = read_reference(reference) if reference is not None else None
    detector = scorer or load(model, prior, point, echoes)
    detector = ReferenceScorer(detector, original) if original else detector
    tally, progress = ScoringSummary(), Progress(streams.errors, in_place=streams.errors.isatty())
    with opened(output, streams.output) as stream:
        # Results that appear on the same terminal show the progress themselves.
        quiet = streams.errors.isatty() and stream.isatty()
        results = score_all(read(paths, progress.remark, streams.input), detector, jobs)
        _write(stream, _reported(_watched(results, tally, progress, quiet), format, stream))
    if tally.unread or tally.unjudged:
        progress.remark(str(tally))
    return tally.exit_code


def load(
    model: str | Path | None,
    prior: str | None = None,
    point: str | None = None,
    echoes: TranslationCache | None = None,
) -> Scorer:
    """Load a detector, to be used as ``Detector.using`` says.

    Raises:
        RetoldError: if the model is absent or refused, or cannot be used so.
    """
    import retold

    detector: Scorer = retold.load(model).using(prior, point, echoes)
    return detector


def _watched(
    results: Iterable[Scored | Unreadable], tally: ScoringSummary, progress: Progress, quiet: bool
) -> Iterator[Scored | Unreadable]:
    """Count results as they pass, and say what could not be read."""
    for result in results:
        tally.count(result)
        if isinstance(result, Unreadable):
            progress.remark(f"{result.id}: {result.reason}")
        elif not quiet:
            progress.update(tally)
        yield result
    progress.clear()


def _reported(results: Iterable[Scored | Unreadable], format: str, stream: TextIO) -> Iterator[str]:
    if format == "html":
        return page((result.verdict, result.text) if isinstance(result, Scored) else result for result in results)
    verdicts = (result.verdict for result in results if isinstance(result, Scored))
    if format == "table":
        return table(verdicts, terminal_width(stream), wants_colour(stream))
    return {"jsonl": lines, "csv": sheet}[format](verdicts)


def _write(stream: TextIO, pieces: Iterable[str]) -> None:
    """Write pieces as they come, so that whoever reads along loses nothing if the work is cut short."""
    for piece in pieces:
        stream.write(piece)
        stream.flush()
