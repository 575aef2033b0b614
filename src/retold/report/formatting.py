"""Verdicts and evidence in words, the same in every report, and safe to print."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from retold.limits import MIN_WORDS

if TYPE_CHECKING:
    from retold.detector.verdict import Verdict
    from retold.signals.base import Evidence

# What could steer a terminal or reorder a line: controls, and invisible or unassigned characters.
_UNSAFE_CATEGORIES = frozenset({"Cc", "Cf", "Co", "Cs", "Cn"})
_UNUSUAL = re.compile(r"[^ -~]")


def is_judged(verdict: Verdict) -> bool:
    """Tell whether the text could be judged at all; an abstention over a long English text is a judgement."""
    return verdict.n_words >= MIN_WORDS and verdict.language == "en"


def verdict_words(verdict: Verdict) -> str:
    """Return the verdict as a reader should take it: the label, a doubtful label, or none."""
    if not is_judged(verdict):
        return "not judged"
    return f"unsure: {verdict.label}" if verdict.abstained else verdict.label


def certainty(verdict: Verdict) -> str:
    """Return the probability of the label as a percentage, never 100%; "-" if the text was not judged."""
    if not is_judged(verdict):
        return "-"
    return f"{min(verdict.probabilities[verdict.label], 0.99):.0%}"


def top_pivot(verdict: Verdict) -> str:
    """Return the most probable pivot language of a back-translation, else ""; also "" if the text was not judged."""
    if not is_judged(verdict) or verdict.label != "back-translated" or not verdict.pivot:
        return ""
    return max(verdict.pivot, key=lambda code: (verdict.pivot[code], code))


def evidence_words(evidence: Evidence) -> str:
    """Return one piece of evidence, such as "colony -> settlement?"."""
    text = printable(evidence.text)
    return f"{text} -> {printable(evidence.suggestion)}?" if evidence.suggestion else text


def strongest_first(evidence: Iterable[Evidence]) -> list[Evidence]:
    """Return evidence by falling score; equal scores in the order of the text."""
    return sorted(evidence, key=lambda item: (-item.score, item.start, item.end))


def segments(text: str, evidence: Iterable[Evidence]) -> Iterator[tuple[str, Evidence | None]]:
    """Cut a text into stretches with and without evidence, in order; joined, they are the text.

    Where spans overlap the stronger one is marked; spans that are not in the text are left out.
    """
    last = 0
    for item in _apart(evidence, len(text)):
        if item.start > last:
            yield text[last : item.start], None
        yield text[item.start : item.end], item
        last = item.end
    if last < len(text):
        yield text[last:], None


def _apart(evidence: Iterable[Evidence], length: int) -> list[Evidence]:
    chosen: list[Evidence] = []
    for item in strongest_first(evidence):
        place = bisect_left(chosen, item.start, key=lambda other: other.start)
        after_previous = place == 0 or chosen[place - 1].end <= item.start
        before_next = place == len(chosen) or item.end <= chosen[place].start
        if 0 <= item.start < item.end <= length and after_previous and before_next:
            chosen.insert(place, item)
    return chosen


def printable(text: str) -> str:
    """Return text on one line without the characters that could steer a terminal."""
    return " ".join(_UNUSUAL.sub(_safe, text).split())


def printable_lines(text: str) -> str:
    """Return text without the characters that could steer a terminal; white space stays, line ends become newlines."""
    return _UNUSUAL.sub(_safe, text.replace("\r\n", "\n").replace("\r", "\n"))


def _safe(match: re.Match[str]) -> str:
    character = match[0]
    return character if character in "\n\t" or unicodedata.category(character) not in _UNSAFE_CATEGORIES else ""
