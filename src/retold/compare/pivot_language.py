"""Through which language a version went: each word that replaced another votes for the pivots that make it do so."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from scipy.special import softmax
from sklearn.preprocessing import normalize

from retold.compare.alignment import Alignment
from retold.compare.result import rounded
from retold.compare.weights import PivotWeights
from retold.detector.pivot_language import GROUPS

# Longer runs are rewritten rather than replaced; their words are counted, their pairs are not.
_MAX_RUN = 4
# Pivots named in a result; the rest share the remaining probability.
_SHOWN = 5
# The likeliest pivot stands alone if it is so many times as likely as the next; chosen by judgement, as for one text alone.
# ``benchmarks/pivot_language.py --beside-originals`` measures what is right of each.
_STANDS_OUT = 2.0


def pivot_features(al: Alignment) -> list[str]:
    """Changes of a version as names: ``meant>seen`` for runs and pairs of words, ``+word`` gained, ``-word`` lost."""
    features: list[str] = []
    for edit in al.edits:
        x, y = al.a.article.lower[slice(*edit.a)], al.b.article.lower[slice(*edit.b)]
        if len(x) <= _MAX_RUN and len(y) <= _MAX_RUN:
            features += {f"{'_'.join(x)}>{'_'.join(y)}": None} | {
                f"{m}>{s}": None for m in x or [""] for s in y or [""]
            }
        features += [f"+{w}" for w in y] + [f"-{w}" for w in x]
    return features


def pivot_matrix(rows: Sequence[Sequence[str]], index: Mapping[str, int]) -> csr_matrix:
    """csr (n_rows, n_changes): log counts of known changes, rows of length 1."""
    counts = [Counter(index[f] for f in row if f in index) for row in rows]
    indptr = np.cumsum([0, *map(len, counts)])
    columns = [c for row in counts for c in sorted(row)]
    values = [np.log1p(row[c]) for row in counts for c in sorted(row)]
    return normalize(csr_matrix((np.array(values, dtype=float), columns, indptr), (len(rows), len(index))))


def pivot_probabilities(alignments: Sequence[Alignment], weights: PivotWeights) -> NDArray[np.float64]:
    """float64 (n_alignments, n_pivots): probability of each of ``weights.names``, if ``b`` was back-translated from ``a``."""
    if not weights.row_of:
        return np.tile(softmax(weights.intercept), (len(alignments), 1))
    matrix = pivot_matrix([pivot_features(al) for al in alignments], weights.row_of)
    return np.asarray(softmax((matrix @ weights.coef).toarray() + weights.intercept, axis=1))


def likeliest(probabilities: NDArray[np.float64], weights: PivotWeights) -> dict[str, float]:
    """The likeliest pivots with their probabilities, strongest first."""
    best = np.argsort(-probabilities, kind="stable")[:_SHOWN].tolist()
    return {weights.names[j]: rounded(probabilities[j]) for j in best}


def close_family(pivots: Mapping[str, float]) -> str | None:
    """The name of the family of the two likeliest pivots where neither stands out, such as "Romance"; None otherwise.

    Args:
        pivots: Probabilities of the likeliest pivots, strongest first, as ``likeliest`` gives them.
    """
    two = close_pivots(pivots)
    return next((name for name, codes in GROUPS.items() if len(two) > 1 and set(two) <= set(codes)), None)


def close_pivots(pivots: Mapping[str, float]) -> list[str]:
    """The likeliest pivot, and the next unless the first stands out; none of none."""
    two = list(pivots)[:2]
    return two if len(two) > 1 and pivots[two[0]] < _STANDS_OUT * pivots[two[1]] else two[:1]
