"""The texts that robustness is measured on, and the share of some that is called back-translated."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from retold.detector.verdict import BACK_TRANSLATED, LABELS
from retold.training.data.examples import LabelledText, read_examples
from retold.training.data.splits import fold_of
from retold.training.evaluation.tables import HEADLINE_WORDS

# Starts the drawing of texts and of disturbances, the same in every run.
SEED = 20
MACHINE = LABELS.index(BACK_TRANSLATED)

Texts = list[str]
Judge = Callable[[Sequence[str]], NDArray[np.float64]]


@dataclass(frozen=True)
class Sample:
    """Texts of held-out stories: ``machine[i]`` is a round trip of ``originals[i]``; ``others`` have no round trips."""

    groups: list[str]
    originals: Texts
    machine: Texts
    others: Texts
    post_edited: Texts


def read_sample(corpus: Path, fold: int, documents: int) -> Sample:
    """Draw the texts, the same for the same corpus."""
    chance = random.Random(SEED)  # noqa: S311  # drawn, not kept secret
    rows = [e for e in read_examples([corpus]) if _is_news(e)]
    rows = [e for e, own in zip(rows, fold_of([e.group for e in rows]), strict=True) if own == fold]
    trips: dict[str, Texts] = defaultdict(list)
    originals = {e.group: e.text for e in rows if e.kind == "english_original"}
    for example in rows:
        if example.label == BACK_TRANSLATED and example.group in originals:
            trips[example.group].append(example.text)
    groups = sorted(trips)
    others = sorted(g for g in originals if g not in trips)
    chance.shuffle(groups)
    chance.shuffle(others)
    groups = groups[:documents]
    machine = [chance.choice(trips[g]) for g in groups]
    edited = [e.text for e in rows if e.kind == "post_edited_mt"]
    chance.shuffle(edited)
    return Sample(
        groups, [originals[g] for g in groups], machine, [originals[g] for g in others[:documents]], edited[:documents]
    )


def _is_news(example: LabelledText) -> bool:
    return (example.domain == "news" or example.kind == "post_edited_mt") and len(
        example.text.split()
    ) >= HEADLINE_WORDS


def called(probabilities: NDArray[np.float64]) -> float:
    """Share of rows (n, 3) whose most probable label is back-translated."""
    return float(np.mean(probabilities.argmax(axis=1) == MACHINE))
