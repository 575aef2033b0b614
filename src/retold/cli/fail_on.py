"""``--fail-on``: which verdicts make a pipeline stop."""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from retold.detector.verdict import Verdict

# Those of ``retold.detector.verdict``, which loads NumPy.
LABELS: Final = ("original", "edited", "back-translated")


@dataclass(frozen=True, slots=True)
class FailOn:
    """A label that is not wanted, and how probable it must be.

    Attributes:
        label: One of ``LABELS``.
        least: The least probability that counts, 0 to 1; None where every verdict with the label does.
    """

    label: str
    least: float | None = None

    @classmethod
    def parse(cls, value: str) -> FailOn:
        """Read ``LABEL`` or ``LABEL:PROBABILITY``, for the ``type`` of an argument.

        Raises:
            argparse.ArgumentTypeError: if there is no such label, or the number is no probability.
        """
        label, colon, least = value.partition(":")
        if label not in LABELS:
            raise argparse.ArgumentTypeError(f"{label[:30]!r} is no label; choose one of {', '.join(LABELS)}")
        try:
            probability = float(least) if colon else None
        except ValueError:
            probability = -1.0
        if probability is not None and not 0 <= probability <= 1:
            raise argparse.ArgumentTypeError(f"{least[:30]!r} is no probability; write {label}:0.9, for example")
        return cls(label, probability)

    def matches(self, verdict: Verdict) -> bool:
        """Tell whether a verdict is one of those; one that is not sure never is."""
        if verdict.abstained or verdict.probabilities is None:
            return False
        return verdict.label == self.label if self.least is None else verdict.probabilities[self.label] >= self.least

    def __str__(self) -> str:
        return self.label if self.least is None else f"{self.label}:{self.least:g}"
