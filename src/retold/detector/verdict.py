"""What the detector says of one article, as an object that shows itself."""

from __future__ import annotations

import html
from dataclasses import asdict, dataclass
from typing import Any, Final

from retold.signals.base import Evidence

ORIGINAL: Final = "original"
EDITED: Final = "edited"
BACK_TRANSLATED: Final = "back-translated"
# What the JSON says of a span; reasons are for readers of the reports.
_SHOWN: Final = ("start", "end", "text", "signal", "suggestion", "pivot", "score")
LABELS: Final = (ORIGINAL, EDITED, BACK_TRANSLATED)


@dataclass(frozen=True, slots=True)
class Verdict:
    """The verdict on one article.

    Attributes:
        id: The reader's name for the article.
        label: The most probable class, even where ``abstained`` says not to rely on it; back-translated or not as the
            operating point says, where one was chosen.
        probabilities: Probability of each of ``LABELS``; they sum to 1.
        abstained: True if the text does not carry enough to tell.
        n_words: Words in the article.
        language: ISO 639-1 code of the article's language, ``und`` if unknown.
        pivot: Probability of the likeliest pivot languages, strongest first; empty where the text does not tell.
        signals: Strength of each family of signals in favour of back-translation, from 0 to 1; 0.5 is undecided.
        evidence: The spans that speak for the verdict, strongest first.
        warnings: Why to read the verdict with care, in words.
        model: Name, version and signature of the model.
    """

    id: str
    label: str
    probabilities: dict[str, float]
    abstained: bool
    n_words: int
    language: str
    pivot: dict[str, float]
    signals: dict[str, float]
    evidence: tuple[Evidence, ...]
    warnings: tuple[str, ...]
    model: str

    def as_dict(self) -> dict[str, Any]:
        """The JSON object of this verdict; the names are those of the attributes."""
        fields = {name: getattr(self, name) for name in self.__slots__}
        spans = [{k: v for k, v in asdict(e).items() if k in _SHOWN} for e in self.evidence]
        return fields | {"evidence": spans, "warnings": list(self.warnings)}

    @property
    def p(self) -> float:
        """Probability that the article was back-translated."""
        return self.probabilities[BACK_TRANSLATED]

    def __str__(self) -> str:
        doubt = " (uncertain)" if self.abstained else ""
        return f"{self.id or 'article'}: {self.label} {self.probabilities[self.label]:.0%}{doubt}, {self.n_words} words"

    def _repr_html_(self) -> str:
        spans = "".join(f"<li>{_describe(e)}</li>" for e in self.evidence[:10])
        notes = "".join(f"<p><em>{html.escape(w)}</em></p>" for w in self.warnings)
        return f"<p><strong>{html.escape(str(self))}</strong></p>{notes}<ul>{spans}</ul>"


def _describe(evidence: Evidence) -> str:
    arrow = f" &rarr; <b>{html.escape(evidence.suggestion)}</b>" if evidence.suggestion else ""
    note = f" <small>{html.escape(evidence.reason)}</small>" if evidence.reason else ""
    return f"<code>{html.escape(evidence.text)}</code>{arrow} ({evidence.signal}, {evidence.score:.2f}){note}"
