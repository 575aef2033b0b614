"""What the command line can do, each command a function that returns an exit code and can be called from Python."""

from retold.cli.compare import compare
from retold.cli.exit_codes import FAILED, INTERRUPTED, OK, PIPE_CLOSED, SOME_FAILED
from retold.cli.explain import explain
from retold.cli.score import score
from retold.cli.version import version

__all__ = ["FAILED", "INTERRUPTED", "OK", "PIPE_CLOSED", "SOME_FAILED", "compare", "explain", "score", "version"]
