"""Align an original with its back-translation: sentences by overlap, equal words as anchors, the rest statistically.

Most words of a round trip come back unchanged, so equal words in equal order anchor the pair; what is left between the
anchors is small, and a lexical model with a prior for staying in place (in the manner of IBM models 1 and 2, Brown et
al. 1993, and of fast_align's diagonal, Dyer et al. 2013) is enough to say which word became which. Both directions are
trained and multiplied, which keeps the links that both find (Liang et al. 2006).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

import numpy as np
from numpy.typing import NDArray

# Cost of leaving a sentence unaligned, in the unit of the overlap (share of words in common, 0 to 1).
_SKIP_COST = 0.1
# Merging two sentences must pay for itself.
_MERGE_COST = 0.05
# Sentences drift apart by at most this many places beyond the difference in their number.
_BAND = 6
# Words further than this from where the anchors expect them are not linked.
REACH = 8
# Distance, in words, over which the prior for staying in place falls by e.
_DRIFT = 2.5
# Prior mass of "comes from nothing", against links that sum to about one.
_NULL = 0.3
# Words that share their first four letters are likely forms of one root.
_ROOT_BONUS = 4.0
_ITERATIONS = 5


@dataclass(frozen=True)
class Pieces:
    """What the anchors of many sentence pairs leave unmatched on one side; arrays of one length.

    Attributes:
        pair: int32: number of the sentence pair.
        place: int32: token index in its document.
        at: float32: where the other side is expected to hold it, as a token index of the back-translation.
        word: int32: lexical id (of lemmas, so that forms learn together).
    """

    pair: NDArray[np.int32]
    place: NDArray[np.int32]
    at: NDArray[np.float32]
    word: NDArray[np.int32]


def align_sentences(
    common: NDArray[np.float64], meant: NDArray[np.float64], seen: NDArray[np.float64]
) -> list[tuple[int, int, int, int]]:
    """Pair sentences of two texts by dynamic programming over their common words.

    Args:
        common: (m, n): words that sentence i of the original shares with sentence j of the back-translation.
        meant: (m,): length of the original's sentences, in the same unit.
        seen: (n,): length of the back-translation's sentences.

    Returns:
        ``(i, i_end, j, j_end)`` for each pair of runs of one or two sentences; unaligned sentences are left out.
    """
    m, n = common.shape
    gains = _gains(common, meant, seen)
    best = [[-np.inf] * (n + 1) for _ in range(m + 1)]
    best[0][0] = 0.0
    step = np.zeros((m + 1, n + 1, 2), dtype=np.int8)
    width = _BAND + abs(m - n)
    for i in range(m + 1):
        for j in range(max(0, i * n // max(m, 1) - width), min(n, i * n // max(m, 1) + width) + 1):
            for (di, dj), gain in gains.items():
                if di <= i and dj <= j:
                    score = best[i - di][j - dj] + (gain[i - 1][j - 1] if gain else -_SKIP_COST)
                    if score > best[i][j]:
                        best[i][j], step[i, j] = score, (di, dj)
    return _trace(step, m, n)


def _gains(
    common: NDArray[np.float64], meant: NDArray[np.float64], seen: NDArray[np.float64]
) -> dict[tuple[int, int], list[list[float]]]:
    """Gain of ending a move at sentences (i, j): the share of words in common, for each sentence that it uses up."""
    two_meant, two_seen = meant + _before(meant), seen + _before(seen)
    return {
        (1, 1): (2 * common / _longer(meant, seen)).tolist(),
        (1, 2): (3 * (common + _before(common.T).T) / _longer(meant, two_seen) - _MERGE_COST).tolist(),
        (2, 1): (3 * (common + _before(common)) / _longer(two_meant, seen) - _MERGE_COST).tolist(),
        (1, 0): [],
        (0, 1): [],
    }


def _before(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """The row before each row; zeros before the first."""
    return np.concatenate([np.zeros_like(values[:1]), values[:-1]])


def _longer(a: NDArray[np.float64], b: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.maximum(np.maximum(a[:, None], b[None, :]), 1)


def _trace(step: NDArray[np.int8], m: int, n: int) -> list[tuple[int, int, int, int]]:
    pairs, i, j = [], m, n
    while i > 0 or j > 0:
        di, dj = int(step[i, j, 0]), int(step[i, j, 1])
        if di == dj == 0:  # outside the band: give up on what is left
            break
        if di and dj:
            pairs.append((i - di, i, j - dj, j))
        i, j = i - di, j - dj
    return pairs[::-1]


def anchor(meant: Sequence[str], seen: Sequence[str]) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
    """Match equal words of one sentence pair.

    Returns:
        ``matched``: int32 (len(seen),): the original's word that each came from unchanged, or -1; and ``expected``:
        float32 (len(meant),): where in ``seen`` each word of the original is expected, between its anchors.
    """
    matched = np.full(len(seen), -1, dtype=np.int32)
    xs, ys = [-1], [-1]
    for block in SequenceMatcher(None, meant, seen, autojunk=False).get_matching_blocks():
        matched[block.b : block.b + block.size] = np.arange(block.a, block.a + block.size)
        xs += range(block.a, block.a + block.size)
        ys += range(block.b, block.b + block.size)
    expected = np.interp(np.arange(len(meant)), [*xs, len(meant)], [*ys, len(seen)]).astype(np.float32)
    _match_moved(meant, seen, matched, expected)
    return matched, expected


def _match_moved(
    meant: Sequence[str], seen: Sequence[str], matched: NDArray[np.int32], expected: NDArray[np.float32]
) -> None:
    """Match equal words that changed their order, each with the nearest; fills ``matched``."""
    free: dict[str, list[int]] = {}
    for i in sorted(set(range(len(meant))) - set(matched.tolist())):
        free.setdefault(meant[i], []).append(i)
    for j in np.flatnonzero(matched < 0).tolist():
        if options := free.get(seen[j]):
            nearest = min(options, key=lambda i: abs(float(expected[i]) - j))
            options.remove(nearest)
            matched[j] = nearest


def link(meant: Pieces, seen: Pieces, roots: NDArray[np.int32]) -> NDArray[np.int32]:
    """Which unmatched word of the original each unmatched word of the back-translation came from.

    Args:
        meant: Unmatched words of the originals, sorted by pair.
        seen: Unmatched words of the back-translations, sorted by pair.
        roots: int32 array over lexical ids; words of one root share a number.

    Returns:
        int32 array (len(seen.pair),): index into ``meant``, or -1 for none.
    """
    a, b = _candidates(meant, seen)
    prior = np.exp(-np.abs(meant.at[a] - seen.place[b]) / _DRIFT)
    prior *= np.where(roots[meant.word[a]] == roots[seen.word[b]], 1 + _ROOT_BONUS, 1.0)
    n_words = len(roots)
    forward = _train(a, b, meant.word, seen.word, prior, n_words)
    backward = _train(b, a, seen.word, meant.word, prior, n_words)
    return _mutual(a, b, np.sqrt(forward * backward), len(meant.pair), len(seen.pair))


def _candidates(meant: Pieces, seen: Pieces) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """All links within a sentence pair and within reach: indices into ``meant`` and ``seen``."""
    first = np.searchsorted(meant.pair, seen.pair, side="left")
    count = np.searchsorted(meant.pair, seen.pair, side="right") - first
    b = np.repeat(np.arange(len(seen.pair)), count)
    a = np.arange(len(b)) - np.repeat(np.cumsum(count) - count, count) + np.repeat(first, count)
    near = np.abs(meant.at[a] - seen.place[b]) <= REACH
    return a[near], b[near]


def _train(
    a: NDArray[np.int64],
    b: NDArray[np.int64],
    a_words: NDArray[np.int32],
    b_words: NDArray[np.int32],
    prior: NDArray[np.float64],
    n_words: int,
) -> NDArray[np.float64]:
    """EM for P(b word | a word); returns the posterior of each link, NULL taking its share."""
    _, kind = np.unique(a_words[a].astype(np.int64) * n_words + b_words[b], return_inverse=True)
    source = np.zeros(kind.max() + 1 if len(kind) else 0, dtype=np.int64)
    source[kind] = a_words[a]
    from_null = np.bincount(b_words, minlength=n_words) / max(len(b_words), 1)
    null = _NULL * from_null[b_words]
    table = np.full(len(source), 1 / 50)  # any flat start does; this is about the fan-out of a word
    posterior = np.zeros(len(a))
    for _ in range(_ITERATIONS):
        weight = prior * table[kind]
        total = np.bincount(b, weights=weight, minlength=len(b_words)) + null
        posterior = weight / total[b]
        counts = np.bincount(kind, weights=posterior, minlength=len(source))
        table = counts / (np.bincount(source, weights=counts, minlength=n_words)[source] + 0.5)
    return posterior


def _mutual(
    a: NDArray[np.int64], b: NDArray[np.int64], score: NDArray[np.float64], n_meant: int, n_seen: int
) -> NDArray[np.int32]:
    """Keep links that are the best of both their words and clear the floor."""
    best_a, best_b = np.zeros(n_meant), np.zeros(n_seen)
    np.maximum.at(best_a, a, score)
    np.maximum.at(best_b, b, score)
    kept = (score >= best_a[a]) & (score >= best_b[b]) & (score > _FLOOR)
    linked = np.full(n_seen, -1, dtype=np.int32)
    linked[b[kept]] = a[kept]
    return linked


# Geometric mean of both directions' posteriors below which a link is a guess.
_FLOOR = 0.3
