"""retold: tells original English news from edited and back-translated versions, and shows what gave them away.

>>> import retold
>>> verdict = retold.load().score("...")                                      # doctest: +SKIP
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from retold.dataframes import score_frame
    from retold.detector import Detector, Verdict, load
    from retold.signals.base import Evidence

__version__ = "0.1.0"
__all__ = ["Detector", "Evidence", "Verdict", "__version__", "load", "score_frame"]

_HOMES = {
    "Detector": "retold.detector",
    "Verdict": "retold.detector",
    "load": "retold.detector",
    "Evidence": "retold.signals.base",
    "score_frame": "retold.dataframes",
}


def __getattr__(name: str) -> Any:
    """Import on first use, so that ``retold --help`` need not wait for NumPy and scikit-learn."""
    if name not in _HOMES:
        raise AttributeError(f"module 'retold' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_HOMES[name]), name)
