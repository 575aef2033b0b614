"""Round-trip similarity: text that was machine-translated once changes less when it is machine-translated again.

Hypothesis: an engine maps many wordings to few; what has been through one is already among the few, whatever engine and pivot
it was (round-trip detectors of machine translation: Nguyen-Son et al. 2021). So an article's first sentences are translated
into a pivot language and back and compared with what returns. How much changes also depends on names, numbers and the length
of sentences; those are counted beside it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from difflib import SequenceMatcher
from typing import Final

import numpy as np
from numpy.typing import NDArray

from retold.text import Article, analyse
from retold.text.word_lists import function_words

# Words of an article that are translated; time grows with them. By trial on the protocol of engines that ``retold evaluate``
# reports with ``--deep``, half as many found clearly less of engines held out, and twice as many hardly more.
TRANSLATED_WORDS: Final = 320
_ORDERS: Final = (1, 2, 3, 4)
FEATURES: Final = (
    *(f"similarity_recall_{n}" for n in _ORDERS),
    *(f"similarity_precision_{n}" for n in _ORDERS),
    "similarity_kept_in_order",
    "similarity_reordered",
    "similarity_unchanged_sentences",
    "similarity_log_length_ratio",
    "similarity_function_words_kept",
    "similarity_names_and_numbers_kept",
    "similarity_other_words_kept",
    "similarity_log_sentence_length",
    "similarity_function_word_share",
    "similarity_name_share",
    "similarity_log_length",
)
_WORD_KINDS: Final = ("function", "name", "other")


def leading_sentences(article: Article, n_words: int = TRANSLATED_WORDS) -> list[str]:
    """The first sentences of an article, canonical, until they have ``n_words`` words."""
    sentences: list[str] = []
    count = 0
    for first, after in zip(article.sentences, article.sentences[1:], strict=False):
        if count >= n_words:
            break
        sentences.append(article.text[article.starts[first] : article.ends[after - 1]])
        count += sum(token[0].isalnum() for token in article.tokens[first:after])
    return sentences


def similarity_features(sentences: Sequence[str], round_trips: Sequence[str]) -> NDArray[np.float64]:
    """float64 (len(FEATURES),), finite: overlap of sentences with their round trips; zeros for no sentences.

    n-gram recall and precision; the share of words kept in order, and of words kept elsewhere; the share of unchanged
    sentences; natural logarithms of lengths in tokens; shares of kinds of words kept, and of these kinds among all.
    """
    pairs = [(analyse(a), analyse(b)) for a, b in zip(sentences, round_trips, strict=True)]
    pairs = [(a, b) for a, b in pairs if a.tokens]
    if not pairs:
        return np.zeros(len(FEATURES))
    n_tokens, n_returned = (sum(len(pair[side].tokens) for pair in pairs) for side in (0, 1))
    overlap = np.array([[_overlap(a.lower, b.lower, n) for n in _ORDERS] for a, b in pairs]).sum(axis=0)
    recall, precision = (overlap[:, 0] / np.maximum(overlap[:, i], 1) for i in (1, 2))
    total, kept = np.sum([_count_kept(a, b) for a, b in pairs], axis=0)
    in_order = kept.sum() / max(total.sum(), 1)
    return np.array(
        [
            *recall,
            *precision,
            in_order,
            recall[0] - in_order,
            np.mean([a.lower == b.lower for a, b in pairs]),
            np.log(max(n_returned, 1) / n_tokens),
            # Laplace smoothing keeps the shares of rare kinds off the ends.
            *((kept + 1) / (total + 2)),
            np.log(n_tokens / len(pairs)),
            total[_WORD_KINDS.index("function")] / n_tokens,
            total[_WORD_KINDS.index("name")] / n_tokens,
            np.log(n_tokens),
        ]
    )


def _overlap(a: Sequence[str], b: Sequence[str], n: int) -> tuple[int, int, int]:
    """n-grams that a and b share, that a has, and that b has; those longer than a word count the edges of the sentence."""
    in_a, in_b = _ngrams(a, n), _ngrams(b, n)
    return (in_a & in_b).total(), in_a.total(), in_b.total()


def _ngrams(tokens: Sequence[str], n: int) -> Counter[tuple[str, ...]]:
    padded = tokens if n == 1 else ["<s>", *tokens, "</s>"]
    return Counter(tuple(padded[i : i + n]) for i in range(len(padded) - n + 1))


def _count_kept(a: Article, b: Article) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """int64 (len(_WORD_KINDS),) each: words of each kind in a, and those that b has in the same order."""
    total, kept = np.zeros(len(_WORD_KINDS), np.int64), np.zeros(len(_WORD_KINDS), np.int64)
    is_kept = np.zeros(len(a.tokens), dtype=bool)
    for block in SequenceMatcher(None, a.lower, b.lower, autojunk=False).get_matching_blocks():
        is_kept[block.a : block.a + block.size] = True
    for i, token in enumerate(a.tokens):
        if token[0].isalnum():
            kind = _WORD_KINDS.index(_kind_of(token, i))
            total[kind] += 1
            kept[kind] += is_kept[i]
    return total, kept


def _kind_of(token: str, place: int) -> str:
    if token.lower() in function_words():
        return "function"
    return "name" if token[0].isdigit() or (place and token[0].isupper()) else "other"
