"""Normalized text with a map to the reader's offsets, tokens and sentences, morphology, and the analysed article."""

from retold.text.article import Article, analyse
from retold.text.normalization import NormalizedText, normalize

__all__ = ["Article", "NormalizedText", "analyse", "normalize"]
