"""``retold corpus``: labelled examples from one's own articles."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from retold.cli.exit_codes import FAILED, OK, SOME_FAILED
from retold.cli.filtering import rejection_reason
from retold.cli.output import check_inputs, check_output, opened
from retold.cli.progress import Progress
from retold.cli.terminal import Streams, standard_streams
from retold.cli.unique_ids import UniqueIds
from retold.detector.verdict import BACK_TRANSLATED, ORIGINAL
from retold.errors import InputError
from retold.reading import Document, Unreadable, read
from retold.text.normalization import normalize
from retold.translation import Engine, TranslationCache, make_engine, round_trip_texts
from retold.translation.engines import BUNDLED

# Documents translated together: an external engine is started once for a few of them, and an interruption costs no more.
_TOGETHER = 8
# ISO 639-1, or a longer tag as engines use them ("zh-tw").
_PIVOT = re.compile(r"[a-z]{2,3}(-[a-z]{2,4})?\Z")


def roundtrip(
    paths: Sequence[str | Path],
    output: str | Path,
    engine: str = BUNDLED,
    pivot: str = "",
    jobs: int = 1,
    memory: str | Path | None = None,
    streams: Streams | None = None,
    translator: Engine | None = None,
) -> int:
    """Write each readable article and its round trip as two labelled lines of one group.

    What the engine said is kept in a file while the work lasts, so that a run that was cut short goes on where it stopped.

    Args:
        paths: Files, folders, or "-".
        output: JSONL file to write, whole or not at all; ``retold train --data`` reads it.
        engine: ``packaged``, or the command line of a program that reads an English sentence a line and writes its round trip.
        pivot: ISO 639-1 code of the language in between; the packaged engine's own if empty.
        jobs: Threads of the packaged engine.
        memory: File that keeps what the engine said; OUTPUT.memory if None, which goes when the work is done.
        streams: Stands in for the standard streams.
        translator: Stands in for the engine that ``engine`` names.

    Returns:
        0 if every document gave two lines, 1 if some did not, 2 if none did.

    Raises:
        InputError: if the output cannot be written, the engine fails, or its pivot is another.
        MissingPackageError: if the packaged engine is not installed.
    """
    check_inputs(paths)
    check_output(output, paths)
    kept = Path(memory) if memory is not None else Path(f"{output}.memory")
    check_output(kept, [output])
    asked = translator or _engine(engine, pivot, jobs)
    streams = streams or standard_streams()
    progress = Progress(streams.errors, in_place=streams.errors.isatty())
    work = _Work(progress)
    try:
        with TranslationCache(asked, kept) as remembering, opened(output, streams.output) as stream:
            for row in work.rows(read(paths, progress.remark, streams.input), remembering):
                stream.write(json.dumps(row) + "\n")
            if not work.done:
                raise InputError("no round trips were made, so nothing was written")
    except (InputError, KeyboardInterrupt):
        progress.remark(f"{work}; run it again to go on from there" if work.done else str(work))
        raise
    if memory is None:
        kept.unlink(missing_ok=True)
    progress.remark(f"{work}; next: retold train --add-to shipped --data {output}")
    return SOME_FAILED if work.failed else OK if work.done else FAILED


def _engine(name: str, pivot: str, jobs: int) -> Engine:
    if pivot and not _PIVOT.match(pivot):
        raise InputError(f"pivot {pivot!r}: give the code of a language, such as pt")
    engine = make_engine(name, jobs, pivot)
    if pivot and engine.pivot != pivot:
        raise InputError(
            f"the packaged engine goes through {engine.pivot}, not {pivot}; name another: --engine COMMAND"
        )
    return engine


class _Work:
    """Turns documents into labelled rows and counts what became of them."""

    def __init__(self, progress: Progress) -> None:
        self.progress = progress
        self.done = self.failed = 0
        self._names = UniqueIds()

    def __str__(self) -> str:
        failed = f", {self.failed:,} documents passed over" if self.failed else ""
        return f"{self.done:,} round trips made{failed}"

    def rows(self, found: Iterable[Document | Unreadable], memory: TranslationCache) -> Iterator[dict[str, Any]]:
        """Two rows a document, as they are made."""
        usable = self._usable(found)
        while part := list(islice(usable, _TOGETHER)):
            for document, said in zip(part, round_trip_texts([d.text for d in part], memory), strict=True):
                yield from self._pair(document, said, memory.engine)
            self.progress.update(self)

    def _usable(self, found: Iterable[Document | Unreadable]) -> Iterator[Document]:
        for item in found:
            reason = item.reason if isinstance(item, Unreadable) else rejection_reason(item.text)
            if reason or not isinstance(item, Document):
                self._pass_over(item.id, reason)
            else:
                yield item

    def _pass_over(self, name: str, reason: str) -> None:
        self.failed += 1
        self.progress.remark(f"{name}: {reason}")

    def _pair(self, document: Document, said: str, engine: Engine) -> Iterator[dict[str, Any]]:
        if normalize(said).text == normalize(document.text).text:
            self._pass_over(document.id, "came back as it was; is the engine a translator?")
            return
        name = self._names.free(document.id)
        self.done += 1
        yield {"id": name, "group": name, "label": ORIGINAL, "kind": "english_original", "text": document.text}
        yield {
            "id": f"{name}.{engine.pivot or 'back'}",
            "group": name,
            "label": BACK_TRANSLATED,
            "kind": "round_trip",
            "engine": engine.name,
            "pivot": engine.pivot,
            "forward": "mt",
            "text": said,
        }
