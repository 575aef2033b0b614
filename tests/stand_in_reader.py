"""A small encoder with random weights, for tests of what surrounds the trained one."""

import numpy as np

from retold.encoder import Encoder, Pieces
from retold.encoder.encoder import pack
from retold.encoder.pieces import MARKERS
from retold.signals.reader import QUESTIONS, Reader

NAMES = (
    *MARKERS,
    *"abcdefghijklmnopqrstuvwxyz.,'",
    *(f"##{c}" for c in "abcdefghijklmnopqrstuvwxyz"),
    "the",
    "##ing",
    "vote",
)
WIDTH, LAYERS, LONGEST = 64, 2, 16


def weights(seed: int = 1) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(seed)

    def draw(*shape: int) -> np.ndarray:
        return rng.normal(scale=0.3, size=shape).astype(np.float32)

    maps = {"attend": (WIDTH, 3 * WIDTH), "join": (WIDTH, WIDTH), "up": (WIDTH, 4 * WIDTH), "down": (4 * WIDTH, WIDTH)}
    found = {name: draw(LAYERS, *shape) for name, shape in maps.items()}
    found |= {f"{name}_bias": draw(LAYERS, shape[1]) for name, shape in maps.items()}
    found |= {"embedding": draw(len(NAMES), WIDTH), "places": draw(LONGEST, WIDTH)}
    found |= {"first_norm": 1 + draw(2, WIDTH), "norms": 1 + draw(LAYERS, 2, 2, WIDTH)}
    return found | {"answers": draw(2 * WIDTH, len(QUESTIONS)), "answers_bias": draw(len(QUESTIONS))}


def encoder(seed: int = 1) -> Encoder:
    return Encoder(pack(weights(seed)))


def reader(seed: int = 1) -> Reader:
    return Reader(encoder(seed), Pieces(NAMES))
