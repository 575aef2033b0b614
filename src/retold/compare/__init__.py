"""Versions of one story: which belong together, who descends from whom, and what each changed."""

from retold.compare.api import compare
from retold.compare.result import Change, Cluster, ComparedDocument, Comparison, LineageEdge

__all__ = ["Change", "Cluster", "ComparedDocument", "Comparison", "LineageEdge", "compare"]
