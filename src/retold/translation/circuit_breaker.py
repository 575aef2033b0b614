"""An engine that is no longer run once it keeps failing (circuit breaker: Nygard 2007, "Release It!")."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, TypeVar

from retold.errors import EngineError, EngineTimeoutError
from retold.translation.engines import Engine
from retold.translation.forced_decoding import TokenScores

# Failures in a row after which an engine is given up. One may be the text's fault; a time limit was waited for, so
# running into it once is enough.
MAX_FAILURES: Final = 3

_T = TypeVar("_T")


class CircuitBreaker:
    """An engine in front of another, which it gives up after ``MAX_FAILURES`` failures in a row or one timeout.

    Args:
        engine: The engine to run.
    """

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.name, self.pivot = engine.name, engine.pivot
        self._failures = 0
        self._reason = ""

    def round_trip(self, sentences: Sequence[str]) -> list[str]:
        """Return the round trip of each sentence.

        Raises:
            EngineError: if the engine fails or was given up.
        """
        return self._guard(self.engine.round_trip, sentences)

    def force_decode(self, sentences: Sequence[str]) -> list[TokenScores | None]:
        """Score each sentence, as ``Engine.force_decode``.

        Raises:
            EngineError: if the engine fails or was given up.
        """
        return self._guard(self.engine.force_decode, sentences)

    def _guard(self, run: Callable[[Sequence[str]], _T], sentences: Sequence[str]) -> _T:
        if self._failures >= MAX_FAILURES:
            raise EngineError(f"no longer run after failing: {self._reason}")
        try:
            result = run(sentences)
        except Exception as error:
            self._failures = MAX_FAILURES if isinstance(error, EngineTimeoutError) else self._failures + 1
            self._reason = str(error) or type(error).__name__
            if isinstance(error, EngineError):
                raise
            # An engine may be anyone's object; whatever goes wrong in it must not cost a text its verdict.
            raise EngineError(f"{self.name}: {type(error).__name__}: {error}") from error
        self._failures = 0
        return result
