"""Measure a corpus once: written signals and n-gram counts of every example, in chunks that survive an interruption."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from joblib import Parallel, delayed
from numpy.typing import NDArray
from scipy.sparse import vstack

from retold.detector.components import ModelComponents, build_signals
from retold.detector.features import FeatureSchema, feature_schema
from retold.language_model.batch import Batch
from retold.signals.registry import NGRAM_CLASSIFIERS
from retold.text import analyse
from retold.training.data.code_fingerprint import code_fingerprint
from retold.training.data.examples import CONTROL, LabelledText
from retold.training.data.segments import Passages, Views, arrays_of, views_from
from retold.training.data.splits import engine_family, fold_of

# A chunk takes about ten seconds: little is lost when a run is interrupted, and progress is seen.
_CHUNK = 500
# Rooms whose code and data decide what is measured; a change in them makes the cached chunks useless.
_MEASURING_ROOMS = ("text", "language_model", "alignment", "channel", "signals", "data")

Report = Callable[[str], None]


@dataclass(frozen=True)
class FeatureStore:
    """A measured corpus.

    Attributes:
        table: One row an example: its fields without the text, and ``fold``, ``family`` and ``n_words``.
        written: float64 array (n, n_written): the columns of the written signals.
        layout: UniqueIds and families of the columns that a detector's head sees.
        views: For each expert's name, its counts, float32 CSR (n, BUCKETS).
        passages: Parts of the examples, from which the learned signals learn, too; None where nothing is learned.
        heard: What an engine says of each example, float64 (n, len(ENGINE_FEATURES)), rows of NaN for those that it was not asked
            about; None if nobody was.
    """

    table: pd.DataFrame
    written: NDArray[np.float64]
    layout: FeatureSchema
    views: Views
    passages: Passages | None = None
    heard: NDArray[np.float64] | None = None

    def take(self, rows: NDArray[np.integer]) -> FeatureStore:
        """The same for some of the rows, without their passages and what was heard."""
        views = {name: counts[rows] for name, counts in self.views.items()}
        return FeatureStore(self.table.iloc[rows].reset_index(drop=True), self.written[rows], self.layout, views)


def prepare(
    examples: Sequence[LabelledText], resources: Sequence[ModelComponents], folder: Path, jobs: int, report: Report
) -> FeatureStore:
    """Measure examples.

    Args:
        examples: What to measure.
        resources: One for each fold, so that the channel never saw the fold it measures; or a single one for all.
        folder: Where to keep finished chunks; a second run with the same texts and resources starts from them.
        jobs: Processes.
        report: Called with a line of progress now and then.
    """
    table = _describe(examples)
    chunks = list(_chunks(table["fold"].to_numpy(), len(resources)))
    folder.mkdir(parents=True, exist_ok=True)
    signatures = [_signature(r) for r in resources]
    work = (
        delayed(_measure_chunk)([examples[i].text for i in rows], resources[which], signatures[which], folder)
        for which, rows in chunks
    )
    parts = []
    for part in Parallel(n_jobs=jobs, return_as="generator")(work):
        parts.append(part)
        if len(parts) % 10 == 0 or len(parts) == len(chunks):
            report(f"measured {min(len(parts) * _CHUNK, len(examples)):,} of {len(examples):,} examples")
    columns = feature_schema(build_signals(resources[0]))
    return _assemble(table, columns, [rows for _, rows in chunks], parts)


def _describe(examples: Sequence[LabelledText]) -> pd.DataFrame:
    fields = [name for name in LabelledText.__slots__ if name != "text"]
    table = pd.DataFrame({name: [getattr(e, name) for e in examples] for name in fields})
    table["fold"] = fold_of([e.group for e in examples])
    table["family"] = [engine_family(e.engine, e.source) if e.label != CONTROL else "" for e in examples]
    return table


def _chunks(folds: NDArray[np.int8], n_resources: int) -> Iterator[tuple[int, NDArray[np.intp]]]:
    which = folds if n_resources > 1 else np.zeros_like(folds)
    for value in np.unique(which):
        rows = np.flatnonzero(which == value)
        for start in range(0, len(rows), _CHUNK):
            yield int(value), rows[start : start + _CHUNK]


def _signature(resources: ModelComponents) -> str:
    """Digest of everything that the measures depend on: words, arrays, and the code and data of the lower rooms."""
    digest = hashlib.sha256("\n".join(resources.language_model.vocabulary.words).encode())
    digest.update(code_fingerprint(*_MEASURING_ROOMS))
    digest.update("".join(text for _, text in sorted(resources.tables.items())).encode())
    for name, array in sorted(resources.arrays().items()):
        digest.update(name.encode() + np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()


@dataclass(frozen=True)
class _Part:
    written: NDArray[np.float64]
    n_words: NDArray[np.int64]
    views: Views


def _measure_chunk(texts: Sequence[str], resources: ModelComponents, signature: str, folder: Path) -> _Part:
    name = hashlib.sha256("\0".join([signature, *texts]).encode("utf-8", "replace")).hexdigest()[:24]
    file = folder / f"{name}.npz"
    if not file.exists():
        _save(file, _measure(texts, resources))
    return _load(file)


def _measure(texts: Sequence[str], resources: ModelComponents) -> _Part:
    batch = Batch([analyse(text) for text in texts], resources.language_model)
    n_words = np.array([a.n_words for a in batch.articles])
    views = {expert.name: expert.count(batch) for expert in NGRAM_CLASSIFIERS}
    return _Part(np.hstack([signal.extract(batch) for signal in build_signals(resources)]), n_words, views)


def _save(file: Path, part: _Part) -> None:
    draft = file.with_suffix(".part.npz")
    np.savez(draft, allow_pickle=False, written=part.written, n_words=part.n_words, **arrays_of(part.views))
    draft.rename(file)


def _load(file: Path) -> _Part:
    with np.load(file, allow_pickle=False) as z:
        return _Part(z["written"], z["n_words"], views_from(z, len(z["n_words"])))


def _assemble(
    table: pd.DataFrame, columns: FeatureSchema, rows: Sequence[NDArray[np.intp]], parts: Sequence[_Part]
) -> FeatureStore:
    """Put the chunks back into the order of the examples."""
    order = np.argsort(np.concatenate(rows), kind="stable")
    table["n_words"] = np.concatenate([p.n_words for p in parts])[order]
    views = {e.name: vstack([p.views[e.name] for p in parts], format="csr")[order] for e in NGRAM_CLASSIFIERS}
    return FeatureStore(table, np.vstack([p.written for p in parts])[order], columns, views)
