"""Which texts evidence is measured on: round trips beside their originals, and originals of outlets and stories left out."""

from __future__ import annotations

import zlib
from collections.abc import Sequence

import numpy as np

from retold.detector.verdict import BACK_TRANSLATED, ORIGINAL
from retold.training.data.examples import LabelledText
from retold.training.data.splits import engine_family, fold_of

# News of this many words and more, as in the evaluation of the verdict.
MIN_WORDS = 150
# Learners' essays are English-born but read like translations; the verdict's evaluation reports them.
NOT_NEWS = ("learner_writing",)
# The third of the stories from which nothing is learned.
FOLD = 0


def sides(examples: Sequence[LabelledText]) -> tuple[list[LabelledText], dict[str, str]]:
    originals = {e.group: e.text for e in reversed(examples) if e.label == ORIGINAL}
    return [e for e in examples if e.label == BACK_TRANSLATED and e.pivot and e.group in originals], originals


def family(example: LabelledText) -> str:
    return engine_family(example.engine, example.source)


def is_held(group: str) -> bool:
    """The half of the held-out third on which the 27 weights of the terms signal were not fitted either."""
    return int(fold_of([group])[0]) == FOLD and zlib.crc32((group + "x").encode()) % 2 == 1


def unseen(examples: Sequence[LabelledText], paired: set[str]) -> list[LabelledText]:
    """News originals of outlets and stories from which nothing was learned; every second outlet fitted the weights."""
    free = [e for e in examples if e.label == ORIGINAL and (e.group not in paired or fold_of([e.group])[0] == FOLD)]
    outlets = sorted({e.source for e in free})
    taken = {outlet for i, outlet in enumerate(outlets) if i % 2}
    return [e for e in free if e.source in taken and e.domain == "news" and e.kind not in NOT_NEWS and is_long(e.text)]


def is_long(text: str) -> bool:
    return len(text.split()) >= MIN_WORDS


def sample(rows: list[LabelledText], limit: int) -> list[LabelledText]:
    return [rows[i] for i in sorted(np.random.default_rng(1).permutation(len(rows))[:limit].tolist())]
