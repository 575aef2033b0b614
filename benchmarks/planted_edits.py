"""Changes of a fact planted into versions: another number, another name, a "not" that was not there or one that is gone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from retold.compare.alignment import align
from retold.compare.changes import changes_between
from retold.compare.result import Change
from retold.compare.version import Version
from retold.compare.weights import PivotWeights
from retold.training.data.story_clusters import Member

_AUXILIARIES = frozenset("is are was were will would could should has have had can may must".split())
_CALENDAR = frozenset(
    "Monday Tuesday Wednesday Thursday Friday Saturday Sunday January February March April May June July August "
    "September October November December".split()
)
_OTHER_NAMES = ("Wexcombe", "Tarnholm", "Quillane", "Brodvik", "Ostermeer")
Planted = tuple[str, int, int, str]
# True for the tokens that a version took over from the original; only a fact that was intact can be changed.
Intact = NDArray[np.bool_]


def planted_changes(
    found: Sequence[Sequence[Member]], weights: PivotWeights
) -> tuple[dict[str, list[bool]], dict[str, list[int]]]:
    """For each kind, whether every planted change was found; for each kind of version, other alarms an article."""
    hits: defaultdict[str, list[bool]] = defaultdict(list)
    alarms: defaultdict[str, list[int]] = defaultdict(list)
    for story in found:
        original = Version.of("a", story[0].text)
        for m in (story[0], *story[1:]):
            if m.parent not in ("", story[0].id):
                continue
            version = Version.of("b", m.text)
            intact = align(original, version).kept >= 0
            for kind, plant in PLANTS.items():
                planted = plant(version, intact, np.random.default_rng(crc32(f"{kind} {m.id}".encode())))
                if planted and m is story[0]:
                    hits[f"{kind} in a copy"].append(_is_found(original, m.text, planted, weights))
                elif planted:
                    hits[f"{kind} in {m.kind}"].append(_is_found(original, m.text, planted, weights))
            if m is not story[0]:
                alarms[m.kind].append(len(_facts(original, Version.of("b", m.text), weights)))
    return dict(hits), dict(alarms)


def _facts(original: Version, version: Version, weights: PivotWeights) -> list[Change]:
    found = changes_between(align(original, version), None, weights)
    return [c for c in found if c.risk == "fact"]


def _is_found(original: Version, text: str, planted: Planted, weights: PivotWeights) -> bool:
    kind, start, end, by = planted
    changed = Version.of("b", text[:start] + by + text[end:])
    near = (c for c in _facts(original, changed, weights) if c.kind == kind)
    # A negation that was taken away is told where the next word stands.
    return any(c.to_span[0] <= start + len(by) + 1 and c.to_span[1] >= start for c in near)


def _choose(places: list[int], rng: np.random.Generator) -> int | None:
    return places[int(rng.integers(len(places)))] if places else None


def _span(version: Version, token: int) -> tuple[int, int]:
    return version.article.raw_span(token, token)


def _number(version: Version, intact: Intact, rng: np.random.Generator) -> Planted | None:
    """Another number of as many digits."""
    tokens = version.article.tokens
    at = _choose(
        [i for i, t in enumerate(tokens) if intact[i] and t.isascii() and t.isdecimal() and 2 <= len(t) <= 4], rng
    )
    if at is None:
        return None
    low = 10 ** (len(tokens[at]) - 1)
    others = [n for n in rng.integers(low, 10 * low, 20).tolist() if str(n) not in tokens]
    return ("number", *_span(version, at), str(others[0])) if others else None


def _name(version: Version, intact: Intact, rng: np.random.Generator) -> Planted | None:
    """A name that the story does not know, in place of one inside a sentence."""
    article = version.article
    first = set(article.sentences.tolist())
    names = [
        i
        for i, t in enumerate(article.tokens)
        if intact[i] and i not in first and _is_name(t) and article.tokens[i - 1].islower()
    ]
    at = _choose(names, rng)
    return ("name", *_span(version, at), _OTHER_NAMES[int(rng.integers(5))]) if at is not None else None


def _is_name(token: str) -> bool:
    return token.isalpha() and token[0].isupper() and token[1:].islower() and len(token) > 3 and token not in _CALENDAR


def _negation(version: Version, intact: Intact, rng: np.random.Generator) -> Planted | None:
    """A "not" after an auxiliary, or the one that stood there taken away."""
    lower = version.article.lower
    places = [
        i
        for i, w in enumerate(lower[:-1])
        if intact[i] and intact[i + 1] and w in _AUXILIARIES and lower[i + 1].isalpha()
    ]
    at = _choose(places, rng)
    if at is None:
        return None
    if lower[at + 1] in ("not", "only"):
        start, end = _span(version, at + 1)
        return ("negation", start, end, "not" if lower[at + 1] == "only" else "")
    end = _span(version, at)[1]
    return ("negation", end, end, " not")


PLANTS: dict[str, Callable[[Version, Intact, np.random.Generator], Planted | None]] = {
    "number": _number, "name": _name, "negation": _negation,
}  # fmt: skip
