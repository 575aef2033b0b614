"""Drift in plain words, for the terminal."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

import numpy as np

from retold.detector.features import describe
from retold.monitoring.drift import Drift
from retold.monitoring.feature_shifts import Shift

# Features listed at most; a reader takes in no more.
_MAX_FEATURES = 8
# Standard deviations by which a mean must have moved to be called more or less; below, only the spread has changed.
_VISIBLE_SHIFT = 0.3
_LEVELS = {
    "none": "no drift: a random batch of training originals, or of one of its outlets, differs as much",
    "outlet": "another outlet: it differs from training as training's own sources differ from one another",
    "strong": "drift: it differs more than nine in ten sources of the training data do from the others",
}
_ADVICE = {
    "none": "Verdicts can be read as the model's card says.",
    "outlet": "Expect the figures that the card gives for sources held out; label some (retold label) to do better.",
    "strong": "Read verdicts with care, and label some of these articles (retold label, then retold train).",
}


def drift_lines(drift: Drift, passed_over: Mapping[str, int]) -> Iterator[str]:
    """The report in plain words, a line at a time."""
    yield f"{drift.n_articles:,} articles beside {drift.n_originals:,} originals of the training data"
    if passed_over:
        yield "not judged: " + ", ".join(f"{n} {kind}" for kind, n in Counter(passed_over).most_common())
    yield f"{_LEVELS[drift.level]} (index {drift.index:.3f}; random batches stay below {drift.ordinary:.3f})"
    if drift.level == "none" and drift.index > drift.ordinary and drift.nearest is not None:
        yield f"it measures like {drift.nearest.name}, an outlet of the training data"
    if drift.sources and drift.level != "none":
        values = sorted(drift.sources.values())
        more = sum(v >= drift.index for v in values)
        yield f"{more} of {len(values)} training sources differ as much from the others (median {np.median(values):.3f})"
    yield _ADVICE[drift.level]
    yield from (f"your articles have {_shift_words(shift)}" for shift in _visible_shifts(drift))
    moved = [f"{s.name} {s.index:.2f} (ordinary up to {s.ordinary:.2f})" for s in drift.groups if s.moved]
    if moved and drift.level != "none":
        yield f"signals that moved: {'; '.join(moved)}"
    yield f"{drift.outside:.0%} of the articles are outside the range of the training originals (1% of those are)"
    yield "length: " + "; ".join(f"{name} {here:.0%} (training {was:.0%})" for name, here, was in drift.lengths)
    yield from _effect_lines(drift.effect)


def _visible_shifts(drift: Drift) -> list[Shift]:
    """Features that have a description and whose mean moved far enough to be seen; none if there is no drift."""
    if drift.level == "none":
        return []
    return [s for s in drift.features if describe(s.name).quantity and abs(s.by) >= _VISIBLE_SHIFT][:_MAX_FEATURES]


def _shift_words(shift: Shift) -> str:
    more = "more" if shift.by > 0 else "fewer or less"
    return f"{more}: {describe(shift.name).quantity} ({shift.here:.3g} against {shift.trained:.3g} in training)"


def _effect_lines(effect: Mapping[str, float]) -> Iterator[str]:
    for label, name in (("original", "originals"), ("back-translated", "round trips")):
        if f"{label}, all" in effect:
            yield (
                f"expected: of training {name} written like these, {effect[f'{label}, like these']:.1%} are called "
                f"back-translated (of all {effect[f'{label}, all']:.1%})"
            )
