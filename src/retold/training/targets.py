"""Which examples answer yes and no to each of the experts' questions, and how much each weighs."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from retold.detector.verdict import BACK_TRANSLATED, EDITED, ORIGINAL
from retold.training.examples import MACHINE_TRANSLATED

# Human translations are one example in twenty, and the ones most often called machine-made: they count double.
_HUMAN_TRANSLATION_WEIGHT = 2.0
_MACHINE = (BACK_TRANSLATED, MACHINE_TRANSLATED)
_POLISHED = ("llm_polish", "llm_rewrite")


def answers(table: pd.DataFrame, question: str) -> NDArray[np.int8]:
    """int8 array (n,): 1 yes, 0 no, -1 not asked.

    Machine output that a person post-edited is neither yes nor no to anything.
    """
    machine = table["label"].isin(_MACHINE).to_numpy()
    original, edited = ((table["label"] == label).to_numpy() for label in (ORIGINAL, EDITED))
    human_translation = (table["kind"] == "human_translation").to_numpy()
    polished = table["kind"].isin(_POLISHED).to_numpy()
    yes, no = {
        "machine": (machine, original | edited | human_translation),
        "machine_or_human": (machine, human_translation),
        "edited": (edited, original),
        "polished": (polished, original | (edited & ~polished)),
    }[question]
    return np.where(yes, 1, np.where(no, 0, -1)).astype(np.int8)


def weights(table: pd.DataFrame, answer: NDArray[np.int8]) -> NDArray[np.float64]:
    """float64 array (n,), mean 1: no engine, source or side dominates.

    Examples weigh one over the square root of how many share their label, engine family, source and domain; then the two
    sides are balanced.
    """
    key = table["label"] + "|" + table["family"] + "|" + table["source"] + "|" + table["domain"]
    weight = 1 / np.sqrt(key.map(key.value_counts()).to_numpy(dtype=float))
    weight[(table["kind"] == "human_translation").to_numpy()] *= _HUMAN_TRANSLATION_WEIGHT
    for side in np.unique(answer):
        weight[answer == side] /= weight[answer == side].sum()
    return np.asarray(weight / weight.mean())


def verdict_target(table: pd.DataFrame) -> NDArray[np.object_]:
    """The label the last step learns, shape (n,); empty where an example has none.

    A human translation is an original: no machine made it. Machine translation of a foreign original counts as
    back-translated: both say that a machine wrote the English.
    """
    target = table["label"].where(~table["label"].isin([MACHINE_TRANSLATED]), BACK_TRANSLATED)
    human = table["kind"] == "human_translation"
    return target.mask(human, ORIGINAL).where(target.isin([ORIGINAL, EDITED, BACK_TRANSLATED]) | human, "").to_numpy(object)
