"""Passages of the examples: parts of long texts, cut between sentences, from which the learned signals learn, too.

A text's n-grams are counted together, so a learned signal sees a long article as one point. Its passages are many, spread as
an article's halves spread, and they stand nearer to the short texts that are scored. Learning from a document as a bag of its
parts is multiple-instance learning (Dietterich et al. 1997) in its simplest form, where every part has the label of the whole.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from joblib import Parallel, delayed
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, vstack

from retold.detector.segments import segment_spans
from retold.language_model import LanguageModel
from retold.language_model.batch import Batch
from retold.signals.ngrams.hashing import BUCKETS
from retold.signals.registry import NGRAM_CLASSIFIERS
from retold.text import analyse
from retold.training.data.code_fingerprint import code_fingerprint

# Words of a passage: those of 80 words were better than those of 150, and both than none. By trial, with both learned signals,
# the question ``machine``, Google and the stories kept out: AUROC on news 0.893, 0.888 and 0.876, on texts of 60 to 99 words
# 0.688, 0.681 and 0.678.
WORDS = 80
# Texts a process cuts at a time: some seconds' work.
_CHUNK = 500
# Rooms and files that decide what is cut and counted; a change in them makes the cached chunks useless.
_COUNTING = ("text", "language_model", "signals", "data", "detector/segments.py", "training/data/segments.py")

Views = dict[str, csr_matrix]


@dataclass(frozen=True)
class Passages:
    """Passages of a corpus.

    Attributes:
        views: For each expert's name, the passages' counts, float32 CSR (n, BUCKETS).
        of: The row of the corpus from which each was cut, intp (n,), ascending.
    """

    views: Views
    of: NDArray[np.intp]


def count_passages(
    texts: Sequence[str], model: LanguageModel, folder: Path, jobs: int, report: Callable[[str], None]
) -> Passages:
    """Cut texts and count their passages; texts that are too short for two passages have none.

    Args:
        texts: The corpus.
        model: The language model, whose vocabulary says what a word is.
        folder: Where to keep finished chunks; a second run with the same texts starts from them.
        jobs: Processes.
        report: Called with a line when all is done.
    """
    folder.mkdir(parents=True, exist_ok=True)
    signature = hashlib.sha256("\n".join(model.vocabulary.words).encode() + code_fingerprint(*_COUNTING)).hexdigest()
    chunks = [texts[start : start + _CHUNK] for start in range(0, len(texts), _CHUNK)]
    parts = Parallel(n_jobs=jobs)(delayed(_chunk)(chunk, model, signature, folder) for chunk in chunks)
    of = np.concatenate([owner + i * _CHUNK for i, (_, owner) in enumerate(parts)])
    report(f"cut {len(of):,} passages")
    return Passages(
        {e.name: vstack([views[e.name] for views, _ in parts], format="csr") for e in NGRAM_CLASSIFIERS}, of
    )


def _chunk(texts: Sequence[str], model: LanguageModel, signature: str, folder: Path) -> tuple[Views, NDArray[np.intp]]:
    name = hashlib.sha256("\0".join([signature, *texts]).encode("utf-8", "replace")).hexdigest()[:24]
    file = folder / f"passages-{name}.npz"
    if not file.exists():
        views, of = _counted(texts, model)
        draft = file.with_suffix(".part.npz")
        np.savez(draft, allow_pickle=False, of=of, **arrays_of(views))
        draft.rename(file)
    with np.load(file, allow_pickle=False) as stored:
        return views_from(stored, len(stored["of"])), stored["of"]


def _counted(texts: Sequence[str], model: LanguageModel) -> tuple[Views, NDArray[np.intp]]:
    cut = [(row, part) for row, text in enumerate(texts) for part in _parts(text)]
    batch = Batch([analyse(part) for _, part in cut], model)
    return {expert.name: expert.count(batch) for expert in NGRAM_CLASSIFIERS}, np.array(
        [row for row, _ in cut], dtype=np.intp
    )


def _parts(text: str) -> list[str]:
    spans = segment_spans(analyse(text), WORDS)
    return [text[start:end] for start, end, _ in spans] if len(spans) > 1 else []


def arrays_of(views: Views) -> dict[str, NDArray[Any]]:
    """Counts as arrays to store, by name."""
    return {
        f"{name}_{key}": getattr(counts, key) for name, counts in views.items() for key in ("data", "indices", "indptr")
    }


def views_from(stored: Mapping[str, NDArray[Any]], n: int) -> Views:
    """Undo ``arrays_of`` for counts of n texts."""
    return {
        e.name: csr_matrix(
            tuple(stored[f"{e.name}_{key}"] for key in ("data", "indices", "indptr")), shape=(n, BUCKETS)
        )
        for e in NGRAM_CLASSIFIERS
    }
