"""Texts that are no normal English, or nothing that a model of articles can judge: the detector abstains and says why.

Word salad and synonym-spun copies stand so far from what was learned that a classifier of human and machine English takes some of
them for human. One more logistic regression finds spun copies, a sum of eight signs of fluency word salad, by the same features; from
a threshold on that hardly any human text of an unseen source reaches (conformal: Vovk et al. 2005), a text is never called
original. What reads as translated, by a person or a machine, is worded here, too; the classifier finds it. Lists, code and one sentence
repeated are found by what no article does.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from retold.detector.calibration import band_of, row_products
from retold.detector.replaced_words import ReplacedWordDetector
from retold.errors import ModelError
from retold.language_model.batch import Batch
from retold.signals.ngrams.hashing import BUCKETS
from retold.signals.ngrams.words import WordNgrams
from retold.text import Article
from retold.text.word_lists import function_words

# Kinds of text that are no normal English, and what is said of each.
ABNORMAL_KINDS: Final = ("spun", "word_salad")
SPUN: Final = (
    "not normal English: words are used against their sense, as where a thesaurus has replaced them (a spun text)"
)
SALAD: Final = "not normal English: its words hardly follow each other (word salad, as engines that fail leave it)"
NOT_NORMAL: Final = (SPUN, SALAD)
READS_TRANSLATED: Final = (
    "reads as translated, by a person or by a machine: the text alone does not tell which;"
    " beside the original it shows (retold compare, retold score --archive)"
)
MAY_BE_MANNER: Final = (
    "may be edited, or is an outlet's own manner of writing: the text alone does not tell which;"
    " beside the original it shows (retold compare, retold score --archive)"
)
REPETITIVE: Final = "the same sentences over and over: nothing that was learned from articles can judge it"
NO_SENTENCES: Final = (
    "hardly any words of grammar: a list, a table or code, which nothing learned from articles can judge"
)
# Every reason why the detector abstains, other than that no label is probable enough.
REASONS: Final = (*NOT_NORMAL, READS_TRANSLATED, MAY_BE_MANNER, REPETITIVE, NO_SENTENCES)
# Share of function words below which a text is no article: of 7,500 human texts of the corpus 1 in 1,000 has less, and all of these
# are lists, catalogues or Spanish.
_MIN_FUNCTION_WORDS = 0.2
# Number of different sentences up to which a text that is mostly repetition is none, and the share that may be repeated; by judgement:
# a page that holds an article twice has more sentences.
_FEW_SENTENCES, _MAX_REPEATED = 4, 0.5
_ARRAYS, _WORDING = ("coef", "intercept", "thresholds", "spun_standard"), "spun_wording"
# Deviations above the mean of human texts from which on a text is suspected of being spun, and its misfit is measured: 1 in 9 of them is.
# Measured of every text, 60.3% of copies were found where 59.5% are (docs/measured/distortions.md).
_SUSPECT = 1.0


@dataclass(frozen=True)
class NormalityClassifier:
    """Log-odds that a text is of each of ``ABNORMAL_KINDS``, and from where on the verdict warns of it.

    Attributes:
        coef: float64 (len(ABNORMAL_KINDS), n_features): log-odds per standard deviation of a feature.
        intercept: float64 (len(ABNORMAL_KINDS),).
        thresholds: float64 (len(ABNORMAL_KINDS), len(BANDS) + 1): what hardly any human text reaches, by length band.
        spun_standard: float64 (4, len(BANDS) + 1): mean and deviation, in human texts of a length band, of the log-odds of a spun copy
            and of how badly words fit; a spun copy is recognised by the sum of both in deviations.
        spun_wording: float32 (BUCKETS,): log-odds of a spun copy per scaled count of a word n-gram, as ``WordNgrams`` counts them.
    """

    coef: NDArray[np.float64]
    intercept: NDArray[np.float64]
    thresholds: NDArray[np.float64]
    spun_standard: NDArray[np.float64]
    spun_wording: NDArray[np.float32]

    def excess(
        self,
        standard: NDArray[np.float64],
        word_counts: csr_matrix,
        n_words: NDArray[np.integer],
        misfit: Callable[[int], float],
    ) -> NDArray[np.float64]:
        """How far each text is beyond the thresholds, float64 (n, len(ABNORMAL_KINDS)).

        Args:
            standard: Standardised features, float64 (n, n_features).
            word_counts: Scaled counts of word n-grams, float32 CSR (n, BUCKETS).
            n_words: Lengths, (n,).
            misfit: How badly the words of a text fit, by its row; measured where the rest makes it suspect.
        """
        found, band = row_products(standard, self.coef) + self.intercept, band_of(n_words)
        found[:, 0] = spun_deviations(found[:, 0] + word_counts @ self.spun_wording, misfit, self.spun_standard.T[band])
        return np.asarray(found - self.thresholds.T[band])

    def arrays(self) -> dict[str, NDArray[np.floating]]:
        """The arrays to store, by name; undone by ``from_arrays``."""
        wording = self.spun_wording.astype(np.float16)
        return {f"normality_{name}": getattr(self, name) for name in _ARRAYS} | {f"normality_{_WORDING}": wording}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray]) -> NormalityClassifier | None:
        """The classifier among a model's arrays, whose shapes were checked when it was read; None if it has none.

        Raises:
            ModelError: if a part of it is missing, as in a model of an earlier version, or counts other n-grams than this program.
        """
        found = {name: arrays[f"normality_{name}"] for name in (*_ARRAYS, _WORDING) if f"normality_{name}" in arrays}
        if not found:
            return None
        if len(found) <= len(_ARRAYS) or found[_WORDING].shape != (BUCKETS,):
            raise ModelError(
                "what tells texts that are no normal English was made by another version of retold, or is damaged;"
                " get the model anew, or: retold train"
            )
        coef, intercept, thresholds, standard = (np.asarray(found[name], dtype=np.float64) for name in _ARRAYS)
        return cls(coef, intercept, thresholds, standard, np.asarray(found[_WORDING], dtype=np.float32))


def spun_deviations(
    log_odds: NDArray[np.float64], misfit: Callable[[int], float], standard: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Deviations above human texts, float64 (n,); minus infinity where nothing is suspect.

    Args:
        log_odds: Of a spun copy, (n,).
        misfit: How badly the words of a text fit, by its row.
        standard: Mean and deviation of the first, and of the second, (n, 4).
    """
    first = (log_odds - standard[:, 0]) / standard[:, 1]
    out = np.full(len(first), -np.inf)
    for row in np.flatnonzero(first >= _SUSPECT).tolist():
        out[row] = first[row] + (misfit(row) - standard[row, 2]) / standard[row, 3]
    return out


