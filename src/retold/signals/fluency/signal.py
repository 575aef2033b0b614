"""Fluency: MT output over-uses words that are predictable in context, and now and then has one that is nearly impossible there.

Hypothesis: what tells is not perplexity, which topic decides, but how much each further word of context helps, apart for
function words and content words, and how often a common word stands where no context predicts it. Sources: Kneser-Ney
4-gram surprisal (Chen and Goodman 1998); the context gain H(1) - H(4) was measured for this project; translated text is
known to be more predictable than original text (Baker 1993; Lembersky, Ordan and Wintner 2012). Evidence says what is wrong
with a place where a small repair would put it right (``fluency_repair``), and else that nobody combines such words.
"""

from __future__ import annotations

from functools import cached_property
from typing import ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from retold.language_model import LanguageModel
from retold.language_model.batch import Batch
from retold.signals.base import Evidence, FeatureDescription, HandcraftedSignal, ModelParts
from retold.signals.fluency.confusion_sets import ConfusionSets
from retold.signals.fluency.corrections import Correction, find_corrections
from retold.signals.ngrams.hashing import word_classes

# Groups of words, and what people are told that they are.
_GROUPS = {"all": "words", "function": "words of grammar", "content": "words of substance"}
_ASPECTS = {
    "bits": "how predictable its {} are",
    "hurt": "how often context speaks against its {}",
    "helped": "how often context helps to predict its {}",
    "above": "how many of its {} surprise",
    "share": "how many of its words are {}",
}
_QUANTITIES = {
    "fluency_all_bits_1": "rare words (bits a word)",
    "fluency_all_bits_4": "surprise of words in context (bits a word)",
}
# Surprisal thresholds in bits: powers of two from "expected" to "never seen", where the tails of the classes differ.
_TAILS = (2, 4, 8, 12, 16)
# Bits by which context may make a word less likely than it is anywhere; see ``_surprise`` for how it was chosen.
_FORBIDDEN_BITS = 6.5
# Words rarer than this many bits are names and terms, whose surprise says nothing of fluency.
_COMMON_BITS = 12.0
# Spans an article shows at most: more than three a thousand words is noise on originals.
_SPANS_PER_WORD = 3 / 1000
# Beyond so many times, how much likelier a repair is says no more.
_COUNTED = 1000
# Three in four spans of round trips stand on changed words by benchmarks/fluency.py, the clearest hardly more
# often than the rest: scores rank them within so much.
_LEAST_SURE, _SUREST, _BITS_PER_HALF = 0.65, 0.8, 4.0


def _descriptions() -> dict[str, FeatureDescription]:
    measures = [
        *(f"bits_{k}" for k in (1, 2, 3, 4)),
        *(f"{kind}_{k}" for k in (2, 3, 4) for kind in ("hurt", "helped")),
        *(f"above_{t}" for t in _TAILS),
        "share",
    ]
    named = ((f"fluency_{group}_{measure}", group, measure.split("_")[0]) for group in _GROUPS for measure in measures)
    return {
        name: FeatureDescription(_ASPECTS[kind].format(_GROUPS[group]), _QUANTITIES.get(name, ""))
        for name, group, kind in named
    }


class Fluency(HandcraftedSignal):
    """4-gram surprisal profiles and improbable words."""

    name = group = "fluency"
    title = "predictability"
    descriptions: ClassVar = _descriptions()

    def __init__(self, language_model: LanguageModel) -> None:
        self._language_model = language_model

    @classmethod
    def from_parts(cls, parts: ModelParts) -> Self:
        """See ``HandcraftedSignal``."""
        return cls(parts.language_model)

    @cached_property
    def _confusion_sets(self) -> ConfusionSets:
        return ConfusionSets(self._language_model)

    def extract(self, batch: Batch) -> NDArray[np.float64]:
        """float64 array (n_articles, 48): mean surprisals in bits and shares of tokens, by group of words."""
        grammatical = word_classes(batch).is_grammar
        masks = (np.ones(len(batch.ids), bool), grammatical, ~grammatical)
        return np.concatenate([_profile(batch, mask) for mask in masks], axis=1)

    def find_evidence(self, batch: Batch) -> list[list[Evidence]]:
        """Places that a small repair would put right, and common words that their context makes much less likely."""
        out: list[list[Evidence]] = [[] for _ in batch.articles]
        repaired: set[int] = set()
        for slip in find_corrections(batch, self._confusion_sets):
            out[_article(batch, slip.place)].append(_slip_span(batch, slip))
            repaired.update(slip.shown)
        surprise = _surprise(batch)
        for place in np.flatnonzero(surprise > _FORBIDDEN_BITS).tolist():
            if repaired.isdisjoint((place - 1, place)):
                out[_article(batch, place)].append(_unheard_span(batch, place, float(surprise[place])))
        ranked = [sorted(items, key=lambda e: (-e.score, e.start)) for items in out]
        return [items[: _allowed(len(a.tokens))] for items, a in zip(ranked, batch.articles, strict=True)]


