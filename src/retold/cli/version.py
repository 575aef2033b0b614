"""``retold version``."""

from __future__ import annotations

from importlib import metadata

from retold.cli.exit_codes import OK
from retold.cli.terminal import Streams, standard_streams


def version(streams: Streams | None = None) -> int:
    """Print the version of the package; return an exit code."""
    print(f"retold {metadata.version('retold')}", file=(streams or standard_streams()).output)
    return OK
