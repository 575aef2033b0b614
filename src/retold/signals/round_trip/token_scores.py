"""Reconstruction: given a text's own translation, an engine would have written a machine's words, and not a reporter's.

Hypothesis: engines learn from much the same texts and choose alike. So an article's first sentences are translated into
the pivot language, and the way back is asked how likely it finds the very words of the article. Its regret, how much more
likely another word would have been, is small on words that any engine chose and large where a writer did. Translators are
writers: unlike most signs of machine English, this one hardly mistakes them for machines. It asks more than the echo, which
says only whether the engine's first choice is the article's word. Forced decoding is from machine translation's quality
estimation (Thompson and Post 2020); that regret tells machine English from a writer's was found for this project.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from retold.text.word_lists import function_words
from retold.translation.forced_decoding import TokenScores

# Begins a word in the names of word pieces.
_WORD: Final = "\u2581"
_KINDS: Final = ("function", "content", "name", "inside", "mark")
# Nats beyond which a word is no more foreign to the engine, and from which it counts as foreign; by trial on the training data.
_MOST, _FOREIGN = 5.0, 2.0
# Below it the engine has kept to the text so far; after a surprise it is lost for a word or two.
_ON_TRACK = 1.0
# What is measured of the pieces of a kind.
_MEASURES: Final = ("regret", "foreign", "first_choice", "beyond_confidence")
FEATURES: Final = (
    *(f"reconstruction_{kind}_{measure}" for kind in (*_KINDS, "on_track") for measure in _MEASURES),
    "reconstruction_confidence",
)


def reconstruction(readings: Sequence[TokenScores | None]) -> NDArray[np.float64]:
    """float64 (len(FEATURES),): means over the word pieces of sentences, by kind; NaN where nothing was read.

    ``regret`` is in nats, at most 5; ``foreign`` is the share of pieces beyond 2; ``first_choice`` that of the engine's own
    favourites, and ``beyond_confidence`` how much larger it is than the engine thought.
    """
    known = [reading for reading in readings if reading is not None]
    if not known:
        return np.full(len(FEATURES), np.nan)
    kind = np.array([_kind(piece) for reading in known for piece in reading.pieces])
    regret = np.concatenate([reading.gap_to_argmax for reading in known]).astype(np.float64)
    favourite = np.concatenate([reading.log_probability for reading in known]) + regret
    before = np.concatenate([np.append(0.0, reading.gap_to_argmax[:-1]) for reading in known])
    confidence = np.exp(np.minimum(favourite, 0))
    first = regret <= 0
    measures = np.stack([np.minimum(regret, _MOST), regret > _FOREIGN, first, first - confidence], axis=1)
    plain = np.isin(kind, [_KINDS.index("function"), _KINDS.index("content")])
    groups = [*(kind == k for k in range(len(_KINDS))), plain & (before < _ON_TRACK)]
    overall = measures.mean(axis=0)
    return np.concatenate([*(_mean(measures[group], overall) for group in groups), [confidence.mean()]])


def _mean(rows: NDArray[np.float64], overall: NDArray[np.float64]) -> NDArray[np.float64]:
    """Mean of rows, drawn towards the mean of all pieces where there are few."""
    return np.asarray((rows.sum(axis=0) + overall) / (len(rows) + 1))


def _kind(piece: str) -> int:
    """Index into ``_KINDS`` of a word piece."""
    word = piece.removeprefix(_WORD)
    if not word.isalpha():
        return _KINDS.index("mark")
    if not piece.startswith(_WORD):
        return _KINDS.index("inside")
    if word[0].isupper():
        return _KINDS.index("name")
    return _KINDS.index("function" if word in function_words() else "content")
