"""What a signal is: a few numbers for every article of a batch and, for some signals, the spans that explain them.

A signal is a class in ``signals/<name>/signal.py`` that is a ``FeatureExtractor`` and, if it has spans to show, an
``EvidenceFinder``; ``registry.SIGNALS`` lists the classes. CONTRIBUTING.md adds one step by step.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Protocol, Self, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from retold.channel.lexical_table import LexicalTable
from retold.channel.phrase_table import PhraseTable
from retold.language_model import LanguageModel
from retold.language_model.batch import Batch


@dataclass(frozen=True, slots=True)
class Evidence:
    """A span of an article that speaks for a verdict.

    Attributes:
        start: Where it starts in the text as the reader gave it.
        end: Where it ends there, exclusive: ``text[start:end]`` is the flagged text.
        text: The flagged text.
        signal: Group of the signal that found it: ``terms``, ``idioms``, ``fluency`` or ``artefacts``.
        suggestion: What probably stood there before, if the signal knows.
        pivot: ISO 639-1 code of the language that explains it, if one does.
        score: Probability that the span is machine-made, from 0 to 1.
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


@dataclass(frozen=True, slots=True)
class FeatureDescription:
    """A feature in words for people.

    Attributes:
        aspect: What it measures together with the other features of the same aspect, whose contributions to a verdict are
            added up because their coefficients share the work.
        quantity: What an article has more or less of as the feature rises or falls; empty if few words cannot say it.
    """

    aspect: str
    quantity: str = ""


class ModelParts(Protocol):
    """The parts of a model that a signal may be built from; ``detector.components.ModelComponents`` has them all."""

    @property
    def language_model(self) -> LanguageModel:
        """The 4-gram model of news English."""
        ...

    @property
    def channel(self) -> LexicalTable:
        """What words become through each pivot."""
        ...

    @property
    def phrase_table(self) -> PhraseTable | None:
        """CalqueFinder that machines put for others; None if the training data showed too few."""
        ...

    def table(self, file: str) -> str:
        """Text of a fitted table, one of a signal's ``tables``, by file name.

        Raises:
            ModelError: if the model has no such file.
        """
        ...


class FeatureExtractor(Protocol):
    """One hypothesis about how retold text differs, as numbers.

    Attributes:
        name: Its name, unique among signals.
        group: The group under which its weight and its evidence are reported: the key under ``signals`` in a verdict.
        title: What it looks at, in words for people.
        descriptions: Every feature in words for people.
        feature_names: Names of the columns of ``extract``, unique among the features of all signals.
    """

    name: ClassVar[str]
    group: ClassVar[str]
    title: ClassVar[str]
    descriptions: ClassVar[Mapping[str, FeatureDescription]]
    feature_names: ClassVar[tuple[str, ...]]

    def extract(self, batch: Batch) -> NDArray[np.float64]:
        """float64 array (n_articles, len(feature_names)); finite for any article, an empty one included."""
        ...


@runtime_checkable
class EvidenceFinder(Protocol):
    """A signal that can show where in an article it finds what it measures."""

    def find_evidence(self, batch: Batch) -> list[list[Evidence]]:
        """The spans of each article, strongest first."""
        ...


class HandcraftedSignal:
    """What signals with handcrafted features share; subclasses add ``extract`` and what ``FeatureExtractor`` names.

    Attributes:
        tables: File names of the fitted tables that the signal needs from the model folder.
    """

    name: ClassVar[str]
    group: ClassVar[str]
    title: ClassVar[str]
    descriptions: ClassVar[Mapping[str, FeatureDescription]]
    feature_names: ClassVar[tuple[str, ...]]
    tables: ClassVar[tuple[str, ...]] = ()

    def __init_subclass__(cls) -> None:
        cls.feature_names = tuple(cls.descriptions)

    @classmethod
    def from_parts(cls, parts: ModelParts) -> Self:
        """Build the signal from the parts of a model.

        Raises:
            ModelError: if a table that it needs is missing or damaged.
        """
        return cls()

    def extract(self, batch: Batch) -> NDArray[np.float64]:
        """See ``FeatureExtractor``."""
        raise NotImplementedError
