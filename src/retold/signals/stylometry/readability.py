"""Register: how hard, how varied and how relaxed the prose is.

Hypothesis: translation levels text out. Baker (1993, "Corpus linguistics and translation studies") called it
simplification, explicitation and normalisation; Volansky, Ordan and Wintner (2015, "On the features of translationese")
measured it by type-token ratio, sentence length and word length. Contractions ("they'll") are a choice of register
that a round trip through another language mostly undoes. Readability scores (textstat) sum up the same with syllables.

Every number is a rate or a mean over windows of fixed length, so that a long article is not told by its length, and is
computed from tokens, so that neither typography nor line breaks move it. The moving-average type-token ratio is that of
Covington and McFall (2010).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from retold.language_model.batch import Batch, measure_each
from retold.signals.base import FeatureDescription, HandcraftedSignal
from retold.signals.stylometry.textstat_scores import textstat_scores
from retold.text import Article
from retold.text.tokenization import NOT_WORDS

# Words that textstat sees: it is slow beside everything else here, so a sample must do. Scores that look words up in lists of
# easy ones (Dale-Chall, Spache, Gunning fog) are slower still and left out. Below, each score with the range that prose has.
_TEXTSTAT_WORDS = 150
_SCORES = {
    "flesch_reading_ease": (-50.0, 120.0),
    "avg_syllables_per_word": (0.0, 4.0),
    "automated_readability_index": (-5.0, 40.0),
    "coleman_liau_index": (-5.0, 40.0),
    "lix": (0.0, 120.0),
}
_NOT_WORDS = frozenset(NOT_WORDS)
_WINDOW = 50  # words of the moving type-token ratio, as in Covington and McFall
_LONG_WORD = 7  # letters: the threshold of LIX (Bjornsson 1968) is "more than six"
_LONG_SENTENCE = 30  # words: chosen by judgement, so that most sentences of news are shorter
_CONTRACTION = re.compile(r"\A[a-z]+'(?:t|ll|re|ve|d|m)")
# What "'s" contracts after these words; elsewhere it is a possessive.
_BEFORE_CONTRACTED_S = frozenset("it that he she there what who where here let how".split())
_NEGATED = re.compile(r"(?:do|does|did|is|are|was|were|have|has|had|would|could|should|will|can)")
_INFORMAL = frozenset("got gotten kids guy guys really just pretty lot lots stuff okay yeah huge maybe".split())
_FORMAL = frozenset(
    "therefore thus hence moreover furthermore nevertheless nonetheless regarding concerning thereby whereby wherein "
    "shall upon aforementioned respectively accordingly consequently additionally possess utilize obtain".split()
)


_FORMALITY = "length of words and sentences, formality"
_QUANTITIES = {
    **dict.fromkeys((f"readability_{score}" for score in _SCORES), ""),
    "readability_flesch_reading_ease": "reading ease (Flesch)",
    "readability_contractions": "contractions",
    "readability_contracted_share": "contracted forms where both are possible",
    "readability_sentence_mean": "words a sentence",
    "readability_sentence_sd": "variation of sentence length",
    "readability_long_sentences": "long sentences",
    "readability_word_mean": "letters a word",
    "readability_long_words": "long words",
    "readability_type_token": "different words",
    "readability_informal": "informal words",
    "readability_formal": "formal words",
}


class Readability(HandcraftedSignal):
    """Register and readability of an article; see the module."""

    name = "readability"
    group = "style"
    title = "sentences and register"
    descriptions: ClassVar = {
        name: FeatureDescription("contractions" if "_contract" in name else _FORMALITY, quantity)
        for name, quantity in _QUANTITIES.items()
    }

    def extract(self, batch: Batch) -> NDArray[np.float64]:
        """float64 array (n_articles, 15), in the order of ``feature_names``.

        Textstat's five scores; contractions per 1,000 words and their share; words in a sentence, mean and standard
        deviation; share of long sentences; letters in a word; share of long words; type-token ratio, 0 to 1; informal and
        formal words per 1,000.
        """
        return measure_each(batch, _row, len(self.feature_names))


def _row(article: Article) -> list[float]:
    words = [token for token in article.lower if token not in _NOT_WORDS]
    if not words:
        return [0.0] * len(Readability.feature_names)
    lengths = [len(word) for word in words if word[0].isalpha()] or [0]
    return [
        *_clipped_scores(plain_prose(article, _TEXTSTAT_WORDS)),
        *_contractions(article.lower, len(words)),
        *_sentence_lengths(article),
        float(np.mean(lengths)),
        sum(length >= _LONG_WORD for length in lengths) / len(lengths),
        moving_type_token_ratio(words),
        1000 * article.count(_INFORMAL) / len(words),
        1000 * article.count(_FORMAL) / len(words),
    ]


def plain_prose(article: Article, n_words: int) -> str:
    """About the first ``n_words`` words in whole sentences, a full stop after each and no other punctuation."""
    out: list[str] = []
    total, bounds = 0, article.sentences.tolist()
    for first, after in pairwise(bounds):
        words = [token for token in article.tokens[first:after] if token[0].isalnum()][:n_words]
        total += len(words)
        if words:
            out.append(" ".join(words).replace(".", "") + ".")
        if total >= n_words:
            break
    return " ".join(out)


def _clipped_scores(prose: str) -> list[float]:
    """The scores of ``_SCORES``, clipped to the range that prose can have."""
    scores = zip(textstat_scores(prose), _SCORES.values(), strict=True)
    return [min(max(score, low), high) for score, (low, high) in scores]


def _contractions(lower: list[str], n_words: int) -> tuple[float, float]:
    """Contractions per 1,000 words, and their share of the negations that could be contracted."""
    contracted_s = sum(lower[i - 1] in _BEFORE_CONTRACTED_S for i in _places_of("'s", lower) if i)
    contracted = [word for word in lower if "'" in word and _CONTRACTION.fullmatch(word)]
    negated = sum(word.endswith("n't") for word in contracted)
    full = sum(bool(_NEGATED.fullmatch(lower[i - 1])) for i in _places_of("not", lower) if i)
    full += lower.count("cannot")
    return 1000 * (len(contracted) + contracted_s) / n_words, (negated + 0.5) / (negated + full + 1)


def _places_of(word: str, words: list[str]) -> Iterator[int]:
    """Where a word stands, found at the speed of C."""
    place = -1
    for _ in range(words.count(word)):
        place = words.index(word, place + 1)
        yield place


def _sentence_lengths(article: Article) -> tuple[float, float, float]:
    """Mean and standard deviation of the words in a sentence, and the share of long sentences."""
    is_word = np.array([token not in _NOT_WORDS for token in article.lower], dtype=np.int64)
    lengths = np.add.reduceat(is_word, article.sentences[:-1])
    lengths = lengths[lengths > 0]
    return float(lengths.mean()), float(lengths.std()), float((lengths > _LONG_SENTENCE).mean())


def moving_type_token_ratio(words: list[str], window: int = _WINDOW) -> float:
    """Distinct words in a window, as a share of it, averaged over all windows; a shorter text is one."""
    window = min(window, len(words))
    numbers: dict[str, int] = {}
    number = np.array([numbers.setdefault(word, len(numbers)) for word in words], dtype=np.int64)
    by_word = np.argsort(number, kind="stable")
    gaps = np.full(len(words), len(words) + window, dtype=np.int64)
    is_again = np.diff(number[by_word]) == 0
    gaps[by_word[1:][is_again]] = np.diff(by_word)[is_again]
    # A word is new to a window if it was last seen before that window began: it counts in min(gap, window) of them.
    places = np.arange(len(words))
    n_windows = len(words) - window + 1
    first = np.maximum(np.maximum(places - window + 1, 0), np.maximum(places - gaps + 1, 0))
    windows_with_it_new = np.maximum(np.minimum(places, n_windows - 1) - first + 1, 0)
    return float(windows_with_it_new.sum() / (n_windows * window))
