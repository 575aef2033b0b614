"""Labelled texts, their splits, labels and measured features."""
