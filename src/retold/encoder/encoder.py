"""The encoder: word pieces in, answers out; BERT's layers (Devlin et al. 2019) on weights of 8 and 4 bits, in NumPy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from retold.encoder.pieces import BEGIN, END
from retold.errors import ModelError
from retold.transformer import Floats, attention, normalise

# Width of a head's part of a row, and the guard in layer normalisation, as in the encoder that training starts from.
_HEAD: Final = 32
EPSILON: Final = 1e-12
# The linear maps of a layer: three for attention side by side, one after it, and two of the feed-forward part.
MAPS: Final = ("attend", "join", "up", "down")
# Half of the sixteen values of a 4-bit number: what is added to keep it from being negative.
_HALF: Final = 8
_MOST_8, _MOST_4 = 127, 7


class Encoder:
    """A trained encoder.

    Args:
        arrays: As ``pack`` makes them; mapped arrays will do.

    Raises:
        ModelError: if arrays are missing or do not fit each other.
    """

    def __init__(self, arrays: Mapping[str, NDArray[Any]]) -> None:
        try:
            self._check(arrays)
        except (KeyError, IndexError, ValueError) as error:
            raise ModelError(f"the model's reader is damaged or of another version ({error}); get it anew") from None
        self.arrays = dict(arrays)

    @cached_property
    def _w(self) -> dict[str, Floats]:
        """What every passage needs, unpacked when the first is read."""
        small = ("places", "first_norm", "norms", "answers", "answers_bias", *(f"{name}_bias" for name in MAPS))
        large = {name: self.arrays[name].astype(np.float32) * self.arrays[f"{name}_scale"][:, None, :] for name in MAPS}
        return large | {name: np.asarray(self.arrays[name], dtype=np.float32) for name in small}

    @staticmethod
    def _check(arrays: Mapping[str, NDArray[Any]]) -> None:
        """Every shape against that of the embedding and the number of layers."""
        n_pieces, half = arrays["embedding"].shape
        layers, width, inner = arrays["up"].shape
        n_answers = arrays["answers"].shape[1]
        wide = {"attend": (width, 3 * width), "join": (width, width), "up": (width, inner), "down": (inner, width)}
        wanted: dict[str, tuple[int, ...]] = {name: (layers, *shape) for name, shape in wide.items()}
        wanted |= {f"{name}_{kind}": (layers, wide[name][1]) for name in MAPS for kind in ("scale", "bias")}
        wanted |= {"embedding_scale": (n_pieces,), "first_norm": (2, width), "norms": (layers, 2, 2, width)}
        wanted |= {"answers": (2 * width, n_answers), "answers_bias": (n_answers,)}
        for name, shape in wanted.items():
            if arrays[name].shape != shape:
                raise ValueError(f"{name} is {arrays[name].shape}, not {shape}")
        if arrays["embedding"].dtype != np.uint8 or 2 * half != width or width % _HEAD:
            raise ValueError("embedding does not fit the layers")
        if arrays["places"].ndim != 2 or arrays["places"].shape[1] != width or len(arrays["places"]) < 3:
            raise ValueError("places do not fit the layers")

    @property
    def longest(self) -> int:
        """Pieces of the longest passage, without the marks of its begin and end."""
        return len(self.arrays["places"]) - 2

    @property
    def n_pieces(self) -> int:
        """Word pieces that it knows."""
        return len(self.arrays["embedding"])

    def answer(self, pieces: Sequence[int]) -> Floats:
        """float32 (n_answers,), log-odds: what it makes of a passage of at most ``longest`` pieces."""
        state = self._read([BEGIN, *pieces, END])
        return (
            np.asarray(np.concatenate([state.mean(axis=0), state.max(axis=0)]) @ self._w["answers"])
            + self._w["answers_bias"]
        )

    def _read(self, pieces: list[int]) -> Floats:
        """float32 (n, width): each piece in its context."""
        state = (
            unpack(self.arrays["embedding"][pieces], self.arrays["embedding_scale"][pieces])
            + self._w["places"][: len(pieces)]
        )
        state = self._normalise(state, self._w["first_norm"])
        for layer, (first, second) in enumerate(self._w["norms"]):
            parts = np.split(self._map("attend", layer, state), 3, axis=1)
            seen = attention(parts[0], parts[1], parts[2], state.shape[1] // _HEAD)
            state = self._normalise(state + self._map("join", layer, seen), first)
            inner = self._map("down", layer, gelu(self._map("up", layer, state)))
            state = self._normalise(state + inner, second)
        return state

    @staticmethod
    def _normalise(rows: Floats, norm: Floats) -> Floats:
        return normalise(rows, norm[0], norm[1], EPSILON)

    def _map(self, name: str, layer: int, rows: Floats) -> Floats:
        return np.asarray(rows @ self._w[name][layer] + self._w[f"{name}_bias"][layer])


def gelu(values: Floats) -> Floats:
    """Gaussian error linear unit (Hendrycks and Gimpel 2016), by its tangent, which training uses, too."""
    inner = np.float32(np.sqrt(2 / np.pi)) * (values + np.float32(0.044715) * values * values * values)
    return np.asarray(np.float32(0.5) * values * (1 + np.tanh(inner)))


def pack(weights: Mapping[str, Floats]) -> dict[str, NDArray[Any]]:
    """Weights as they are stored: maps with 8 bits a number and a scale a column, the embedding as ``pack_rows`` makes it."""
    packed: dict[str, NDArray[Any]] = {k: v for k, v in weights.items() if k not in (*MAPS, "embedding")}
    for name in MAPS:
        scale = np.maximum(np.abs(weights[name]).max(axis=1), 1e-12) / _MOST_8
        packed[name] = np.rint(weights[name] / scale[:, None, :]).astype(np.int8)
        packed[f"{name}_scale"] = scale.astype(np.float32)
    packed["embedding"], packed["embedding_scale"] = pack_rows(weights["embedding"])
    return packed


def pack_rows(rows: Floats) -> tuple[NDArray[np.uint8], Floats]:
    """Rows (n, width) with 4 bits a number, two in a byte, uint8 (n, width / 2), and a scale a row, float32 (n,)."""
    scale = np.maximum(np.abs(rows).max(axis=1), 1e-12) / _MOST_4
    whole = (np.rint(rows / scale[:, None]) + _HALF).astype(np.uint8)
    return whole[:, 0::2] | (whole[:, 1::2] << 4), scale.astype(np.float32)


def unpack(packed: NDArray[np.uint8], scale: Floats) -> Floats:
    """Undo ``pack_rows``, but for the rounding: float32 (n, width)."""
    rows = np.empty((len(packed), 2 * packed.shape[1]), dtype=np.float32)
    rows[:, 0::2], rows[:, 1::2] = packed & 15, packed >> 4
    return np.asarray((rows - _HALF) * scale[:, None])
