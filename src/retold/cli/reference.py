"""Scoring beside a known original: ``retold score --reference``."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from retold.cli.batches import Scorer
from retold.errors import InputError
from retold.reading import Document, read

if TYPE_CHECKING:
    from retold.detector.verdict import Verdict

_DECIMALS = 6


class ReferenceScorer:
    """Scores each text by itself and by how it differs from a reference.

    Args:
        inner: The detector.
        reference: The original that the texts may be versions of.
    """

    def __init__(self, inner: Scorer, reference: Document) -> None:
        self._inner = inner
        self._reference = reference

    def score_many(self, texts: Sequence[str], ids: Sequence[str] | None = None, jobs: int = 1) -> Iterator[Verdict]:
        """Yield the verdict of each text, in order; a warning says whether the reference took part."""
        # Load NumPy.
        import numpy as np

        from retold.compare.reference import against_reference
        from retold.detector.verdict import LABELS

        verdicts = list(self._inner.score_many(texts, ids, jobs=jobs))
        alone = np.array([[v.probabilities[label] for label in LABELS] for v in verdicts]).reshape(-1, len(LABELS))
        for verdict, found in zip(verdicts, against_reference(self._reference.text, texts, alone), strict=True):
            if found is None:
                yield _noted(verdict, f"tells another story than {self._reference.id}, so it is judged by itself")
                continue
            shares, pivot = found
            probabilities = {label: round(float(p), _DECIMALS) for label, p in zip(LABELS, shares, strict=True)}
            label = LABELS[int(np.argmax(shares))]
            beside = replace(
                verdict, label=label, probabilities=probabilities, pivot=pivot, abstained=verdict.language != "en"
            )
            yield _noted(beside, f"the label rests on this text and on its comparison with {self._reference.id}")


def _noted(verdict: Verdict, note: str) -> Verdict:
    return replace(verdict, warnings=(*verdict.warnings, note))


def read_reference(path: str | Path) -> Document:
    """The one document behind a path.

    Raises:
        InputError: if there is none, or it holds no words, or there are several.
    """
    found = list(islice(read([path]), 2))
    if len(found) != 1:
        raise InputError(f"--reference {path}: holds more than one document; name a single text file")
    if not isinstance(found[0], Document):
        raise InputError(f"--reference {path}: {found[0].reason}")
    if not found[0].text.split():
        raise InputError(f"--reference {path}: holds no words; name the text file of the original")
    return found[0]
