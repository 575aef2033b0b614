"""Words on which a claim turns: bounds, order, opposites, roles, hedges and quantifiers, each with what it says.

The lists are curated by hand; inflections are matched by their stem.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from typing import Final

from retold.text.morphology import stem
from retold.text.word_lists import read_table

# Phrases before a quantity that make it the least or the most of what is claimed.
_BOUNDS: Final = {
    "at least": "least", "no less than": "least", "no fewer than": "least", "not less than": "least",
    "a minimum of": "least", "more than": "least", "over": "least", "above": "least", "upwards of": "least",
    "greater than": "least", "in excess of": "least", "exceeding": "least",
    "at most": "most", "no more than": "most", "not more than": "most", "a maximum of": "most", "less than": "most",
    "fewer than": "most", "under": "most", "below": "most", "up to": "most",
}  # fmt: skip
_MAX_BOUND_WORDS = 4
_ORDER: Final = {
    "before": "before", "prior": "before", "ahead": "before", "after": "after", "following": "after",
    "afterwards": "after", "beforehand": "before", "until": "until", "till": "until", "since": "since",
}  # fmt: skip
_OPPOSITE_ORDER: Final = frozenset({("before", "after"), ("after", "before"), ("until", "since"), ("since", "until")})
_QUANTIFIERS: Final = {
    "all": 5, "every": 5, "each": 5, "both": 5, "entire": 5, "whole": 5, "most": 4, "many": 3, "numerous": 3, "some": 2,
    "several": 2, "few": 1,
}  # fmt: skip
# Quantifiers so far apart that one does not loosely stand for the other; "all" stands apart from the rest.
_FAR, _ALL = 2, 5
# Hedges whose loss turns a report into a fact, and beside them what else marks a claim as another's.
_HEDGES: Final = frozenset(
    "allegedly alleged reportedly supposedly supposed purportedly purported apparently suspected ostensibly seemingly "
    "possibly perhaps probably presumably presumed unconfirmed".split()
)
_ATTRIBUTIONS: Final = frozenset(
    "accused accuse accusing allege alleges alleging accordance according claim claims claimed claiming said say says report "
    "reports reported may might could would seem seems seemed appear appears appeared likely believed thought suspicion "
    "suspicions maybe obviously evidently probable possible would-be so-called told".split()
)
# Edits of at most so many words on either side put one word in the place of another; longer ones rewrite the clause.
_MAX_WORDS = 4


def bounds(lower: Sequence[str], quantity_starts: Iterable[int]) -> list[tuple[int, int, str]]:
    """Bounds of quantities as ``(first, last + 1, "least" or "most")``.

    Args:
        lower: Tokens in lower case.
        quantity_starts: First token of each quantity.
    """
    out = []
    for start in quantity_starts:
        for n in range(min(_MAX_BOUND_WORDS, start), 0, -1):
            side = _BOUNDS.get(" ".join(lower[start - n : start]))
            if side is not None:
                out.append((start - n, start, side))
                break
    return out


def is_opposite_order(before: Sequence[str], after: Sequence[str]) -> bool:
    """True if "before" became "after" or the other way round."""
    x, y = ([_ORDER[w] for w in words if w in _ORDER] for words in (before, after))
    return len(x) == len(y) == 1 and (x[0], y[0]) in _OPPOSITE_ORDER


def is_other_quantifier(before: Sequence[str], after: Sequence[str]) -> bool:
    """True if a quantifier became one that claims much more or much less."""
    x, y = ([_QUANTIFIERS[w] for w in words if w in _QUANTIFIERS] for words in (before, after))
    if not len(x) == len(y) == 1 or max(len(before), len(after)) > 2:
        return False
    return x[0] != y[0] and (_ALL in (x[0], y[0]) or abs(x[0] - y[0]) >= _FAR)


def opposites(
    before: Sequence[str], after: Sequence[str], around_before: Iterable[str], around_after: Iterable[str]
) -> tuple[int, int] | None:
    """Positions of two opposites in two runs of lower-case words, one on either side.

    None where both sides of the sentence have both words: they changed places, or belong to something else.

    Args:
        before: The run of the first version.
        after: The run in its place.
        around_before: The whole sentence of the first version.
        around_after: That of the second.
    """
    if max(len(before), len(after)) > _MAX_WORDS:
        return None
    near_before, near_after = ({stem(w) for w in words} for words in (around_before, around_after))
    for i, x in enumerate(before):
        for j, y in enumerate(after):
            p, q = stem(x), stem(y)
            if q in _antonyms().get(p, ()) and p not in near_after and q not in near_before:
                return i, j
    return None


def is_other_role(before: Sequence[str], after: Sequence[str]) -> bool:
    """True if somebody's role became another: "wife" for "sister", "doctor" for "nurse"."""
    if max(len(before), len(after)) > _MAX_WORDS:
        return False
    x, y = ([_roles()[stem(w)] for w in words if stem(w) in _roles()] for words in (before, after))
    return len(x) == len(y) == 1 and x[0] != y[0] and x[0][0] == y[0][0]


def is_role(word: str) -> bool:
    """True for a lower-case word that names a role."""
    return stem(word) in _roles()


def loses_hedge(
    before: Sequence[str], after: Sequence[str], around_before: Iterable[str], around_after: Iterable[str]
) -> bool:
    """True if a hedge is gone and nothing else in the sentence marks the claim as another's instead."""
    if max(len(before), len(after)) > _MAX_WORDS or not _HEDGES & set(before) or _is_duty(before):
        return False
    marks = _HEDGES | _ATTRIBUTIONS
    return sum(w in marks for w in around_after) < sum(w in marks for w in around_before)


def _is_duty(words: Sequence[str]) -> bool:
    """True for "supposed to", which says what somebody should do and doubts nothing."""
    return "supposed" in words[:-1] and words[words.index("supposed") + 1] == "to"


@cache
def _antonyms() -> dict[str, frozenset[str]]:
    """Stem -> stems of its opposites."""
    found: dict[str, set[str]] = {}
    for row in read_table("antonyms.tsv"):
        sides = [{stem(w) for w in cell.split()} for cell in row]
        for own, other in (sides, sides[::-1]):
            for word in own:
                found.setdefault(word, set()).update(other - own)
    return {word: frozenset(others) for word, others in found.items()}


@cache
def _roles() -> dict[str, tuple[str, int]]:
    """Stem -> kind and number of its role."""
    return {stem(w): (kind, i) for i, (kind, words) in enumerate(read_table("roles.tsv")) for w in words.split()}
