"""Binary labels of each classification target, and sample weights."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from retold.detector.normality import ABNORMAL_KINDS
from retold.detector.verdict import BACK_TRANSLATED, EDITED, ORIGINAL
from retold.training.data.examples import MACHINE_TRANSLATED

# Weighing by length lifted the AUROC of held-out engines by 0.01 (Google's from 0.895 to 0.907). Without raising the
# originals of round trips to their weight, half of the short encyclopaedic originals were called back-translated.
_USUAL_WORDS, _LENGTH_RANGE = 300, (0.1, 3.0)
_POLISHED = ("llm_polish", "llm_rewrite")


def binary_labels(table: pd.DataFrame, target: str) -> NDArray[np.int8]:
    """int8 array (n,): 1 positive, 0 negative, -1 left out of this target.

    ``machine`` finds the most machine English among originals, and calls most human translations machine-made too;
    ``back_translated`` has seen human translations and tells them apart, at the price of missing more. Machine output
    that a person post-edited is left out of every target; so are spun copies and word salad, which
    ``training/fit/normality.py`` finds: learned as edits, spun copies took the AUROC of what language models had polished, of
    sources held out, from 0.90 to 0.82, and without word salad the AUROC of engines held out rose by 0.003 to 0.012.
    """
    back_translated, foreign, original, edited = (
        (table["label"] == label).to_numpy() for label in (BACK_TRANSLATED, MACHINE_TRANSLATED, ORIGINAL, EDITED)
    )
    normal = (~table["kind"].isin(ABNORMAL_KINDS)).to_numpy()
    foreign, edited = foreign & normal, edited & normal
    human_translation = (table["kind"] == "human_translation").to_numpy()
    polished = table["kind"].isin(_POLISHED).to_numpy()
    yes, no = {
        "machine": (back_translated | foreign, original),
        "back_translated": (back_translated, original | human_translation),
        "not_human_translation": (back_translated, human_translation),
        "not_edited": (back_translated, edited),
        "edited": (edited, original),
        "polished": (polished, original | (edited & ~polished)),
    }[target]
    return np.where(yes, 1, np.where(no, 0, -1)).astype(np.int8)


def sample_weights(table: pd.DataFrame, labels: NDArray[np.int8]) -> NDArray[np.float64]:
    """float64 array (n,), mean 1: no engine, source or side dominates, and long texts say more than short ones.

    Examples weigh one over the square root of how many share their label, engine family, source and domain, times their
    length. Where a source has both sides, as round trips and their originals, the lighter side is raised to the weight
    of the other, so that the source itself says nothing; then the two sides are balanced as a whole.

    Args:
        table: Labels, engine families, sources, domains and lengths of the examples.
        labels: Binary labels, int8 (n,).
    """
    place = table["source"] + "|" + table["domain"]
    key = table["label"] + "|" + table["family"] + "|" + place
    weight = 1 / np.sqrt(key.map(key.value_counts()).to_numpy(dtype=float))
    weight *= (table["n_words"].to_numpy() / _USUAL_WORDS).clip(*_LENGTH_RANGE)
    _raise_lighter_sides(weight, place.to_numpy(), labels)
    for side in np.unique(labels):
        weight[labels == side] /= weight[labels == side].sum()
    return np.asarray(weight / weight.mean())


def _raise_lighter_sides(weight: NDArray[np.float64], place: NDArray[np.object_], labels: NDArray[np.int8]) -> None:
    """Within each source and domain, scale the lighter side's weights, in place, to the sum of the heavier's."""
    totals = pd.DataFrame({"place": place, "label": labels, "weight": weight})
    sums = totals.groupby(["place", "label"])["weight"].transform("sum")
    heaviest = totals.assign(weight=sums).groupby("place")["weight"].transform("max")
    weight *= (heaviest / sums).to_numpy()
