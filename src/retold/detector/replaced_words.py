"""Words that do not fit where they stand: replaced token detection by a small network over a window.

Hypothesis: a spinner exchanges words without reading what stands around them, so that many words of a spun text fit their context less
than a writer's do, whichever synonym was taken and however common it is. The task is that of ELECTRA (Clark et al. 2020,
"Pre-training text encoders as discriminators rather than generators"), the network that of Collobert and Weston 2008 ("A
unified architecture for natural language processing"). It learned from running news in which words had been exchanged for others of
the same inflection, as frequent in news as any: so a word's rarity says nothing, and no thesaurus is needed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from retold.errors import ModelError
from retold.language_model.batch import Batch
from retold.text.word_lists import function_words

# Words on either side that are read in their order, and those whose mean stands for the topic, by judgement.
NEAR: Final = 4
TOPIC: Final = 25
# Words of so few letters are hardly ever exchanged: they are grammar, as `retold corpus spin` leaves them.
_MIN_LETTERS = 3
# Words of an article that are judged, evenly spaced: of more the mean hardly changes, and its time would grow with its length.
_MOST = 400
# Weight of the topic beside one word, so that the mean of many, which is short, counts.
_TOPIC_SCALE = np.float32(3.0)


@dataclass(frozen=True)
class ReplacedWordDetector:
    """The network: vectors of the words around a word and of the word itself, two hidden layers of rectified linear units.

    Attributes:
        vectors: float32 (vocabulary + 1, k): a vector a word; the last, zeros, stands outside of the text.
        first: float32 ((2 * NEAR + 2) * k, h): from vectors in their order and the topic's to the first hidden layer.
        first_bias: float32 (h,).
        second: float32 (h, h2).
        second_bias: float32 (h2,).
        output: float32 (h2,): to the log-odds that the word was exchanged.
        output_bias: float32 (1,).
    """

    vectors: NDArray[np.float32]
    first: NDArray[np.float32]
    first_bias: NDArray[np.float32]
    second: NDArray[np.float32]
    second_bias: NDArray[np.float32]
    output: NDArray[np.float32]
    output_bias: NDArray[np.float32]

    @property
    def padding(self) -> int:
        """Id of what is outside of a text."""
        return len(self.vectors) - 1

    def inputs(
        self, ids: NDArray[np.int32], is_content: NDArray[np.bool_], places: NDArray[np.intp]
    ) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
        """What the network sees of the words at m places of a text of n words.

        Args:
            ids: Vocabulary ids, (n,); ``padding`` between texts.
            is_content: Which are words of content, bool (n,).
            places: Which words to judge, (m,).

        Returns:
            Ids around each, int32 (m, 2 * NEAR + 1), and the topic's vectors, float32 (m, k).
        """
        window = places[:, None] + np.arange(-NEAR, NEAR + 1)
        inside = (window >= 0) & (window < len(ids))
        near = np.where(inside, ids[window.clip(0, len(ids) - 1)], self.padding).astype(np.int32)
        return near, self._topics(ids, is_content, places)

    def _topics(
        self, ids: NDArray[np.int32], is_content: NDArray[np.bool_], places: NDArray[np.intp]
    ) -> NDArray[np.float32]:
        """Mean vector of the words of content around each place, but for the word itself."""
        content = self.vectors[ids] * is_content[:, None]
        sums = np.concatenate([np.zeros((1, content.shape[1])), np.cumsum(content, axis=0, dtype=np.float64)])
        counts = np.concatenate([[0], np.cumsum(is_content)])
        start, end = (places - TOPIC).clip(0), (places + TOPIC + 1).clip(max=len(ids))
        number = counts[end] - counts[start] - is_content[places]
        mean = (sums[end] - sums[start] - content[places]) / np.maximum(number, 1)[:, None]
        return np.asarray(mean, dtype=np.float32)

    def layers(self, near: NDArray[np.int32], topics: NDArray[np.float32]) -> tuple[NDArray[np.float32], ...]:
        """What ``inputs`` gives, as one row a word; the two hidden layers, and the log-odds (m,)."""
        seen = np.hstack([self.vectors[near].reshape(len(near), -1), _TOPIC_SCALE * topics])
        first = np.maximum(seen @ self.first + self.first_bias, 0)
        second = np.maximum(first @ self.second + self.second_bias, 0)
        return seen, first, second, second @ self.output + self.output_bias

    def misfits(self, batch: Batch, row: int) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
        """The words of content of an article of a batch that are judged, as places in the article (m,), and their log-odds (m,)."""
        start, end = int(batch.offsets[row]), int(batch.offsets[row + 1])
        is_content = batch.shared(content_words, lambda: content_words(batch))[start:end]
        places = np.flatnonzero(is_content)
        if not len(places):
            return places, np.zeros(0)
        places = places[np.linspace(0, len(places) - 1, min(_MOST, len(places))).astype(int)]
        log_odds = self.layers(*self.inputs(batch.ids[start:end], is_content, places))[-1]
        return places, log_odds.astype(np.float64)

    def mean_misfit(self, batch: Batch, row: int) -> float:
        """Mean log-odds of an article's different words of content that they were exchanged, each where it fits best; 0 without any.

        What is written about comes again and again and fits somewhere; a spinner exchanges a word here and there. Of spun copies 54% were
        found by the mean of all words, 59 and 60% by that of different words, each by its mean and where it fits best.
        """
        places, log_odds = self.misfits(batch, row)
        if not len(places):
            return 0.0
        words = batch.ids[int(batch.offsets[row]) + places]
        best = np.full(int(words.max()) + 1, np.inf)
        np.minimum.at(best, words, log_odds)
        return float(best[np.isfinite(best)].mean())

    def arrays(self) -> dict[str, NDArray[np.float16]]:
        """The arrays to store, by name; undone by ``from_arrays``, but for the half of their precision."""
        found = {field.name: getattr(self, field.name).astype(np.float16) for field in fields(self)}
        # Each place of the window apart, so that its length shows.
        return found | {"first": found["first"].reshape(2 * NEAR + 2, self.vectors.shape[1], -1)}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray]) -> Self:
        """Undo ``arrays()``, for arrays whose shapes were checked against each other when the model was read.

        Raises:
            ModelError: if one is missing, or the network has another window than this program.
        """
        missing = [field.name for field in fields(cls) if field.name not in arrays]
        if missing or len(arrays["first"]) != 2 * NEAR + 2:
            raise ModelError(
                "what tells exchanged words was made by another version of retold, or is damaged;"
                " get the model anew, or: retold train"
            )
        found = {field.name: np.asarray(arrays[field.name], dtype=np.float32) for field in fields(cls)}
        return cls(**(found | {"first": found["first"].reshape(-1, found["first"].shape[-1])}))


def content_words(batch: Batch) -> NDArray[np.bool_]:
    """bool (n_tokens,): words of content that are no names, which alone are judged."""
    small = function_words()
    own = [word.isalpha() and len(word) >= _MIN_LETTERS and word not in small for word in batch.distinct.words]
    return np.array(own, dtype=bool)[batch.distinct.number] & ~batch.is_name
