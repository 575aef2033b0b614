"""Where files lie that save work and can be deleted at any time."""

from __future__ import annotations

import os
from pathlib import Path


def cache_folder() -> Path:
    """Return ``$RETOLD_CACHE`` if it is set, else retold's folder in the user's cache folder; it may not exist yet."""
    if chosen := os.environ.get("RETOLD_CACHE"):
        return Path(chosen)
    # Here, since the commands that need no cache should not load it.
    from platformdirs import user_cache_path

    return user_cache_path("retold", appauthor=False)
