"""Why a passage reads wrong: the smallest repair that the language model prefers by far, and the kind of slip it undoes.

Hypothesis: where a machine chose the wrong article, preposition, number or order, one small change makes the passage
ordinary; where it combined words that nobody combines, none does. To propose the confusions of a closed set and let a
language model decide is how errors of learners are found (Gamon 2010, "Using mostly native data to correct errors in
learners' writing"; Bryant and Briscoe 2018, "Language model based grammatical error correction without annotated
training data").
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from retold.channel.context import REACH, replaced_words
from retold.language_model.vocabulary import SPECIAL
from retold.signals.base import Batch
from retold.signals.fluency_proposals import KINDS, Proposals, Proposer


@dataclass(frozen=True, slots=True)
class Limits:
    """What a repair must show.

    Attributes:
        margin: Bits that it must save.
        suspect: Bits by which context must make the word, or the next, less likely than it is anywhere.
        first: Bits that it must save on its first word, which is the one that the words before govern.
    """

    margin: float
    suspect: float = 0.0
    first: float = -np.inf


# By rule. Chosen on 400 originals and 360 round trips of news, none of them of the fold that tests/measure/
# measure_fluency.py measures on: each rule may flag up to 4 places in 100,000 words of originals.
LIMITS: Mapping[str, Limits] = {
    "sound": Limits(3.0),
    "definite": Limits(8.0, suspect=3.0),
    "article too many": Limits(4.0),
    "article left out": Limits(10.0, suspect=3.0),
    "preposition": Limits(10.0, suspect=3.0, first=2.0),
    "preposition too many": Limits(4.0, suspect=3.0, first=2.0),
    "auxiliary": Limits(5.0, first=2.0),
    "pronoun": Limits(3.0),
    "quantity": Limits(5.0),
    "modal": Limits(3.0),
    "particle": Limits(8.0, suspect=3.0, first=2.0),
    # Not once in the 5.4 million words of originals, so that the language model need not object at all.
    "no object": Limits(0.0),
    "order": Limits(10.0, suspect=3.0, first=2.0),
}
assert LIMITS.keys() == KINDS.keys()


@dataclass(frozen=True, slots=True)
class Slip:
    """A place that reads wrong, and its repair.

    Attributes:
        rule: The rule that found it, of ``KINDS``.
        place: First token that goes, or the one before which words are put, in the batch.
        length: How many tokens go.
        words: The words put there.
        bits: How much likelier the passage becomes, as a power of two.
    """

    rule: str
    place: int
    length: int
    words: tuple[str, ...]
    bits: float

    @property
    def kind(self) -> str:
        """What readers are told that it is."""
        return KINDS[self.rule]


def find_slips(batch: Batch, proposer: Proposer) -> list[Slip]:
    """Places of a batch that read wrong, the clearest first; none touches another."""
    proposals = proposer.propose(batch.ids, _suspects(batch))
    found = [slip for some in proposals if len(some.places) for slip in _winning(batch, some)]
    taken: set[int] = set()
    apart = []
    for slip in sorted(found, key=lambda s: (-s.bits, s.place)):
        words = range(slip.place - 1, slip.place + slip.length + 1)
        if taken.isdisjoint(words):
            apart.append(slip)
            taken.update(words)
    return apart


def _suspects(batch: Batch) -> NDArray[np.int64]:
    """int64 (n,): places between two other words of their sentence, where context does not help at once."""
    if len(batch.ids) < 3:
        return np.zeros(0, dtype=np.int64)
    plain = _plain(batch)
    between = plain[:-2] & plain[1:-1] & plain[2:] & (batch.depth[2:] == batch.depth[:-2] + 2)
    at = np.flatnonzero(between) + 1
    return at[_lost(batch, at) > min(limits.suspect for limits in LIMITS.values())]


def _plain(batch: Batch) -> NDArray[np.bool_]:
    """bool (n_tokens,): words of the vocabulary that are no names."""
    words = np.fromiter((t[0].isalpha() for a in batch.articles for t in a.tokens), bool, count=len(batch.ids))
    pronoun = batch.ids == batch.model.vocabulary.index.get("i", -1)
    return words & (batch.ids >= len(SPECIAL)) & (~batch.capitalised | batch.opens_sentence | pronoun)


def _lost(batch: Batch, at: NDArray[np.int64]) -> NDArray[np.float32]:
    """Bits by which context makes the words ``at`` (n,), or those after them, less likely than they are anywhere."""
    lost = batch.bits[3] - batch.bits[0]
    return np.maximum(lost[at], lost[at + 1])


def _winning(batch: Batch, proposals: Proposals) -> list[Slip]:
    """The proposals that keep within the limits of their rule."""
    limits, places = LIMITS[proposals.rule], proposals.places
    won, first = _won(batch, proposals)
    good = (won >= limits.margin) & (first >= limits.first) & (_lost(batch, places) > limits.suspect)
    names = batch.model.vocabulary.words
    return [
        Slip(proposals.rule, int(places[i]), proposals.length, tuple(names[w] for w in proposals.by[i]), float(won[i]))
        for i in np.flatnonzero(good)
    ]


def _won(batch: Batch, proposals: Proposals) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Bits that each proposal saves over all words that it touches, and on the first of them.

    The former in all or by context alone, whichever is less: to have a word less, or a commoner one, is no merit as such.
    """
    places, length = proposals.places, proposals.length
    at = places[:, None] + np.arange(length + REACH)
    inside = np.minimum(at, len(batch.ids) - 1)
    same = (at < len(batch.ids)) & (batch.depth[inside] == batch.depth[places][:, None] + at - places[:, None])
    seen = np.where(same, batch.bits[:, inside], 0)
    repaired = replaced_words(batch.model, batch.ids, batch.depth, places, proposals.by, length)
    saved = seen.sum(2) - repaired.sum(2)
    return np.minimum(saved[-1], saved[-1] - saved[0]), seen[-1, :, 0] - repaired[-1, :, 0]