def _allowed(tokens: int) -> int:
    return int(np.ceil(tokens * _SPANS_PER_WORD))


def _article(batch: Batch, place: int) -> int:
    """The article to which a token of the batch belongs."""
    return int(batch.article_of(place))


def _slip_span(batch: Batch, slip: Correction) -> Evidence:
    """A place that a repair would put right, with the repaired words as suggestion."""
    a, shown = _article(batch, slip.place), slip.shown
    tokens, offset = batch.articles[a].tokens, int(batch.offsets[a])
    kept = [*range(shown.start, slip.place)], [*range(slip.place + slip.length, shown.stop)]
    before, after = ([tokens[place - offset] for place in some] for some in kept)
    suggestion = " ".join([*before, *("I" if word == "i" else word for word in slip.words), *after])
    seen = " ".join(tokens[place - offset] for place in shown)
    likelier = f"{2**slip.bits:,.0f} times" if 2**slip.bits < _COUNTED else f"more than {_COUNTED:,} times"
    better = "would take an object" if slip.rule == "no object" else f"is {likelier} likelier here"
    reason = f'reads wrong: "{seen}" - {slip.kind}; "{suggestion}" {better}'
    return _span(batch, a, shown, suggestion, slip.excess, reason)


def _unheard_span(batch: Batch, place: int, surprise: float) -> Evidence:
    """A common word that nobody puts there."""
    a = _article(batch, place)
    word, before = (batch.articles[a].tokens[p - int(batch.offsets[a])] for p in (place, place - 1))
    rarer = f'"{word}" is {2**surprise:,.0f} times rarer here than elsewhere'
    reason = f'reads wrong: "{before} {word}" - unheard-of combination; {rarer}'
    return _span(batch, a, range(place - 1, place + 1), None, surprise - _FORBIDDEN_BITS, reason)


def _span(batch: Batch, a: int, shown: range, suggestion: str | None, excess: float, reason: str) -> Evidence:
    article, offset = batch.articles[a], int(batch.offsets[a])
    start, end = article.raw_span(shown.start - offset, shown.stop - 1 - offset)
    score = float(_SUREST - (_SUREST - _LEAST_SURE) * 2 ** -(excess / _BITS_PER_HALF))
    # Writers slip and surprise two thirds as often as machines do: such a place convinces nobody alone.
    return Evidence(start, end, article.raw[start:end], "fluency", suggestion, None, score, reason, conditional=True)


def _surprise(batch: Batch) -> NDArray[np.float32]:
    """Bits by which context lowers each common word's chance; 0 for rare words, names and sentence openings.

    At 6.5 bits, 1 word in 10,000 is left, in originals as in round trips.
    """
    lost = batch.bits[3] - batch.bits[0]
    plain = (batch.bits[0] < _COMMON_BITS) & (batch.ids > 3) & ~batch.capitalised & (batch.depth > 2)
    after_name = np.concatenate([[True], batch.capitalised[:-1] | (batch.ids[:-1] <= 3)]) if len(lost) else plain
    return np.where(plain & ~after_name, lost, 0).astype(np.float32)


def _profile(batch: Batch, mask: NDArray[np.bool_]) -> NDArray[np.float64]:
    bits = batch.bits
    gains = bits[:3] - bits[1:]
    values = [
        *bits,
        *(v for gain in gains for v in (gain < 0, gain > 2)),
        *(bits[3] > tail for tail in _TAILS),
    ]
    totals = batch.per_article(np.stack(values) * mask)
    count = batch.per_article(mask.astype(np.float64))
    return np.vstack([totals / np.maximum(count, 1), count / batch.lengths]).T
