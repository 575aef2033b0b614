"""``retold score``."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from retold.cli.batches import Scored, Scorer, ScoringSummary, score_all
from retold.cli.detectors import load_detector, rescoring_engine, with_estimated_prior
from retold.cli.fail_on import FailOn
from retold.cli.output import is_replaced, opened
from retold.cli.output_checks import check_format, check_inputs, check_output, format_of
from retold.cli.partial_results import record_file
from retold.cli.progress import Progress
from retold.cli.record import kept, open_record, recorded
from retold.cli.record_forms import VERDICTS
from retold.cli.reference import ReferenceScorer, beside_sources, open_archives, read_reference
from retold.cli.score_arguments import add_score_arguments
from retold.cli.scored_output import FORMATS, write_results
from retold.cli.shared_arguments import Commands, add_command
from retold.cli.terminal import Streams, standard_streams
from retold.errors import InputError
from retold.reading import Document, Unreadable, matching, read

if TYPE_CHECKING:
    from retold.archive.tracing import AnyArchive
    from retold.detector import Detector
    from retold.translation import TranslationCache

# As ``retold.detector.prior_estimation.AUTO``, which loads NumPy.
_AUTO = "auto"
_EXAMPLES = """
retold score article.txt page.html folder/ more.jsonl
retold score more.jsonl --format jsonl --output out.jsonl
retold score folder/ --output report.html
retold score more.jsonl --output out.jsonl --resume
retold score more.jsonl --output out.jsonl --no-evidence
retold score 'news/*.parquet' --scheduler tcp://host:8786 --output out.parquet
retold score folder/ --operating-point low-fpr --prior 0.9,0.05,0.05
retold score suspect.txt --reference original.txt
retold score suspects/ --archive wire.archive
retold score incoming/ --fail-on back-translated:0.9 && publish incoming/
cat article.txt | retold score -
"""


def add_arguments(commands: Commands) -> None:
    """Add the command to a parser."""
    add_score_arguments(add_command(commands, "score", run, "score articles", _EXAMPLES))


def run(options: argparse.Namespace) -> int:
    """Run the command as it was parsed."""
    options.paths = matching(options.paths)
    records = [str(record_file(options.output))] if options.output else []
    others = (options.reference, options.output, *records, *options.archive)
    check_output(options.cache, [*options.paths, *(path for path in others if path)], options.model)
    return score(
        options.paths,
        options.format or format_of(options.output, FORMATS),
        options.output,
        jobs=options.jobs,
        model=options.model,
        prior=options.prior,
        operating_point=options.operating_point,
        mt_engine=rescoring_engine(options) if options.deep else None,
        reference=options.reference,
        archives=options.archive,
        fail_on=options.fail_on,
        evidence=options.evidence,
        resume=options.resume,
        time_limit=options.time_limit,
        scheduler=options.scheduler,
    )


def score(
    paths: Sequence[str | Path],
    format: str = "table",
    output: str | Path | None = None,
    *,
    jobs: int = 1,
    model: str | Path | None = None,
    prior: str | None = None,
    operating_point: str | None = None,
    mt_engine: TranslationCache | None = None,
    reference: str | Path | None = None,
    archives: Sequence[str | Path] = (),
    fail_on: FailOn | None = None,
    evidence: bool = True,
    resume: bool = False,
    time_limit: float | None = None,
    scheduler: str | None = None,
    detector: Detector | None = None,
    streams: Streams | None = None,
) -> int:
    """Score every document behind paths, writing each result as soon as its batch is done.

    Args:
        paths: Files, folders, or "-".
        format: One of ``FORMATS``.
        output: File to write; None or "-" for standard output.
        jobs: Processes to use.
        model: Folder of the model; None for the packaged one.
        prior: Expected shares of original, edited and back-translated articles, such as ``0.8,0.1,0.1``; ``auto`` estimates them.
        operating_point: What decides which documents are called back-translated.
        mt_engine: Rescores doubtful documents.
        reference: The original that the documents may be versions of; each is compared with it, too.
        archives: Archives in which the source of each document is searched; it is then compared with that.
        fail_on: Verdicts for which the exit code is 3.
        evidence: Whether to look for evidence.
        time_limit: Seconds of the processor that one document may take.
        scheduler: Address of a Dask scheduler whose workers score the documents.
        resume: Whether to use what an earlier run with the same output finished.
        detector: Used instead of the one that ``model``, ``prior``, ``operating_point`` and ``mt_engine`` describe.
        streams: Used instead of the standard streams.

    Returns:
        0 if all were judged, 1 if some were not, 2 if nothing could be read, 3 if a verdict is one to fail on.

    Raises:
        InputError: if the format is unknown, the output or the record of what is finished cannot be written, or no path
            exists.
        RetoldError: if the model cannot be loaded.
    """
    check_format(format, FORMATS)
    check_inputs(paths)
    if format == "parquet" and (output is None or not is_replaced(output)):
        raise InputError("Parquet is written to a file only; name one: --output FILE.parquet")
    check_output(output, [*paths, *([reference] if reference is not None else []), *archives], model, *archives)
    streams = streams or standard_streams()
    original = read_reference(reference) if reference is not None else None
    fixed = None if prior == _AUTO else prior
    detector = detector or load_detector(model, fixed, operating_point, mt_engine, time_limit)
    if prior == _AUTO:
        detector = with_estimated_prior(detector, paths, streams)
    scorer, jobs = _scorer(detector, original, jobs, scheduler, is_shipped=model is None)
    searched = open_archives(archives)
    summary, progress = ScoringSummary(fail_on), Progress(streams.errors, in_place=streams.errors.isatty())
    record = open_record(output, resume, [_options(detector, original, searched), evidence], progress.remark)

    def score_items(items: Iterable[Document | Unreadable]) -> Iterator[Scored | Unreadable]:
        results = score_all(items, scorer, jobs, evidence)
        return beside_sources(results, detector, searched) if searched else results

    with kept(record), opened(output, streams.output, progress.remark) as stream:
        # Results that appear on the same terminal show the progress themselves.
        quiet = streams.errors.isatty() and stream.isatty()
        items = read(paths, progress.remark, streams.input)
        results = recorded(items, score_items, record, VERDICTS, jobs) if record else score_items(items)
        write_results(_counted(results, summary, progress, quiet), format, stream, detector, original, searched)
    if summary.unread or summary.unjudged or summary.found or progress.is_outdated:
        for line in summary.lines:
            progress.remark(line)
    return summary.exit_code


def _scorer(
    detector: Detector, reference: Document | None, jobs: int, scheduler: str | None, is_shipped: bool
) -> tuple[Scorer, int]:
    """What scores the documents: this machine or a cluster; and how many batches at a time.

    Raises:
        InputError: if a cluster would need what it cannot do.
    """
    if scheduler is None:
        return ReferenceScorer(detector, reference) if reference else detector, jobs
    if reference or detector.config.mt_engine is not None:
        raise InputError("--scheduler scores articles by themselves; leave out --reference and --deep")
    # Loads Dask.
    from retold.cli.cluster import ClusterScorer

    cluster = ClusterScorer(detector, scheduler, is_shipped=is_shipped)
    return cluster, cluster.n_batches


def _options(detector: Detector, reference: Document | None, archives: Sequence[AnyArchive]) -> list[object]:
    """What verdicts depend on beside their texts."""
    return [detector.signature, [reference.id, reference.text] if reference else None, [a.state for a in archives]]


def _counted(
    results: Iterable[Scored | Unreadable], summary: ScoringSummary, progress: Progress, quiet: bool
) -> Iterator[Scored | Unreadable]:
    """Count results as they pass, and show how far the work is."""
    for result in results:
        summary.count(result)
        if not quiet:
            progress.update(summary)
        yield result
    progress.clear()
