"""The signals, in the order of their columns, and what they need to be built."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from numpy.typing import NDArray

from retold.channel.lexical_table import LexicalTable
from retold.channel.phrase_table import FILE as SUBSTITUTIONS_FILE
from retold.channel.phrase_table import PhraseTable
from retold.detector.pivot_language import PivotClassifier
from retold.language_model import LanguageModel, Vocabulary
from retold.signals.artefacts.signal import Artefacts
from retold.signals.base import Signal
from retold.signals.fluency.signal import Fluency
from retold.signals.idioms.signal import Idioms
from retold.signals.ngrams.classifier import NgramClassifier
from retold.signals.ngrams.masked import MaskedNgrams
from retold.signals.ngrams.words import WordNgrams
from retold.signals.stylometry.house_style import HouseStyle
from retold.signals.stylometry.language import Language
from retold.signals.stylometry.readability import Readability
from retold.signals.terms.signal import Terms

NGRAM_CLASSIFIERS: tuple[type[NgramClassifier], ...] = (MaskedNgrams, WordNgrams)
# Families under which group_scores are reported, in the order in which a reader cares.
FEATURE_GROUPS = ("fluency", "terms", "idioms", "grammar", "wording", "style", "artefacts")
# Signals written by hand, in the order of their columns. A model names those that it was trained with and is served by them
# alone, so that one trained before a signal existed goes on without it.
HANDCRAFTED = ("fluency", "terms", "idioms", "readability", "house_style", "language", "artefacts")
_SIGNALS_FILE = "signals.json"


@dataclass(frozen=True)
class Resources:
    """What signals are built from.

    Attributes:
        language_model: The 4-gram model.
        channel: What words become through each pivot.
        experts: The learned views; empty while they are being trained.
        pivots: What reads the pivot language off machine text, if the training data named pivots.
        substitutions: Phrases that machines put for others, if the training data showed enough of them.
        written: UniqueIds of the written signals in use, in the order of their columns.
    """

    language_model: LanguageModel
    channel: LexicalTable
    experts: tuple[NgramClassifier, ...] = field(default=())
    pivots: PivotClassifier | None = None
    substitutions: PhraseTable | None = None
    written: tuple[str, ...] = HANDCRAFTED

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Everything to store, by name; with ``texts()`` it is all of the resources."""
        named = {f"lm_{name}": array for name, array in self.language_model.arrays().items()}
        named |= {f"channel_{name}": array for name, array in self.channel.arrays().items()}
        for expert in self.experts:
            named |= {f"{expert.name}_{name}": array for name, array in expert.arrays().items()}
        if self.pivots is not None:
            named |= {f"pivot_{name}": array for name, array in self.pivots.arrays().items()}
        if self.substitutions is not None:
            named |= {f"substitution_{name}": array for name, array in self.substitutions.arrays().items()}
        return named

    def texts(self) -> dict[str, str]:
        """The text files to store, by name."""
        vocabulary = "\n".join(self.language_model.vocabulary.words)
        channel = json.dumps(self.channel.header())
        listed = {SUBSTITUTIONS_FILE: self.substitutions.text()} if self.substitutions is not None else {}
        return {
            "vocabulary.txt": vocabulary,
            "channel.json": channel,
            _SIGNALS_FILE: json.dumps(self.written),
            **listed,
        }

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]], texts: Mapping[str, str]) -> Resources:
        """Undo ``arrays()`` and ``texts()``."""
        vocabulary = Vocabulary(texts["vocabulary.txt"].split("\n"))
        language_model = LanguageModel.from_arrays(vocabulary, _with_prefix(arrays, "lm_"))
        channel = LexicalTable.from_arrays(json.loads(texts["channel.json"]), _with_prefix(arrays, "channel_"))
        experts = tuple(kind(**_with_prefix(arrays, f"{kind.name}_")) for kind in NGRAM_CLASSIFIERS)
        pivots = PivotClassifier(**_with_prefix(arrays, "pivot_")) if "pivot_weights" in arrays else None
        phrases = texts.get(SUBSTITUTIONS_FILE)
        table = _with_prefix(arrays, "substitution_")
        substitutions = PhraseTable.from_arrays(phrases, table) if phrases is not None else None
        stored = json.loads(texts[_SIGNALS_FILE])
        written = tuple(name for name in HANDCRAFTED if name in stored)
        return cls(language_model, channel, experts, pivots, substitutions, written)


def _with_prefix(arrays: Mapping[str, NDArray[Any]], prefix: str) -> dict[str, NDArray[Any]]:
    return {name[len(prefix) :]: array for name, array in arrays.items() if name.startswith(prefix)}


def build_signals(resources: Resources) -> tuple[Signal, ...]:
    """Every signal, ready to measure; the order is that of the feature columns."""
    terms = Terms(resources.channel, substitutions=resources.substitutions)
    written = (Fluency(), terms, Idioms(), Readability(), HouseStyle(), Language(), Artefacts())
    return (*(signal for signal in written if signal.name in resources.written), *resources.experts)
