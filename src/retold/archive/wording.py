"""Whether a text owes its wording to an article: what both share in order, weighed by how rare it is in the archive.

The articles that a search proposes for a text whose source is not there share its subject, its names and the set phrases of its kind.
What was made from an article repeats much of it in its order, rare words above all, even where a translation replaced half of them.
What articles of one template share, their newsletters, notes and synopses, stands in others of the archive, too.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from retold.archive.words import index_words
from retold.compare.alignment import Alignment

# Log-odds over the shares of ``_log_odds``, then their intercept: a logistic regression on the candidates of 363 texts of the groups that
# comparison was fitted to (the source of 196 of them among these). Runs of three and five words of prose outside quotations, words
# in lower case alone, the overlap of both texts, their length and the lead of the best hit over the next added nothing to it on folds
# kept out. The intercept was chosen on 655 other texts: with the comparison's own demand that both tell one story, which refuses
# templates filled with other names, -8.0 loses 3.3% of round trips and -9.1 5.8%, and as many strangers are linked.
# ``benchmarks/archive_verdicts.py`` measures it on further groups.
_COEF: Final = (6.2, 10.1, 4.5)
_INTERCEPT: Final = -8.0
# Share of the rarity of a text's words that an article must have, in any order, to be compared with it; of those 196 sources none has
# less than 0.16 even in order.
_MIN_SHARED_RARITY: Final = 0.16
# A part of a text is looked at by itself from so many words on, which a search still finds, and from that share of the text. Since it is
# the part that fits best, more is demanded of it. By judgement.
_PART_WORDS, _PART_SHARE, _PART_MARGIN = 60, 0.3, 3.1
# Share of its words that a sentence must keep to speak for being in that part rather than against it. By judgement.
_PART_KEPT: Final = 0.3

# Share of the rarity of its word pairs that a text has from an article and from no other that the search found. Of 402 versions of groups
# that are not reported on none that had its source had less than 0.08 from it; of 402 originals whose source was hidden 13 were linked
# to an article that filled in the same template, with at most 0.04.
_MIN_OWN_SHARE: Final = 0.05
# Word 5-grams of the shorter of two articles that the other shares, as a share, from which they are editions of one.
_EDITION, _EDITION_N = 0.3, 5


def may_be_source(text_words: Sequence[str], article_words: Iterable[str], rarity: Mapping[str, float]) -> bool:
    """False if an article lacks so many of a text's rare words, wherever they stand, that it cannot be its source."""
    known = set(article_words)
    total = sum(rarity.get(word, 0.0) for word in text_words)
    return sum(rarity.get(word, 0.0) for word in text_words if word in known) >= _MIN_SHARED_RARITY * total


def has_own_wording(
    text_words: Sequence[str],
    article_words: Sequence[str],
    others: Iterable[Sequence[str]],
    rarity: Mapping[str, float],
) -> bool:
    """True if a text shares enough with an article that no other article like it has: more than the template of their kind.

    Args:
        text_words: Words of the text, in order.
        article_words: Words of the article.
        others: Words of other articles that a search for the text finds; editions of the article itself do not count.
        rarity: Inverse document frequency of the words of the text.
    """
    pairs, grams = _ngrams(text_words, 2), set(_ngrams(article_words, _EDITION_N))
    own = set(_ngrams(article_words, 2)) & set(pairs)
    for words in others:
        if not _is_edition(grams, set(_ngrams(words, _EDITION_N))):
            own -= set(_ngrams(words, 2))
    weights = [(pair in own, sum(rarity.get(word, 0.0) for word in pair)) for pair in pairs]
    return sum(weight for is_own, weight in weights if is_own) >= _MIN_OWN_SHARE * sum(weight for _, weight in weights)


def _is_edition(grams: set[tuple[str, ...]], others: set[tuple[str, ...]]) -> bool:
    return len(grams & others) >= _EDITION * max(min(len(grams), len(others)), 1)


def _ngrams(words: Sequence[str], n: int) -> list[tuple[str, ...]]:
    return list(zip(*(words[i:] for i in range(n)), strict=False))


def shares_wording(al: Alignment, rarity: Mapping[str, float]) -> bool:
    """True if the second version of an alignment, or a good part of it, owes its wording to the first.

    Args:
        al: The article and the text.
        rarity: Inverse document frequency of the words of the text.
    """
    is_word = al.b.is_word.copy()
    is_word[al.b.end :] = False
    weights = np.array([_rarity(token, rarity) for token in al.b.article.lower], dtype=np.float64)
    if _log_odds(al, is_word, weights) > 0:
        return True
    is_part = is_word & _densest_part(al, is_word)
    n_words = int(is_part.sum())
    if n_words < _PART_WORDS or n_words < _PART_SHARE * is_word.sum():
        return False
    return _log_odds(al, is_part, weights) > _PART_MARGIN


def _log_odds(al: Alignment, is_word: NDArray[np.bool_], weights: NDArray[np.float64]) -> float:
    """Log-odds that words of the text come from the article: by those kept in order, by their rarity, and by their sentences."""
    kept = (al.kept >= 0) & is_word
    n_words = max(int(is_word.sum()), 1)
    in_blocks = sum(int(is_word[slice(*block.b)].sum()) for block in al.blocks)
    shares = (kept.sum() / n_words, weights[kept].sum() / max(float(weights[is_word].sum()), 1e-9), in_blocks / n_words)
    return float(np.dot(_COEF, shares)) + _INTERCEPT


def _rarity(token: str, rarity: Mapping[str, float]) -> float:
    return max((rarity.get(word, 0.0) for word in index_words(token)), default=0.0)


def _densest_part(al: Alignment, is_word: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """bool (n_tokens of the text,): the run of sentences that speaks most for the article (Bentley 1984, "Algorithm design techniques")."""
    kept = (al.kept >= 0) & is_word
    best, total, first, chosen = 0.0, 0.0, 0, (0, 0)
    for start, end in al.b.bounds:
        if total <= 0:
            total, first = 0.0, start
        total += float(kept[start:end].sum()) - _PART_KEPT * float(is_word[start:end].sum())
        if total > best:
            best, chosen = total, (first, end)
    part = np.zeros(len(is_word), dtype=bool)
    part[slice(*chosen)] = True
    return part