def unlike_articles(article: Article) -> str:
    """Why a text is nothing that was learned from articles, in words; empty if it may be one."""
    words = [word for word in article.lower if word[0].isalpha()]
    if not words:
        return NO_SENTENCES
    small = function_words()
    if sum(word in small for word in words) < _MIN_FUNCTION_WORDS * len(words):
        return NO_SENTENCES
    return REPETITIVE if _is_repetition(article) else ""


def _is_repetition(article: Article) -> bool:
    """True for a few sentences over and over."""
    sentences = [tuple(article.lower[start:end]) for start, end in pairwise(article.sentences)]
    different = set(sentences)
    kept = sum(map(len, different))
    return len(different) <= _FEW_SENTENCES and kept < (1 - _MAX_REPEATED) * len(article.lower)


def reasons(
    classifier: NormalityClassifier | None,
    replaced_words: ReplacedWordDetector | None,
    standard: NDArray[np.float64],
    batch: Batch,
) -> list[str]:
    """Why each of n articles is abstained on, one of the sentences above; empty where it is not.

    Args:
        classifier: The model's, if it has one.
        replaced_words: The model's, if it has one; both are needed to tell abnormal texts.
        standard: Standardised features, float64 (n, n_features).
        batch: The articles.
    """
    found = [unlike_articles(article) for article in batch.articles]
    if classifier is None or replaced_words is None:
        return found
    n_words = np.array([article.n_words for article in batch.articles])
    misfit = partial(replaced_words.mean_misfit, batch)
    excess = classifier.excess(standard, WordNgrams.counts_of(batch), n_words, misfit)
    # What is word salad is often spun by its words, too, but hardly a spun copy is word salad.
    kinds = [SALAD if salad >= 0 else SPUN if spun >= 0 else "" for spun, salad in excess.tolist()]
    return [reason or kind for reason, kind in zip(found, kinds, strict=True)]
