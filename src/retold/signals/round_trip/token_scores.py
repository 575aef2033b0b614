"""Token scores of forced decoding: given a text's translation, MT models find machine wording likelier than a human writer's.

Hypothesis: engines learn from much the same texts and choose alike. So an article's first sentences are translated into the
pivot language, and the model of the way back scores the article's own words: the gap to its most probable word is small
where any engine chose the word and large where a writer did. Human translators are writers, too: unlike most signs of machine
English, this one hardly mistakes them for machines. It adds to round-trip similarity, which only shows whether the most
probable word is the article's. Forced decoding is from machine translation's quality estimation (Thompson and Post 2020);
that the gap tells machine English from a writer's was found for this project.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from retold.text.word_lists import function_words
from retold.translation.forced_decoding import TokenScores

# Begins a word in the names of word pieces.
_WORD_START: Final = "\u2581"
_PIECE_KINDS: Final = ("function", "content", "name", "continuation", "punctuation")
# Nats beyond which a gap counts no further, and from which it counts as large; by trial on the training data.
_MAX_GAP, _LARGE_GAP = 5.0, 2.0
# A gap of so many nats or fewer before a piece means that the model still follows the text; after a surprise it is lost for a
# word or two. By trial on the training data.
_ON_TRACK_GAP = 1.0
# What is measured of the pieces of a kind.
_MEASURES: Final = ("gap_to_argmax", "large_gap", "top1_accuracy", "calibration_gap")
FEATURES: Final = (
    *(f"token_scores_{kind}_{measure}" for kind in (*_PIECE_KINDS, "on_track") for measure in _MEASURES),
    "token_scores_confidence",
)


def token_score_features(sentences: Sequence[TokenScores | None]) -> NDArray[np.float64]:
    """float64 (len(FEATURES),): means over the word pieces of sentences, by kind; NaN where no sentence was scored.

    ``gap_to_argmax`` is in nats, at most 5; ``large_gap`` is the share of pieces beyond 2; ``top1_accuracy`` the share that
    the model finds most probable, and ``calibration_gap`` how much larger it is than the model's mean confidence, which is
    the probability of its most probable piece.
    """
    scored = [scores for scores in sentences if scores is not None]
    if not scored:
        return np.full(len(FEATURES), np.nan)
    kind = np.array([_kind_of(piece) for scores in scored for piece in scores.pieces])
    gap = np.concatenate([scores.gap_to_argmax for scores in scored]).astype(np.float64)
    argmax_log_probability = np.concatenate([scores.log_probability for scores in scored]) + gap
    gap_before = np.concatenate([np.append(0.0, scores.gap_to_argmax[:-1]) for scores in scored])
    confidence = np.exp(np.minimum(argmax_log_probability, 0))
    is_top = gap <= 0
    measures = np.stack([np.minimum(gap, _MAX_GAP), gap > _LARGE_GAP, is_top, is_top - confidence], axis=1)
    is_word = np.isin(kind, [_PIECE_KINDS.index("function"), _PIECE_KINDS.index("content")])
    groups = [*(kind == k for k in range(len(_PIECE_KINDS))), is_word & (gap_before < _ON_TRACK_GAP)]
    overall = measures.mean(axis=0)
    return np.concatenate([*(_shrunk_mean(measures[group], overall) for group in groups), [confidence.mean()]])


def _shrunk_mean(rows: NDArray[np.float64], overall: NDArray[np.float64]) -> NDArray[np.float64]:
    """Mean of rows (n, k), drawn towards the mean of all pieces (k,) where there are few."""
    return np.asarray((rows.sum(axis=0) + overall) / (len(rows) + 1))


def _kind_of(piece: str) -> int:
    """Index into ``_PIECE_KINDS`` of a word piece."""
    word = piece.removeprefix(_WORD_START)
    if not word.isalpha():
        return _PIECE_KINDS.index("punctuation")
    if not piece.startswith(_WORD_START):
        return _PIECE_KINDS.index("continuation")
    if word[0].isupper():
        return _PIECE_KINDS.index("name")
    return _PIECE_KINDS.index("function" if word in function_words() else "content")
