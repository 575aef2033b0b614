"""The detector of a command, as its options say."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from retold.cli.progress import Progress
from retold.cli.terminal import Streams, standard_streams
from retold.errors import InputError
from retold.reading import Document, read

if TYPE_CHECKING:
    from retold.detector import Detector
    from retold.translation import TranslationCache


def load_detector(
    model: str | Path | None,
    prior: str | None = None,
    operating_point: str | None = None,
    mt_engine: TranslationCache | None = None,
    time_limit: float | None = None,
) -> Detector:
    """Load a detector.

    Args:
        model: Folder of the model; None for the shipped one.
        prior: As of ``Detector.with_options``, and so are the others.
        operating_point: What decides which documents are called back-translated.
        mt_engine: Rescores doubtful documents.
        time_limit: Seconds of the processor that one document may take.

    Raises:
        RetoldError: if the model is absent or refused, or cannot be used so.
    """
    # Loads NumPy, SciPy and the model.
    from retold.detector import load

    return load(model).with_options(prior, operating_point, mt_engine, time_limit)


def rescoring_engine(options: argparse.Namespace) -> TranslationCache:
    """The engine of ``--deep``, which keeps its translations in a file."""
    # Loads NumPy.
    from retold.translation import CircuitBreaker, TranslationCache, make_engine
    from retold.translation.cache import default_cache_file

    engine = CircuitBreaker(make_engine(options.engine, options.jobs, timeout=options.engine_timeout))
    file = Path(options.cache) if options.cache else default_cache_file()
    return TranslationCache(engine, file, Progress(standard_streams().errors, in_place=False).remark)


def with_estimated_prior(detector: Detector, paths: Sequence[str | Path], streams: Streams) -> Detector:
    """The same detector for the mixture that a first reading of the documents shows; the estimate is written to the errors.

    Raises:
        InputError: if standard input is among the paths, or the documents are too few.
    """
    if "-" in map(str, paths):
        raise InputError(
            "--prior auto reads the documents twice, which standard input cannot; save them to a file first"
        )
    texts = (item.text for item in read(paths) if isinstance(item, Document))
    estimate = detector.estimate_prior(texts)
    print(estimate, file=streams.errors)
    return detector.with_options(prior=estimate.prior)
