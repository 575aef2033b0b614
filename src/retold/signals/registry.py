"""The signals, in the order of their columns, and what they need to be built."""

from __future__ import annotations

from dataclasses import dataclass, field

from retold.channel import Channel
from retold.language_model import LanguageModel
from retold.signals.base import Signal
from retold.signals.experts import NgramExpert
from retold.signals.fluency import Fluency
from retold.signals.house_style import HouseStyle
from retold.signals.idioms import Idioms
from retold.signals.readability import Readability
from retold.signals.shape import Shape
from retold.signals.terms import Terms
from retold.signals.wording import Wording

EXPERTS: tuple[type[NgramExpert], ...] = (Shape, Wording)
# Families under which strengths are reported, in the order in which a reader cares.
FAMILIES = ("fluency", "terms", "idioms", "grammar", "wording", "style")


@dataclass(frozen=True)
class Resources:
    """What signals are built from.

    Attributes:
        language_model: The 4-gram model.
        channel: What words become through each pivot.
        experts: The learned views; empty while they are being trained.
    """

    language_model: LanguageModel
    channel: Channel
    experts: tuple[NgramExpert, ...] = field(default=())


def build_signals(resources: Resources) -> tuple[Signal, ...]:
    """Every signal, ready to measure; the order is that of the feature columns."""
    written = (Fluency(), Terms(resources.channel), Idioms(), Readability(), HouseStyle())
    return (*written, *resources.experts)
