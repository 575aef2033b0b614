"""The features of a corpus, extracted once: handcrafted features and n-gram counts, in chunks that survive interruption."""

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
from retold.training.data.segments import NgramCounts, Segments, counts_from_arrays, counts_to_arrays
from retold.training.data.splits import engine_family, fold_of
from retold.training.data.step_files import load_arrays, save_arrays

# A chunk takes about ten seconds: little is lost when a run is interrupted, and progress is seen.
_CHUNK = 500
# Rooms whose code and data decide what is measured; a change in them makes the cached chunks useless.
_EXTRACTING_ROOMS = ("text", "language_model", "alignment", "channel", "signals", "data")

Report = Callable[[str], None]


@dataclass(frozen=True)
class FeatureStore:
    """The features of a corpus.

    Attributes:
        table: One row an example: its fields without the text, and ``fold``, ``family`` and ``n_words``.
        handcrafted: float64 array (n, n_handcrafted): features of the handcrafted signals.
        schema: Names and groups of the columns that the classifiers see.
        ngram_counts: For each classifier's name, its counts, float32 CSR (n, BUCKETS).
        segments: Parts of the examples, from which the learned signals learn, too; None where nothing is learned.
        engine_features: Engine features of a sample, float64 (n, len(ENGINE_FEATURES)), NaN for all other rows; None without an
            engine.
        misfit: How badly the words of each example fit where they stand, float64 (n,); None where nothing measures it.
    """

    table: pd.DataFrame
    handcrafted: NDArray[np.float64]
    schema: FeatureSchema
    ngram_counts: NgramCounts
    segments: Segments | None = None
    engine_features: NDArray[np.float64] | None = None
    misfit: NDArray[np.float64] | None = None

    def take(self, rows: NDArray[np.integer]) -> FeatureStore:
        """The same for some of the rows, without segments, engine features and misfit."""
        ngram_counts = {name: counts[rows] for name, counts in self.ngram_counts.items()}
        return FeatureStore(
            self.table.iloc[rows].reset_index(drop=True), self.handcrafted[rows], self.schema, ngram_counts
        )


def build_feature_store(
    examples: Sequence[LabelledText], components: Sequence[ModelComponents], folder: Path, jobs: int, report: Report
) -> FeatureStore:
    """Extract the features of examples.

    Args:
        examples: The texts.
        components: One for each fold, whose channel has not seen the fold; or a single one for all.
        folder: Where to keep finished chunks; a second run with the same texts and components starts from them.
        jobs: Processes.
        report: Receives lines of progress.
    """
    table = describe_examples(examples)
    chunks = list(_chunks(table["fold"].to_numpy(), len(components)))
    folder.mkdir(parents=True, exist_ok=True)
    signatures = [_signature(part) for part in components]
    work = (
        delayed(_chunk_features)([examples[i].text for i in rows], components[which], signatures[which], folder)
        for which, rows in chunks
    )
    parts = []
    for part in Parallel(n_jobs=jobs, return_as="generator")(work):
        parts.append(part)
        if len(parts) % 10 == 0 or len(parts) == len(chunks):
            report(f"features of {min(len(parts) * _CHUNK, len(examples)):,} of {len(examples):,} examples")
    columns = feature_schema(build_signals(components[0]))
    return _assemble(table, columns, [rows for _, rows in chunks], parts)


def describe_examples(examples: Sequence[LabelledText]) -> pd.DataFrame:
    """One row an example: its fields without the text, its fold and its engine family."""
    fields = [name for name in LabelledText.__slots__ if name != "text"]
    table = pd.DataFrame({name: [getattr(e, name) for e in examples] for name in fields})
    table["fold"] = fold_of([e.group for e in examples])
    table["family"] = [engine_family(e.engine, e.source) if e.label != CONTROL else "" for e in examples]
    return table


def _chunks(folds: NDArray[np.int8], n_components: int) -> Iterator[tuple[int, NDArray[np.intp]]]:
    which = folds if n_components > 1 else np.zeros_like(folds)
    for value in np.unique(which):
        rows = np.flatnonzero(which == value)
        for start in range(0, len(rows), _CHUNK):
            yield int(value), rows[start : start + _CHUNK]


def _signature(components: ModelComponents) -> str:
    """Digest of everything that features depend on: words, arrays, tables, and the code and data of the lower rooms."""
    digest = hashlib.sha256("\n".join(components.language_model.vocabulary.words).encode())
    digest.update(code_fingerprint(*_EXTRACTING_ROOMS))
    digest.update("".join(text for _, text in sorted(components.tables.items())).encode())
    for name, array in sorted(components.arrays().items()):
        digest.update(name.encode() + np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()


@dataclass(frozen=True)
class _Part:
    handcrafted: NDArray[np.float64]
    n_words: NDArray[np.int64]
    ngram_counts: NgramCounts


def _chunk_features(texts: Sequence[str], components: ModelComponents, signature: str, folder: Path) -> _Part:
    name = hashlib.sha256("\0".join([signature, *texts]).encode("utf-8", "replace")).hexdigest()[:24]
    file = folder / f"{name}.npz"
    if not file.exists():
        _save(file, _extract(texts, components))
    return _load(file)


def _extract(texts: Sequence[str], components: ModelComponents) -> _Part:
    batch = Batch([analyse(text) for text in texts], components.language_model)
    n_words = np.array([a.n_words for a in batch.articles])
    ngram_counts = {classifier.name: classifier.count(batch) for classifier in NGRAM_CLASSIFIERS}
    return _Part(np.hstack([signal.extract(batch) for signal in build_signals(components)]), n_words, ngram_counts)


def _save(file: Path, part: _Part) -> None:
    save_arrays(file, {"handcrafted": part.handcrafted, "n_words": part.n_words, **counts_to_arrays(part.ngram_counts)})


def _load(file: Path) -> _Part:
    stored = load_arrays(file)
    return _Part(stored["handcrafted"], stored["n_words"], counts_from_arrays(stored, len(stored["n_words"])))


def _assemble(
    table: pd.DataFrame, columns: FeatureSchema, rows: Sequence[NDArray[np.intp]], parts: Sequence[_Part]
) -> FeatureStore:
    """Put the chunks back into the order of the examples."""
    order = np.argsort(np.concatenate(rows), kind="stable")
    table["n_words"] = np.concatenate([p.n_words for p in parts])[order]
    ngram_counts = {
        e.name: vstack([p.ngram_counts[e.name] for p in parts], format="csr")[order] for e in NGRAM_CLASSIFIERS
    }
    return FeatureStore(table, np.vstack([p.handcrafted for p in parts])[order], columns, ngram_counts)
