"""What third versions say of a pair: with which of the two they agree where the two differ.

Hypothesis: an original agrees with each of its derivatives where those disagree among themselves, for each changed other words;
so hardly any word is shared by two derivatives against it. Textual critics find the archetype of a tradition so (Maas 1927,
"Textkritik"; Buneman 1971 put distances in the place of readings).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from retold.compare.alignment import Alignment
from retold.compare.version import Version
from retold.text.word_lists import closed_class_words

# Of an ordered pair, over the third versions: log ratio of the words that a third shares with the first alone to those that it
# shares with the second alone, and the same of content words; their shares of the third's words; and the words that the pair
# shares against a third.
AGREEMENT: Final = (
    *("ratio_mean", "ratio_max", "ratio_min", "content_ratio_mean", "content_ratio_min"),
    *("with_first", "with_second", "with_second_max", "pair_alone_min", "pair_alone_mean"),
)
# A passage of a third version is in both others if of this many tokens around a word so many are kept; a cut is no
# disagreement. Shares are of so many words at least. All chosen by judgement.
_WINDOW, _MIN_KEPT, _MIN_WORDS = 11, 3, 20
# Third versions that are looked at, the first; the cost rises with their number.
_MAX_THIRDS = 12


def agreement_features(
    versions: Sequence[Version], alignments: Mapping[tuple[int, int], Alignment]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Agreement of third versions with each of a pair.

    Args:
        versions: The n versions of a story.
        alignments: Every pair, by the positions of ``a`` and ``b``.

    Returns:
        float64 (n, n, len(AGREEMENT)) of row and column, and float64 (n,): mean share of the words of another version that a
        third shares against each. All zero for fewer than three versions.
    """
    n = len(versions)
    features, excluded = np.zeros((n, n, len(AGREEMENT))), np.zeros(n)
    if n < 3:
        return features, excluded
    counts = np.array([_counts(z, versions, alignments) for z in range(n)])
    for i in range(n):
        others = np.array([k for k in range(n) if k != i])
        excluded[i] = np.mean([_share(counts, k, j, i) for k in others for j in others if j != k])
        for j in others:
            thirds = np.array([k for k in others if k != j])[:_MAX_THIRDS]
            features[i, j] = _of_pair(counts, i, int(j), thirds)
    return features, excluded


def _of_pair(counts: NDArray[np.float64], i: int, j: int, thirds: NDArray[np.intp]) -> list[float]:
    """Features of one ordered pair, from ``_counts`` of every version (n, 3, n, n)."""
    first, second = counts[thirds, :2, i, j], counts[thirds, :2, j, i]
    words = np.maximum(counts[thirds, 2, i, j], _MIN_WORDS)
    ratio = np.log((first + 1) / (second + 1))
    alone = counts[i, 0, j, thirds] / np.maximum(counts[i, 2, j, thirds], _MIN_WORDS)
    with_first, with_second = first[:, 0] / words, second[:, 0] / words
    return [
        *(ratio[:, 0].mean(), ratio[:, 0].max(), ratio[:, 0].min(), ratio[:, 1].mean(), ratio[:, 1].min()),
        *(with_first.mean(), with_second.mean(), with_second.max(), alone.min(), alone.mean()),
    ]


def _share(counts: NDArray[np.float64], of: int, first: int, second: int) -> float:
    return float(counts[of, 0, first, second] / max(counts[of, 2, first, second], _MIN_WORDS))


def _counts(
    z: int, versions: Sequence[Version], alignments: Mapping[tuple[int, int], Alignment]
) -> NDArray[np.float64]:
    """float64 (3, n, n): words of version z that the row has and the column has not, content words, and words in both passages."""
    n, tokens = len(versions), len(versions[z].article.tokens)
    has, present = np.zeros((n, tokens)), np.zeros((n, tokens))
    for other in range(n):
        if other != z:
            has[other] = _kept(z, other, tokens, alignments)
            near = (
                np.convolve(has[other], np.ones(_WINDOW), "same") if tokens >= _WINDOW else np.full(tokens, _MIN_KEPT)
            )
            present[other] = near >= _MIN_KEPT
    word = versions[z].is_word.astype(float)
    content = np.fromiter((w[0].isalpha() and w not in closed_class_words() for w in versions[z].article.lower), float)
    inside, shared, lacks = present * word, has * present * word, (1 - has) * present * word
    return np.array([shared @ lacks.T, (shared * content) @ lacks.T, inside @ inside.T])


def _kept(z: int, other: int, tokens: int, alignments: Mapping[tuple[int, int], Alignment]) -> NDArray[np.float64]:
    """float64 (n_tokens of z,): 1 where a token stands unchanged in another version."""
    if (other, z) in alignments:
        return (alignments[other, z].kept >= 0).astype(float)
    kept = np.zeros(tokens)
    places = alignments[z, other].kept
    kept[places[places >= 0]] = 1
    return kept
