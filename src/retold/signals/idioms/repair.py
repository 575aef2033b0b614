"""What the language model says of putting an expression back: bits saved, looked up for a whole batch at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from retold.language_model.batch import Batch

_CONTEXT = 3  # words on each side: as many as a 4-gram reaches


@dataclass(frozen=True, slots=True)
class Repair:
    """Words to put in the place of a span.

    Attributes:
        article: Position of the article in its batch.
        first: Index of the span's first token in the article.
        last: Index of its last token.
        words: Lower-case words that would stand there.
    """

    article: int
    first: int
    last: int
    words: tuple[str, ...]


def gains(batch: Batch, repairs: Sequence[Repair]) -> NDArray[np.float64]:
    """Bits that repairs save.

    Returns:
        float64 array (2, n_repairs): the bits saved under the 4-gram model, over the span and the three words after it,
        and how much of that is due to context: the same less the bits saved under the 1-gram model.
    """
    if not repairs:
        return np.zeros((2, 0))
    windows = [window for repair in repairs for window in _windows(batch, repair)]
    bits = _bits(batch, windows)
    saved = bits[:, 0::2] - bits[:, 1::2]
    return np.stack([saved[1], saved[1] - saved[0]])


@dataclass(frozen=True, slots=True)
class _Window:
    """Word ids with those before ``counted`` only as context; an id 0 opens a sentence."""

    ids: list[int]
    counted: int


def _windows(batch: Batch, repair: Repair) -> tuple[_Window, _Window]:
    """The window as it stands and as repaired."""
    article = batch.articles[repair.article]
    offset = int(batch.offsets[repair.article])
    sentence = int(article.sentence_of[repair.first])
    opens, after = int(article.sentences[sentence]), int(article.sentences[sentence + 1])
    start, end = max(opens, repair.first - _CONTEXT), min(max(after, repair.last + 1), repair.last + 1 + _CONTEXT)
    before = ([0] if start == opens else []) + batch.ids[offset + start : offset + repair.first].tolist()
    seen = batch.ids[offset + repair.first : offset + end].tolist()
    repaired = batch.model.vocabulary.ids(repair.words).tolist() + seen[repair.last + 1 - repair.first :]
    return _Window(before + seen, len(before)), _Window(before + repaired, len(before))


def _bits(batch: Batch, windows: Sequence[_Window]) -> NDArray[np.float64]:
    """float64 array (2, n_windows): bits of each window's counted words under the 1-gram and the 4-gram model."""
    lengths = np.array([len(w.ids) for w in windows])
    ids = np.array([i for w in windows for i in w.ids], dtype=np.int32)
    ends = np.cumsum(lengths)
    place = np.arange(len(ids)) - np.repeat(ends - lengths, lengths)
    probabilities = batch.model.probabilities(ids, place)[[0, -1]]
    counts = place >= np.repeat([w.counted for w in windows], lengths)
    bits = np.where(counts, -np.log2(probabilities), 0).astype(np.float64)
    return np.add.reduceat(bits, ends - lengths, axis=1)
