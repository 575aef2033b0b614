"""retold: tells original English news from edited and back-translated versions, and shows what gave them away.

>>> import retold
>>> verdict = retold.load().score("...")                                      # doctest: +SKIP
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from retold import plot
    from retold.archive import Archive
    from retold.compare import compare
    from retold.dataframes import score_frame, trace_frame
    from retold.detector import Detector, Verdict, load
    from retold.detector.sklearn import RetoldClassifier, TextFeatures
    from retold.monitoring.labelling import label
    from retold.signals.base import Evidence
    from retold.training.api import train
    from retold.training.evaluation.own_evaluation import evaluate

__version__ = "0.1.0"
__all__ = [
    "Archive",
    "Detector",
    "Evidence",
    "RetoldClassifier",
    "TextFeatures",
    "Verdict",
    "__version__",
    "compare",
    "evaluate",
    "label",
    "load",
    "plot",
    "score_frame",
    "trace_frame",
    "train",
]

# Where each name is defined. ``compare`` is a package that can be called, ``plot`` a module.
_HOMES = {
    "Archive": "retold.archive",
    "Detector": "retold.detector",
    "Evidence": "retold.signals.base",
    "RetoldClassifier": "retold.detector.sklearn",
    "TextFeatures": "retold.detector.sklearn",
    "Verdict": "retold.detector",
    "evaluate": "retold.training.evaluation.own_evaluation",
    "label": "retold.monitoring.labelling",
    "load": "retold.detector",
    "score_frame": "retold.dataframes",
    "trace_frame": "retold.dataframes",
    "train": "retold.training.api",
}


def __getattr__(name: str) -> Any:
    """Import on first use, so that ``retold --help`` need not wait for NumPy and scikit-learn."""
    if name in ("compare", "plot"):
        return import_module(f"retold.{name}")
    if name not in _HOMES:
        raise AttributeError(f"module 'retold' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__} - {"TYPE_CHECKING", "Any", "annotations", "import_module"})
