"""Word n-grams: engines prefer the plain, frequent word where a writer would have taken another.

Hypothesis: each choice among synonyms is weak evidence and there are hundreds in an article. Words and short runs of words are
compared between versions of the same stories, so that what remains is choice rather than topic. Source: lexical
simplification and normalisation in translation (Baker 1993; Vanmassenhove, Shterionov and Way 2019, who measured the loss
of lexical richness through machine translation).
"""

from __future__ import annotations

import numpy as np
from scipy.sparse import csr_matrix

from retold.language_model.batch import Batch
from retold.signals.ngrams.classifier import NgramClassifier
from retold.signals.ngrams.hashing import hashed_ngrams


class WordNgrams(NgramClassifier):
    """Log-odds learned over words, pairs and triples of words."""

    name = group = "wording"
    title = "wording, as learned"
    aspect = "choice of words"
    quantity = "wording as machines have it (log-odds)"

    @staticmethod
    def count(batch: Batch) -> csr_matrix:
        """1- to 3-grams of the vocabulary's words."""
        return hashed_ngrams(batch, batch.ids.astype(np.int64), orders=(1, 2, 3), salt=200)
