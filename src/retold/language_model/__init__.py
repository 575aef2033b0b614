"""The 4-gram model of news English: estimate, store, query."""

from retold.language_model.ngram_model import LanguageModel
from retold.language_model.vocabulary import Vocabulary

__all__ = ["LanguageModel", "Vocabulary"]
