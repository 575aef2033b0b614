"""A memory of round trips: translation is slow, and the same sentence by the same engine always comes back the same."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np

from retold.errors import InputError
from retold.limits import ENGINE_BATCH_SENTENCES
from retold.translation.engines import Engine, sound
from retold.translation.forced_decoding import TokenScores

# What is remembered of a sentence: its round trip, and how likely the engine finds it. The names stand in statements below.
_TABLES = {"round_trips": "TEXT", "readings": "BLOB"}
_SCHEMA = "CREATE TABLE IF NOT EXISTS {} (key BLOB PRIMARY KEY, said {} NOT NULL) WITHOUT ROWID"
# Numbers kept of a word piece, and what stands between the pieces of a reading, and between them and the numbers; neither is
# ever part of a piece.
_NUMBERS = np.dtype([("log_probability", "<f2"), ("regret", "<f2")])
_BETWEEN, _AFTER = "\n", b"\0"
# Seconds to wait for another process that is writing.
_PATIENCE = 60


class TranslationCache:
    """Asks an engine only for sentences that it has not been asked for, and keeps the answers.

    Args:
        engine: Whom to ask.
        file: A SQLite file that outlives the process, made if absent; None remembers within the process alone.
            Sentences are stored as digests, their round trips as text, their readings as numbers.

    Raises:
        InputError: if the file is something else, or cannot be opened.
    """

    def __init__(self, engine: Engine, file: Path | None = None) -> None:
        self.engine = engine
        self._place = str(file or "the memory of round trips")
        if file is not None:
            file.parent.mkdir(parents=True, exist_ok=True)
        with self._guarded():
            self._store = sqlite3.connect(file or ":memory:", timeout=_PATIENCE)
            # A lost answer can be asked for again: waiting for the disk after each would take longer than translating.
            self._store.execute("PRAGMA synchronous = OFF")
            for table, kind in _TABLES.items():
                self._store.execute(_SCHEMA.format(table, kind))
                self._store.execute(f"SELECT key, said FROM {table} LIMIT 1")  # noqa: S608

    def round_trip(self, sentences: Sequence[str]) -> list[str]:
        """What becomes of each sentence; answers are kept after every few dozen, so an interruption loses little.

        Raises:
            InputError: if the file is damaged or cannot be written, or an external engine fails.
        """
        with self._guarded():
            return [str(said) for said in self._asked("round_trips", sentences, self._translate)]

    def read(self, sentences: Sequence[str]) -> list[TokenScores | None]:
        """How likely the engine finds each sentence, as far as it says; see ``Engine.read``.

        Numbers are rounded to 16 bits whether they are remembered or new.

        Raises:
            InputError: if the file is damaged or cannot be written.
            MissingPackageError: if the engine lacks a package.
        """
        with self._guarded():
            return [_unpacked(said) for said in self._asked("readings", sentences, self._read)]

    def _translate(self, sentences: list[str]) -> list[str]:
        return [sound(text) for text in self.engine.round_trip(sentences)]

    def _read(self, sentences: list[str]) -> list[bytes]:
        return [_packed(reading) for reading in self.engine.read(sentences)]

    def _asked(
        self, table: str, sentences: Sequence[str], ask: Callable[[list[str]], Sequence[str | bytes]]
    ) -> list[str | bytes]:
        """What a table remembers of each sentence, what it does not being asked for first."""
        keys = [self._key(s) for s in sentences]
        known = self._recall(table, keys)
        new = {k: s for k, s in zip(keys, sentences, strict=True) if k not in known}
        items = list(new.items())
        for start in range(0, len(items), ENGINE_BATCH_SENTENCES):
            part = items[start : start + ENGINE_BATCH_SENTENCES]
            said = ask([s for _, s in part])
            fresh = {k: answer for (k, _), answer in zip(part, said, strict=True)}
            with self._store:
                self._store.executemany(f"INSERT OR REPLACE INTO {table} VALUES (?, ?)", fresh.items())  # noqa: S608
            known |= fresh
        return [known[k] for k in keys]

    @contextmanager
    def _guarded(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise InputError(
                f"{self._place}: cannot be used as a memory of round trips ({error}); delete it or name another"
            ) from None

    def _key(self, sentence: str) -> bytes:
        return hashlib.sha256(f"{self.engine.name}\0{sentence}".encode("utf-8", "replace")).digest()[:16]

    def _recall(self, table: str, keys: Sequence[bytes]) -> dict[bytes, str | bytes]:
        found: dict[bytes, str | bytes] = {}
        for key in dict.fromkeys(keys):
            row = self._store.execute(f"SELECT said FROM {table} WHERE key = ?", (key,)).fetchone()  # noqa: S608
            if row is not None:
                found[key] = row[0]
        return found

    def close(self) -> None:
        """Close the file."""
        self._store.close()

    def __enter__(self) -> Self:
        """Use it in a ``with`` statement, which closes it."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the file."""
        self.close()


def _packed(reading: TokenScores | None) -> bytes:
    """A reading as bytes; none for no reading."""
    if reading is None:
        return b""
    numbers = np.empty(len(reading.pieces), dtype=_NUMBERS)
    numbers["log_probability"], numbers["regret"] = reading.log_probability, reading.regret
    return _BETWEEN.join(reading.pieces).encode() + _AFTER + numbers.tobytes()


def _unpacked(stored: str | bytes) -> TokenScores | None:
    if stored == b"":
        return None
    pieces, found, numbers = stored.partition(_AFTER) if isinstance(stored, bytes) else (b"", b"", b"")
    names = pieces.decode("utf-8", "replace").split(_BETWEEN)
    if not found or len(numbers) != len(names) * _NUMBERS.itemsize:
        raise sqlite3.DataError("a reading of another form")
    rows = np.frombuffer(numbers, dtype=_NUMBERS)
    return TokenScores(tuple(names), rows["log_probability"].astype(np.float32), rows["regret"].astype(np.float32))
