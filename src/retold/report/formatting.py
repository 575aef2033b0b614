"""Verdicts and evidence in words, the same in every report, and safe to print."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from retold.language_names import language_name
from retold.printable import printable

if TYPE_CHECKING:
    from retold.archive.sources import Derivation
    from retold.detector.explanation import Explanation
    from retold.detector.verdict import Verdict
    from retold.signals.base import Evidence

# Words of the text that show where a segment begins or ends: enough to find the place by eye.
_SHOWN_WORDS = 8


def verdict_words(verdict: Verdict) -> str:
    """Return the verdict as a reader should take it: the label, a doubtful label where it is the likeliest, or none."""
    if verdict.label is None or verdict.probabilities is None:
        return "not judged"
    if not verdict.abstained:
        return verdict.label
    is_likeliest = verdict.probabilities[verdict.label] == max(verdict.probabilities.values())
    return f"unsure: {verdict.label}" if is_likeliest else "unsure"


def outcome(verdict: Verdict) -> str:
    """The class that a verdict is shown and counted in: a label, ``unsure`` or ``unjudged``."""
    if verdict.label is None:
        return "unjudged"
    return "unsure" if verdict.abstained else verdict.label


def percent(probability: float) -> str:
    """A probability as a percentage without false certainty: from "<1%" to "99%"."""
    return "<1%" if probability < 0.01 else f"{min(probability, 0.99):.0%}"


def pivot_words(code: str | None) -> str:
    """Return "through French" for "fr"; an empty string for no pivot."""
    return f"through {printable(language_name(code))}" if code else ""


def relation_words(made: Derivation) -> str:
    """Return "back-translated 97%, through Portuguese 42%": the relation and the pivot, each with its own probability."""
    relation = f"{printable(made.relation)} {percent(made.probability)}"
    return f"{relation}, through {pivot_shares(made.pivot)}" if made.pivot else relation


def pivot_shares(pivot: Mapping[str, float]) -> str:
    """The pivot that stands out, such as "French 71%", else the next as well, after the family that both are of if they are of one.

    Args:
        pivot: Probability of the likeliest pivots by ISO 639-1 code, strongest first.

    Returns:
        Also "French 24% or German 23%", "one of the Romance languages: Portuguese 42% or French 34%", and nothing for no pivot.
    """
    # Loads SciPy, which is loaded wherever there is a pivot.
    from retold.compare.pivot_language import close_family, close_pivots

    named = " or ".join(f"{printable(language_name(code))} {percent(pivot[code])}" for code in close_pivots(pivot))
    family = close_family(pivot)
    return f"one of the {family} languages: {named}" if family else named


def amount_words(made: Derivation) -> str:
    """How much of the article was used, and how much of the text that is."""
    return f"{made.shared:.0%} of the article's words stand in the text, and {made.covered:.0%} of the text comes from the article"


def pivot_phrase(explanation: Explanation) -> str:
    """Return "probably through French (70%)", or the family where no single pivot shows; empty for neither."""
    verdict, family = explanation.verdict, explanation.pivot_family
    if verdict.top_pivot:
        return f"probably {pivot_words(verdict.top_pivot)} ({verdict.pivot[verdict.top_pivot]:.0%})"
    return f"probably through one of the {family.name} languages ({family.probability:.0%})" if family else ""


def segment_words(explanation: Explanation) -> str:
    """Where the part that reads machine-made while the rest does not ends or begins; empty if there is none."""
    segment, n_words = explanation.machine_segment, explanation.verdict.n_words
    if segment is None:
        return ""
    words = explanation.text[segment.start : segment.end].split()
    if segment.is_beginning:
        place = f'the first {segment.n_words:,} of its {n_words:,} words, up to "{" ".join(words[-_SHOWN_WORDS:])}"'
    else:
        place = f'the last {segment.n_words:,} of its {n_words:,} words, from "{" ".join(words[:_SHOWN_WORDS])}"'
    return f"one part reads machine-made and the rest does not: {printable(place)}"


def evidence_words(evidence: Evidence) -> str:
    """Return one piece of evidence, such as "colony -> settlement?"."""
    text = printable(evidence.text)
    return f"{text} -> {printable(evidence.suggestion)}?" if evidence.suggestion else text


def strongest_first(evidence: Iterable[Evidence]) -> list[Evidence]:
    """Return evidence by falling score; equal scores in the order of the text."""
    return sorted(evidence, key=lambda item: (-item.score, item.start, item.end))


def split_at_evidence(text: str, evidence: Iterable[Evidence]) -> Iterator[tuple[str, Evidence | None]]:
    """Cut a text into pieces with and without evidence, in order; joined, they are the text.

    Where spans overlap the stronger one is marked; spans that are not in the text are left out.
    """
    last = 0
    for item in _disjoint(evidence, len(text)):
        if item.start > last:
            yield text[last : item.start], None
        yield text[item.start : item.end], item
        last = item.end
    if last < len(text):
        yield text[last:], None


def _disjoint(evidence: Iterable[Evidence], length: int) -> list[Evidence]:
    chosen: list[Evidence] = []
    for item in strongest_first(evidence):
        place = bisect_left(chosen, item.start, key=lambda other: other.start)
        after_previous = place == 0 or chosen[place - 1].end <= item.start
        before_next = place == len(chosen) or item.end <= chosen[place].start
        if 0 <= item.start < item.end <= length and after_previous and before_next:
            chosen.insert(place, item)
    return chosen
