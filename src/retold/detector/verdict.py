"""The verdict on one article, as an object that formats itself."""

from __future__ import annotations

import html
import math
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from typing import Any, Final, Self

import numpy as np
from numpy.typing import NDArray

from retold.language_names import language_name
from retold.printable import printable
from retold.signals.base import Evidence

ORIGINAL: Final = "original"
EDITED: Final = "edited"
BACK_TRANSLATED: Final = "back-translated"
LABELS: Final = (ORIGINAL, EDITED, BACK_TRANSLATED)
# Decimals of every number in a verdict: a change of batch or processor moves the last bits of a float, never the sixth.
DECIMALS: Final = 6
# Fields of evidence in the JSON object; reasons are left to reports and explanations.
_EVIDENCE_FIELDS: Final = ("start", "end", "text", "signal", "suggestion", "pivot", "score")
# Largest probability shown to people: rounding must not turn it into certainty.
_MAX_SHOWN: Final = 0.99
# Spans shown in a notebook.
_SHOWN_EVIDENCE: Final = 10


@dataclass(frozen=True, slots=True)
class Verdict:
    """The verdict on one article.

    Attributes:
        id: The user's name for the article.
        label: The most probable class, even where ``abstained`` says not to rely on it; with an operating point,
            back-translated or not is decided there. None where nothing was judged: no text, too few words, not English.
        probabilities: Probability of each of ``LABELS``, summing to 1; None where nothing was judged.
        abstained: True if the text does not carry enough to tell.
        n_words: Words in the article.
        language: ISO 639-1 code of the article's language, ``und`` if unknown.
        pivot: Probability of the likeliest pivot languages, strongest first; empty where the text does not tell.
        signals: Probability of back-translation from each group of signals alone, 0.5 is undecided; empty where nothing
            was judged.
        evidence: The spans that speak for the verdict, strongest first.
        warnings: Why to read the verdict with care, in words.
        model: Name, version and digest of the model.
        source: With an archive, the article that the verdict rests on: its id, date, url and outlet, the relation, its probability,
            and the share of the article that stands in the text; None without.
        signature: Everything that the numbers depend on, as ``name:value`` pairs in the manner of sacrebleu (Post 2018).
    """

    id: str
    label: str | None
    probabilities: dict[str, float] | None
    abstained: bool
    n_words: int
    language: str
    pivot: dict[str, float]
    signals: dict[str, float]
    evidence: tuple[Evidence, ...]
    warnings: tuple[str, ...]
    model: str
    signature: str = ""
    source: dict[str, Any] | None = None

    def as_dict(self) -> dict[str, Any]:
        """The JSON object of this verdict; the names are those of the attributes."""
        fields = {name: getattr(self, name) for name in self.__slots__}
        spans = [{k: v for k, v in asdict(e).items() if k in _EVIDENCE_FIELDS} for e in self.evidence]
        row = fields | {"evidence": spans, "warnings": list(self.warnings)}
        return row if self.source is not None else {name: value for name, value in row.items() if name != "source"}

    @property
    def is_judged(self) -> bool:
        """True if there is a label; one that abstains is a judgement, too."""
        return self.label is not None

    @property
    def p(self) -> float:
        """Probability that the article was back-translated; NaN where nothing was judged."""
        return self.probabilities[BACK_TRANSLATED] if self.probabilities else math.nan

    @property
    def certainty(self) -> str:
        """The probability of the label as a percentage, never 100%; "-" where nothing was judged."""
        if self.label is None or self.probabilities is None:
            return "-"
        return f"{min(self.probabilities[self.label], _MAX_SHOWN):.0%}"

    @property
    def top_pivot(self) -> str | None:
        """ISO 639-1 code of the likeliest pivot language of a back-translation; None where the text does not tell."""
        if self.label != BACK_TRANSLATED:
            return None
        return max(self.pivot, key=lambda code: (self.pivot[code], code), default=None)

    def with_warnings(self, before: Iterable[str] = (), after: Iterable[str] = ()) -> Self:
        """A copy with more warnings, before and after its own."""
        return replace(self, warnings=(*before, *self.warnings, *after))

    def beside(self, probabilities: NDArray[np.float64], pivot: dict[str, float], original: str) -> Self:
        """A copy with what a comparison with an original says.

        Args:
            probabilities: float64 (3,): of ``LABELS``.
            pivot: Probability of the likeliest pivot languages, strongest first.
            original: Name of the original, for the warning.
        """
        return replace(
            self,
            label=most_probable(probabilities[None])[0],
            probabilities=named_probabilities(probabilities),
            pivot=pivot,
            abstained=self.language != "en",
        ).with_warnings(after=[beside_note(original)])

    def __str__(self) -> str:
        doubt = " (uncertain)" if self.abstained else ""
        label = f"{self.label} {self.certainty}{doubt}" if self.is_judged else "not judged"
        through = f" through {language_name(self.top_pivot)}" if self.top_pivot else ""
        return f"{printable(self.id) or 'article'}: {label}{through}, {self.n_words:,} words"

    def _repr_html_(self) -> str:
        spans = "".join(f"<li>{_evidence_html(e)}</li>" for e in self.evidence[:_SHOWN_EVIDENCE])
        notes = "".join(f"<p><em>{_escaped(w)}</em></p>" for w in self.warnings)
        signature = f"<p><small>{_escaped(self.signature)}</small></p>" if self.signature else ""
        return f"<p><strong>{html.escape(str(self))}</strong></p>{notes}<ul>{spans}</ul>{signature}"


def unjudged(id: str, reason: str, model: str = "", signature: str = "") -> Verdict:
    """The verdict on what could be neither read nor measured.

    Args:
        id: The user's name for it.
        reason: Why, its only warning.
        model: Name, version and digest of the model, if one was there.
        signature: What the numbers of verdicts depend on; empty without a model.
    """
    return Verdict(id, None, None, True, 0, "und", {}, {}, (), (reason,), model, signature)


def beside_note(original: str) -> str:
    """The warning of a verdict that rests on a comparison with an original, too."""
    return f"the label rests on this text and on its comparison with {original}"


def most_probable(probabilities: NDArray[np.float64]) -> list[str | None]:
    """The most probable label of each row (n, 3) in the order of ``LABELS``; None for a row of NaN."""
    return [None if np.isnan(row).any() else LABELS[int(row.argmax())] for row in probabilities]


def named_probabilities(row: NDArray[np.float64]) -> dict[str, float] | None:
    """The probabilities (3,) of one text by label, rounded; None for NaN."""
    if np.isnan(row).any():
        return None
    return {label: round(float(p), DECIMALS) for label, p in zip(LABELS, row, strict=True)}


def _evidence_html(evidence: Evidence) -> str:
    arrow = f" &rarr; <b>{_escaped(evidence.suggestion)}</b>" if evidence.suggestion else ""
    reason = f" <small>{_escaped(evidence.reason)}</small>" if evidence.reason else ""
    signal = f"{_escaped(evidence.signal)}, {evidence.score:.2f}"
    return f"<code>{_escaped(evidence.text)}</code>{arrow} ({signal}){reason}"


def _escaped(text: str) -> str:
    return html.escape(printable(text))
