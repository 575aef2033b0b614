"""What is finished of a run, kept beside its output, so that a run that was cut short goes on: ``--resume``."""

from __future__ import annotations

import hashlib
import json
import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final, TypeVar

from retold.cli.output import is_replaced
from retold.cli.partial_results import record_file
from retold.errors import InputError
from retold.limits import BATCH_CHARACTERS, BATCH_DOCUMENTS, RECORD_SECONDS
from retold.reading import Document, Unreadable

T = TypeVar("T")
# Seconds to wait for another process that is writing; each write takes milliseconds.
_LOCK_SECONDS: Final = 10
# Of an exception that cut the work short; the command line, which knows the command, puts it in the place of these words.
GO_ON: Final = "to go on: the same command with --resume"


@dataclass(frozen=True, slots=True)
class Form:
    """How results of a kind are kept.

    Attributes:
        pack: Returns what JSON can hold of a result; None for one that another try may better, which is not kept.
        unpack: Returns the result from that and from its input; raises ValueError, TypeError or KeyError if it is damaged.
    """

    pack: Callable[[Any], dict[str, Any] | None]
    unpack: Callable[[Any, Document], Any]


class CompletionRecord:
    """Finished results by input and options, in a SQLite file that survives ``kill -9`` and a full disk.

    Args:
        file: Where it lies; made if absent.
        options: All that a result depends on beside the input: another model, prior or archive finds nothing.
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

    def find(self, item: Document, form: Form) -> Any:
        """The result that an earlier run finished; None if there is none or it is damaged."""
        if not self._is_resumed:
            return None
        with suppress(sqlite3.Error, ValueError, TypeError, KeyError):
            row = self._db.execute("SELECT verdict FROM results WHERE key = ?", (self.key(item),)).fetchone()
            return form.unpack(json.loads(row[0]), item) if row else None
        return None

    def add(self, item: Document, form: Form, result: object) -> None:
        """Keep a result; within ``RECORD_SECONDS`` it is on the disk."""
        if self._is_broken or (packed := form.pack(result)) is None:
            return
        try:
            self._db.execute("INSERT OR REPLACE INTO results VALUES (?, ?)", (self.key(item), json.dumps(packed)))
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


def open_record(
    output: str | Path | None, resume: bool, options: Sequence[object], remark: Callable[[str], object]
) -> CompletionRecord | None:
    """The record of what is finished of an output; None for one that is written in place.

    Args:
        output: The file that the run writes; None or "-" for standard output.
        resume: Whether to use what an earlier run finished.
        options: What results depend on beside their texts, as values of JSON; results under others are not used.
        remark: Takes a sentence about what was found.

    Raises:
        InputError: if there is none to go on from, or none can be kept.
    """
    if output is None or not is_replaced(output):
        if resume:
            raise InputError("--resume goes on where an earlier run with --output FILE stopped; name the same FILE")
        return None
    record = CompletionRecord(record_file(output), json.dumps(options), resume, remark)
    if record.n_found:
        advice = "going on from there" if resume else "add --resume to use them"
        remark(f"{record.file} holds {record.n_found:,} finished results of an earlier run; {advice}")
    return record


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
    judge: Callable[[list[Document | Unreadable]], Iterator[T]],
    record: CompletionRecord,
    form: Form,
    jobs: int = 1,
) -> Iterator[T]:
    """Yield a result for each input, in order; only those are judged that a record does not hold, and added to it.

    Args:
        items: The inputs; taken a few batches at a time.
        judge: Yields a result for each input it is given, in order.
        record: What is finished.
        form: How results are kept.
        jobs: Processes that ``judge`` keeps busy.
    """
    # Loads NumPy.
    from retold.detector.batches import batches

    for batch in batches(items, _text_of, jobs * BATCH_DOCUMENTS, jobs * BATCH_CHARACTERS):
        found = [record.find(item, form) if isinstance(item, Document) else None for item in batch]
        judged = judge([item for item, result in zip(batch, found, strict=True) if result is None])
        for item, result in zip(batch, found, strict=True):
            if result is not None:
                yield result
                continue
            new = next(judged)
            if isinstance(item, Document) and not isinstance(new, Unreadable):
                record.add(item, form, new)
            yield new


def _text_of(item: Document | Unreadable) -> str:
    return item.text if isinstance(item, Document) else ""
