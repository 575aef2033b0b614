"""Where results go: a stream, or a file that appears whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TextIO

from retold.cli.partial_results import adopt, drop_outdated, keep_partial, partial_file
from retold.cli.progress import Progress
from retold.cli.terminal import standard_streams
from retold.drafts import clear_abandoned, draft_file
from retold.errors import InputError


def _remark(text: str) -> None:
    Progress(standard_streams().errors, in_place=False).remark(text)


@contextmanager
def opened(output: str | Path | None, stdout: TextIO, remark: Callable[[str], object] = _remark) -> Iterator[TextIO]:
    """Give a stream to write results to.

    A file is written beside its place and renamed when all of it is there. If the work is cut short, what was written,
    if anything, stays in FILE.partial, a note of the exception names it, and FILE is untouched. What a hard stop of an earlier
    run left comes under that name, too.

    Args:
        output: The file; None or "-" for standard output.
        stdout: Standard output.
        remark: Takes a sentence about what an earlier run left.

    Raises:
        InputError: if the file cannot be written.
    """
    if output is None or str(output) == "-":
        yield stdout
    elif is_replaced(output):
        path = Path(os.path.realpath(output))
        clear_abandoned(path, lambda draft: adopt(draft, partial_file(path), remark))
        yield from _opened_file(path)
    else:
        yield from _opened_device(Path(output))


def is_replaced(output: str | Path | None) -> bool:
    """True for a file that appears whole; False for standard output, a pipe or a device, which are written in place."""
    return output is not None and str(output) != "-" and (not Path(output).exists() or Path(output).is_file())


def _opened_file(path: Path) -> Iterator[TextIO]:
    with ExitStack() as stack:
        try:
            draft, stream = stack.enter_context(draft_file(path, "x", encoding="utf-8", newline=""))
        except OSError as error:
            raise InputError(f"cannot write {path} ({error.strerror}); choose another place with --output") from None
        try:
            with stream:
                yield stream
            # Inside, since a signal may come here, too.
            os.replace(draft, path)
        except BaseException as error:
            kept = keep_partial(draft, partial_file(path)) if draft.exists() else None
            if kept is not None:
                error.add_note(f"the results so far are in {kept}")
            raise
    drop_outdated(partial_file(path), path)


def _opened_device(path: Path) -> Iterator[TextIO]:
    """A pipe or a device is written in place, since renaming would replace it."""
    try:
        with path.open("w", encoding="utf-8", newline="") as stream:
            yield stream
    except PermissionError as error:
        raise InputError(f"cannot write {path} ({error.strerror}); choose another place with --output") from None
