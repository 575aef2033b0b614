"""Reader: a small neural network that has seen originals beside their round trips judges passages by what it reads.

Hypothesis: what the other signals count one by one, words against their context, word order, function words, a network can
weigh together, and it knows words by their company where counts are thin: in short passages, and with engines that none
of the examples came from. A few passages spread over the article are read, each by itself, and its answers averaged.
Fine-tuning a pretrained encoder for such questions is usual since Devlin et al. (2019); this one starts from a MiniLM
(Wang et al. 2020) and is small enough to read an article in a tenth of a second without a graphics card.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from retold.encoder import Encoder, Pieces
from retold.errors import ModelError
from retold.text import Article

# What it was taught to answer of a passage; ``training.targets`` says which examples answer yes.
QUESTIONS: Final = ("machine", "back_translated", "edited", "polished")
# What the verdict hears of that. With all four answers the deep heads found fewer of engines kept out: at 1% false alarms among
# all originals 66% instead of 68% by the reader alone, 74% instead of 75% with an engine.
FEATURES: Final = tuple(f"reader_{question}" for question in QUESTIONS[:1])
# Passages of an article that are read, each about ninety words: as many words as the engine is asked about.
PASSAGES: Final = 4
PIECES_FILE: Final = "reader_pieces.txt"


class Reader:
    """Reads articles.

    Args:
        encoder: The network.
        pieces: Its word pieces.

    Raises:
        ModelError: if they do not belong together.
    """

    def __init__(self, encoder: Encoder, pieces: Pieces) -> None:
        if len(pieces.names) != encoder.n_pieces:
            raise ModelError(
                f"the reader knows {encoder.n_pieces:,} word pieces, {PIECES_FILE} has {len(pieces.names):,}"
            )
        self._encoder, self._pieces = encoder, pieces

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]], text: str) -> Reader:
        """Undo ``arrays()`` and ``text()``."""
        return cls(Encoder(arrays), Pieces(text.split("\n")))

    def arrays(self) -> dict[str, NDArray[Any]]:
        """The arrays to store, by name; with ``text()`` they are the whole reader."""
        return dict(self._encoder.arrays)

    def text(self) -> str:
        """The names of the word pieces, a line each."""
        return "\n".join(self._pieces.names)

    def read(self, article: Article) -> NDArray[np.float64]:
        """float64 (len(FEATURES),), log-odds: the mean of its answers; zeros for an article without words."""
        numbers = self._pieces.encode(article.tokens)
        if not numbers:
            return np.zeros(len(FEATURES))
        answers = np.array([self._encoder.answer(part) for part in passages(numbers, self._encoder.longest)])
        return np.asarray(answers[:, : len(FEATURES)].mean(axis=0, dtype=np.float64))


def passages(numbers: Sequence[int], longest: int, most: int = PASSAGES) -> list[Sequence[int]]:
    """At most ``most`` parts of at most ``longest`` pieces, spread evenly from the very beginning to the very end."""
    count = min(most, -(-len(numbers) // longest))
    starts = np.linspace(0, max(len(numbers) - longest, 0), count).astype(int)
    return [numbers[start : start + longest] for start in starts]
