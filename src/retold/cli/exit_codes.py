"""Exit codes, the same for every command."""

from __future__ import annotations

from typing import Final

# Everything was done.
OK: Final = 0
# Some inputs could not be read or judged; the others were.
SOME_FAILED: Final = 1
# The command was not understood, nothing could be read, or the model cannot be used.
FAILED: Final = 2
# Every document was read, or some were, and ``--fail-on`` names the verdict of one.
FOUND: Final = 3
# EX_SOFTWARE of BSD's sysexits.h: the work stopped for a reason that is in neither the command nor its inputs.
STOPPED: Final = 70
# What a shell adds to the number of the signal that ended a program: 130 for SIGINT, 143 for SIGTERM, 141 for SIGPIPE.
SIGNALLED: Final = 128
PIPE_CLOSED: Final = 141
