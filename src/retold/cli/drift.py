"""``retold drift``."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from retold.cli.exit_codes import FAILED, OK, SOME_FAILED
from retold.cli.filtering import filter_scorable
from retold.cli.output import check_format, check_inputs
from retold.cli.progress import Progress
from retold.cli.terminal import Streams, standard_streams
from retold.detector import load
from retold.limits import BATCH_DOCUMENTS
from retold.model_store import bundled_model, read_model
from retold.monitoring.drift import MEANINGS, Drift, Shift, as_dict, measure_drift
from retold.report.formatting import printable
from retold.training.package import read_replay

FORMATS = ("table", "json")
# Features named at most: what a reader can take in.
_NAMED = 8
# Standard deviations by which the mean must have moved to be called more or less; below, only the spread has changed.
_SEEN = 0.3
_LEVELS = {
    "none": "no drift: a random batch of training originals differs as much",
    "outlet": "another outlet: it differs from training as training's own sources differ from one another",
    "strong": "drift: it differs more than nine in ten sources of the training data do from the others",
}
_ADVICE = {
    "none": "Verdicts can be read as the model's card says.",
    "outlet": "Expect the figures that the card gives for sources kept out; label some (retold label) to do better.",
    "strong": "Read verdicts with care, and label some of these articles (retold label, then retold train --add-to shipped).",
}


def drift(
    paths: Sequence[str | Path],
    model: str | Path | None = None,
    format: str = "table",
    streams: Streams | None = None,
) -> int:
    """Say how far a batch of articles is from what a model was trained on.

    Args:
        paths: Files, folders, or "-".
        model: Folder of the model; None for the packaged one.
        format: One of ``FORMATS``.
        streams: Stands in for the standard streams.

    Returns:
        0 if every document was measured, 1 if some could not be, 2 if none.

    Raises:
        InputError: if the format is unknown, or the articles are too few or too many.
        RetoldError: if the model cannot be loaded, or stores too little to compare with.
    """
    check_format(format, FORMATS)
    check_inputs(paths)
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
    found = measure_drift(np.vstack([f.to_numpy() for f in frames]), names, read_replay(folder), detector.head)
    if format == "json":
        streams.output.write(json.dumps(as_dict(found) | {"passed_over": dict(passed_over)}) + "\n")
    else:
        streams.output.writelines(f"{printable(line)}\n" for line in _lines(found, passed_over))
    return SOME_FAILED if passed_over else OK


def _lines(found: Drift, passed_over: Counter[str]) -> Iterator[str]:
    """The report in plain words, a line at a time."""
    yield f"{found.n_articles:,} articles beside {found.n_originals:,} originals of the training data"
    if passed_over:
        yield "not judged: " + ", ".join(f"{n} {kind}" for kind, n in passed_over.most_common())
    yield f"{_LEVELS[found.level]} (index {found.index:.3f}; random batches stay below {found.ordinary:.3f})"
    if found.sources and found.level != "none":
        values = sorted(found.sources.values())
        more = sum(v >= found.index for v in values)
        yield f"{more} of {len(values)} training sources differ as much from the others (median {np.median(values):.3f})"
    yield _ADVICE[found.level]
    yield from (f"your articles have {_in_words(shift)}" for shift in _tellable(found))
    moved = [f"{s.name} {s.index:.2f} (ordinary up to {s.ordinary:.2f})" for s in found.groups if s.moved]
    if moved and found.level != "none":
        yield f"signals that moved: {'; '.join(moved)}"
    yield f"{found.outside:.0%} of the articles are outside the range of the training originals (1% of those are)"
    yield "length: " + "; ".join(f"{name} {here:.0%} (training {was:.0%})" for name, here, was in found.lengths)
    yield from _effect_lines(found.effect)


def _tellable(found: Drift) -> list[Shift]:
    """What moved, can be said in words and moved far enough to be seen, unless nothing did."""
    if found.level == "none":
        return []
    return [s for s in found.features if s.name in MEANINGS and abs(s.by) >= _SEEN][:_NAMED]


def _in_words(shift: Shift) -> str:
    more = "more" if shift.by > 0 else "fewer or less"
    return f"{more}: {MEANINGS[shift.name]} ({shift.here:.3g} against {shift.trained:.3g} in training)"


def _effect_lines(effect: dict[str, float]) -> Iterator[str]:
    for label, what in (("original", "originals"), ("back-translated", "round trips")):
        if f"{label}, all" in effect:
            yield (
                f"expected: of training {what} written like these, {effect[f'{label}, like these']:.1%} are called "
                f"back-translated (of all {effect[f'{label}, all']:.1%})"
            )
