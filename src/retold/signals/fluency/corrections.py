"""Corrections: the smallest change of a passage that the language model prefers by far, and the type of error it undoes.

Hypothesis: where a machine chose the wrong article, preposition, number or order, one small change makes the passage
ordinary; where it combined words that nobody combines, none does. To propose the confusions of a closed set and let a
language model decide is how errors of learners are found (Gamon 2010, "Using mostly native data to correct errors in
learners' writing"; Bryant and Briscoe 2018, "Language model based grammatical error correction without annotated
training data").
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from retold.language_model.batch import Batch
from retold.language_model.rescoring import substitution_gains
from retold.language_model.vocabulary import SPECIAL
from retold.signals.fluency.confusion_sets import ERROR_TYPES, ConfusionSets, CorrectionCandidates

# What context holds against the words as they stand counts twice what a correction saves: of sums of the two with weights
# 0, 1 and 2, the last found most of the prepositions that the original of a round trip has, at the same rate in originals.
_PENALTY_WEIGHT = 2.0
# Bits that context must hold against the words before a correction is looked up: without, one in thirty more was found on
# the same articles, none of which the original of a round trip had in that way, in two thirds more time.
_SUSPECT_BITS = 2.0
# Bits by rule. On 400 originals of news (224,000 words; none of the fold that benchmarks/fluency.py measures on)
# rules of one kind flag up to 11 places in 100,000 words, and all together 25. Phrasal verbs and word order need
# the most, since corrections that the language model likes almost as much are seldom what the original had.
MARGINS: Mapping[str, float] = {
    "sound": 8.0,
    "definite": 19.0,
    "article too many": 13.0,
    "article left out": 17.5,
    "preposition": 22.0,
    "preposition too many": 13.0,
    "auxiliary": 15.0,
    "pronoun": 6.0,
    "quantity": 8.0,
    "modal": 8.0,
    "particle": 20.0,
    # The rule alone fires nowhere in 5.4 million words of originals: it is enough that the language model does not object.
    "no object": 0.0,
    "order": 25.0,
}


@dataclass(frozen=True, slots=True)
class Correction:
    """A place that reads wrong, and how to put it right.

    Attributes:
        rule: The rule that found it, of ``ERROR_TYPES``.
        place: First token that goes, or the one before which words are put, in the batch.
        length: How many tokens go.
        words: The words put there.
        bits: How much likelier the passage becomes, as a power of two.
        strength: ``bits`` and what context holds against the words that stand there, weighed.
    """

    rule: str
    place: int
    length: int
    words: tuple[str, ...]
    bits: float
    strength: float

    @property
    def error_type(self) -> str:
        """Its type of error, in words for readers."""
        return ERROR_TYPES[self.rule]

    @property
    def shown(self) -> range:
        """The tokens to flag: the words that go and the neighbour that they must suit."""
        before = ERROR_TYPES[self.rule] not in ("article", "word order") or not self.length
        return range(self.place - before, self.place + max(self.length, 1) + (self.length == 1 and not before))

    @property
    def excess(self) -> float:
        """Bits above the margin of its rule."""
        return self.strength - MARGINS[self.rule]


def find_corrections(batch: Batch, confusion_sets: ConfusionSets) -> list[Correction]:
    """Corrections of a batch that win by the margin of their rule, the clearest first; none touches another."""
    proposed = confusion_sets.propose(batch.ids, _suspects(batch))
    accepted = [c for candidates in proposed if len(candidates.places) for c in _accept(batch, candidates)]
    taken: set[int] = set()
    apart = []
    for correction in sorted(accepted, key=lambda c: (-c.strength, c.place)):
        tokens = range(correction.place - 1, correction.place + correction.length + 1)
        if taken.isdisjoint(tokens):
            apart.append(correction)
            taken.update(tokens)
    return apart


def _suspects(batch: Batch) -> NDArray[np.int64]:
    """int64 (n,): places between two other words of their sentence that are less likely in context than anywhere."""
    if len(batch.ids) < 3:
        return np.zeros(0, dtype=np.int64)
    is_word = _is_plain_word(batch)
    between = is_word[:-2] & is_word[1:-1] & is_word[2:] & (batch.depth[2:] == batch.depth[:-2] + 2)
    places = np.flatnonzero(between) + 1
    return places[_context_penalty(batch, places) > 0]


def _is_plain_word(batch: Batch) -> NDArray[np.bool_]:
    """bool (n_tokens,): words of the vocabulary that are no names."""
    words = np.fromiter((t[0].isalpha() for a in batch.articles for t in a.tokens), bool, count=len(batch.ids))
    pronoun = batch.ids == batch.model.vocabulary.index.get("i", -1)
    return words & (batch.ids >= len(SPECIAL)) & (~batch.is_name | pronoun)


def _context_penalty(batch: Batch, places: NDArray[np.int64]) -> NDArray[np.float32]:
    """float32 (n,): bits by which context makes the words at ``places`` (n,), or those after them, less likely; at least 0."""
    drop = batch.bits[3] - batch.bits[0]
    return np.maximum(drop[places], drop[places + 1])


def _accept(batch: Batch, candidates: CorrectionCandidates) -> list[Correction]:
    """The candidates that win by the margin of their rule."""
    margin = MARGINS[candidates.rule]
    penalty = _context_penalty(batch, candidates.places)
    suspect = penalty >= min(_SUSPECT_BITS, margin)
    candidates = replace(candidates, places=candidates.places[suspect], by=candidates.by[suspect])
    gain = _log_prob_gain(batch, candidates)
    strength = gain + _PENALTY_WEIGHT * penalty[suspect]
    accepted = np.flatnonzero((gain > 0) & (strength >= margin)).tolist()
    names = batch.model.vocabulary.words
    return [
        Correction(
            candidates.rule,
            int(candidates.places[i]),
            candidates.length,
            tuple(names[word] for word in candidates.by[i]),
            float(gain[i]),
            float(strength[i]),
        )
        for i in accepted
    ]


def _log_prob_gain(batch: Batch, candidates: CorrectionCandidates) -> NDArray[np.float32]:
    """float32 (n,): bits that each candidate saves, in all or by context alone, whichever is less.

    A correction that only has fewer words saves bits, too, but not by context.
    """
    gains = substitution_gains(batch, candidates.places, candidates.by, candidates.length)
    return np.minimum(gains[-1], gains[-1] - gains[0])
