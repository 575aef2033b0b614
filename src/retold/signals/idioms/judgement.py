"""Judgement: which restorations of expressions the language model prefers to what stands there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from retold.language_model.batch import Batch
from retold.language_model.rescoring import phrase_substitution_gains
from retold.signals.idioms.matching import Restoration

# Bits that a restoration must save, by rule: under the 4-gram model, and by context alone. By benchmarks/idioms.py.
_MIN_GAIN = {"listed": 2.0, "content": 8.0, "function": 6.0, "order": 4.0, "article": 6.0}
_MIN_CONTEXT_GAIN = {"listed": 0.0, "content": 8.0, "function": 4.0, "order": 2.0, "article": 0.0}
# The gain in bits at which a score is 0.5, and the bits by which its odds grow e-fold. On benchmarks/idioms.py, listed
# and reordered forms are five times as frequent in back-translations as in originals, others up to 2.5 times.
_HALF_SURE = {"listed": 4.0, "content": 14.0, "function": 14.0, "order": 4.0, "article": 12.0}
_BITS_PER_STEP = 4.0


@dataclass(frozen=True, slots=True)
class BrokenExpression:
    """A restoration that the language model prefers, with a score from 0 to 1."""

    restoration: Restoration
    score: float


def find_broken(batch: Batch, restorations: Sequence[Sequence[Restoration]]) -> list[list[BrokenExpression]]:
    """Restorations that save enough bits, by article; of those that overlap, the one that saves most.

    Args:
        batch: The articles.
        restorations: Those of each article.
    """
    found: list[list[BrokenExpression]] = [[] for _ in batch.articles]
    numbered = [(article, r) for article, items in enumerate(restorations) for r in items]
    gain, context_gain = _gains(batch, numbered)
    taken: set[int] = set()
    for i in np.argsort(-gain, kind="stable"):
        article, restoration = numbered[i]
        rule, offset = restoration.form.rule, int(batch.offsets[article])
        tokens = range(offset + restoration.first, offset + restoration.last + 1)
        is_better = gain[i] >= _MIN_GAIN[rule] and context_gain[i] >= _MIN_CONTEXT_GAIN[rule]
        if is_better and taken.isdisjoint(tokens):
            taken.update(tokens)
            score = float(expit((float(gain[i]) - _HALF_SURE[rule]) / _BITS_PER_STEP))
            found[article].append(BrokenExpression(restoration, score))
    return found


def _gains(
    batch: Batch, restorations: Sequence[tuple[int, Restoration]]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Bits saved under the 4-gram model, and by context alone: the same less those under the 1-gram model; (n,) each.

    Args:
        batch: The articles.
        restorations: Article and restoration, n of them.
    """
    places = np.array([batch.offsets[article] + r.first for article, r in restorations], dtype=np.int64)
    lengths = np.array([r.last + 1 - r.first for _, r in restorations], dtype=np.int64)
    words = [batch.model.vocabulary.ids(r.words).tolist() for _, r in restorations]
    gains = phrase_substitution_gains(batch, places, lengths, words)
    return gains[-1], gains[-1] - gains[0]
