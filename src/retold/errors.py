"""Errors that a caller can act on: each message names the file or value, what is wrong, and what to run next."""

from __future__ import annotations


class RetoldError(Exception):
    """Base of every error that retold raises on purpose; the command line prints its message and no traceback."""


class InputError(RetoldError):
    """A path or value that the caller gave cannot be used."""


class ModelError(RetoldError):
    """A model folder is absent, incomplete or refused."""


class ArchiveError(RetoldError):
    """An archive is absent, damaged, foreign, busy or cannot be written."""


class EngineError(RetoldError):
    """A translation engine failed; texts can still be scored without it."""


class EngineTimeoutError(EngineError):
    """A translation engine did not answer within its time limit."""


class MissingPackageError(RetoldError):
    """An optional package is needed.

    Args:
        package: Name on the package index; the message carries the line that installs it.
        purpose: What it is needed for, such as "reading Parquet".
    """

    def __init__(self, package: str, purpose: str) -> None:
        super().__init__(f"{purpose} needs {package}; run: python -m pip install {package}")
