"""Masked n-grams: with its content words masked, a text still shows the grammar of the language it passed through.

Hypothesis: engines carry over the pivot's articles, prepositions, connectives and clause order, whatever the topic. What
remains when content words are masked by their endings, counted as 1- to 4-grams, separates machine from human and
generalises over topics. Sources: Baroni and Bernardini 2006 (function words and part-of-speech n-grams tell
translationese); Volansky, Ordan and Wintner 2015 (which features hold up over domains).
"""

from __future__ import annotations

from scipy.sparse import csr_matrix

from retold.language_model.batch import Batch
from retold.signals.ngrams.classifier import NgramClassifier
from retold.signals.ngrams.hashing import class_ids, hashed_ngrams


class MaskedNgrams(NgramClassifier):
    """Log-odds learned over masked n-grams."""

    name = group = "grammar"
    title = "grammar, as learned"
    aspect = "grammar, words of substance left out"
    quantity = "grammar as machines have it (log-odds)"

    @staticmethod
    def count(batch: Batch) -> csr_matrix:
        """Masked 1- to 4-grams."""
        return hashed_ngrams(batch, class_ids(batch), orders=(1, 2, 3, 4), salt=100)
