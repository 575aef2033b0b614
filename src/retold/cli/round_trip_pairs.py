"""Labelled pairs of an original and its round trip, as ``retold corpus roundtrip`` makes them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from retold.cli.filtering import rejection
from retold.cli.progress import Progress
from retold.cli.time_left import TimeLeft
from retold.cli.unique_ids import UniqueIds
from retold.reading import Document, Unreadable

if TYPE_CHECKING:
    from retold.translation import Engine, TranslationCache

# Documents translated together: an external engine is started once for a few of them, and an interruption costs no more.
_BATCH_DOCUMENTS = 8


class RoundTripPairs:
    """Turns documents into pairs of labelled rows, an original and its round trip, and counts them.

    Attributes:
        done: Pairs that were made.
        failed: Documents that were passed over.
    """

    def __init__(self, progress: Progress) -> None:
        self.progress = progress
        self.done = self.failed = 0
        self._names = UniqueIds()

    def __str__(self) -> str:
        failed = f", {self.failed:,} documents passed over" if self.failed else ""
        return f"{self.done:,} round trips made{failed}"

    def rows(self, items: Iterable[Document | Unreadable], engine: TranslationCache) -> Iterator[dict[str, Any]]:
        """Yield two rows a document, as they are made; what is no article, or came back as it was, is remarked on and passed over."""
        # Loads NumPy.
        from retold.translation import round_trip_texts

        # All are read first, so that it is known what is left: an hour of translation is 5 MB of text.
        documents = list(self._scorable(items))
        left = TimeLeft(sum(len(d.text) for d in documents))
        for start in range(0, len(documents), _BATCH_DOCUMENTS):
            batch = documents[start : start + _BATCH_DOCUMENTS]
            round_trips = round_trip_texts([d.text for d in batch], engine)
            for document, round_trip in zip(batch, round_trips, strict=True):
                yield from self._pair(document, round_trip, engine.engine)
            left.advance(sum(len(d.text) for d in batch))
            done = f"{start + len(batch):,} of {len(documents):,} articles translated"
            self.progress.update(", ".join(filter(None, [done, str(left)])))

    def _scorable(self, items: Iterable[Document | Unreadable]) -> Iterator[Document]:
        for item in items:
            reason = item.reason if isinstance(item, Unreadable) else rejection(item.text)[1]
            if reason or not isinstance(item, Document):
                self._pass_over(item.id, reason)
            else:
                yield item

    def _pass_over(self, name: str, reason: str) -> None:
        self.failed += 1
        self.progress.remark(f"{name}: {reason}")

    def _pair(self, document: Document, round_trip: str, engine: Engine) -> Iterator[dict[str, Any]]:
        # Loads NumPy.
        from retold.text.normalization import normalize

        if normalize(round_trip).text == normalize(document.text).text:
            self._pass_over(document.id, "came back as it was; is the engine a translator?")
            return
        name = self._names.free(document.id)
        self.done += 1
        yield {"id": name, "group": name, "label": "original", "kind": "english_original", "text": document.text}
        yield {
            "id": f"{name}.{engine.pivot or 'back'}",
            "group": name,
            "label": "back-translated",
            "kind": "round_trip",
            "engine": engine.name,
            "pivot": engine.pivot,
            "forward": "mt",
            "text": round_trip,
        }
