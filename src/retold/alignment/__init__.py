"""Aligned versions of a text: sentences, words, and what became of each."""
