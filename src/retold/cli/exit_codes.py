"""Exit codes, the same for every command."""

from __future__ import annotations

from typing import Final

OK: Final = 0
# Some inputs could not be read or judged; the others were.
SOME_FAILED: Final = 1
# The command was not understood, or nothing could be read.
FAILED: Final = 2
# What a shell reports for a program ended by SIGINT and SIGPIPE.
INTERRUPTED: Final = 130
PIPE_CLOSED: Final = 141
