"""Versions of one story: which belong together, who descends from whom, and what each changed."""

from retold.compare.comparison import compare
from retold.compare.result import Change, Cluster, ComparedDocument, Comparison, Descent

__all__ = ["Change", "Cluster", "ComparedDocument", "Comparison", "Descent", "compare"]
