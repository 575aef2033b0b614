"""What a record of finished work holds of verdicts and of traces, and how it gives them back."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from retold.cli.batches import Scored
from retold.cli.record import Form
from retold.reading import Document

if TYPE_CHECKING:
    from retold.archive.tracing import Trace
    from retold.detector.verdict import Verdict

# A trace beside its document.
Traced: TypeAlias = "tuple[Trace, Document]"


def _pack(result: Scored) -> dict[str, Any] | None:
    return asdict(result.verdict) if _is_lasting(result.verdict) else None


def _unpack(row: Any, document: Document) -> Scored:
    return Scored(_verdict(row), document.text, document.date)


def _pack_trace(traced: Traced) -> dict[str, Any] | None:
    return asdict(traced[0]) if _is_lasting(traced[0].verdict) else None


def _unpack_trace(row: Any, document: Document) -> Traced:
    # Load NumPy and tantivy.
    from retold.archive.sources import Source
    from retold.archive.tracing import Trace
    from retold.compare.result import Change

    sources = tuple(Source(**source) for source in row["sources"])
    spans = ({name: tuple(change[name]) for name in ("from_span", "to_span")} for change in row["changes"])
    changes = tuple(Change(**change | span) for change, span in zip(row["changes"], spans, strict=True))
    verdict = _verdict(row["verdict"])
    return Trace(**row | {"verdict": verdict, "sources": sources, "changes": changes}), document


def _verdict(row: Any) -> Verdict:
    # Load NumPy.
    from retold.detector.verdict import Verdict
    from retold.signals.base import Evidence

    evidence = tuple(Evidence(**span) for span in row["evidence"])
    return Verdict(**row | {"evidence": evidence, "warnings": tuple(row["warnings"])})


def _is_lasting(verdict: Verdict) -> bool:
    # Loads NumPy.
    from retold.detector.scorability import is_lasting

    return is_lasting(verdict.warnings)


VERDICTS: Final = Form(_pack, _unpack)
TRACES: Final = Form(_pack_trace, _unpack_trace)
