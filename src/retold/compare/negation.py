"""Which words deny."""

from __future__ import annotations

from collections.abc import Container, Iterable
from typing import Final

_NEGATORS: Final = frozenset("not no never none nobody nothing neither nor nowhere without cannot".split())
# Words that deny without a negator, among which writers and translators choose freely.
_DENIALS: Final = frozenset(
    "fail fails failed failing refuse refuses refused refusing deny has_negation denied denying lack lacks lacked lacking "
    "reject rejects rejected avoid avoids avoided prevent prevents prevented hardly barely scarcely rarely seldom few "
    "little unless except yet decline declines declined absence".split()
)
_DENYING_PREFIXES: Final = ("un", "in", "im", "ir", "il", "non", "dis")


def has_negation(words: Iterable[str]) -> bool:
    """True if a negator is among lower-case words."""
    return any(word in _NEGATORS or word.endswith("n't") for word in words)


def has_implicit_negation(word: str, bases: Container[str]) -> bool:
    """True if a lower-case word has_negation without a negator: as "failed" does, or "unclear" where ``bases`` have "clear"."""
    if word in _DENIALS:
        return True
    stripped = [word.removeprefix(prefix) for prefix in _DENYING_PREFIXES if word.startswith(prefix)]
    return any(len(base) > 3 and base in bases for base in stripped)
