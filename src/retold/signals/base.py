"""What a signal is: a few numbers for every article of a batch, and the spans that explain them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from retold.language_model.batch import Batch


@dataclass(frozen=True, slots=True)
class Evidence:
    """A span of an article that speaks for a verdict.

    Attributes:
        start: Where it starts in the text as the reader gave it.
        end: Where it ends there, exclusive: ``text[start:end]`` is the flagged text.
        text: The flagged text.
        signal: Name of the family that found it: ``terms``, ``idioms`` or ``fluency``.
        suggestion: What probably stood there before, if the signal knows.
        pivot: ISO 639-1 code of the language that explains it, if one does.
        score: How likely the span is machine-made, from 0 to 1.
        reason: The explanation in words.
        conditional: True if the span convinces only beside a machine verdict, and is not shown without one.
    """

    start: int
    end: int
    text: str
    signal: str
    suggestion: str | None
    pivot: str | None
    score: float
    reason: str = ""
    conditional: bool = False


class Signal(Protocol):
    """One hypothesis about how retold text differs, as numbers and as evidence."""

    @property
    def name(self) -> str:
        """Its name, that of its file."""
        ...

    @property
    def family(self) -> str:
        """The family under which its evidence and its weight are reported."""
        ...

    @property
    def feature_names(self) -> tuple[str, ...]:
        """Names of the columns that ``measure`` returns."""
        ...

    def measure(self, batch: Batch) -> NDArray[np.float64]:
        """float64 array (n_articles, len(feature_names)); finite for any article, an empty one included."""
        ...

    def evidence(self, batch: Batch) -> list[list[Evidence]]:
        """The spans of each article, strongest first; empty lists where the signal shows none."""
        ...
