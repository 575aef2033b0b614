"""The signals: a class each, in the order in which their groups are reported.

A signal is added by one line here; CONTRIBUTING.md shows it. Its features follow in the order of the classes, those of the
n-gram classifiers last.
"""

from __future__ import annotations

from retold.signals.artefacts.signal import Artefacts
from retold.signals.base import HandcraftedSignal
from retold.signals.fluency.signal import Fluency
from retold.signals.idioms.signal import Idioms
from retold.signals.ngrams.classifier import NgramClassifier
from retold.signals.ngrams.masked import MaskedNgrams
from retold.signals.ngrams.words import WordNgrams
from retold.signals.stylometry.house_style import HouseStyle
from retold.signals.stylometry.language import Language
from retold.signals.stylometry.readability import Readability
from retold.signals.terms.signal import LexicalMistranslation

SIGNALS: tuple[type[HandcraftedSignal] | type[NgramClassifier], ...] = (
    Fluency,
    LexicalMistranslation,
    Idioms,
    MaskedNgrams,
    WordNgrams,
    Readability,
    HouseStyle,
    Language,
    Artefacts,
)
NGRAM_CLASSIFIERS: tuple[type[NgramClassifier], ...] = tuple(s for s in SIGNALS if issubclass(s, NgramClassifier))
HANDCRAFTED: tuple[type[HandcraftedSignal], ...] = tuple(s for s in SIGNALS if issubclass(s, HandcraftedSignal))
# Keys under ``signals`` in a verdict.
FEATURE_GROUPS: tuple[str, ...] = tuple(dict.fromkeys(signal.group for signal in SIGNALS))
