"""Negation cues (BioScope; Morante and Blanco 2012, *SEM shared task): negators, and words that deny without one."""

from __future__ import annotations

from collections.abc import Container, Sequence
from typing import Final

_NEGATORS: Final = frozenset("not no never none nobody nothing neither nor nowhere without cannot".split())
# What follows a negator where it denies nothing: "not only", "no less than".
_HARMLESS_AFTER: Final = frozenset(
    "only just merely simply least long far less more fewer later sooner doubt mention matter".split()
)
# Words that deny without a negator, among which writers and translators choose freely.
_DENIALS: Final = frozenset(
    "fail fails failed failing failure refuse refuses refused refusing refusal deny denies denied denying lack lacks lacked "
    "lacking reject rejects rejected avoid avoids avoided prevent prevents prevented hardly barely scarcely rarely seldom few "
    "little unless except yet decline declines declined absence absent against rather instead less unable unaware stop stops "
    "stopped cease ceased halt halted free missing ignore ignored exclude excluded excluding rule ruled short too neglected "
    "missed unlikely impossible than otherwise doubt doubts doubted".split()
)
_DENYING_PREFIXES: Final = ("un", "in", "im", "ir", "il", "non", "dis", "mis")
# Words that begin with "un" and deny nothing.
_UNDENYING: Final = ("under", "unit", "union", "uni", "until", "unti", "uncle")
_MIN_BASE = 3


def negators(lower: Sequence[str]) -> list[bool]:
    """For each token in lower case whether it is a negator that denies; a second one of "neither ... nor" does not count."""
    found = []
    follows_neither = False
    for word, after, last in zip(lower, [*lower[1:], ""], [*lower[2:], "", ""], strict=False):
        is_number = word == "no" and (after if after != "." else last)[:1].isdecimal()
        is_cue = word in _NEGATORS or word.endswith("n't") or (word == "yet" and after == "to")
        denies = is_cue and after not in _HARMLESS_AFTER and not is_number
        found.append(denies and not (word == "nor" and follows_neither))
        follows_neither = (follows_neither or word == "neither") and word not in ".;"
    return found


def denies_implicitly(word: str, bases: Container[str]) -> bool:
    """True if a lower-case word denies without a negator: as "failed" does, or "unclear" where ``bases`` have "clear"."""
    if word in _DENIALS or (word.endswith("less") and len(word) > len("less") + _MIN_BASE):
        return True
    stripped = [word.removeprefix(prefix) for prefix in _DENYING_PREFIXES if word.startswith(prefix)]
    return any(len(base) > _MIN_BASE and base in bases for base in stripped)


def may_deny(word: str) -> bool:
    """True if a lower-case word that replaces a negator may deny by itself: "unhurt" for "not injured"."""
    return denies_implicitly(word, ()) or (word.startswith("un") and not word.startswith(_UNDENYING))
