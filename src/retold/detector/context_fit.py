"""How well the content words of a text fit the words around them: signs of a spun copy that belong to no spinner's rule.

A thesaurus puts a synonym of any sense in the place of a word. Hypothesis: whatever the rule and the thesaurus, more of a copy's
content words are less likely beside their neighbours than by themselves (pointwise mutual information: Church and Hanks 1990),
lie far from what the text is about (vectors of distribution, from positive mutual information reduced by a singular value
decomposition: Levy, Goldberg and Dagan 2015), make the following word unlikely, and occur once. No pair of synonyms and no
spun text is needed to measure this.

It costs more than the other signs, so only texts that these make suspect are measured: a second stage (Viola and Jones 2001).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from retold.detector.calibration import band_of, row_products
from retold.errors import ModelError
from retold.language_model.batch import Batch
from retold.language_model.ngram_model import ORDER
from retold.language_model.vocabulary import SPECIAL, UNKNOWN
from retold.text.word_lists import function_words

N_COLUMNS: Final = 19
# Length of a vector as stored, in whole numbers, so that sums are the same in every batch.
VECTOR_LENGTH: Final = 127
# Content words of an article that are measured: more of them say nothing new.
_MOST_WORDS = 5_000
# Content words on each side that are near, around, and may be the one that a word belongs to.
_NEAR, _AROUND, _BESIDE = 3, 8, 5
_MIN_LETTERS = 3
# Bits from which a word is rare; cosines below which a word is far from those around it, and from each of them. By judgement.
_RARE_BITS, _FAR_FROM_ALL, _FAR_FROM_EACH = 16.0, 0.05, 0.2
# Bits by which context makes a word unlikely, and likely, so that it counts.
_HURT, _HELPED = 2.0, 3.0
# Standard deviations from the mean beyond which nothing counts more.
CLIP: Final = 4.0
# Excess of a text that the first stage does not suspect.
_NOT_SUSPECT = -1_000.0
_UNKNOWN = SPECIAL.index(UNKNOWN)
_ARRAYS, _VECTORS = ("mean", "scale", "coef", "gate", "thresholds"), "vectors"

# Measures some of n texts, intp (k,), with vectors (V, D): float64 (k, N_COLUMNS), as ``measure_context`` does.
Measure = Callable[[NDArray[np.intp], NDArray[np.int8]], NDArray[np.float64]]


@dataclass(frozen=True)
class ContextFit:
    """Log-odds of a spun copy from those of the first stage and from how words fit, and from where on the verdict warns.

    Attributes:
        vectors: int8 (V, D): of each word of the language model's vocabulary; zeros for those that have none.
        mean: float64 (N_COLUMNS + 2,): of what is weighed.
        scale: float64 (N_COLUMNS + 2,): its standard deviations.
        coef: float64 (N_COLUMNS + 3,): log-odds per standard deviation of the first stage's log-odds, the columns, the logarithm of the
            length; then the intercept.
        gate: float64 (len(BANDS) + 1,): log-odds of the first stage, by length band, below which a text is not measured.
        thresholds: float64 (len(BANDS) + 1,): log-odds, by length band, which hardly any human text reaches.
    """

    vectors: NDArray[np.int8]
    mean: NDArray[np.float64]
    scale: NDArray[np.float64]
    coef: NDArray[np.float64]
    gate: NDArray[np.float64]
    thresholds: NDArray[np.float64]

    def excess(self, first: NDArray[np.float64], n_words: NDArray[np.integer], measure: Measure) -> NDArray[np.float64]:
        """Log-odds beyond the threshold, float64 (n,).

        Args:
            first: The first stage's log-odds, (n,).
            n_words: Lengths, (n,).
            measure: Measures some of the texts.
        """
        found = np.full(len(first), _NOT_SUSPECT)
        band = band_of(n_words)
        rows = np.flatnonzero(first >= self.gate[band])
        if len(rows):
            weighed = with_first(first[rows], measure(rows, self.vectors), n_words[rows])
            found[rows] = self.log_odds(weighed) - self.thresholds[band[rows]]
        return found

    def log_odds(self, weighed: NDArray[np.float64]) -> NDArray[np.float64]:
        """float64 (n,), from what ``with_first`` gives."""
        standard = np.clip((weighed - self.mean) / self.scale, -CLIP, CLIP)
        return np.asarray(row_products(standard, self.coef[None, :-1])[:, 0] + self.coef[-1])

    def arrays(self) -> dict[str, NDArray]:
        """The arrays to store, by name; undone by ``from_arrays``."""
        return {f"normality_context_{name}": getattr(self, name) for name in (*_ARRAYS, _VECTORS)}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray]) -> ContextFit | None:
        """What is among a model's arrays, whose shapes were checked when it was read; None if it is not there.

        Raises:
            ModelError: if a part of it is missing, or it weighs other signs than this program measures.
        """
        names = [f"normality_context_{name}" for name in (*_ARRAYS, _VECTORS)]
        found = [arrays[name] for name in names if name in arrays]
        if not found:
            return None
        if len(found) < len(names) or len(found[0]) != N_COLUMNS + 2 or found[-1].dtype != np.int8:
            raise ModelError(
                "what measures how words fit was made by another version of retold, or is damaged; get the model anew, or: retold train"
            )
        return cls(found[-1], *(np.asarray(part, dtype=np.float64) for part in found[:-1]))


def with_first(
    first: NDArray[np.float64], columns: NDArray[np.float64], n_words: NDArray[np.integer]
) -> NDArray[np.float64]:
    """What the second stage weighs, float64 (n, N_COLUMNS + 2)."""
    return np.column_stack([first, columns, np.log(np.maximum(n_words, 1))])


def measure_context(batch: Batch, rows: NDArray[np.intp], vectors: NDArray[np.int8]) -> NDArray[np.float64]:
    """How the content words of some articles fit their context, float64 (len(rows), N_COLUMNS); zeros where there are none."""
    words = _Words.of(batch, rows)
    out = np.zeros((len(rows), N_COLUMNS))
    if len(words.at):
        signs = np.stack([*_coherence(batch, words, vectors), *_likelihood(batch, words)])
        starts = np.flatnonzero(np.diff(words.first, prepend=-1))
        # Adding up each article by itself keeps its sums the same in every batch.
        sums = np.add.reduceat(signs, starts, axis=1) / (words.after - words.first)[starts]
        out[np.searchsorted(rows, words.article[starts])] = sums.T
    return out


@dataclass(frozen=True)
class _Words:
    """The n content words that are measured.

    Attributes:
        at: Their tokens, (n,).
        article: Their articles, (n,).
        first: The number, among the n, of the first of the same article, (n,).
        after: The number after the last of the same article, (n,).
    """

    at: NDArray[np.int64]
    article: NDArray[np.int64]
    first: NDArray[np.int64]
    after: NDArray[np.int64]

    @classmethod
    def of(cls, batch: Batch, rows: NDArray[np.intp]) -> _Words:
        small = function_words()
        is_content = [w.isalpha() and len(w) >= _MIN_LETTERS and w not in small for w in batch.distinct.words]
        chosen = np.zeros(len(batch.articles), dtype=bool)
        chosen[rows] = True
        kept = (
            np.array(is_content, dtype=bool)[batch.distinct.number] & ~batch.is_name & chosen[batch.articles_of_tokens]
        )
        at = np.flatnonzero(kept)
        article = batch.article_of(at)
        at = at[np.arange(len(at)) - np.searchsorted(article, article) < _MOST_WORDS]
        article = batch.article_of(at)
        return cls(at, article, np.searchsorted(article, article), np.searchsorted(article, article, side="right"))


def _coherence(batch: Batch, words: _Words, vectors: NDArray[np.int8]) -> list[NDArray[np.float64]]:
    """Eight signs (n,): how near a word is to those around it, whether it comes again, and whether it is far."""
    ids, number = batch.ids[words.at], np.arange(len(words.at))
    own = vectors[ids].astype(np.int32)
    sums = np.vstack([np.zeros((1, own.shape[1]), np.int32), np.cumsum(own, axis=0, dtype=np.int32)])

    def cosine_with(width: int) -> NDArray[np.float64]:
        start, end = np.maximum(number - width, words.first), np.minimum(number + width + 1, words.after)
        return _cosines(own, sums[end] - sums[start] - own)

    near, around, whole = cosine_with(_NEAR), cosine_with(_AROUND), cosine_with(_MOST_WORDS)
    nearest = np.full(len(own), -1.0)
    for step in (*range(-_BESIDE, 0), *range(1, _BESIDE + 1)):
        other = np.clip(number + step, words.first, words.after - 1)
        nearest = np.maximum(nearest, np.where(ids[other] == ids, -1.0, _cosines(own, own[other])))
    _, inverse, times = np.unique(
        words.article * len(batch.distinct.words) + batch.distinct.number[words.at],
        return_inverse=True,
        return_counts=True,
    )
    repeats = np.log(times)[inverse.ravel()]
    far = [whole < 0, nearest < _FAR_FROM_EACH, around < _FAR_FROM_ALL, repeats == 0]
    return [near, around, whole, nearest, repeats, *(part.astype(np.float64) for part in far)]


def _cosines(a: NDArray[np.int32], b: NDArray[np.int32]) -> NDArray[np.float64]:
    """float64 (n,): cosine of each row of whole numbers (n, D) with another; 0 where one is nothing."""
    wide = b.astype(np.int64)
    lengths = np.sqrt(
        np.einsum("ij,ij->i", a, a, dtype=np.int64) * np.einsum("ij,ij->i", wide, wide).astype(np.float64)
    )
    return np.asarray(np.einsum("ij,ij->i", a, wide) / np.maximum(lengths, 1.0))


def _likelihood(batch: Batch, words: _Words) -> list[NDArray[np.float64]]:
    """Eleven signs (n,): whether context makes a word unlikely or likely, whether it is rare, what it makes of the next words."""
    at, bits = words.at, batch.bits.astype(np.float64)
    gained = bits[ORDER - 1, at] - bits[0, at]
    shares = [
        gained > 0,
        gained > _HURT,
        gained < -_HELPED,
        batch.ids[at] == _UNKNOWN,
        bits[0, at] > _RARE_BITS,
    ]
    return [
        *(share.astype(np.float64) for share in shares),
        *_following(batch, at, bits, 1, 1),
        *_following(batch, at, bits, 2, 2),
    ]


def _following(
    batch: Batch, at: NDArray[np.int64], bits: NDArray[np.float64], distance: int, least: int
) -> list[NDArray[np.float64]]:
    """Bits by which context makes the word at a distance behind each unlikely, under the orders from ``least`` + 1 on, (n,)."""
    there = np.minimum(at + distance, len(batch.ids) - 1)
    inside = batch.depth[there] == batch.depth[at] + distance
    return [np.where(inside, bits[order, there] - bits[0, there], 0.0) for order in range(least, ORDER)]
