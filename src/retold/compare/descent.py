"""Whether two texts of one event descend from one text or are independent reports: by the prose that they share in order.

Reporters of one event share its names, its numbers and what was said; a version shares the wording around them with its
parent, an edit word by word and a round trip with many words replaced by others that mean the same. So names, numbers and
quotations are set aside, and replacements that round trips and edits often make count as shared. The longer the run of words
in common, the less likely it is chance (Clough, Gaizauskas, Piao and Wilks 2002, "METER: MEasuring TExt Reuse").
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.special import log_expit

from retold.compare.alignment import Alignment
from retold.compare.substitutions import SubstitutionModel
from retold.compare.version import Version
from retold.text.morphology import stem

# Words of prose that a run in common has at least; what is shared in runs of each length is one feature.
_RUNS: Final = (3, 5)
# Longer runs were rewritten; their words are not paired.
_MAX_RUN: Final = 6
DESCENT_FEATURES: Final = (
    "prose_kept",
    "content_kept",
    *(f"kept_in_runs_of_{n}" for n in _RUNS),
    "content_replaced",
    "in_blocks",
    "in_blocks_of_longer",
    "block_lengths_differ",
    "kept_in_blocks",
    "log_words",
    "log_length_ratio",
    "prose_kept_of_longer",
)


@dataclass(frozen=True, eq=False)
class DescentWeights:
    """Whether two texts of one event share their wording: log-odds over ``DESCENT_FEATURES``.

    Attributes:
        coef: float64 (n_features,).
        intercept: Added to them.
    """

    coef: NDArray[np.float64]
    intercept: float


def descent_log_odds(
    alignments: Sequence[Alignment], weights: DescentWeights, substitutions: SubstitutionModel
) -> NDArray[np.float64]:
    """float64 (n_alignments,): log-odds that two texts of one event descend from one text."""
    rows = [descent_features(al, substitutions) for al in alignments]
    features = np.array(rows, dtype=np.float64).reshape(-1, len(DESCENT_FEATURES))
    return np.asarray(features @ weights.coef + weights.intercept)


def log_descent(log_odds: NDArray[np.float64]) -> NDArray[np.float64]:
    """Log probability of descent, -inf where independence is likelier: no other evidence makes up for missing wording."""
    return np.where(log_odds > 0, log_expit(log_odds), -np.inf)


def descent_features(al: Alignment, substitutions: SubstitutionModel) -> list[float]:
    """What two texts share in order beyond names, numbers and quotations, mostly as shares of the shorter."""
    prose, content = _common(al, al.a.is_prose, al.b.is_prose), _common(al, al.a.is_content, al.b.is_content)
    n_prose, n_content = _lengths(al, "is_prose"), _lengths(al, "is_content")
    inside = _inside(al, al.a.is_prose, al.b.is_prose)
    kept = int(prose.sum())
    return [
        kept / min(n_prose),
        int(content.sum()) / min(n_content),
        *(n / min(n_prose) for n in _in_runs(al.kept, prose)),
        _replaced(al, substitutions) / min(n_content),
        max(inside[0] / n_prose[0], inside[1] / n_prose[1]),
        min(inside[0] / n_prose[0], inside[1] / n_prose[1]),
        _lengths_differ(al),
        kept / max(*inside, 1),
        float(np.log(min(n_prose))),
        float(np.log(max(n_prose) / min(n_prose))),
        kept / max(n_prose),
    ]


def _common(al: Alignment, a: NDArray[np.bool_], b: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """bool (n_tokens of b,): kept tokens that both masks hold."""
    places = np.flatnonzero(al.kept >= 0)
    common = np.zeros(len(al.kept), dtype=bool)
    common[places] = b[places] & a[al.kept[places]]
    return common


def _lengths(al: Alignment, mask: str) -> tuple[int, int]:
    """Words of both texts that a mask holds, at least one."""
    a, b = (max(int(getattr(v, mask)[: v.end].sum()), 1) for v in (al.a, al.b))
    return a, b


def _inside(al: Alignment, a: NDArray[np.bool_], b: NDArray[np.bool_]) -> tuple[int, int]:
    """Words of both texts that the masks hold inside aligned sentences which stand in the same order."""
    blocks = [block for block in al.blocks if not block.is_moved]
    return sum(int(a[slice(*k.a)].sum()) for k in blocks), sum(int(b[slice(*k.b)].sum()) for k in blocks)


def _lengths_differ(al: Alignment) -> float:
    """How much aligned sentences differ in length, as a share of their tokens: a version has its parent's sentences."""
    lengths = [(k.a[1] - k.a[0], k.b[1] - k.b[0]) for k in al.blocks]
    return sum(abs(x - y) for x, y in lengths) / max(sum(max(pair) for pair in lengths), 1)


def _in_runs(kept: NDArray[np.int32], prose: NDArray[np.bool_]) -> list[int]:
    """Common words of prose in kept runs that have at least so many of them, for each of ``_RUNS``."""
    places = np.flatnonzero(kept >= 0)
    if not len(places):
        return [0] * len(_RUNS)
    breaks = np.flatnonzero((np.diff(places) != 1) | (np.diff(kept[places]) != 1)) + 1
    runs = np.add.reduceat(prose[places].astype(int), np.concatenate([[0], breaks]))
    return [int(runs[runs >= n].sum()) for n in _RUNS]


def _replaced(al: Alignment, substitutions: SubstitutionModel) -> int:
    """Content words replaced by another form of themselves, or as round trips and edits often replace them."""
    return sum(
        _paired(_content(al.a, edit.a), _content(al.b, edit.b), substitutions)
        for edit in al.edits
        if max(edit.a[1] - edit.a[0], edit.b[1] - edit.b[0]) <= _MAX_RUN
    )


def _content(version: Version, span: tuple[int, int]) -> list[str]:
    """The content words of a run of tokens."""
    places = np.flatnonzero(version.is_content[slice(*span)]) + span[0]
    return [version.article.lower[i] for i in places.tolist()]


def _paired(before: list[str], after: list[str], substitutions: SubstitutionModel) -> int:
    """Words of a run that are explained by a word of the run that it replaced, each used once."""
    free = list(before)
    for word in after:
        source = next((w for w in free if (w, word) in substitutions.pairs or stem(w) == stem(word)), None)
        if source is not None:
            free.remove(source)
    return len(before) - len(free)
