"""From labelled texts to a model, and how good it is: ``train`` and ``evaluate``."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from retold.training.api import Evaluation, evaluate, train
    from retold.training.estimates import TrainingContext

__all__ = ["Evaluation", "TrainingContext", "evaluate", "train"]


def __getattr__(name: str) -> Any:
    """Import on first use: whoever needs one module of training need not wait for all."""
    if name not in __all__:
        raise AttributeError(f"module 'retold.training' has no attribute {name!r}")
    home = "retold.training.estimates" if name == "TrainingContext" else "retold.training.api"
    return getattr(import_module(home), name)
