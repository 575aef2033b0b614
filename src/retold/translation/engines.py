"""Engines that take English sentences through a pivot language and back: the packaged one, or any external command."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Protocol

from retold.limits import ENGINE_SECONDS
from retold.translation.bundled_engine import BundledEngine
from retold.translation.command_engine import CommandEngine
from retold.translation.forced_decoding import TokenScores

# The name of the packaged engine on the command line.
BUNDLED: Final = "packaged"


class Engine(Protocol):
    """Takes sentences through a pivot and back."""

    @property
    def name(self) -> str:
        """Engine, version and pivot; translations are cached under this name."""
        ...

    @property
    def pivot(self) -> str:
        """ISO 639-1 code of the language in between; empty if not known."""
        ...

    def round_trip(self, sentences: Sequence[str]) -> list[str]:
        """Return the round trip of each sentence.

        Raises:
            EngineError: if the engine fails.
        """
        ...

    def force_decode(self, sentences: Sequence[str]) -> list[TokenScores | None]:
        """Score each sentence as the backward translation of its own forward translation; None where that is not known.

        Raises:
            EngineError: if the engine fails.
        """
        ...


def make_engine(name: str, jobs: int = 1, pivot: str = "", timeout: float = ENGINE_SECONDS) -> Engine:
    """Return the packaged engine for ``packaged``; anything else is the command line of an external one.

    Args:
        name: ``packaged`` or a command line.
        jobs: Threads of the packaged engine.
        pivot: ISO 639-1 code of an external engine's language in between, if known.
        timeout: Seconds that an external engine may take for one batch of sentences.

    Raises:
        MissingPackageError: if the packaged engine is not installed.
        InputError: if the command line cannot be read or names no program.
    """
    return BundledEngine(jobs) if name == BUNDLED else CommandEngine(name, pivot, timeout)
