"""Canonical form, tokens and sentences, and the analysed article."""

from retold.text.article import Article, analyse
from retold.text.canonical import Canonical, canonicalise

__all__ = ["Article", "Canonical", "analyse", "canonicalise"]
