"""How a detector is to be used."""

from __future__ import annotations

from dataclasses import dataclass

from retold.detector.calibration import PRIOR
from retold.translation import TranslationCache


@dataclass(frozen=True)
class Options:
    """How a detector is to be used.

    Attributes:
        prior: Shares of original, edited and back-translated articles that the reader expects.
        point: Operating point at which a text is called back-translated; None calls it what is most probable.
        echoes: Asks an engine about the first sentences of doubtful articles; None judges without.
    """

    prior: tuple[float, ...] = PRIOR
    point: str | None = None
    echoes: TranslationCache | None = None
