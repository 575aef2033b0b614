"""Words as integers: the vocabulary that the language model and every table keyed by words share."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

SENTENCE_START = "<s>"
UNKNOWN = "<unk>"
YEAR = "<year>"
NUMBER = "<num>"
SPECIAL = (SENTENCE_START, UNKNOWN, YEAR, NUMBER)
_YEAR = re.compile(r"(?:1[5-9]|20)\d\d")


def normal_form(token: str) -> str:
    """Return the form under which a lower-case token is counted: numbers fold into years and others."""
    if not token[0].isdigit():
        return token
    return YEAR if _YEAR.fullmatch(token) else NUMBER


class Vocabulary:
    """A fixed, ordered list of words.

    Ids are positions in the list; 0 is the start of a sentence and 1 any unknown word.
    """

    def __init__(self, words: Sequence[str]) -> None:
        if tuple(words[: len(SPECIAL)]) != SPECIAL:
            raise ValueError(f"a vocabulary starts with {SPECIAL}, not with {tuple(words[: len(SPECIAL)])}")
        self.words = list(words)

    @cached_property
    def index(self) -> dict[str, int]:
        """Word to id."""
        return {word: i for i, word in enumerate(self.words)}

    def __len__(self) -> int:
        return len(self.words)

    def ids(self, lower_tokens: Iterable[str]) -> NDArray[np.int32]:
        """int32 array of the ids of lower-case tokens."""
        index = self.index
        get = index.get
        return np.array([i if (i := get(t)) is not None else get(normal_form(t), 1) for t in lower_tokens], np.int32)
