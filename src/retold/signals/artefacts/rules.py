"""What artefacts look like in canonical text, what stood there before, and how much each tells."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

_MONTHS = "January|February|March|April|May|June|July|August|September|October|November|December"
_TITLES = "[Pp]resident|[Pp]rime [Mm]inister|[Cc]hancellor|[Mm]inister|[Ss]enator|[Pp]rofessor|[Gg]overnor"
_TITLE_ROOTS = ("resident ", "inister ", "hancellor ", "enator ", "rofessor ", "overnor ")
_SIGNS = "$\u20ac\u00a3"
_SPACED_SIGNS = tuple(f"{sign} " for sign in _SIGNS)
# After these "a" is a letter ("hepatitis a or b"), or another word begins that does.
_NO_VOWEL = "and|or|is|are|in|of|on|at|as|am|among|all|a|e|i|o|estos|esta|este|el|en"


@dataclass(frozen=True)
class Rule:
    """A kind of artefact.

    Attributes:
        name: The column that counts it.
        pattern: What it looks like in canonical text.
        needs: Strings of which a text must hold one to be searched at all; none means that it always is.
        by: What stood there before, as a template of ``re.Match.expand``; None where nobody can say.
        reason: The explanation in words.
        score: Its rate in round trips over the sum with that in originals, in news of the corpus; rounded.
        conditional: True where originals have so many that it convinces only beside a machine verdict.
        british: True where British newsrooms write so themselves, so that it is shown only in other articles.
    """

    name: str
    pattern: re.Pattern[str]
    needs: tuple[str, ...]
    by: str | Callable[[re.Match[str]], str] | None
    reason: str
    score: float
    conditional: bool = False
    british: bool = False

    def repair(self, match: re.Match[str]) -> str | None:
        """What stood there before, if that is plain."""
        return match.expand(self.by) if isinstance(self.by, str) else self.by and self.by(match)


@dataclass(frozen=True, slots=True)
class Trace:
    """One artefact: its column, its offsets in the canonical text, and what evidence needs of it, as of its ``Rule``."""

    name: str
    start: int
    end: int
    repaired: str | None
    reason: str
    score: float
    conditional: bool = True
    british: bool = False


def _grouped(match: re.Match[str]) -> str:
    return match[0].replace(" ", ",").replace(".", ",")


def _rule(
    name: str,
    pattern: str,
    needs: tuple[str, ...],
    by: str | Callable[[re.Match[str]], str] | None,
    reason: str,
    score: float,
    conditional: bool = False,
    british: bool = False,
) -> Rule:
    return Rule(name, re.compile(pattern), needs, by, reason, score, conditional, british)


# Patterns that may begin anywhere start with a digit and look behind it afterwards, which ``re`` searches faster.
_NUMBER = r"(\d(?:[\d.,]*\d)?)"
_ORDER = "a date in another language's order"
JOINED_NUMBER = "thousands set apart by a space"
RULES = (
    _rule("numbers", rf"([{_SIGNS}]) {_NUMBER}", _SPACED_SIGNS, r"\1\2", "a space in a price", 0.95),
    _rule(
        "numbers",
        rf"(?<![\d.,{_SIGNS}]){_NUMBER} ?([{_SIGNS}])(?! ?\d)",
        tuple(_SIGNS),
        r"\2\1",
        "a currency sign after the number",
        0.95,
    ),
    _rule("numbers", r"\b(\d+(?:\.\d+)?) %", (" %",), r"\1%", "a space before the per cent sign", 0.75),
    _rule(
        "numbers",
        r"[1-9](?<![\d.,-].)(?<![\d$] .)\d{0,2}(?: \d{3})+\b(?! \d)",
        (),
        _grouped,
        JOINED_NUMBER,
        0.9,
    ),
    _rule("numbers", r"(\d(?<![\d,.].)\d{0,2}),(\d{1,2})\b(?![,.]?\d)", (), r"\1.\2", "a decimal comma", 0.95),
    _rule(
        "numbers",
        r"[1-9](?<![\d.,$=].)\d{0,2}\.\d\d0\b(?![,.]?\d)(?! ?%)",
        (),
        _grouped,
        "thousands set apart by a full stop",
        0.8,
    ),
    _rule("dates", r"in (?:the )?year (\d{4})\b", (" year ",), r"in \1", "a year called a year", 0.9),
    _rule(
        "dates",
        rf"the (\d{{1,2}})(?:st|nd|rd|th)?\.? (?:of )?({_MONTHS})\b",
        ("the ",),
        r"\2 \1",
        _ORDER,
        0.85,
        british=True,
    ),
    _rule("dates", rf"(\d(?<!\d.)\d?)\. ({_MONTHS})\b", (), r"\2 \1", _ORDER, 0.95),
    _rule("dates", r"(?<!\d)(\d\d?(?:[:.]\d\d)?) o'clock\b", ("o'clock",), None, "an hour in full", 0.85, british=True),
    _rule(
        "units",
        rf"(?<![\d.,{_SIGNS}]){_NUMBER}( million| billion)? (?:US |U\.S\. )?dollars\b",
        (" dollars",),
        r"$\1\2",
        "a price written out",
        0.85,
    ),
    _rule(
        "articles",
        rf'(?<=[ ("])a (?!(?:{_NO_VOWEL})\b|one|once|eu|ewe)([aeio][a-z]+)\b',
        (" a a", " a e", " a i", " a o"),
        r"an \1",
        '"a" before a vowel',
        0.75,
        True,
    ),
    _rule(
        "titles",
        rf"[Tt]he ((?:{_TITLES}) (?!Of\b)[A-Z][a-z]+)",
        _TITLE_ROOTS,
        r"\1",
        "an article before a title",
        0.75,
        True,
    ),
    _rule("chains", r"of the \w+ of the\b", ("of the ",), None, 'a chain of "of the"', 0.8, True),
)
