"""A memory of round trips: translation is slow, and the same sentence by the same engine always comes back the same."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

from retold.errors import InputError
from retold.limits import ENGINE_BATCH_SENTENCES
from retold.translation.engines import Engine, sound

_SCHEMA = "CREATE TABLE IF NOT EXISTS round_trips (key BLOB PRIMARY KEY, said TEXT NOT NULL) WITHOUT ROWID"
# Seconds to wait for another process that is writing.
_PATIENCE = 60


class Memory:
    """Asks an engine only for sentences that it has not been asked for, and keeps the answers.

    Args:
        engine: Whom to ask.
        file: A SQLite file that outlives the process, made if absent; None remembers within the process alone.
            Sentences are stored as digests, their round trips as text.

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
            self._store.execute(_SCHEMA)
            self._store.execute("SELECT key, said FROM round_trips LIMIT 1")

    def round_trip(self, sentences: Sequence[str]) -> list[str]:
        """What becomes of each sentence; answers are kept after every few dozen, so an interruption loses little.

        Raises:
            InputError: if the file is damaged or cannot be written, or an external engine fails.
        """
        with self._guarded():
            return self._round_trip(sentences)

    def _round_trip(self, sentences: Sequence[str]) -> list[str]:
        keys = [self._key(s) for s in sentences]
        known = self._recall(keys)
        new = {k: s for k, s in zip(keys, sentences, strict=True) if k not in known}
        items = list(new.items())
        for start in range(0, len(items), ENGINE_BATCH_SENTENCES):
            part = items[start : start + ENGINE_BATCH_SENTENCES]
            said = self.engine.round_trip([s for _, s in part])
            fresh = {k: sound(text) for (k, _), text in zip(part, said, strict=True)}
            with self._store:
                self._store.executemany("INSERT OR REPLACE INTO round_trips VALUES (?, ?)", fresh.items())
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

    def _recall(self, keys: Sequence[bytes]) -> dict[bytes, str]:
        found = {}
        for key in dict.fromkeys(keys):
            row = self._store.execute("SELECT said FROM round_trips WHERE key = ?", (key,)).fetchone()
            if row is not None:
                found[key] = str(row[0])
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
