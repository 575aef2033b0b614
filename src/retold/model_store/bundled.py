"""Where the model that comes with the package lies."""

from __future__ import annotations

from pathlib import Path

from retold.errors import ModelError

NAME = "news-en"


def bundled_model() -> Path:
    """Return the folder of the shipped model: inside an installed package, at the top level of a checkout.

    Raises:
        ModelError: if neither place holds one.
    """
    package = Path(__file__).resolve().parents[1]
    for place in (package / "models" / NAME, package.parents[1] / "models" / NAME):
        if place.is_dir():
            return place
    raise ModelError(f"the shipped model {NAME} is missing; reinstall retold, or train one: python train.py")
