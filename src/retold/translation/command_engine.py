"""Any program that reads sentences and writes their round trips, as an engine."""

from __future__ import annotations

import os
import shlex
import shutil
import signal
import subprocess
from collections.abc import Sequence
from contextlib import suppress

from retold.errors import EngineError, EngineTimeoutError, InputError
from retold.limits import ENGINE_SECONDS
from retold.reading.encoding import replace_surrogates
from retold.translation.forced_decoding import TokenScores

# Characters of the program's last error message that are shown.
_SHOWN_CHARACTERS = 300
# Sentences of so many words that come back as they were, if all do, show that nothing was translated: one such sentence may well
# survive its round trip, ten in a row do not.
_ECHOED, _ECHOED_WORDS = 10, 8


class CommandEngine:
    """An external command that reads one English sentence a line and writes its round trip, a line each.

    Args:
        command: The command line, split as a shell would but run without one.
        pivot: ISO 639-1 code of the language in between, if known.
        timeout: Seconds for one batch of sentences.

    Raises:
        InputError: if the command line is empty, its quotes are not closed, or there is no such program.
    """

    def __init__(self, command: str, pivot: str = "", timeout: float = ENGINE_SECONDS) -> None:
        try:
            self._arguments = shlex.split(command)
        except ValueError as error:
            raise InputError(f"engine command {command!r}: {error}") from None
        if not self._arguments:
            raise InputError("the engine command is empty; name a program that reads and writes a sentence a line")
        if "\0" in command or shutil.which(self._arguments[0]) is None:
            raise InputError(f"engine command {command!r}: there is no program {self._arguments[0]!r}; give its path")
        self.name, self.pivot, self.timeout = f"command {command}", pivot, timeout

    def round_trip(self, sentences: Sequence[str]) -> list[str]:
        """Run the command once for all of the sentences.

        Raises:
            EngineError: if it cannot be run, fails, takes too long, writes another number of lines, or writes the sentences as they
                were: what comes back unchanged would pass for machine English.
        """
        if not sentences:
            return []
        given = [" ".join(replace_surrogates(s).split()) for s in sentences]
        output = self._run("".join(f"{line}\n" for line in given))
        lines = [line.removesuffix("\r") for line in output.removesuffix("\n").split("\n")] if output else []
        if len(lines) != len(sentences):
            raise EngineError(f"{self.name}: wrote {len(lines)} lines for {len(sentences)} sentences")
        long = [(line, back) for line, back in zip(given, lines, strict=True) if line.count(" ") >= _ECHOED_WORDS]
        if len(long) >= _ECHOED and all(line == back for line, back in long):
            raise EngineError(f"{self.name}: writes sentences as they were; it has to translate them and back")
        return lines

    def force_decode(self, sentences: Sequence[str]) -> list[TokenScores | None]:
        """None for each: a command gives no probabilities."""
        return [None] * len(sentences)

    def _run(self, text: str) -> str:
        try:
            # A session of its own, so that whatever the command starts can be ended with it. No shell reads the command,
            # which is the user's own.
            process = subprocess.Popen(  # noqa: S603
                self._arguments, stdin=-1, stdout=-1, stderr=-1, start_new_session=True
            )
        except OSError as error:
            raise EngineError(f"{self.name}: cannot be run ({error})") from None
        try:
            output, errors = process.communicate(text.encode(), self.timeout)
        except subprocess.TimeoutExpired:
            raise EngineTimeoutError(f"{self.name}: no output within {self.timeout:g} seconds") from None
        finally:
            _end_group(process)
        if process.returncode:
            last_line = errors.decode("utf-8", "replace").strip().splitlines()[-1:] or ["no message"]
            raise EngineError(f"{self.name}: ended with code {process.returncode}: {last_line[0][:_SHOWN_CHARACTERS]}")
        try:
            return output.decode()
        except UnicodeDecodeError as error:
            raise EngineError(f"{self.name}: its output is not UTF-8 ({error.reason})") from None


def _end_group(process: subprocess.Popen[bytes]) -> None:
    """Kill what is left of a process and all that it started, and close its pipes."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    for pipe in (process.stdin, process.stdout, process.stderr):
        if pipe is not None:
            with suppress(OSError):
                pipe.close()
    process.wait()
