"""What a neural reader is shown: passages drawn so that engine, source and topic tell nothing by themselves."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from retold.detector.verdict import BACK_TRANSLATED, EDITED, ORIGINAL
from retold.encoder import Pieces
from retold.encoder.pieces import BEGIN, END, MARKERS
from retold.signals.reader import QUESTIONS
from retold.training import targets
from retold.training.examples import CONTROL, MACHINE_TRANSLATED

# Places of a passage, its begin and end among them. Shorter windows are mixed in, for short texts.
LONGEST: Final = 128
_WINDOWS: Final = (64, 96, LONGEST, LONGEST)
# How often the examples must use a word piece for it to be kept.
_FREQUENT = 20
# Passages that are learned from together, and the part of them that is round trips beside their originals.
BATCH: Final = 32
_PAIRED = 0.6
# What part of the other passages has which label.
_SHARES: Final = {ORIGINAL: 0.45, BACK_TRANSLATED: 0.25, EDITED: 0.12, CONTROL: 0.1, MACHINE_TRANSLATED: 0.08}
# Words of a usual text; longer ones are drawn more often, within bounds, as ``targets.weights`` lets them weigh more.
_USUAL_WORDS, _LENGTH_RANGE = 300, (0.15, 2.0)
_SEED = 20


@dataclass(frozen=True)
class Lessons:
    """What a reader learns from.

    Attributes:
        table: The examples' labels, sources and groups, n rows.
        numbers: Their word pieces, n arrays of uint16.
        pieces: The names of the pieces.
    """

    table: pd.DataFrame
    numbers: list[NDArray[np.uint16]]
    pieces: tuple[str, ...]


def prepare_lessons(table: pd.DataFrame, tokens: Sequence[Sequence[str]], names: Sequence[str]) -> Lessons:
    """Cut the tokens of examples into those word pieces, of the names given, that they use often enough."""
    every = Pieces(names)
    used = np.bincount(np.concatenate([every.encode(words) for words in tokens]).astype(int), minlength=len(names))
    kept = Pieces([name for name, n in zip(names, used, strict=True) if n >= _FREQUENT or name in MARKERS])
    return Lessons(table, [np.array(kept.encode(words), dtype=np.uint16) for words in tokens], kept.names)


def digest(lessons: Lessons, rows: NDArray[np.intp], source: bytes) -> str:
    """Names a reader by the code, the texts and the rows that made it."""
    found = hashlib.sha256(source)
    for row in rows:
        found.update(lessons.numbers[row].tobytes() + str(lessons.table["label"].iat[row]).encode())
    return found.hexdigest()[:24]


def half_of(groups: Sequence[str]) -> NDArray[np.int8]:
    """int8 (n,): the half of the stories that each group is in, whatever its fold."""
    return np.array([zlib.crc32(b"half " + group.encode()) % 2 for group in groups], dtype=np.int8)


def batches(
    lessons: Lessons, rows: NDArray[np.intp], steps: int
) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int8]]]:
    """Passages, int64 (BATCH, longest) filled up with -1, and the answers wanted, int8 (BATCH, n_questions), -1 for none."""
    rng = np.random.default_rng(_SEED)
    table = lessons.table.iloc[rows].reset_index(drop=True)
    wanted = np.stack([targets.answers(table, question) for question in QUESTIONS], axis=1)
    chance = _chances(table)
    trips, originals, trip_chance = _pairs(table, chance)
    pairs = int(BATCH * _PAIRED) // 2 if len(trips) else 0
    for _ in range(steps):
        drawn = rng.choice(len(trips), pairs, p=trip_chance) if pairs else np.zeros(0, int)
        rest = rng.choice(len(table), BATCH - 2 * pairs, p=chance)
        chosen = np.concatenate([trips[drawn], originals[drawn], rest]).astype(int)
        where = rng.random(pairs)
        places = np.concatenate([where, where, rng.random(len(rest))])
        longest = int(rng.choice(_WINDOWS))
        numbers = np.full((BATCH, longest), -1, np.int64)
        for i, (row, place) in enumerate(zip(rows[chosen], places, strict=True)):
            part = _window(lessons.numbers[row], place, longest - 2)
            numbers[i, : len(part) + 2] = [BEGIN, *part, END]
        yield numbers, wanted[chosen]


def _window(numbers: NDArray[np.uint16], place: float, longest: int) -> NDArray[np.uint16]:
    """At most so many pieces of a text, from a place between its beginning, 0, and as late as possible, 1."""
    start = int(place * max(len(numbers) - longest, 0))
    return numbers[start : start + longest]


def _chances(table: pd.DataFrame) -> NDArray[np.float64]:
    """How likely each example is to be drawn, float64 (n,), sum 1: engines and sources by the square root of their size."""
    key = table["label"] + "|" + table["family"] + "|" + table["source"]
    weight = 1 / np.sqrt(key.map(key.value_counts()).to_numpy(dtype=float))
    weight *= (table["n_words"].to_numpy() / _USUAL_WORDS).clip(*_LENGTH_RANGE)
    # Machine output that a person post-edited is neither yes nor no to anything.
    weight *= (table["kind"] != "post_edited_mt").to_numpy()
    totals = pd.Series(weight).groupby(table["label"].to_numpy()).transform("sum").to_numpy()
    weight *= table["label"].map(_SHARES).fillna(0).to_numpy() / np.maximum(totals, 1e-12)
    return np.asarray(weight / weight.sum())


def _pairs(
    table: pd.DataFrame, chance: NDArray[np.float64]
) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.float64]]:
    """Rows of round trips, the rows of their originals, and the chance of each pair, float64 (n_pairs,), sum 1."""
    label, group = table["label"].to_numpy(), table["group"].to_numpy()
    first = {group[i]: i for i in np.flatnonzero(label == ORIGINAL)[::-1]}
    trips = np.array([i for i in np.flatnonzero(label == BACK_TRANSLATED) if group[i] in first], dtype=np.intp)
    weight = chance[trips]
    return trips, np.array([first[group[i]] for i in trips], dtype=np.intp), weight / max(weight.sum(), 1e-12)
