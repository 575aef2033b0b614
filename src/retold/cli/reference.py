"""Scoring beside a known original, or beside the one that an archive holds: ``--reference`` and ``--archive``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import islice, tee
from pathlib import Path
from typing import TYPE_CHECKING

from retold.errors import InputError
from retold.reading import Document, read

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from retold.archive import Archive
    from retold.detector import Detector
    from retold.detector.verdict import Verdict


class ReferenceScorer:
    """Scores each text by itself and by how it differs from a reference.

    Args:
        inner: The detector.
        reference: The original that the texts may be versions of.
    """

    def __init__(self, inner: Detector, reference: Document) -> None:
        self._inner = inner
        self._reference = reference

    def score_many(self, texts: Iterable[str], ids: Iterable[str] | None = None, jobs: int = 1) -> Iterator[Verdict]:
        """Yield the verdict of each text, in order; a warning says whether the reference took part."""
        # Load NumPy.
        import numpy as np

        from retold.compare.reference import against_reference
        from retold.detector.batches import batches
        from retold.detector.verdict import LABELS

        for_detector, beside = tee(texts)
        verdicts = self._inner.score_many(for_detector, ids, jobs=jobs)
        for batch in batches(zip(verdicts, beside, strict=True), lambda pair: pair[1]):
            alone = np.array([[(v.probabilities or {}).get(label, np.nan) for label in LABELS] for v, _ in batch])
            weights = self._inner.comparison_weights
            compared = against_reference(self._reference.text, [text for _, text in batch], alone, weights)
            for (verdict, _), found in zip(batch, compared, strict=True):
                if found is None:
                    note = f"tells another story than {self._reference.id}, so it is judged by itself"
                    yield verdict.with_warnings(after=[note])
                    continue
                yield _beside(verdict, *found, self._reference.id)


class ArchiveScorer:
    """Scores each text by itself and, where an archive holds the article that it was made from, beside that article.

    Args:
        inner: The detector.
        archives: One or several, searched as one.
    """

    def __init__(self, inner: Detector, archives: Sequence[Archive]) -> None:
        self._inner = inner
        self._archives = archives

    def score_many(self, texts: Iterable[str], ids: Iterable[str] | None = None, jobs: int = 1) -> Iterator[Verdict]:
        """Yield the verdict of each text, in order; its ``source`` and a warning say what it rests on."""
        for_detector, beside = tee(texts)
        verdicts = self._inner.score_many(for_detector, ids, jobs=jobs)
        for verdict, text in zip(verdicts, beside, strict=True):
            yield self._scored(verdict, text) if verdict.is_judged else verdict

    def _scored(self, verdict: Verdict, text: str) -> Verdict:
        # Load NumPy.
        import numpy as np

        from retold.archive.sources import find_source
        from retold.compare.reference import against_reference

        alone = np.array([list((verdict.probabilities or {}).values())])
        weights = self._inner.comparison_weights
        found = find_source(text, self._archives, weights, single_text_probs=alone[0])
        compared = against_reference(found[1], [text], alone, weights)[0] if found else None
        if found is None or compared is None:
            return verdict.with_warnings(after=["no source was found in the archive, so it is judged by itself"])
        return replace(_beside(verdict, *compared, found[0].id), source=found[0].as_dict())


def _beside(verdict: Verdict, probabilities: NDArray[np.float64], pivot: dict[str, float], original: str) -> Verdict:
    """A verdict with the probabilities of its comparison with an original."""
    # Loads NumPy.
    from retold.detector.verdict import most_probable, named_probabilities

    return replace(
        verdict,
        label=most_probable(probabilities[None])[0],
        probabilities=named_probabilities(probabilities),
        pivot=pivot,
        abstained=verdict.language != "en",
    ).with_warnings(after=[f"the label rests on this text and on its comparison with {original}"])


def read_reference(path: str | Path) -> Document:
    """The one document behind a path.

    Raises:
        InputError: if there is none, or it holds no words, or there are several.
    """
    items = list(islice(read([path]), 2))
    if len(items) != 1:
        raise InputError(f"--reference {path}: expected one document, found several; name a single text file")
    if not isinstance(items[0], Document):
        raise InputError(f"--reference {path}: {items[0].reason}")
    if not items[0].text.split():
        raise InputError(f"--reference {path}: holds no words; name the text file of the original")
    return items[0]
