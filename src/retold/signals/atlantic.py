"""Both sides of the Atlantic: British and American spellings, words and phrases, and a batch in the commoner ones.

A language model and a channel learned from news find a word odd where the news was mostly of the other side. What is odd on
one side alone is ordinary English: evidence must hold with the words of either side, see ``retold.signals.evidence``.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property

import numpy as np
from numpy.typing import NDArray

from retold.language_model.batch import Batch
from retold.text import Article
from retold.text.morphology import inflect
from retold.text.phrase_matcher import PhraseIndex, parse
from retold.text.word_lists import read_table

_ISE_ENDINGS = ("e", "es", "ed", "ing", "ation", "ations", "er", "ers", "able")
# Forms of the words of a kind in ``atlantic_words.tsv``.
_FORMS = {"noun": ("", "s"), "verb": ("", "s", "ed", "ing"), "word": ("",)}


def spelling_counts(lower: list[str]) -> tuple[int, int]:
    """Words in a British spelling and words in an American one, of lower-case words."""
    sides = list(filter(None, map(_spelling_sides().get, lower)))
    return sides.count("british"), sides.count("american")


@cache
def _spelling_sides() -> dict[str, str]:
    """Word -> "british" or "american", all inflections of the pairs of ``spellings.tsv``."""
    table: dict[str, str] = {}
    for british, american, counts in read_table("spellings.tsv"):
        table |= dict.fromkeys(_spellings(british), "british")
        if counts == "both":
            table |= {form: "american" for form in _spellings(american) if form not in table}
    return table


def _spellings(word: str) -> list[str]:
    """The inflections of a word of ``spellings.tsv``, in an order that two spellings of a word share."""
    if word.endswith(("ise", "ize")) and len(word) > 5:
        return [word[:-1] + ending for ending in _ISE_ENDINGS]
    if word.endswith(("ed", "ing", "al", "able", "ous", "ic")):
        return [word]
    return [word, *(inflect(word, form) for form in ("s", "ed", "ing"))]


@cache
def counterparts() -> Mapping[str, frozenset[str]]:
    """Word -> the words or spellings for the same thing on the other side, in the same inflection."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    pairs = [
        pair for a, b, _ in read_table("spellings.tsv") for pair in zip(_spellings(a), _spellings(b), strict=False)
    ]
    for british, american, kind in read_table("atlantic_words.tsv"):
        pairs += [(inflect(british, form), inflect(american, form)) for form in _FORMS[kind]]
    for british, american in pairs:
        found[british].add(american)
        found[american].add(british)
    return {word: frozenset(others - {word}) for word, others in found.items()}


def is_atlantic_pair(words: list[str], others: list[str]) -> bool:
    """True if two runs of lower-case words differ, and in words or spellings of the two sides alone."""
    if words == others or len(words) != len(others):
        return False
    return all(a == b or b in counterparts().get(a, ()) for a, b in zip(words, others, strict=True))


@cache
def _phrases() -> PhraseIndex:
    return PhraseIndex([parse(phrase) for phrase, _ in read_table("atlantic_phrases.tsv")])


def phrase_tokens(article: Article) -> set[int]:
    """The tokens of an article that belong to a phrase of one side alone."""
    return {token for match in _phrases().find(article.lower) for token in range(match.start, match.end)}


@dataclass(frozen=True)
class CommonEnglishBatch(Batch):
    """Articles in whose eyes of the language model each word is that of the side on which it is commoner.

    Tokens and offsets stay those of the articles, so that spans found here can be compared with those of the plain batch.
    """

    @cached_property
    def ids(self) -> NDArray[np.int32]:
        """int32 array (n_tokens,): as of ``Batch``, words replaced by commoner counterparts."""
        return self.model.vocabulary.ids(map(self._commoner, self.distinct.words))[self.distinct.number]

    @cached_property
    def is_replaced(self) -> NDArray[np.bool_]:
        """bool array (n_tokens,): True where a counterpart stands for the word."""
        replaced = [self._commoner(word) != word for word in self.distinct.words]
        return np.array(replaced, dtype=bool)[self.distinct.number]

    def _commoner(self, word: str) -> str:
        """The commonest among a word and its counterparts."""
        others = counterparts().get(word)
        return max((word, *sorted(others)), key=self._frequency) if others else word

    def _frequency(self, word: str) -> float:
        vocabulary = self.model.vocabulary
        return float(self.model.unigrams[vocabulary.index[word]]) if word in vocabulary.index else 0.0
