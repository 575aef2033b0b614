"""Fluency: MT output over-uses words that are predictable in context, and now and then has one that is nearly impossible there.

Hypothesis: what tells is not perplexity, which topic decides, but how much each further word of context helps, apart for
function words and content words, and how often a common word stands where no context predicts it. Sources: Kneser-Ney
4-gram surprisal (Chen and Goodman 1998); the context gain H(1) - H(4) was measured for this project; translated text is
known to be more predictable than original text (Baker 1993; Lembersky, Ordan and Wintner 2012). Evidence says what is wrong
with a place where a small correction would put it right, and otherwise names an improbable pair of words.
"""

from __future__ import annotations

from functools import cached_property
from typing import ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from retold.language_model import LanguageModel
from retold.language_model.batch import Batch
from retold.language_model.vocabulary import SPECIAL
from retold.signals.base import Evidence, FeatureDescription, HandcraftedSignal, ModelParts
from retold.signals.fluency.confusion_sets import ConfusionSets
from retold.signals.fluency.corrections import find_corrections
from retold.signals.fluency.spans import ANOMALY_BITS, anomaly_span, correction_span
from retold.signals.ngrams.hashing import word_classes
from retold.text import Article

# Groups of words, and their names for people.
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
# Bits that a word of context must save to count as help; by judgement.
_HELPED_BITS = 2
# Words rarer than this many bits are names and terms, whose surprise says nothing of fluency.
_COMMON_BITS = 12.0
# Spans an article shows at most: more than three a thousand words is noise on originals.
_SPANS_PER_WORD = 3 / 1000


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
        values = _surprisal_values(batch)
        return np.concatenate([_surprisal_profile(batch, values, mask) for mask in masks], axis=1)

    def find_evidence(self, batch: Batch) -> list[list[Evidence]]:
        """Places that a small correction would put right, and common words that their context makes much less likely."""
        found: list[list[Evidence]] = [[] for _ in batch.articles]
        covered: set[int] = set()
        for correction in find_corrections(batch, self._confusion_sets):
            found[int(batch.article_of(correction.place))].append(correction_span(batch, correction))
            covered.update(correction.shown)
        drop = _probability_drop(batch)
        for place in np.flatnonzero(drop > ANOMALY_BITS).tolist():
            if covered.isdisjoint((place - 1, place)):
                found[int(batch.article_of(place))].append(anomaly_span(batch, place, float(drop[place])))
        ranked = [sorted(spans, key=lambda e: (-e.score, e.start)) for spans in found]
        return [spans[: _max_spans(article)] for spans, article in zip(ranked, batch.articles, strict=True)]


def _max_spans(article: Article) -> int:
    return int(np.ceil(len(article.tokens) * _SPANS_PER_WORD))


def _probability_drop(batch: Batch) -> NDArray[np.float32]:
    """float32 (n_tokens,): bits by which context lowers a common word's probability.

    0 for rare words and names, for words after these, and for the first two words of a sentence. Of words, 1 in 10,000 has
    more than ``ANOMALY_BITS``, in originals as in round trips.
    """
    drop = batch.bits[3] - batch.bits[0]
    is_word = batch.ids >= len(SPECIAL)
    is_common = (batch.bits[0] < _COMMON_BITS) & is_word & ~batch.capitalised & (batch.depth > 2)
    follows_word = np.concatenate([[False], (is_word & ~batch.capitalised)[:-1]]) if len(drop) else is_common
    return np.where(is_common & follows_word, drop, 0).astype(np.float32)


def _surprisal_values(batch: Batch) -> NDArray[np.float64]:
    """float64 (15, n_tokens): surprisals of each token, whether context hurt or helped, and whether it is in each tail."""
    bits = batch.bits
    gains = bits[:3] - bits[1:]
    values = (
        *bits,
        *(share for gain in gains for share in (gain < 0, gain > _HELPED_BITS)),
        *(bits[3] > tail for tail in _TAILS),
    )
    return np.stack(values, dtype=np.float64)


def _surprisal_profile(batch: Batch, values: NDArray[np.float64], mask: NDArray[np.bool_]) -> NDArray[np.float64]:
    """float64 (n_articles, 16): means of the values of the tokens where ``mask`` (n_tokens,) is True, and their share."""
    totals = batch.per_article(values * mask)
    count = batch.per_article(mask.astype(np.float64))
    return np.vstack([totals / np.maximum(count, 1), count / batch.lengths]).T
