"""Echo: text that was machine-translated once changes less when it is machine-translated again.

An engine maps many wordings to few; what has been through one is already among the few, whatever engine and pivot it was
(the idea is that of round-trip detectors for machine translation: Nguyen-Son et al. 2021). So an article's first
sentences are taken through a pivot and back, and compared with what returns, at several levels. How much changes also
depends on names, numbers and the length of sentences; those are counted beside it.
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

# Words that the engine is asked about; time grows with them. By trial on the protocol of engines that ``train.py --evaluate
# --deep`` reports, half as many found clearly less of engines kept out, and twice as many hardly more.
ECHO_WORDS: Final = 320
_ORDERS: Final = (1, 2, 3, 4)
FEATURES: Final = (
    *(f"echo_recall_{n}" for n in _ORDERS),
    *(f"echo_precision_{n}" for n in _ORDERS),
    "echo_kept_in_order",
    "echo_reordered",
    "echo_unchanged_sentences",
    "echo_length_ratio",
    "echo_function_words_kept",
    "echo_names_and_numbers_kept",
    "echo_other_words_kept",
    "echo_sentence_length",
    "echo_function_word_share",
    "echo_name_share",
    "echo_length",
)
_KINDS: Final = ("function", "name", "other")


def passage(article: Article, words: int = ECHO_WORDS) -> list[str]:
    """The first sentences of an article, canonical, until they have so many words."""
    sentences: list[str] = []
    count = 0
    for first, after in zip(article.sentences, article.sentences[1:], strict=False):
        if count >= words:
            break
        sentences.append(article.text[article.starts[first] : article.ends[after - 1]])
        count += sum(token[0].isalnum() for token in article.tokens[first:after])
    return sentences


def similarity(sentences: Sequence[str], echoes: Sequence[str]) -> NDArray[np.float64]:
    """float64 (len(FEATURES),), finite: how much of the sentences their echoes keep; zeros for no sentences."""
    pairs = [(analyse(a), analyse(b)) for a, b in zip(sentences, echoes, strict=True)]
    pairs = [(a, b) for a, b in pairs if a.tokens]
    if not pairs:
        return np.zeros(len(FEATURES))
    here, there = sum(len(a.tokens) for a, _ in pairs), sum(len(b.tokens) for _, b in pairs)
    overlap = np.array([[_shared(a.lower, b.lower, n) for n in _ORDERS] for a, b in pairs]).sum(axis=0)
    recall, precision = (overlap[:, 0] / np.maximum(overlap[:, i], 1) for i in (1, 2))
    total, kept = np.sum([_kept(a, b) for a, b in pairs], axis=0)
    in_order = kept.sum() / max(total.sum(), 1)
    return np.array(
        [
            *recall,
            *precision,
            in_order,
            recall[0] - in_order,
            np.mean([a.lower == b.lower for a, b in pairs]),
            np.log(max(there, 1) / here),
            # One kept and one lost beforehand keep the shares of rare kinds off the ends (Laplace).
            *((kept + 1) / (total + 2)),
            np.log(here / len(pairs)),
            total[_KINDS.index("function")] / here,
            total[_KINDS.index("name")] / here,
            np.log(here),
        ]
    )


def _shared(a: Sequence[str], b: Sequence[str], n: int) -> tuple[int, int, int]:
    """n-grams that a and b share, that a has, and that b has; those longer than a word count the edges of the sentence."""
    one, other = _grams(a, n), _grams(b, n)
    return (one & other).total(), one.total(), other.total()


def _grams(tokens: Sequence[str], n: int) -> Counter[tuple[str, ...]]:
    padded = tokens if n == 1 else ["<s>", *tokens, "</s>"]
    return Counter(tuple(padded[i : i + n]) for i in range(len(padded) - n + 1))


def _kept(a: Article, b: Article) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Words of each of ``_KINDS`` in a, and those that b has in the same order."""
    total, kept = np.zeros(len(_KINDS), np.int64), np.zeros(len(_KINDS), np.int64)
    same = np.zeros(len(a.tokens), dtype=bool)
    for block in SequenceMatcher(None, a.lower, b.lower, autojunk=False).get_matching_blocks():
        same[block.a : block.a + block.size] = True
    for i, token in enumerate(a.tokens):
        if token[0].isalnum():
            kind = _KINDS.index(_kind(token, i))
            total[kind] += 1
            kept[kind] += same[i]
    return total, kept


def _kind(token: str, place: int) -> str:
    if token.lower() in function_words():
        return "function"
    return "name" if token[0].isdigit() or (place and token[0].isupper()) else "other"
