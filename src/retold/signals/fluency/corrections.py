"""Why a passage reads wrong: the smallest repair that the language model prefers by far, and the kind of slip it undoes.

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
from retold.language_model.rescoring import replaced_by_order, window_bits
from retold.language_model.vocabulary import SPECIAL
from retold.signals.fluency.confusion_sets import KINDS, ConfusionSets, CorrectionCandidates

# What context has against the words as they stand counts twice what a repair saves: of sums of the two with weights 0, 1
# and 2, the last found most of the prepositions that the original of a round trip has, at the same rate in originals.
_OBJECTION = 2.0
# Bits that context must have against the words before a repair is looked up: without, one slip in thirty more was found on
# the same articles, none of which the original of a round trip had in that way, in two thirds more time.
_SUSPECT_BITS = 2.0
# Bits by rule. On 400 originals of news (224,000 words; none of the fold that benchmarks/fluency.py measures on)
# rules of one kind flag up to 11 places in 100,000 words, and all together 25. Phrasal verbs and word order are asked for
# the most, since repairs that the language model likes almost as much are seldom what the original said.
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
    """A place that reads wrong, and its repair.

    Attributes:
        rule: The rule that found it, of ``KINDS``.
        place: First token that goes, or the one before which words are put, in the batch.
        length: How many tokens go.
        words: The words put there.
        bits: How much likelier the passage becomes, as a power of two.
        strength: The same with what context objects to the words that stand there.
    """

    rule: str
    place: int
    length: int
    words: tuple[str, ...]
    bits: float
    strength: float

    @property
    def kind(self) -> str:
        """What readers are told that it is."""
        return KINDS[self.rule]

    @property
    def shown(self) -> range:
        """The tokens that readers are shown: the words that go and the neighbour that they must suit."""
        before = KINDS[self.rule] not in ("article", "word order") or not self.length
        return range(self.place - before, self.place + max(self.length, 1) + (self.length == 1 and not before))

    @property
    def excess(self) -> float:
        """Bits above the margin of its rule."""
        return self.strength - MARGINS[self.rule]


def find_corrections(batch: Batch, proposer: ConfusionSets) -> list[Correction]:
    """Places of a batch that read wrong, the clearest first; none touches another."""
    proposals = proposer.propose(batch.ids, _suspects(batch))
    found = [slip for some in proposals if len(some.places) for slip in _winning(batch, some)]
    taken: set[int] = set()
    apart = []
    for slip in sorted(found, key=lambda s: (-s.strength, s.place)):
        words = range(slip.place - 1, slip.place + slip.length + 1)
        if taken.isdisjoint(words):
            apart.append(slip)
            taken.update(words)
    return apart


def _suspects(batch: Batch) -> NDArray[np.int64]:
    """int64 (n,): places between two other words of their sentence to which context objects."""
    if len(batch.ids) < 3:
        return np.zeros(0, dtype=np.int64)
    plain = _plain(batch)
    between = plain[:-2] & plain[1:-1] & plain[2:] & (batch.depth[2:] == batch.depth[:-2] + 2)
    at = np.flatnonzero(between) + 1
    return at[_objection(batch, at) > 0]


def _plain(batch: Batch) -> NDArray[np.bool_]:
    """bool (n_tokens,): words of the vocabulary that are no names."""
    words = np.fromiter((t[0].isalpha() for a in batch.articles for t in a.tokens), bool, count=len(batch.ids))
    pronoun = batch.ids == batch.model.vocabulary.index.get("i", -1)
    return words & (batch.ids >= len(SPECIAL)) & (~batch.capitalised | batch.opens_sentence | pronoun)


def _objection(batch: Batch, at: NDArray[np.int64]) -> NDArray[np.float32]:
    """Bits by which context makes the words ``at`` (n,), or those after them, less likely than they are anywhere."""
    lost = batch.bits[3] - batch.bits[0]
    return np.maximum(lost[at], lost[at + 1])


def _winning(batch: Batch, proposals: CorrectionCandidates) -> list[Correction]:
    """The proposals that win by the margin of their rule."""
    margin = MARGINS[proposals.rule]
    objection = _objection(batch, proposals.places)
    suspect = objection >= min(_SUSPECT_BITS, margin)
    proposals = replace(proposals, places=proposals.places[suspect], by=proposals.by[suspect])
    saved = _saved(batch, proposals)
    strength = saved + _OBJECTION * objection[suspect]
    good = np.flatnonzero((saved > 0) & (strength >= margin))
    places, names = proposals.places, batch.model.vocabulary.words
    words = [tuple(names[word] for word in row) for row in proposals.by[good]]
    rest = zip(places[good].tolist(), words, saved[good].tolist(), strength[good].tolist(), strict=True)
    return [Correction(proposals.rule, place, proposals.length, *found) for place, *found in rest]


def _saved(batch: Batch, proposals: CorrectionCandidates) -> NDArray[np.float32]:
    """Bits that each proposal saves, in all or by context alone, whichever is less: a word less is no merit as such."""
    at = (batch.depth, proposals.places, proposals.length)
    alone, within = (
        window_bits(batch.bits[order], *at) - repaired
        for order, repaired in zip(
            (0, 3),
            replaced_by_order(batch.model, batch.ids, *at[:2], proposals.by, proposals.length)[[0, 3]],
            strict=True,
        )
    )
    return np.minimum(within, within - alone)
