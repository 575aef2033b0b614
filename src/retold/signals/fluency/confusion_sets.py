"""Confusion sets: small corrections proposed by rule, of a wrong article, preposition, number, particle or word order.

Each rule belongs to one type of error. Where it can, a rule requires what licenses it, such as a pronoun before a verb: the
language model alone would put any rare word into the number in which news happened to use it. Source: confusion sets of
grammatical error correction (Rozovskaya and Roth 2010, "Generating confusion sets for context-sensitive error correction").
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from retold.language_model import LanguageModel
from retold.signals.idioms.lexicon import GRAMMAR, expressions
from retold.text.morphology import Inflector

# Rule -> type of error, in words for readers.
ERROR_TYPES: Mapping[str, str] = {
    "sound": "article",
    "definite": "article",
    "article too many": "article",
    "article left out": "article",
    "preposition": "preposition",
    "preposition too many": "preposition",
    "auxiliary": "agreement",
    "pronoun": "agreement",
    "quantity": "agreement",
    "modal": "agreement",
    "particle": "phrasal verb",
    "no object": "phrasal verb",
    "order": "word order",
}
_ARTICLES = ("a", "an", "the")
_PREPOSITIONS = tuple(
    "about after against among at before between by during for from in into of on over through to towards under with "
    "within without".split()
)
_AUXILIARIES = {"is": "are", "was": "were", "has": "have", "does": "do"}
_THIRD, _OTHERS = ("he", "she", "it"), ("i", "we", "you", "they")
_ONE = ("a", "an", "each", "every", "another")
_MANY = tuple("these those several many few both two three four five six seven eight nine ten".split())
_MODALS = tuple("will would can could may might must shall should cannot".split())
# After these and "he", "she" or "it" a verb may stand without -s: "asked that he leave", "let it go", "did she know".
_BARE = (
    *_MODALS,
    *"that if whether lest let lets make makes made making see sees saw seen help helps helped watch watched".split(),
    *"hear hears heard have has had having do does did".split(),
)
_OWNERS = frozenset("my your his her its our their one".split())
# A phrasal verb that takes no object, and its particle if it does: engines render "ceder", "renunciar" by either.
_OBJECTLESS = {("give", "in"): "up"}


@dataclass(frozen=True)
class CorrectionCandidates:
    """Corrections by one rule.

    Attributes:
        rule: One of ``ERROR_TYPES``.
        places: int64 (n,): first token that goes, or the one before which words are put, in the batch.
        by: int32 (n, k): the words put there.
        length: How many tokens go.
    """

    rule: str
    places: NDArray[np.int64]
    by: NDArray[np.int32]
    length: int


class ConfusionSets:
    """Proposes corrections; what depends on the vocabulary is built once."""

    def __init__(self, model: LanguageModel) -> None:
        self._words, self._index = model.vocabulary.words, model.vocabulary.index
        self._inflector = Inflector(self._index)
        self._vowel = np.array([word[0] in "aeiou" for word in self._words])
        self._grammar = np.array([word in GRAMMAR for word in self._words])
        self._numbers: dict[int, tuple[int, bool]] = {}
        for one, many in zip(self._ids(_AUXILIARIES).tolist(), self._ids(_AUXILIARIES.values()).tolist(), strict=True):
            self._numbers |= {one: (many, True), many: (one, False)}
        self._particles = _particles()

    def propose(self, ids: NDArray[np.int32], at: NDArray[np.int64]) -> list[CorrectionCandidates]:
        """Corrections of running text.

        Args:
            ids: int32 (n_tokens,): vocabulary ids of the text.
            at: int64 (n,): where to look; the tokens before and after each are of the same sentence.
        """
        rules = (self._articles, self._prepositions, self._numbered, self._phrasal, self._swapped)
        return [_in_vocabulary(candidates) for rule in rules for candidates in rule(ids, at)]

    def _ids(self, words: Iterable[str]) -> NDArray[np.int32]:
        """int32 (n,): ids of words, -1 for those that the vocabulary lacks."""
        return np.array([self._index.get(word, -1) for word in words], dtype=np.int32)

    def _articles(self, ids: NDArray[np.int32], at: NDArray[np.int64]) -> Iterator[CorrectionCandidates]:
        a, an, the = articles = self._ids(_ARTICLES)
        own = at[np.isin(ids[at], articles)]
        wrong_sound = own[(ids[own] == np.where(self._vowel[ids[own + 1]], a, an))]
        yield CorrectionCandidates("sound", wrong_sound, np.where(ids[wrong_sound] == a, an, a)[:, None], 1)
        definite = own[ids[own] == the]
        yield CorrectionCandidates("definite", definite, np.where(self._vowel[ids[definite + 1]], an, a)[:, None], 1)
        indefinite = own[ids[own] != the]
        yield CorrectionCandidates("definite", indefinite, np.full((len(indefinite), 1), the), 1)
        yield CorrectionCandidates("article too many", own, np.zeros((len(own), 0), np.int32), 1)
        # A noun that closes its phrase; headlines and compounds leave articles out before others.
        bare = at[~np.isin(ids[at - 1], articles) & ~self._grammar[ids[at]] & self._grammar[ids[at + 1]]]
        yield CorrectionCandidates("article left out", bare, np.where(self._vowel[ids[bare]], an, a)[:, None], 0)
        yield CorrectionCandidates("article left out", bare, np.full((len(bare), 1), the), 0)

    def _prepositions(self, ids: NDArray[np.int32], at: NDArray[np.int64]) -> Iterator[CorrectionCandidates]:
        options = self._ids(_PREPOSITIONS)
        own = at[np.isin(ids[at], options)]
        places, by = np.repeat(own, len(options)), np.tile(options, len(own))
        other = by != ids[places]
        yield CorrectionCandidates("preposition", places[other], by[other, None], 1)
        yield CorrectionCandidates("preposition too many", own, np.zeros((len(own), 0), np.int32), 1)

    def _numbered(self, ids: NDArray[np.int32], at: NDArray[np.int64]) -> Iterator[CorrectionCandidates]:
        other, ends = self._other_numbers(ids[at])
        before, verb = ids[at - 1], np.isin(ids[at], self._ids([*_AUXILIARIES, *_AUXILIARIES.values()]))
        # "The number of people is": an auxiliary need not agree with the word before it if that has one of these before.
        far = np.isin(ids[np.maximum(at[:, None] - [2, 3], 0)], self._ids([*_PREPOSITIONS, "and", "or"])).any(axis=1)
        third = np.isin(before, self._ids(_THIRD)) & ~np.isin(ids[np.maximum(at - 2, 0)], self._ids(_BARE))
        licensed = {
            "auxiliary": verb & ~self._grammar[before] & ~far,
            "pronoun": np.where(ends, np.isin(before, self._ids(_OTHERS)), third),
            # "Two plane makers", "an interventions policy": only a noun that closes its phrase must agree.
            "quantity": ~verb
            & self._grammar[ids[at + 1]]
            & np.where(ends, np.isin(before, self._ids(_ONE)), np.isin(before, self._ids(_MANY))),
            "modal": ends & np.isin(before, self._ids(_MODALS)),
        }
        for rule, mask in licensed.items():
            chosen = mask & (other >= 0)
            yield CorrectionCandidates(rule, at[chosen], other[chosen, None], 1)

    def _other_numbers(self, words: NDArray[np.int32]) -> tuple[NDArray[np.int32], NDArray[np.bool_]]:
        """The same words with the ending -s taken or given, -1 if there are none, and whether they have it."""
        distinct, back = np.unique(words, return_inverse=True)
        found = [self._other_number(int(i)) for i in distinct]
        other, ends = np.array([f[0] for f in found], np.int32), np.array([f[1] for f in found], bool)
        return other[back], ends[back]

    def _other_number(self, word: int) -> tuple[int, bool]:
        if word not in self._numbers:
            lemma, tag = self._inflector.analyse(self._words[word])
            forms = [lemma] if tag == "s" else self._inflector.forms(lemma, "s") if tag == "" else []
            known = [self._index[form] for form in forms if form in self._index and self._index[form] != word]
            self._numbers[word] = (known[0] if known else -1, tag == "s")
        return self._numbers[word]

    def _phrasal(self, ids: NDArray[np.int32], at: NDArray[np.int64]) -> Iterator[CorrectionCandidates]:
        particles = sorted({particle for options in self._particles.values() for particle in options})
        found: dict[str, list[tuple[int, str]]] = {"particle": [], "no object": []}
        for place in at[np.isin(ids[at], self._ids(particles))].tolist():
            seen, after = self._words[ids[place]], self._words[ids[place + 1]]
            verb, tag = self._inflector.analyse(self._words[ids[place - 1]])
            found["particle"] += [(place, other) for other in self._particles.get(verb, ()) if other != seen]
            # "Advice given in his honour" is sound.
            if (verb, seen) in _OBJECTLESS and tag != "en" and after in _OWNERS:
                found["no object"].append((place, _OBJECTLESS[verb, seen]))
        for rule, items in found.items():
            places = np.array([place for place, _ in items], dtype=np.int64)
            yield CorrectionCandidates(rule, places, self._ids(other for _, other in items)[:, None], 1)

    def _swapped(self, ids: NDArray[np.int32], at: NDArray[np.int64]) -> Iterator[CorrectionCandidates]:
        # Two words of substance stand in either order for reasons that no 4-gram knows.
        pairs = at[(self._grammar[ids[at]] | self._grammar[ids[at + 1]]) & (ids[at] != ids[at + 1])]
        yield CorrectionCandidates("order", pairs, np.stack([ids[pairs + 1], ids[pairs]], axis=1), 2)


def _in_vocabulary(candidates: CorrectionCandidates) -> CorrectionCandidates:
    """The candidates whose words the vocabulary has."""
    mask = (candidates.by >= 0).all(axis=1)
    return replace(candidates, places=candidates.places[mask], by=candidates.by[mask])


def _particles() -> Mapping[str, tuple[str, ...]]:
    """Verb -> the particles with which the project's list of expressions has it."""
    found: dict[str, set[str]] = defaultdict(set)
    for expression in expressions():
        if expression.kind == "phrasal_verb":
            verb, particle = expression.text.split()[:2]
            found[verb].add(particle)
    return {verb: tuple(sorted(particles)) for verb, particles in found.items()}
