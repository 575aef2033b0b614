"""What readers that saw neither a text's story nor its engine make of it: the deep head learns from that, and is judged by it.

A reader that has seen a story, or what an engine makes of others, is surer of it than it will be of what it meets. So six
readers are trained beside the one that ships, each without half of the stories and without some engines.
"""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd
from joblib import Parallel, delayed
from numpy.typing import NDArray

from retold.encoder import Encoder, Pieces
from retold.signals.reader import FEATURES, Reader
from retold.text import analyse
from retold.training.examples import Example
from retold.training.lessons import Lessons, digest, half_of, prepare_lessons
from retold.training.reader import Report, answers_of, base_names, learn_reader
from retold.training.source import source_of
from retold.training.splits import kept_out_engine

# Engine families that are kept out together, which is stricter than one by one, and half the work.
PARTS: Final = (("google",), ("bergamot", "nllb"), ("opus-mt", "argos", "wmt", "moses"))
# What decides what a reader learns.
_LEARNING = ("training/lessons.py", "training/reader.py", "training/targets.py", "encoder/pieces.py", "text")
# Texts analysed at a time by a process.
_CHUNK = 500


class Readers:
    """Trains the readers of a corpus, or takes them from the cache.

    Args:
        examples: The corpus.
        table: Its labels, sources, groups and lengths, a row an example.
        folder: Where readers and what they said are kept; a run that was interrupted goes on with the next reader.
        jobs: Processes, and threads of the training.
        report: Called with a line of progress now and then.
    """

    def __init__(
        self, examples: Sequence[Example], table: pd.DataFrame, folder: Path, jobs: int, report: Report
    ) -> None:
        self._folder, self._jobs, self._report = folder, jobs, report
        folder.mkdir(parents=True, exist_ok=True)
        texts = [example.text for example in examples]
        chunks = (texts[start : start + _CHUNK] for start in range(0, len(texts), _CHUNK))
        parts = Parallel(n_jobs=jobs)(delayed(_tokens)(chunk) for chunk in chunks)
        self._lessons: Lessons = prepare_lessons(table, [tokens for part in parts for tokens in part], base_names())

    def whole(self) -> Reader:
        """The reader that has learned from every example."""
        arrays = self._learned(np.arange(len(self._lessons.numbers)), "everything")
        return Reader(Encoder(arrays), Pieces(self._lessons.pieces))

    def cross_read(self, rows: NDArray[np.intp]) -> NDArray[np.float64]:
        """float64 (len(PARTS), n, len(FEATURES)): what is made of rows without each part of the engines; NaN for others."""
        table = self._lessons.table
        half = half_of(table["group"].tolist())
        said = np.full((len(PARTS), len(table), len(FEATURES)), np.nan)
        for part, families in enumerate(PARTS):
            out = np.any([kept_out_engine(table, family) for family in families], axis=0)
            for k in (0, 1):
                asked = rows[half[rows] == k]
                name = f"without {'+'.join(families)}, half {k + 1}"
                said[part, asked] = self._answers(np.flatnonzero((half != k) & ~out), asked, name)
        return said

    def _answers(self, rows: NDArray[np.intp], asked: NDArray[np.intp], name: str) -> NDArray[np.float64]:
        """What the reader that learned from some rows makes of others, float64 (len(asked), len(FEATURES))."""
        file = self._folder / f"said-{self._key(rows)}-{hashlib.sha256(asked.tobytes()).hexdigest()[:12]}.npy"
        if not file.exists():
            texts = [self._lessons.numbers[row] for row in asked]
            said = answers_of(self._learned(rows, name), texts, self._jobs)[:, : len(FEATURES)]
            draft = file.with_suffix(".part.npy")
            np.save(draft, said, allow_pickle=False)
            draft.rename(file)
        return np.asarray(np.load(file, allow_pickle=False))

    def _learned(self, rows: NDArray[np.intp], name: str) -> dict[str, NDArray[Any]]:
        file = self._folder / f"reader-{self._key(rows)}.npz"
        if not file.exists():
            self._report(f"training a reader: {name}")
            draft = file.with_suffix(".part.npz")
            arrays = learn_reader(self._lessons, rows, self._jobs, self._report)
            np.savez(draft, allow_pickle=False, **arrays)
            draft.rename(file)
        with np.load(file, allow_pickle=False) as stored:
            return dict(stored)

    def _key(self, rows: NDArray[np.intp]) -> str:
        return digest(self._lessons, rows, source_of(*_LEARNING))


def _tokens(texts: Sequence[str]) -> list[list[str]]:
    return [analyse(text).tokens for text in texts]


def part_of(table: pd.DataFrame) -> NDArray[np.intp]:
    """intp (n,): the part of the engines that a text's own is in; texts of no engine are dealt to the parts by their group."""
    place = {family: i for i, families in enumerate(PARTS) for family in families}
    dealt = table["group"].map(lambda group: zlib.crc32(b"part " + group.encode()) % len(PARTS))
    return table["family"].map(place).fillna(dealt).to_numpy(dtype=np.intp)


def without_own(said: NDArray[np.float64], table: pd.DataFrame) -> NDArray[np.float64]:
    """float64 (n, len(FEATURES)): of what ``cross_read`` gives, the answers of a reader that did not know the text's engine."""
    return np.asarray(said[part_of(table), np.arange(len(table))])


def without(said: NDArray[np.float64], family: str) -> NDArray[np.float64]:
    """float64 (n, len(FEATURES)): the answers of readers that did not know an engine family."""
    return np.asarray(next(said[i] for i, families in enumerate(PARTS) if family in families))
