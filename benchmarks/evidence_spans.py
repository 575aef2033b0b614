"""The spans that a reader of a text sees, and what its original has where they stand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from retold.alignment.bitext import changes
from retold.detector.classifier import LinearClassifier
from retold.detector.components import ModelComponents, build_signals
from retold.detector.detector import Detector
from retold.language_model.batch import Batch
from retold.signals.base import Evidence
from retold.signals.evidence import find_evidence
from retold.text import Article, analyse
from retold.text.morphology import Inflector
from retold.training.data.examples import LabelledText

# Articles that are scored together, for memory.
BATCH = 64


@dataclass(frozen=True)
class Span:
    """One span that a reader sees, and the truth about it: ``exact`` is None where nothing was suggested.

    ``conditional`` spans are shown beside a machine verdict alone.
    """

    signal: str
    score: float
    engine: str
    outlet: str
    changed: bool
    exact: bool | None
    conditional: bool


class Judge:
    """Scores texts with one lexicon and compares their spans with the originals."""

    def __init__(self, resources: ModelComponents, classifier: LinearClassifier | None) -> None:
        self.model = resources.language_model
        self.signals = build_signals(resources)
        self.detector = Detector(resources, classifier, "measured") if classifier is not None else None
        self.inflector = Inflector(self.model.vocabulary.index)

    def spans(self, texts: Sequence[LabelledText], originals: dict[str, str], engine: str) -> list[Span]:
        """The spans that a reader of the texts sees."""
        out = []
        for first in range(0, len(texts), BATCH):
            part = texts[first : first + BATCH]
            articles = [analyse(e.text) for e in part]
            for example, article, found in zip(part, articles, self._evidence(articles), strict=True):
                truth = EditTruth(analyse(originals[example.group]), article, self.inflector) if engine else None
                out += [_span(e, truth, engine, example.source) for e in found]
        return out

    def _evidence(self, articles: Sequence[Article]) -> Sequence[Sequence[Evidence]]:
        """What stands beside the verdicts, or without a detector all that would stand beside a machine verdict."""
        if self.detector is None:
            return find_evidence(Batch(articles, self.model), self.signals, [True] * len(articles))
        return [v.evidence for v in self.detector.score_many([article.raw for article in articles])]


class EditTruth:
    """What the original had where a span stands."""

    def __init__(self, meant: Article, seen: Article, inflector: Inflector) -> None:
        self.verdict, self.instead = changes(meant, seen, inflector)
        self.seen = seen
        self.starts = np.array([seen.raw_span(i, i)[0] for i in range(len(seen.tokens))], dtype=np.int64)
        # A name that lost its capital differs from the original's in nothing else.
        self.text, self.words = meant.text, f" {' '.join(meant.lower)} "

    def of(self, evidence: Evidence) -> tuple[bool, bool | None]:
        """Whether the original lacks the flagged words there, and whether it has the suggestion."""
        flagged = analyse(evidence.text)
        lacks = (
            flagged.text not in self.text
            if evidence.signal == "artefacts"
            else flagged.text.lower() not in self.text.lower()
        )
        tokens = np.flatnonzero((self.starts >= evidence.start) & (self.starts < evidence.end)).tolist()
        changed = lacks if evidence.signal == "artefacts" else any(self.verdict[i] == 1 for i in tokens)
        if evidence.suggestion is None:
            return changed, None
        meant = analyse(evidence.suggestion)
        if evidence.signal == "artefacts":
            return changed, lacks and meant.text in self.text
        new = [word for word in meant.lower if word not in flagged.lower]
        near = {word for i in tokens for word in self.instead.get(i, ())}
        there = f" {' '.join(meant.lower)} " in self.words
        return changed, changed and there and (near.issuperset(new) if new else lacks)


def _span(evidence: Evidence, truth: EditTruth | None, engine: str, outlet: str) -> Span:
    changed, exact = truth.of(evidence) if truth is not None else (False, None)
    return Span(evidence.signal, evidence.score, engine, outlet, changed, exact, evidence.conditional)
