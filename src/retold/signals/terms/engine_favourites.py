"""Words that engines favour where a newsroom may have another, and those among them that news keeps apart."""

from __future__ import annotations

from collections.abc import Set

from retold.channel.curated_lexicon import DefaultSenses
from retold.language_model import LanguageModel
from retold.text.morphology import Inflector


class EngineFavourites:
    """Looks pairs of words up by their numbers in the vocabulary.

    Args:
        inflector: Forms words.
        model: Its vocabulary numbers them.
        kept_apart: Lemmas ``(observed, intended)`` that news keeps apart.
    """

    def __init__(self, inflector: Inflector, model: LanguageModel, kept_apart: Set[tuple[str, str]]) -> None:
        self._senses, self._fold, self._words = DefaultSenses(inflector), inflector.fold, model.vocabulary.words
        self._kept_apart = {self._folds(pair) for pair in kept_apart}

    def has(self, observed: int, intended: int) -> bool:
        """True if a linguist listed the first word as what engines tend to put for what may be the second."""
        return self._senses.has(self._words[observed], self._words[intended])

    def keeps_apart(self, observed: int, intended: int) -> bool:
        """True for those of such pairs that news hardly ever mixes in one story."""
        pair = self._words[observed], self._words[intended]
        return self._folds(pair) in self._kept_apart and self._senses.has(*pair)

    def _folds(self, pair: tuple[str, str]) -> tuple[str, str]:
        return self._fold(pair[0]), self._fold(pair[1])
