"""A cache of round trips and token scores: engines are slow, and give the same sentence the same translation every time."""

from __future__ import annotations

import hashlib
import sqlite3
import warnings
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Final, Generic, NamedTuple, Self, TypeVar

import numpy as np

from retold.cache_folder import cache_folder
from retold.limits import ENGINE_BATCH_SENTENCES
from retold.reading.encoding import replace_surrogates
from retold.translation.engines import Engine
from retold.translation.forced_decoding import TokenScores

# Seconds to wait for another process that is writing; each write takes milliseconds.
_LOCK_SECONDS: Final = 10
# Bytes of a digest that name a sentence: at a billion sentences two share one with a probability of 1e-21.
_KEY_BYTES: Final = 16
# What is stored of a word piece, half precision, and what separates pieces from each other and from the numbers; neither
# separator is ever part of a piece.
_SCORES: Final = np.dtype([("log_probability", "<f2"), ("gap_to_argmax", "<f2")])
_PIECE_END, _PIECES_END = "\n", b"\0"

_T = TypeVar("_T")


class _Table(NamedTuple, Generic[_T]):
    """A table of the file: its name, and how its values are stored; ``decode`` raises ValueError for a damaged one."""

    name: str
    encode: Callable[[_T], str | bytes]
    decode: Callable[[str | bytes], _T]


def default_cache_file() -> Path:
    """Return where round trips are cached unless the user names a file."""
    return cache_folder() / "translations.sqlite"


class TranslationCache:
    """Runs an engine only on sentences that it has not translated before.

    A file that is damaged, locked or something else never stops the work: from there on translations are kept in memory.

    Args:
        engine: The engine.
        file: A SQLite file that outlives the process, made if absent; None keeps translations in memory. Sentences are
            stored as digests, their round trips as text.
        warn: Called with a sentence if the file cannot be used.
    """

    def __init__(self, engine: Engine, file: Path | None = None, warn: Callable[[str], object] = warnings.warn) -> None:
        self.engine = engine
        self._file = file
        self._warn = warn
        try:
            self._database = _open(file)
        except (sqlite3.Error, UnicodeDecodeError, OSError) as error:
            self._use_memory(error)

    def round_trip(self, sentences: Sequence[str]) -> list[str]:
        """Return the round trip of each sentence; they are stored every few dozen, so an interruption loses little.

        Raises:
            EngineError: if the engine fails.
        """
        return self._cached(_ROUND_TRIPS, sentences, self.engine.round_trip)

    def force_decode(self, sentences: Sequence[str]) -> list[TokenScores | None]:
        """Score each sentence as ``Engine.force_decode``, rounded to 16 bits whether cached or new.

        Raises:
            EngineError: if the engine fails.
            MissingPackageError: if the engine lacks a package.
        """
        return self._cached(_TOKEN_SCORES, sentences, self.engine.force_decode)

    def _cached(self, table: _Table[_T], sentences: Sequence[str], run: Callable[[list[str]], list[_T]]) -> list[_T]:
        keys = [self._key(sentence) for sentence in sentences]
        values = self._look_up(table, keys)
        missing = [(k, s) for k, s in dict(zip(keys, sentences, strict=True)).items() if k not in values]
        for start in range(0, len(missing), ENGINE_BATCH_SENTENCES):
            batch = missing[start : start + ENGINE_BATCH_SENTENCES]
            results = run([sentence for _, sentence in batch])
            encoded = {key: table.encode(result) for (key, _), result in zip(batch, results, strict=True)}
            self._store(table, encoded)
            values |= {key: table.decode(value) for key, value in encoded.items()}
        return [values[key] for key in keys]

    def _key(self, sentence: str) -> bytes:
        return hashlib.sha256(f"{self.engine.name}\0{sentence}".encode("utf-8", "replace")).digest()[:_KEY_BYTES]

    def _look_up(self, table: _Table[_T], keys: Sequence[bytes]) -> dict[bytes, _T]:
        values: dict[bytes, _T] = {}
        query = f"SELECT value FROM {table.name} WHERE key = ?"  # noqa: S608
        try:
            for key in dict.fromkeys(keys):
                row = self._database.execute(query, (key,)).fetchone()
                # A damaged value is computed again.
                with suppress(ValueError):
                    values |= {key: table.decode(row[0])} if row is not None else {}
        except (sqlite3.Error, UnicodeDecodeError) as error:
            self._use_memory(error)
        return values

    def _store(self, table: _Table[_T], values: dict[bytes, str | bytes]) -> None:
        try:
            with self._database:
                self._database.executemany(
                    f"INSERT OR REPLACE INTO {table.name} VALUES (?, ?)",  # noqa: S608
                    values.items(),
                )
        except (sqlite3.Error, UnicodeDecodeError) as error:
            self._use_memory(error)

    def _use_memory(self, error: Exception) -> None:
        self._database = _open(None)
        self._warn(
            f"{self._file}: cannot be used as a translation cache ({error}); going on without it. "
            "Delete it or name another: --cache FILE"
        )

    def close(self) -> None:
        """Close the file."""
        self._database.close()

    def __enter__(self) -> Self:
        """Use it in a ``with`` statement, which closes it."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the file."""
        self.close()


def _open(file: Path | None) -> sqlite3.Connection:
    if file is not None:
        file.parent.mkdir(parents=True, exist_ok=True)
    database = sqlite3.connect(file or ":memory:", timeout=_LOCK_SECONDS)
    # A lost translation can be made again: waiting for the disk after each would take longer than translating.
    database.execute("PRAGMA synchronous = OFF")
    # The file may come from anyone.
    database.execute("PRAGMA trusted_schema = OFF")
    for table in (_ROUND_TRIPS, _TOKEN_SCORES):
        database.execute(
            f"CREATE TABLE IF NOT EXISTS {table.name} (key BLOB PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID"
        )
        database.execute(f"SELECT key, value FROM {table.name} LIMIT 1")  # noqa: S608
    return database


def _pack(scores: TokenScores | None) -> bytes:
    """Token scores as bytes; none for no scores."""
    if scores is None:
        return b""
    rows = np.empty(len(scores.pieces), dtype=_SCORES)
    rows["log_probability"], rows["gap_to_argmax"] = scores.log_probability, scores.gap_to_argmax
    return _PIECE_END.join(scores.pieces).encode() + _PIECES_END + rows.tobytes()


def _unpack(value: str | bytes) -> TokenScores | None:
    if value == b"":
        return None
    if isinstance(value, str):
        raise ValueError("token scores are stored as bytes")
    pieces, _, numbers = value.partition(_PIECES_END)
    names = pieces.decode().split(_PIECE_END)
    rows = np.frombuffer(numbers, dtype=_SCORES)
    if len(rows) != len(names):
        raise ValueError(f"{len(rows)} scores of {len(names)} pieces")
    return TokenScores(
        tuple(names), rows["log_probability"].astype(np.float32), rows["gap_to_argmax"].astype(np.float32)
    )


def _as_text(value: str | bytes) -> str:
    if not isinstance(value, str):
        raise ValueError("round trips are stored as text")
    return value


_ROUND_TRIPS: Final = _Table("round_trips", replace_surrogates, _as_text)
_TOKEN_SCORES: Final = _Table("token_scores", _pack, _unpack)
