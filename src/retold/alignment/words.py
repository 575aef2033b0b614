"""Align the words of an original with those of its back-translation: equal words as anchors, the rest statistically.

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

# The numbers were chosen by judgement; no command fits them.
# Words further than this from where the anchors expect them are not linked.
REACH = 8
# Distance, in words, over which the prior for staying in place falls by e.
_DRIFT = 2.5
# Prior mass of "comes from nothing", against links that sum to about one.
_NULL = 0.3
# What one root adds to the prior of a link, as a multiple of it: such words are likely forms of each other.
_ROOT_BONUS = 4.0
# Rounds of EM.
_ITERATIONS = 5
# Geometric mean of both directions' posteriors below which a link is a guess.
_FLOOR = 0.3


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


def anchor(intended: Sequence[str], observed: Sequence[str]) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
    """Match equal words of one sentence pair.

    Returns:
        ``matched``: int32 (len(observed),): the original's word that each came from unchanged, or -1; and ``expected``:
        float32 (len(intended),): where in ``observed`` each word of the original is expected, between its anchors.
    """
    matched = np.full(len(observed), -1, dtype=np.int32)
    xs, ys = [-1], [-1]
    for block in SequenceMatcher(None, intended, observed, autojunk=False).get_matching_blocks():
        matched[block.b : block.b + block.size] = np.arange(block.a, block.a + block.size)
        xs += range(block.a, block.a + block.size)
        ys += range(block.b, block.b + block.size)
    expected = np.interp(np.arange(len(intended)), [*xs, len(intended)], [*ys, len(observed)]).astype(np.float32)
    _match_moved(intended, observed, matched, expected)
    return matched, expected


def _match_moved(
    intended: Sequence[str], observed: Sequence[str], matched: NDArray[np.int32], expected: NDArray[np.float32]
) -> None:
    """Match equal words that changed their order, each with the nearest; fills ``matched``."""
    free: dict[str, list[int]] = {}
    for i in sorted(set(range(len(intended))) - set(matched.tolist())):
        free.setdefault(intended[i], []).append(i)
    for j in np.flatnonzero(matched < 0).tolist():
        if options := free.get(observed[j]):
            nearest = min(options, key=lambda i: abs(float(expected[i]) - j))
            options.remove(nearest)
            matched[j] = nearest


def link(intended: Pieces, observed: Pieces, roots: NDArray[np.int32]) -> NDArray[np.int32]:
    """Which unmatched word of the original each unmatched word of the back-translation came from.

    Args:
        intended: Unmatched words of the originals, sorted by pair.
        observed: Unmatched words of the back-translations, sorted by pair.
        roots: int32 array over lexical ids; words of one root share a number.

    Returns:
        int32 array (len(observed.pair),): index into ``intended``, or -1 for none.
    """
    a, b = _candidates(intended, observed)
    prior = np.exp(-np.abs(intended.at[a] - observed.place[b]) / _DRIFT)
    prior *= np.where(roots[intended.word[a]] == roots[observed.word[b]], 1 + _ROOT_BONUS, 1.0)
    n_words = len(roots)
    forward = _train(a, b, intended.word, observed.word, prior, n_words)
    backward = _train(b, a, observed.word, intended.word, prior, n_words)
    return _mutual(a, b, np.sqrt(forward * backward), len(intended.pair), len(observed.pair))


def _candidates(intended: Pieces, observed: Pieces) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """All links within a sentence pair and within reach: indices into ``intended`` and ``observed``."""
    first = np.searchsorted(intended.pair, observed.pair, side="left")
    count = np.searchsorted(intended.pair, observed.pair, side="right") - first
    b = np.repeat(np.arange(len(observed.pair)), count)
    a = np.arange(len(b)) - np.repeat(np.cumsum(count) - count, count) + np.repeat(first, count)
    near = np.abs(intended.at[a] - observed.place[b]) <= REACH
    return a[near], b[near]


def _train(
    a: NDArray[np.int64],
    b: NDArray[np.int64],
    a_words: NDArray[np.int32],
    b_words: NDArray[np.int32],
    prior: NDArray[np.float64],
    n_words: int,
) -> NDArray[np.float64]:
    """Learn P(b word | a word) by EM, and how likely each link is by it.

    Args:
        a: int64 (n_links,): index into ``a_words`` of each link.
        b: int64 (n_links,): index into ``b_words``.
        a_words: int32: lexical ids of the words that others come from.
        b_words: int32: lexical ids of the words that come from them, or from nothing.
        prior: float64 (n_links,): weight of each link before anything is known of the words.
        n_words: Number of lexical ids.

    Returns:
        float64 (n_links,): posterior of each link; the links of a ``b`` and "from nothing" sum to 1.
    """
    _, kind = np.unique(a_words[a].astype(np.int64) * n_words + b_words[b], return_inverse=True)
    source = np.zeros(kind.max() + 1 if len(kind) else 0, dtype=np.int64)
    source[kind] = a_words[a]
    from_null = np.bincount(b_words, minlength=n_words) / max(len(b_words), 1)
    null = _NULL * from_null[b_words]
    table = np.full(len(source), 1 / 50)  # a flat start, as if each word became any of fifty
    posterior = np.zeros(len(a))
    for _ in range(_ITERATIONS):
        weight = prior * table[kind]
        total = np.bincount(b, weights=weight, minlength=len(b_words)) + null
        posterior = weight / total[b]
        counts = np.bincount(kind, weights=posterior, minlength=len(source))
        # Half a count more in the denominator keeps what was observed once from being certain.
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
