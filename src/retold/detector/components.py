"""ModelComponents: the parts of a model that its signals are built from, read from and written to a model folder."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Self

from numpy.typing import NDArray

from retold.channel.lexical_table import LexicalTable
from retold.channel.phrase_table import FILE as PHRASES_FILE
from retold.channel.phrase_table import PhraseTable
from retold.detector.features import feature_schema
from retold.detector.pivot_language import PivotClassifier
from retold.detector.replaced_words import ReplacedWordDetector
from retold.errors import ModelError
from retold.language_model import LanguageModel, Vocabulary
from retold.model_store import ModelFolder, parse_json
from retold.signals.base import FeatureExtractor
from retold.signals.ngrams.classifier import NgramClassifier
from retold.signals.registry import HANDCRAFTED, NGRAM_CLASSIFIERS, SIGNALS

_VOCABULARY_FILE, _CHANNEL_FILE, _SIGNALS_FILE = "vocabulary.txt", "channel.json", "signals.json"


@dataclass(frozen=True)
class ModelComponents:
    """What signals are built from.

    Attributes:
        language_model: The 4-gram model.
        channel: What words become through each pivot.
        ngram_classifiers: The n-gram classifiers; empty while they are being trained.
        pivot_classifier: Identifies the pivot of machine text, if the training data named pivots.
        phrase_table: CalqueFinder that machines put for others, if the training data showed enough of them.
        replaced_words: Finds words that do not fit where they stand; None where there was no running news to learn it from.
        handcrafted: Names of the handcrafted signals in use. A model names those that it was trained with and is served by
            them alone, so that one trained before a signal existed goes on without it.
        tables: Texts of the fitted tables that signals need, by file name.
    """

    language_model: LanguageModel
    channel: LexicalTable
    ngram_classifiers: tuple[NgramClassifier, ...] = ()
    pivot_classifier: PivotClassifier | None = None
    phrase_table: PhraseTable | None = None
    replaced_words: ReplacedWordDetector | None = None
    handcrafted: tuple[str, ...] = tuple(signal.name for signal in HANDCRAFTED)
    tables: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def signals(self) -> tuple[FeatureExtractor, ...]:
        """What ``build_signals`` builds, once.

        Raises:
            ModelError: if a table that a signal needs is missing or damaged.
        """
        return build_signals(self)

    def table(self, file: str) -> str:
        """Text of a fitted table.

        Raises:
            ModelError: if the model has no such file.
        """
        if file not in self.tables:
            raise ModelError(f"the model has no {file}: it was made by an older version; train it again: retold train")
        return self.tables[file]

    def arrays(self) -> dict[str, NDArray[Any]]:
        """The arrays to store, by name; with ``texts()`` they are all of the components."""
        parts: dict[str, Any] = {"lm": self.language_model, "channel": self.channel}
        parts |= {classifier.name: classifier for classifier in self.ngram_classifiers}
        parts |= {"pivot": self.pivot_classifier, "substitution": self.phrase_table}
        parts |= {"replaced": self.replaced_words}
        return {
            f"{prefix}_{name}": array
            for prefix, part in parts.items()
            if part is not None
            for name, array in part.arrays().items()
        }

    def texts(self) -> dict[str, str]:
        """The text files to store, by name."""
        phrases = {PHRASES_FILE: self.phrase_table.text()} if self.phrase_table is not None else {}
        return {
            _VOCABULARY_FILE: "\n".join(self.language_model.vocabulary.words),
            _CHANNEL_FILE: json.dumps(self.channel.header()),
            _SIGNALS_FILE: json.dumps(self.handcrafted),
            **phrases,
            **self.tables,
        }

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]], texts: Mapping[str, str]) -> Self:
        """Undo ``arrays()`` and ``texts()``.

        Raises:
            ModelError: if a part is missing or damaged.
        """
        try:
            return cls._from_arrays(arrays, texts)
        except (KeyError, ValueError, TypeError) as error:
            raise ModelError(f"the model is incomplete or damaged ({error!r}); get it anew") from None

    @classmethod
    def _from_arrays(cls, arrays: Mapping[str, NDArray[Any]], texts: Mapping[str, str]) -> Self:
        vocabulary = Vocabulary(texts[_VOCABULARY_FILE].split("\n"))
        pivot, phrases = _with_prefix(arrays, "pivot_"), _with_prefix(arrays, "substitution_")
        replaced = _with_prefix(arrays, "replaced_")
        stored = parse_json(texts[_SIGNALS_FILE], _SIGNALS_FILE)
        handcrafted = [signal for signal in HANDCRAFTED if signal.name in stored]
        return cls(
            LanguageModel.from_arrays(vocabulary, _with_prefix(arrays, "lm_")),
            LexicalTable.from_arrays(parse_json(texts[_CHANNEL_FILE], _CHANNEL_FILE), _with_prefix(arrays, "channel_")),
            tuple(kind(**_with_prefix(arrays, f"{kind.name}_")) for kind in NGRAM_CLASSIFIERS),
            PivotClassifier(**pivot) if pivot else None,
            PhraseTable.from_arrays(texts[PHRASES_FILE], phrases) if PHRASES_FILE in texts else None,
            ReplacedWordDetector.from_arrays(replaced) if replaced else None,
            tuple(signal.name for signal in handcrafted),
            {file: texts[file] for signal in handcrafted for file in signal.tables if file in texts},
        )

    @classmethod
    def from_folder(cls, folder: ModelFolder) -> Self:
        """The components of a model, whose features are those of this version.

        Raises:
            ModelError: if a part is missing or damaged, or if the model was trained on other features.
        """
        components = cls.from_arrays(folder.arrays, folder.texts)
        schema = feature_schema(components.signals)
        schema.check(folder.meta.get("features"), str(folder.path))
        return components


def _with_prefix(arrays: Mapping[str, NDArray[Any]], prefix: str) -> dict[str, NDArray[Any]]:
    return {name[len(prefix) :]: array for name, array in arrays.items() if name.startswith(prefix)}


def build_signals(components: ModelComponents) -> tuple[FeatureExtractor, ...]:
    """The signals of a model in the order of the registry, without n-gram classifiers that are not trained yet.

    Raises:
        ModelError: if a table that a signal needs is missing or damaged.
    """
    trained = {classifier.name: classifier for classifier in components.ngram_classifiers}
    built: list[FeatureExtractor] = []
    for signal in SIGNALS:
        if issubclass(signal, NgramClassifier):
            built += [trained[signal.name]] if signal.name in trained else []
        elif signal.name in components.handcrafted:
            built.append(signal.from_parts(components))
    return tuple(built)
