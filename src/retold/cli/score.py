"""``retold score``."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from retold.cli.batches import Scored, Scorer, ScoringSummary, score_all, verdict_of
from retold.cli.fail_on import FailOn
from retold.cli.output import (
    check_format,
    check_inputs,
    check_output,
    format_of,
    is_replaced,
    opened,
    record_file,
)
from retold.cli.progress import Progress
from retold.cli.record import kept, open_record, recorded
from retold.cli.record_forms import VERDICTS
from retold.cli.reference import ReferenceScorer, beside_sources, open_archives, read_reference
from retold.cli.shared_arguments import (
    MAX_SECONDS,
    Commands,
    add_command,
    add_engine,
    add_format,
    add_jobs,
    add_model,
    add_output,
    add_paths,
    add_resume,
    whole_number,
)
from retold.cli.terminal import Streams, standard_streams, terminal_width, wants_colour
from retold.errors import InputError
from retold.limits import DOCUMENT_SECONDS
from retold.reading import Document, Unreadable, matching, read
from retold.report import render_csv, render_jsonl, render_table

if TYPE_CHECKING:
    from retold.archive.tracing import AnyArchive
    from retold.detector import Detector
    from retold.translation import TranslationCache

FORMATS = ("table", "jsonl", "csv", "html", "parquet")
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
    command = add_command(commands, "score", run, "score articles", _EXAMPLES)
    add_paths(command)
    add_format(command, FORMATS, from_output=True)
    add_output(command)
    add_resume(command)
    command.add_argument(
        "--no-evidence",
        dest="evidence",
        action="store_false",
        help="look for no evidence, which takes a third less time",
    )
    add_jobs(command, "processes to use")
    beside = command.add_mutually_exclusive_group()
    beside.add_argument("--reference", metavar="ORIGINAL", help="compare each document with this original, too")
    beside.add_argument(
        "--archive",
        nargs="+",
        default=[],
        metavar="ARCHIVE",
        help="find the source of each document in these archives, and compare it with that; see: retold archive --help",
    )
    command.add_argument(
        "--operating-point",
        choices=("low-fpr", "balanced"),
        help="call a text back-translated at this point, not where that is most probable",
    )
    command.add_argument(
        "--prior",
        metavar="O,E,B",
        help="shares of original, edited, back-translated you expect, as 0.8,0.1,0.1; auto: estimated from the texts, which are read twice",
    )
    command.add_argument(
        "--fail-on",
        type=FailOn.parse,
        metavar="LABEL[:P]",
        help="end with code 3 if a document has this label for sure, or with at least this probability",
    )
    command.add_argument(
        "--time-limit",
        type=whole_number(MAX_SECONDS),
        default=DOCUMENT_SECONDS,
        metavar="SECONDS",
        help="of the processor that one document may take before it is left without a verdict; "
        f"default: {DOCUMENT_SECONDS}",
    )
    command.add_argument(
        "--scheduler",
        metavar="ADDRESS",
        help="score on the Dask cluster with this scheduler, as tcp://host:8786, whose workers have this version installed",
    )
    command.add_argument("--deep", action="store_true", help="rescore doubtful texts with a translation engine")
    add_engine(command, "one in the user's cache folder")
    add_model(command)


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
        mt_engine=_engine(options) if options.deep else None,
        reference=options.reference,
        archives=options.archive,
        fail_on=options.fail_on,
        evidence=options.evidence,
        resume=options.resume,
        time_limit=options.time_limit,
        scheduler=options.scheduler,
    )


def _engine(options: argparse.Namespace) -> TranslationCache:
    # Loads NumPy.
    from retold.translation import CircuitBreaker, TranslationCache, make_engine
    from retold.translation.cache import default_cache_file

    engine = CircuitBreaker(make_engine(options.engine, options.jobs, timeout=options.engine_timeout))
    file = Path(options.cache) if options.cache else default_cache_file()
    return TranslationCache(engine, file, Progress(standard_streams().errors, in_place=False).remark)


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
        detector = _with_estimated_prior(detector, paths, streams)
    scorer: Scorer = ReferenceScorer(detector, original) if original else detector
    if scheduler is not None:
        if original or mt_engine is not None:
            raise InputError("--scheduler scores articles by themselves; leave out --reference and --deep")
        # Loads Dask.
        from retold.cli.cluster import ClusterScorer

        scorer = ClusterScorer(detector, scheduler, is_shipped=model is None)
        jobs = scorer.n_batches
    opened_archives = open_archives(archives)
    summary, progress = ScoringSummary(fail_on), Progress(streams.errors, in_place=streams.errors.isatty())
    record = open_record(output, resume, [_options(detector, original, opened_archives), evidence], progress.remark)

    def score_items(items: Iterable[Document | Unreadable]) -> Iterator[Scored | Unreadable]:
        results = score_all(items, scorer, jobs, evidence)
        return beside_sources(results, detector, opened_archives) if opened_archives else results

    with kept(record), opened(output, streams.output, progress.remark) as stream:
        # Results that appear on the same terminal show the progress themselves.
        quiet = streams.errors.isatty() and stream.isatty()
        items = read(paths, progress.remark, streams.input)
        results = recorded(items, score_items, record, VERDICTS, jobs) if record else score_items(items)
        counted = _counted(results, summary, progress, quiet)
        if format == "parquet":
            _write_parquet(counted, stream)
        elif format == "html":
            _write(stream, _report(counted, detector, original, opened_archives))
        else:
            _write(stream, _formatted(counted, format, stream))
    if summary.unread or summary.unjudged or summary.found or progress.is_outdated:
        for line in summary.lines:
            progress.remark(line)
    return summary.exit_code


def _options(detector: Detector, reference: Document | None, archives: Sequence[AnyArchive]) -> list[object]:
    """What verdicts depend on beside their texts."""
    return [detector.signature, [reference.id, reference.text] if reference else None, [a.state for a in archives]]


def _with_estimated_prior(detector: Detector, paths: Sequence[str | Path], streams: Streams) -> Detector:
    """Estimate the mixture from a first reading of the documents, and say what it is."""
    if "-" in map(str, paths):
        raise InputError(
            "--prior auto reads the documents twice, which standard input cannot; save them to a file first"
        )
    texts = (item.text for item in read(paths) if isinstance(item, Document))
    estimate = detector.estimate_prior(texts)
    print(estimate, file=streams.errors)
    return detector.with_options(prior=estimate.prior)


def load_detector(
    model: str | Path | None,
    prior: str | None = None,
    operating_point: str | None = None,
    mt_engine: TranslationCache | None = None,
    time_limit: float | None = None,
) -> Detector:
    """Load a detector, with options of ``Detector.with_options``.

    Raises:
        RetoldError: if the model is absent or refused, or cannot be used so.
    """
    # Loads NumPy, SciPy and the model.
    from retold.detector import load

    return load(model).with_options(prior, operating_point, mt_engine, time_limit)


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


def _report(
    results: Iterable[Scored | Unreadable],
    detector: Detector,
    reference: Document | None,
    archives: Sequence[AnyArchive],
) -> Iterator[str]:
    # Loads NumPy.
    from retold.cli.html_results import beside_originals, explained, model_card
    from retold.report.html import render_html

    beside = beside_originals(detector, reference, archives) if reference or archives else None
    return render_html(explained(results, detector), model_card(detector), beside=beside)


def _formatted(results: Iterable[Scored | Unreadable], format: str, stream: TextIO) -> Iterator[str]:
    verdicts = map(verdict_of, results)
    if format == "table":
        return render_table(verdicts, terminal_width(stream), wants_colour(stream), cut_ids=stream.isatty())
    return {"jsonl": render_jsonl, "csv": render_csv}[format](verdicts)


def _write_parquet(results: Iterable[Scored | Unreadable], stream: TextIO) -> None:
    # Loads NumPy and pyarrow.
    from retold.report.parquet import write_parquet

    write_parquet(map(verdict_of, results), stream.buffer)


def _write(stream: TextIO, pieces: Iterable[str]) -> None:
    """Write pieces as they come, so that whoever reads along loses nothing if the work is cut short."""
    for piece in pieces:
        stream.write(piece)
        stream.flush()
