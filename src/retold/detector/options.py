"""How a detector is to be used."""

from __future__ import annotations

from dataclasses import dataclass

from retold.detector.calibration import PRIOR
from retold.translation import Memory


@dataclass(frozen=True)
class Options:
    """How a detector is to be used.

    Attributes:
        prior: Shares of original, edited and back-translated articles that the reader expects.
        point: Operating point at which a text is called back-translated; None calls it what is most probable.
        deep: Whether doubtful articles are looked at again, by the model's neural reader and by an engine, if there is one.
        echoes: Asks an engine about the first sentences of those articles; None judges without.
    """

    prior: tuple[float, ...] = PRIOR
    point: str | None = None
    deep: bool = False
    echoes: Memory | None = None
