"""Calques: multi-word renderings that a pivot imposes, found where they stand word for word."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from retold.language_model import LanguageModel
from retold.language_model.batch import Batch
from retold.language_model.rescoring import phrase_substitution_gains

# Pointwise mutual information in bits (Church and Hanks 1990) above which a bigram is an ordinary English collocation ("high
# official") and no evidence of a calque, unless a word stands between ("high American official"). Chosen by judgement.
MIN_PMI_BITS = 0.5


@dataclass(frozen=True)
class Calque:
    """A phrase observed: its word ids, the words probably intended, their ids, and the pivots that produce it."""

    observed: tuple[int, ...]
    intended: str
    intended_ids: tuple[int, ...]
    pivots: tuple[str, ...]


@dataclass(frozen=True)
class CalqueMatch:
    """A calque in a batch: first token, the calque, and by how many bits what it means would fit better."""

    place: int
    calque: Calque
    gain: float


class CalqueFinder:
    """The calques of a channel, looked up over a whole batch at once.

    Args:
        calques: ``(observed, intended, pivots)`` with words and pivots separated by spaces.
        model: The language model whose vocabulary numbers the words; phrases with unknown words are left out.
    """

    def __init__(self, calques: Sequence[tuple[str, str, str]], model: LanguageModel) -> None:
        self._size = len(model.vocabulary)
        self._by_start: dict[int, list[Calque]] = {}
        self._apart: dict[int, Calque] = {}
        read: list[Calque] = []
        for observed, intended, pivots in calques:
            a, b = (model.vocabulary.ids(_split(text)) for text in (observed, intended.lower()))
            if len(a) >= 2 and (a > 1).all() and (b > 1).all():
                calque = Calque(tuple(a.tolist()), intended, tuple(b.tolist()), tuple(pivots.split()))
                read.append(calque)
                if len(a) == len(b) == 2 and a[1] == b[1]:
                    first = Calque(calque.observed[:1], intended.split()[0], calque.intended_ids[:1], calque.pivots)
                    self._apart[self._code(calque.observed)] = first
        ordinary = collocations([calque.observed for calque in read if len(calque.observed) == 2], model)
        for calque in read:
            if calque.observed not in ordinary:
                self._by_start.setdefault(self._code(calque.observed), []).append(calque)
        self._codes = np.array(sorted(self._by_start), dtype=np.int64)
        self._apart_codes = np.array(sorted(self._apart), dtype=np.int64)

    def _code(self, words: Sequence[int]) -> int:
        return words[0] * self._size + words[1]

    def find(self, batch: Batch) -> list[CalqueMatch]:
        """Calques in a batch, in order; of those that start at one place the longest."""
        hits = sorted(self._hits(batch.ids, batch.depth), key=lambda hit: hit[0])
        places, lengths = (
            np.array(values, dtype=np.int64) for values in ([p for p, _ in hits], [len(c.observed) for _, c in hits])
        )
        gains = phrase_substitution_gains(batch, places, lengths, [calque.intended_ids for _, calque in hits])[-1]
        return [CalqueMatch(place, calque, gain) for (place, calque), gain in zip(hits, gains.tolist(), strict=True)]

    def _hits(self, ids: NDArray[np.int32], depth: NDArray[np.int32]) -> Iterator[tuple[int, Calque]]:
        """First token and calque, of those that stand word for word and of those with a word between."""
        codes = ids[:-1].astype(np.int64) * self._size + ids[1:]
        for place in np.flatnonzero(np.isin(codes, self._codes)).tolist():
            options = [c for c in self._by_start[int(codes[place])] if self._stands(c, place, ids, depth)]
            if options:
                yield place, max(options, key=lambda c: len(c.observed))
        apart = ids[:-2].astype(np.int64) * self._size + ids[2:]
        for place in np.flatnonzero(np.isin(apart, self._apart_codes)).tolist():
            if depth[place + 2] == depth[place] + 2:
                yield place, self._apart[int(apart[place])]

    @staticmethod
    def _stands(calque: Calque, place: int, ids: NDArray[np.int32], depth: NDArray[np.int32]) -> bool:
        last = place + len(calque.observed)
        whole = last <= len(ids) and depth[last - 1] - depth[place] == len(calque.observed) - 1
        return bool(whole) and tuple(ids[place:last].tolist()) == calque.observed


def collocations(pairs: Sequence[tuple[int, ...]], model: LanguageModel) -> set[tuple[int, ...]]:
    """Those phrases of two words, vocabulary ids, of which the language model expects the second from the first."""
    ids = np.array(pairs, dtype=np.int32).reshape(-1)
    probability = model.probabilities(ids, np.arange(len(ids)) % 2)
    gain = np.log2(probability[1, 1::2] / probability[0, 1::2])
    return {pair for pair, bits in zip(pairs, gain.tolist(), strict=True) if bits > MIN_PMI_BITS}


def _split(text: str) -> list[str]:
    return text.replace("-", " - ").replace("'s", " 's").split()
