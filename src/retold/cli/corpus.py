"""``retold corpus``: labelled examples from one's own articles."""

from __future__ import annotations

import argparse
import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from retold.cli import corpus_distortions
from retold.cli.exit_codes import FAILED, OK, SOME_FAILED
from retold.cli.output import opened
from retold.cli.output_checks import check_inputs, check_output
from retold.cli.progress import Progress
from retold.cli.round_trip_pairs import RoundTripPairs
from retold.cli.shared_arguments import WHOLE_FILE, Commands, add_command, add_engine, add_jobs, add_paths
from retold.cli.terminal import Streams, standard_streams
from retold.errors import InputError, RetoldError
from retold.limits import ENGINE_SECONDS
from retold.reading import read

if TYPE_CHECKING:
    from retold.translation import Engine

# ISO 639-1, or a longer tag as engines use them ("zh-tw").
_PIVOT = re.compile(r"[a-z]{2,3}(-[a-z]{2,4})?\Z")
_HELP = "make labelled examples from your own articles"
_EXAMPLES = """
retold corpus roundtrip archive/ --output mine.jsonl
retold corpus roundtrip archive/ --output mine.jsonl --pivot fr --engine "sh -c 'mt en fr | mt fr en'"
"""
_ENGINES = """
The packaged engine takes English through Portuguese and back; it needs: python -m pip install 'retold[deep]'

Any other engine can be named as a command. It is run without a shell, reads English sentences from standard input, one a
line, UTF-8, and writes the round trip of each to standard output, one a line, in the same order. A line that it cannot
translate is an empty line. A code other than 0 stops the work; what was translated until then is kept, and the same
command goes on from there.
"""
# Of an engine that failed; an interruption names the command itself.
_GOES_ON = "run the same command again to go on from there"


def add_arguments(commands: Commands) -> None:
    """Add the command and the kinds of examples that it makes to a parser."""
    corpus = commands.add_parser("corpus", help=_HELP, description=f"{_HELP[0].upper()}{_HELP[1:]}.")
    kinds = corpus.add_subparsers(dest="kind", required=True, metavar="KIND")
    help = "originals and their round trips through a language"
    command = add_command(kinds, "roundtrip", run, help, _EXAMPLES, _ENGINES)
    add_paths(command)
    command.add_argument("--output", required=True, metavar="FILE.jsonl", help=WHOLE_FILE)
    command.add_argument(
        "--pivot", default="", metavar="CODE", help="language in between, such as pt; default: the engine's own"
    )
    add_jobs(command, "threads of the packaged engine")
    add_engine(command, "one beside the output, deleted when all is done")
    corpus_distortions.add_arguments(kinds)


def run(options: argparse.Namespace) -> int:
    """Run the command as it was parsed."""
    return roundtrip(
        options.paths,
        options.output,
        options.engine,
        options.pivot,
        jobs=options.jobs,
        timeout=options.engine_timeout,
        cache=options.cache,
    )


def roundtrip(
    paths: Sequence[str | Path],
    output: str | Path,
    engine: str = "packaged",
    pivot: str = "",
    *,
    jobs: int = 1,
    timeout: float = ENGINE_SECONDS,
    cache: str | Path | None = None,
    mt_engine: Engine | None = None,
    streams: Streams | None = None,
) -> int:
    """Write each readable article and its round trip as two labelled lines of one group.

    Translations are kept in a file while the work lasts, so that a run that was cut short goes on where it stopped.

    Args:
        paths: Files, folders, or "-".
        output: JSONL file to write, whole or not at all; ``retold train --data`` reads it.
        engine: ``packaged``, or the command line of a program that reads an English sentence a line and writes its round trip.
        pivot: ISO 639-1 code of the language in between; the packaged engine's own if empty.
        jobs: Threads of the packaged engine.
        timeout: Seconds that an external engine may take for one batch of sentences.
        cache: File that keeps translations; OUTPUT.cache if None, which is deleted when the work is done.
        mt_engine: Used instead of the engine that ``engine`` names.
        streams: Used instead of the standard streams.

    Returns:
        0 if every document gave two lines, 1 if some did not, 2 if none did.

    Raises:
        InputError: if the output cannot be written, or the engine has another pivot.
        EngineError: if the engine fails.
        MissingPackageError: if the packaged engine is not installed.
    """
    check_inputs(paths)
    check_output(output, paths)
    cache_file = Path(cache) if cache is not None else Path(f"{output}.cache")
    check_output(cache_file, [*paths, output])
    # Loads NumPy.
    from retold.translation import TranslationCache

    mt_engine = mt_engine or _engine(engine, pivot, jobs, timeout)
    streams = streams or standard_streams()
    progress = Progress(streams.errors, in_place=streams.errors.isatty())
    pairs = RoundTripPairs(progress)
    try:
        with (
            TranslationCache(mt_engine, cache_file, progress.remark) as cached,
            opened(output, streams.output, progress.remark) as stream,
        ):
            for row in pairs.rows(read(paths, progress.remark, streams.input), cached):
                stream.write(json.dumps(row) + "\n")
            if not pairs.done:
                raise InputError("no round trips were made, so nothing was written")
    except (RetoldError, KeyboardInterrupt) as error:
        error.add_note(str(pairs) if isinstance(error, KeyboardInterrupt) or not pairs.done else f"{pairs}; {_GOES_ON}")
        raise
    if cache is None:
        cache_file.unlink(missing_ok=True)
    progress.remark(f"{pairs}; next: retold train --data {output}")
    return SOME_FAILED if pairs.failed else OK if pairs.done else FAILED


def _engine(name: str, pivot: str, jobs: int, timeout: float) -> Engine:
    from retold.translation import make_engine

    if pivot and not _PIVOT.match(pivot):
        raise InputError(f"pivot {pivot!r}: give the code of a language, such as pt")
    engine = make_engine(name, jobs, pivot, timeout)
    if pivot and engine.pivot != pivot:
        raise InputError(
            f"the packaged engine goes through {engine.pivot}, not {pivot}; name another: --engine COMMAND"
        )
    return engine
