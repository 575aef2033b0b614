"""An index that others may only read: on a share, or a medium that is not written to."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

# Tantivy's lock files; whoever reads locks one, too, to which it must be able to write.
_LOCKS = ".tantivy-*.lock"
_PRIVATE = ("meta.json", ".managed.json")


def may_write(folder: Path) -> bool:
    """True if files can be made in a folder, and locked."""
    return all(os.access(place, os.W_OK) for place in (folder, *folder.glob(_LOCKS)))


def share(folder: Path) -> None:
    """Let whoever may read a folder read what tantivy keeps of an index in it, which it writes for its user alone."""
    mode = folder.stat().st_mode & 0o666
    for name in _PRIVATE:
        # Another user's, who has made it readable.
        with suppress(OSError):
            (folder / name).chmod(mode)


class LinkedFolder:
    """A folder of links to the files of another, in which locks can be made; it goes with the object.

    Args:
        source: The folder whose files are linked.
    """

    def __init__(self, source: Path) -> None:
        self._source = source.absolute()
        self._place = TemporaryDirectory(prefix="retold-index-", ignore_cleanup_errors=True)
        self.folder = Path(self._place.name)
        self.renew()

    def renew(self) -> None:
        """Link the files that have come since."""
        for file in self._source.iterdir():
            link = self.folder / file.name
            if file.suffix != ".lock" and not link.is_symlink():
                link.symlink_to(file)
