"""What the command line can do, each command a function that returns an exit code and can be called from Python."""

from retold.commands.codes import FAILED, INTERRUPTED, OK, PIPE_CLOSED, SOME_FAILED
from retold.commands.compare import compare
from retold.commands.explain import explain
from retold.commands.score import score
from retold.commands.version import version

__all__ = ["FAILED", "INTERRUPTED", "OK", "PIPE_CLOSED", "SOME_FAILED", "compare", "explain", "score", "version"]
