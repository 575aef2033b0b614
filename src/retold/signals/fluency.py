"""Fluency: machine English helps itself to the words that its context makes likely, and now and then to one it forbids.

Hypothesis: what tells is not perplexity, which topic decides, but how much each further word of context helps, apart for
function words and content words, and how often a common word stands where no context predicts it. Sources: Kneser-Ney
4-gram surprisal (Chen and Goodman 1998); the context gain H(1) - H(4) was measured for this project; translated text is
known to be more predictable than original text (Baker 1993; Lembersky, Ordan and Wintner 2012).
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from retold.language_model import LanguageModel
from retold.signals.base import Batch, Evidence
from retold.signals.ngrams import word_class

_GROUPS = ("all", "function", "content")
# Surprisal thresholds in bits: powers of two from "expected" to "never seen", where the tails of the classes differ.
_TAILS = (2, 4, 8, 12, 16)
# Bits by which context may make a word less likely than it is anywhere; see ``_surprise`` for how it was chosen.
_FORBIDDEN_BITS = 6.5
# Words rarer than this many bits are names and terms, whose surprise says nothing of fluency.
_COMMON_BITS = 12.0
# Spans an article shows at most: more than three a thousand words is noise on originals.
_SPANS_PER_WORD = 3 / 1000


def _names() -> tuple[str, ...]:
    per_group = [
        *(f"bits_{k}" for k in (1, 2, 3, 4)),
        *(f"{kind}_{k}" for k in (2, 3, 4) for kind in ("hurt", "helped")),
        *(f"above_{t}" for t in _TAILS),
        "share",
    ]
    return tuple(f"fluency_{group}_{name}" for group in _GROUPS for name in per_group)


class Fluency:
    """4-gram surprisal profiles and the words that context forbids."""

    name = "fluency"
    family = "fluency"
    feature_names = _names()

    def measure(self, batch: Batch) -> NDArray[np.float64]:
        """float64 array (n_articles, 48): mean surprisals in bits and shares of tokens, by group of words."""
        grammatical = _function_words(batch.model)[batch.ids]
        masks = (np.ones(len(batch.ids), bool), grammatical, ~grammatical)
        return np.concatenate([_profile(batch, mask) for mask in masks], axis=1)

    def evidence(self, batch: Batch) -> list[list[Evidence]]:
        """Common words that their context makes much less likely than they are anywhere else."""
        surprise = _surprise(batch)
        return [
            self._spans(batch, index, surprise[first:last])
            for index, (first, last) in enumerate(zip(batch.offsets, batch.offsets[1:], strict=False))
        ]

    def _spans(self, batch: Batch, index: int, surprise: NDArray[np.float32]) -> list[Evidence]:
        article = batch.articles[index]
        allowed = int(np.ceil(len(surprise) * _SPANS_PER_WORD))
        places = [p for p in np.argsort(-surprise, kind="stable")[:allowed] if surprise[p] > _FORBIDDEN_BITS]
        return [_span(article.raw, article.raw_span(max(p - 1, 0), p), float(surprise[p])) for p in places]


def _span(raw: str, offsets: tuple[int, int], surprise: float) -> Evidence:
    start, end = offsets
    reason = f"a common word, {2**surprise:,.0f} times rarer in this context than elsewhere"
    score = float(1 - 2 ** -(surprise - _FORBIDDEN_BITS + 1))
    # Writers surprise as often as machines do: such a word convinces nobody alone.
    return Evidence(start, end, raw[start:end], "fluency", None, None, score, reason, conditional=True)


def _surprise(batch: Batch) -> NDArray[np.float32]:
    """Bits by which context lowers each common word's chance; 0 for rare words, names and sentence openings.

    At 6.5 bits, 3 words in 10,000 of the project's test articles are left, in originals as in round trips.
    """
    lost = batch.bits[3] - batch.bits[0]
    plain = (batch.bits[0] < _COMMON_BITS) & (batch.ids > 3) & ~batch.capitalised & (batch.depth > 2)
    after_name = np.concatenate([[True], batch.capitalised[:-1] | (batch.ids[:-1] <= 3)]) if len(lost) else plain
    return np.where(plain & ~after_name, lost, 0).astype(np.float32)


@lru_cache(maxsize=4)
def _function_words(model: LanguageModel) -> NDArray[np.bool_]:
    """bool array (n_words,): which words of the vocabulary carry grammar."""
    return np.array([not word_class(word).startswith(("-", "<")) for word in model.vocabulary.words])


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
