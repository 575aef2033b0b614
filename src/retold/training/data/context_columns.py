"""How the words of a corpus fit their context: measured once, in chunks that survive interruption."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from zlib import crc32

import numpy as np
import pandas as pd
from joblib import Parallel, delayed
from numpy.typing import NDArray

from retold.detector.context_fit import N_COLUMNS, measure_context
from retold.detector.normality import ABNORMAL_KINDS
from retold.language_model import LanguageModel
from retold.language_model.batch import Batch
from retold.text import analyse
from retold.training.data.code_fingerprint import code_fingerprint
from retold.training.data.step_files import load_arrays, save_arrays

_CHUNK = 500
_MEASURING = ("text", "language_model", "data", "detector/context_fit.py")
# Of texts that are neither distorted copies nor people's, machine translations mostly, one in so many: enough to learn from that they
# are no spun copies.
_ONE_IN = 12


@dataclass(frozen=True)
class ContextColumns:
    """What tells how words fit.

    Attributes:
        vectors: int8 (V, D): of the words of the vocabulary.
        columns: float64 (n, N_COLUMNS) for each row of a corpus; NaN for those that were not measured.
    """

    vectors: NDArray[np.int8]
    columns: NDArray[np.float64]

    def take(self, rows: NDArray[np.integer]) -> ContextColumns:
        """The same for some of the rows."""
        return ContextColumns(self.vectors, self.columns[rows])


def context_columns(
    texts: Sequence[str],
    table: pd.DataFrame,
    model: LanguageModel,
    vectors: NDArray[np.int8],
    folder: Path,
    jobs: int,
    report: Callable[[str], None],
) -> ContextColumns:
    """Measure the distorted copies, people's texts, and some others of a corpus.

    Args:
        texts: The corpus, n texts.
        table: Their kinds and labels.
        model: The language model.
        vectors: Of its words.
        folder: Where to keep finished chunks.
        jobs: Processes.
        report: Called with a line when all is done.
    """
    folder.mkdir(parents=True, exist_ok=True)
    is_sampled = np.array([crc32(f"context {id}".encode()) % _ONE_IN == 0 for id in table["id"]], dtype=bool)
    rows = np.flatnonzero(is_human(table) | table["kind"].isin(ABNORMAL_KINDS).to_numpy() | is_sampled)
    signature = hashlib.sha256("\n".join(model.vocabulary.words).encode() + code_fingerprint(*_MEASURING))
    signature.update(vectors.tobytes())
    chunks = [rows[start : start + _CHUNK] for start in range(0, len(rows), _CHUNK)]
    parts = Parallel(n_jobs=jobs)(
        delayed(_chunk)([texts[i] for i in chunk], model, vectors, signature.hexdigest(), folder) for chunk in chunks
    )
    columns = np.full((len(texts), N_COLUMNS), np.nan)
    columns[rows] = np.vstack([np.zeros((0, N_COLUMNS)), *parts])
    report(f"measured how words fit in {len(rows):,} texts")
    return ContextColumns(vectors, columns)


def _chunk(
    texts: Sequence[str], model: LanguageModel, vectors: NDArray[np.int8], signature: str, folder: Path
) -> NDArray[np.float64]:
    name = hashlib.sha256("\0".join([signature, *texts]).encode("utf-8", "replace")).hexdigest()[:24]
    file = folder / f"context-{name}.npz"
    if not file.exists():
        batch = Batch([analyse(text) for text in texts], model)
        save_arrays(file, {"columns": measure_context(batch, np.arange(len(texts)), vectors)})
    return load_arrays(file)["columns"]


def is_human(table: pd.DataFrame) -> NDArray[np.bool_]:
    """bool (n,): texts that people wrote, edited or translated."""
    by_people = table["label"].isin(["original", "edited", "control"])
    return (by_people & ~table["kind"].isin([*ABNORMAL_KINDS, "llm_polish", "llm_rewrite", "llm_written"])).to_numpy()
