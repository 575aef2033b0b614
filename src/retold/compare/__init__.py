"""Versions of one story: which belong together, who descends from whom, and what each changed."""

import sys
from types import ModuleType

from retold.compare.api import compare
from retold.compare.result import Change, Cluster, ComparedDocument, Comparison, LineageEdge

__all__ = ["Change", "Cluster", "ComparedDocument", "Comparison", "LineageEdge", "compare"]


class _CallableModule(ModuleType):
    """Lets ``retold.compare(texts)`` work, although ``retold.compare`` is this package."""

    __call__ = staticmethod(compare)


sys.modules[__name__].__class__ = _CallableModule
