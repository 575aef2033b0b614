"""From texts to numbers: columns over the registry of signals, and the scikit-learn transformer that makes them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from retold.features.columns import Layout, layout, measure, with_length

if TYPE_CHECKING:
    from retold.features.transformer import SignalFeatures

__all__ = ["Layout", "SignalFeatures", "layout", "measure", "with_length"]


def __getattr__(name: str) -> Any:
    """Import the transformer on first use: scoring needs no scikit-learn, which takes a second to load."""
    if name != "SignalFeatures":
        raise AttributeError(f"module 'retold.features' has no attribute {name!r}")
    from retold.features.transformer import SignalFeatures

    return SignalFeatures
