"""Which language an article is written in, and whether passages of it are in another.

Hypothesis: content farms that translate in bulk leave passages behind that the machine did not translate, and a reader
should be warned that a text is not English before any verdict on it is believed. Function words name a language by
themselves (Mosteller and Wallace 1964 made them known as markers that topic does not move). langdetect, a naive Bayes
classifier over letter n-grams (Nakatani Shuyo 2010), is far slower and used only where they are missing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import ClassVar

import numpy as np
from langdetect import DetectorFactory, detect
from langdetect.lang_detect_exception import LangDetectException
from numpy.typing import NDArray

from retold.language_model.batch import Batch
from retold.signals.base import FeatureDescription, HandcraftedSignal
from retold.text import Article, analyse
from retold.text.word_lists import function_words

UNDETERMINED = "und"  # ISO 639-2 code for a language that cannot be told
# Shares of function words from which a text is English without langdetect, and below which a passage may be foreign. Chosen by
# judgement: about half the words of English are function words, of languages that share some ("a", "in", "on") under 0.2;
# tests/test_language.py holds both bounds.
_PLAIN_SHARE = 0.28
_DOUBTFUL_SHARE = 0.20
_MIN_WORDS = 5  # below this a share means nothing
_DETECTED_CHARACTERS = 400  # of a text that langdetect sees: it is slow, and a few lines are enough to tell a language
_PASSAGE_WORDS = 20  # two short sentences: enough for the share of function words to separate languages
_MAX_DETECTIONS = 4  # passages of one article that langdetect reads
# Letters outside Latin: from Greek on, without the Latin of U+1E00 to U+1EFF.
_OTHER_SCRIPT = re.compile(
    r"[\u0370-\u1dff\u1f00-\u1fff\u2c00-\u2c5f\u2d00-\ua71f\ua800-\uab2f\uab70-\ufaff\ufb13-\ufdff\ufe70-\ufefc]"
)
_WORDS_OF_ENGLISH_ALONE = frozenset("the of and to that was for with his from which have this they were said".split())

DetectorFactory.seed = 0


@dataclass(frozen=True, slots=True)
class LanguageProfile:
    """The language of an article.

    Attributes:
        code: ISO 639-1 code, as ``language_of`` returns it.
        foreign_share: Share of its letters, 0 to 1, that stand in another script or in passages of another language.
    """

    code: str
    foreign_share: float


class Language(HandcraftedSignal):
    """English or not, as a whole and by passage; see the module."""

    name = "language"
    group = "style"
    title = "language"
    descriptions: ClassVar = {
        name: FeatureDescription("passages that are hardly English", quantity)
        for name, quantity in (
            ("language_english", ""),
            ("language_foreign_share", "passages in other languages"),
            ("language_function_words", "function words"),
            ("language_function_words_sd", ""),
            ("language_non_ascii", "words with letters outside ASCII"),
        )
    }

    def extract(self, batch: Batch) -> NDArray[np.float64]:
        """float64 array (n_articles, 5): 1 if English, then shares from 0 to 1.

        Letters in passages of another language; function words, and the standard deviation of that over passages; words
        with a letter outside ASCII.
        """
        rows = [_row(*pair) for pair in zip(batch.articles, language_profiles(batch), strict=True)]
        return np.array(rows, dtype=np.float64).reshape(len(rows), len(self.feature_names))


def language_profiles(batch: Batch) -> list[LanguageProfile]:
    """The language of every article of a batch, identified once: the features and a detector's warnings need it."""
    return batch.shared(
        language_profiles, lambda: [LanguageProfile(language_of_article(a), foreign_share(a)) for a in batch.articles]
    )


def language_of(text: str) -> str:
    """ISO 639-1 code of the language of a text ("zh-cn", "zh-tw" for Chinese), "und" if it cannot be told. Never raises."""
    return language_of_article(analyse(text))


def language_of_article(article: Article) -> str:
    """``language_of`` for an analysed article."""
    words = article.words
    return _language(words, article.text[:_DETECTED_CHARACTERS])


def foreign_share(article: Article) -> float:
    """Share of an article's letters, 0 to 1, that stand in another script or in passages of another language."""
    words = article.words
    total = sum(map(len, words))
    foreign = 0 if article.text.isascii() else len(_OTHER_SCRIPT.findall(article.text))
    native = [word for word in words if not _OTHER_SCRIPT.search(word)] if foreign else words
    doubtful = (p for p in _passages(native) if len(p) >= _MIN_WORDS and _english_share(p) < _DOUBTFUL_SHARE)
    foreign += sum(
        len(word) for passage in islice(doubtful, _MAX_DETECTIONS) if _is_foreign(passage) for word in passage
    )
    return min(foreign / total, 1.0) if total else 0.0


def _row(article: Article, profile: LanguageProfile) -> list[float]:
    words = article.words
    if not words:
        return [0.0] * len(Language.feature_names)
    shares = [_english_share(passage) for passage in _passages(words) if len(passage) >= _MIN_WORDS]
    return [
        float(profile.code == "en"),
        profile.foreign_share,
        _english_share(words),
        float(np.std(shares)) if shares else 0.0,
        sum(not word.isascii() for word in words) / len(words),
    ]


def _passages(words: list[str]) -> Iterator[list[str]]:
    """Runs of ``_PASSAGE_WORDS`` words; the last one is as long as it happens to be."""
    for first in range(0, len(words), _PASSAGE_WORDS):
        yield words[first : first + _PASSAGE_WORDS]


def _english_share(words: list[str]) -> float:
    return sum(map(function_words().__contains__, words)) / len(words) if words else 0.0


def _language(words: list[str], sample: str) -> str:
    if len(words) >= _MIN_WORDS and _english_share(words) >= _PLAIN_SHARE:
        return "en"
    try:
        return str(detect(sample))
    except LangDetectException:
        return UNDETERMINED


def _is_foreign(words: list[str]) -> bool:
    """True if langdetect calls a passage foreign and no word that only English has speaks against it."""
    if sum(word in _WORDS_OF_ENGLISH_ALONE for word in words) >= 2:
        return False
    return _language(words, " ".join(words)[:_DETECTED_CHARACTERS]) not in ("en", UNDETERMINED)
