"""What is finished of a run, kept beside its output, so that a run that was cut short goes on: ``score --resume``."""

from __future__ import annotations

import hashlib
import json
import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Final

from retold.cli.batches import Scored
from retold.errors import InputError
from retold.limits import BATCH_CHARACTERS, BATCH_DOCUMENTS, RECORD_SECONDS
from retold.reading import Document, Unreadable

if TYPE_CHECKING:
    from retold.detector.verdict import Verdict

# Seconds to wait for another process that is writing; each write takes milliseconds.
_LOCK_SECONDS: Final = 10
# Of an exception that cut the work short; the command line, which knows the command, puts it in the place of these words.
GO_ON: Final = "to go on: the same command with --resume"


class CompletionRecord:
    """Finished verdicts by input and options, in a SQLite file that survives ``kill -9`` and a full disk.

    Args:
        file: Where it lies; made if absent.
        options: All that a verdict depends on beside the text: another model, prior or archive finds nothing.
        is_resumed: Whether to give back what an earlier run finished.
        warn: Called with a sentence if the file can no longer be written; the work goes on without.
        clock: Gives seconds.

    Raises:
        InputError: if the file is something else, or cannot be made.
    """

    def __init__(
        self,
        file: Path,
        options: str,
        is_resumed: bool,
        warn: Callable[[str], object],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.file = file
        self._options, self._is_resumed, self._warn, self._clock = options, is_resumed, warn, clock
        self._last_commit, self._is_broken = clock(), False
        try:
            self._db = sqlite3.connect(file, timeout=_LOCK_SECONDS)
            # The file may come from anyone.
            self._db.execute("PRAGMA trusted_schema = OFF")
            self._db.execute("CREATE TABLE IF NOT EXISTS results (key BLOB PRIMARY KEY, verdict TEXT NOT NULL)")
            self.n_found = int(self._db.execute("SELECT count(*) FROM results").fetchone()[0])
        # A damaged schema is decoded before it is refused.
        except (sqlite3.Error, UnicodeDecodeError) as error:
            advice = "delete it" if file.exists() else "choose another place with --output"
            raise InputError(f"{file} cannot be used as a record of finished results ({error}); {advice}") from None

    def key(self, item: Document | Unreadable) -> bytes:
        """What names an input and the options."""
        return hashlib.sha256(json.dumps([self._options, asdict(item)]).encode()).digest()

    def find(self, keys: Sequence[bytes]) -> dict[bytes, Verdict]:
        """The verdicts that an earlier run finished; a damaged one is none."""
        found: dict[bytes, Verdict] = {}
        for key in keys if self._is_resumed else ():
            with suppress(sqlite3.Error, ValueError, TypeError, KeyError):
                row = self._db.execute("SELECT verdict FROM results WHERE key = ?", (key,)).fetchone()
                found |= {key: _unpacked(row[0])} if row else {}
        return found

    def add(self, key: bytes, verdict: Verdict) -> None:
        """Keep a verdict; within ``RECORD_SECONDS`` it is on the disk."""
        if self._is_broken:
            return
        try:
            self._db.execute("INSERT OR REPLACE INTO results VALUES (?, ?)", (key, json.dumps(asdict(verdict))))
            if self._clock() - self._last_commit >= RECORD_SECONDS:
                self.commit()
        except sqlite3.Error as error:
            self._is_broken = True
            self._warn(f"{self.file}: finished results can no longer be recorded ({error}); going on without")

    def commit(self) -> None:
        """Put what was added on the disk."""
        self._db.commit()
        self._last_commit = self._clock()

    def close(self, is_finished: bool) -> bool:
        """Close the file, and delete it if all results stand in the output or there are none; True if it stays."""
        with suppress(sqlite3.Error):
            self._db.commit()
        is_empty = False
        with suppress(sqlite3.Error):
            is_empty = not self._db.execute("SELECT 1 FROM results LIMIT 1").fetchone()
        self._db.close()
        if is_finished or is_empty:
            self.file.unlink(missing_ok=True)
        return not (is_finished or is_empty)


@contextmanager
def kept(record: CompletionRecord | None) -> Iterator[None]:
    """Close a record after the work; where that was cut short, a note of the exception says how to go on."""
    try:
        yield
    except BaseException as error:
        if record is not None and record.close(is_finished=False):
            error.add_note(GO_ON)
        raise
    if record is not None:
        record.close(is_finished=True)


def recorded(
    items: Iterable[Document | Unreadable],
    score: Callable[[list[Document | Unreadable]], Iterator[Scored | Unreadable]],
    record: CompletionRecord,
    jobs: int = 1,
) -> Iterator[Scored | Unreadable]:
    """Yield a result for each input, in order; only those are scored that a record does not hold, and added to it.

    Args:
        items: The inputs; taken a few batches at a time.
        score: Yields a result for each input it is given, in order.
        record: What is finished.
        jobs: Processes that ``score`` keeps busy.
    """
    # Load NumPy.
    from retold.detector.batches import batches
    from retold.detector.scorability import is_lasting

    for batch in batches(items, _text_of, jobs * BATCH_DOCUMENTS, jobs * BATCH_CHARACTERS):
        keys = [record.key(item) for item in batch]
        found = record.find(keys)
        scored = score([item for key, item in zip(keys, batch, strict=True) if key not in found])
        for key, item in zip(keys, batch, strict=True):
            if key in found and isinstance(item, Document):
                yield Scored(found[key], item.text, item.date)
                continue
            result = next(scored)
            if isinstance(result, Scored) and is_lasting(result.verdict.warnings):
                record.add(key, result.verdict)
            yield result


def _text_of(item: Document | Unreadable) -> str:
    return item.text if isinstance(item, Document) else ""


def _unpacked(stored: str) -> Verdict:
    """A verdict as it was added.

    Raises:
        ValueError, TypeError, KeyError: if it is damaged.
    """
    # Load NumPy.
    from retold.detector.verdict import Verdict
    from retold.signals.base import Evidence

    row = json.loads(stored)
    evidence = tuple(Evidence(**span) for span in row["evidence"])
    return Verdict(**row | {"evidence": evidence, "warnings": tuple(row["warnings"])})
