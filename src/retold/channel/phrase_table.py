"""PhraseTable: phrases of one to four words that machines put where originals had another, with context to decide.

Where the words on both sides of a gap came back unchanged, what stands in the gap was put for what stood there: "stated
that" for "said", "legislators" for "lawmakers". Such pairs need no statistical alignment; they are the phrase pairs of
phrase-based translation (Koehn, Och and Marcu 2003) of English with itself. Function words are not left out, since context
decides. ``retold.training.fit.phrase_table`` learns the table and the weights.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

# Longest phrase: a gap of three words, or of two and the words around it.
MAX_WORDS = 4
# Contexts share two to so many weights, 0.25 MB.
CONTEXT_BITS = 17
_FACTOR = np.uint64(0x9E3779B97F4A7C15)  # the golden ratio in 64 bits, as in Fibonacci hashing
_SHIFT = np.uint64(29)
_ALL_BITS = (1 << 64) - 1
FILE = "substitutions.tsv"


@dataclass(frozen=True)
class PhraseTable:
    """The table, sorted by the phrase observed, and the weights that judge its entries in context.

    Attributes:
        pairs: ``(observed, intended)``: words in lower case, separated by spaces.
        share: float32 (n,): share of the uses of ``observed`` in round trips that were ``intended`` in the original.
        count: float32 (n,): how often that was observed.
        weights: float64 (n_columns + 1,): of the standardised columns of ``retold.channel.phrase_scoring``, intercept last.
        standard: float64 (2, n_columns): mean and spread of the columns.
        context: float16 (2**CONTEXT_BITS,): weights of words beside a phrase.
        settings: float64 (3,): log-odds from which a span is shown, and the slope and intercept that turn log-odds into the
            chance that the phrase was not the original's.
    """

    pairs: tuple[tuple[str, str], ...]
    share: NDArray[np.float32]
    count: NDArray[np.float32]
    weights: NDArray[np.float64]
    standard: NDArray[np.float64]
    context: NDArray[np.float16]
    settings: NDArray[np.float64]

    def chance(self, log_odds: float) -> float:
        """The chance that a phrase of such log-odds was not the original's, within machine text."""
        return float(expit(self.settings[1] * log_odds + self.settings[2]))

    def arrays(self) -> dict[str, NDArray]:
        """The arrays to store, by name; with ``text()`` they are everything."""
        return {name: getattr(self, name) for name in ("share", "count", "weights", "standard", "context", "settings")}

    def text(self) -> str:
        """The phrases, one pair a line, separated by a tab."""
        return "\n".join(f"{observed}\t{intended}" for observed, intended in self.pairs)

    @classmethod
    def from_arrays(cls, text: str, arrays: Mapping[str, NDArray]) -> PhraseTable:
        """Undo ``text()`` and ``arrays()``.

        Raises:
            ValueError: if the lines and the arrays do not belong together.
        """
        lines = [line.split("\t") for line in text.split("\n") if line]
        pairs = tuple((line[0], line[1]) for line in lines if len(line) == 2)
        if len(pairs) != len(lines) or {len(arrays["share"]), len(arrays["count"])} != {len(pairs)}:
            raise ValueError(f"{FILE} and its arrays do not belong together; get the model anew")
        return cls(pairs, **{name: np.array(arrays[name]) for name in arrays})


def code(ids: Sequence[int]) -> int:
    """The number by which a phrase is looked up, from vocabulary ids: that of ``codes``, one phrase at a time."""
    found = len(ids)
    for word in ids:
        found = (found ^ (word + 1)) * int(_FACTOR) & _ALL_BITS
        found ^= found >> int(_SHIFT)
    return found


def codes(ids: NDArray[np.int32], length: int) -> NDArray[np.uint64]:
    """uint64 (n,): the number of the phrase of so many words that starts at each token; at the end it runs round."""
    found = np.full(len(ids), length, dtype=np.uint64)
    for step in range(length):
        found = mix(found, np.roll(ids, -step).astype(np.uint64))
    return found


def mix(numbers: NDArray[np.uint64], more: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """uint64 (n,): one number from two, well spread."""
    with np.errstate(over="ignore"):
        found = (numbers ^ (more + np.uint64(1))) * _FACTOR
    return np.asarray(found ^ (found >> _SHIFT))
