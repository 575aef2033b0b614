"""Traces turned round: for each article of an archive, who took it, when and how."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from retold.archive.sources import Derivation, Source
from retold.archive.tracing import Trace
from retold.compare.result import describe


@dataclass(frozen=True, slots=True)
class Taker(Derivation):
    """A text that was made from an article.

    Attributes:
        facts: The changed facts in words, such as "number: 67 -> 76"; those of the article that the text owes most to.
    """

    facts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TakenArticle:
    """An article of an archive with the texts that were made from it, in the order of their days, undated ones last."""

    id: str
    date: str
    url: str
    outlet: str
    archive: str
    takers: tuple[Taker, ...]

    def as_dict(self) -> dict[str, Any]:
        """The JSON object of this article."""
        takers = [{**asdict(taker), "facts": list(taker.facts)} for taker in self.takers]
        return {name: getattr(self, name) for name in self.__slots__} | {"takers": takers}


def taken_articles(traces: Iterable[Trace]) -> list[TakenArticle]:
    """One row for every article that texts were made from, that of most takers first; texts without a source have none."""
    takers: dict[tuple[str, str, str, str, str], list[Taker]] = {}
    for trace in traces:
        for number, s in enumerate(trace.sources):
            facts = tuple(describe(change).rpartition(" (")[0] for change in trace.facts) if number == 0 else ()
            takers.setdefault((s.id, s.date, s.url, s.outlet, s.archive), []).append(_taker(trace, s, facts))
    rows = [TakenArticle(*key, tuple(sorted(own, key=_day))) for key, own in takers.items()]
    return sorted(rows, key=lambda row: (-len(row.takers), row.date or "~", row.id, row.archive))


def _taker(trace: Trace, s: Source, facts: tuple[str, ...]) -> Taker:
    known = (trace.verdict.id, trace.date, trace.url, trace.outlet)
    return Taker(*known, s.relation, s.probability, s.shared, s.covered, s.pivot, facts)


def _day(taker: Taker) -> tuple[str, str]:
    # Later than any day.
    return taker.date or "~", taker.id
