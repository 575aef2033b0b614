"""Fit what replaced words say of a pair: from every round trip and every edit of the corpus groups that may be seen."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from zlib import crc32

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, hstack, vstack
from sklearn.linear_model import LogisticRegression

from retold.compare.relations import align_pair
from retold.compare.substitutions import Substitutions, count_substitutions
from retold.compare.version import Version
from retold.detector.verdict import BACK_TRANSLATED
from retold.training.data.story_clusters import GUESSED_ORDER, Row, every_version

# Versions that must show a replacement, or a word gained or lost, for it to count.
_MIN_PAIRS, _MIN_WORDS = 20, 40
# Ridge, and the scale of the counts; ridges of 0.1 to 1 differ by 9 of 5,191 labels of other stories.
_C, _SCALE = 0.3, 3.0
# Newsrooms are what it is for, so that their pairs weigh more than passages, mails and essays.
_NEWS_WEIGHT = 3.0
_MAKERS = ("translation", "model", "person")
# Decimals kept; rounding changed two of those labels.
_DECIMALS = 1


@dataclass(frozen=True)
class Trial:
    """One version beside its original: what changed, and what is known of it; ``maker`` is one of ``_MAKERS`` or empty."""

    changed: Substitutions
    group: str
    is_translated: bool
    maker: str
    weight: float


def trials(rows: Iterable[Row]) -> list[Trial]:
    """Every version of the fitting side beside its original."""
    found = []
    originals: dict[str, Version] = {}
    for original, row in every_version(rows, held_out=False):
        if row["group"] not in originals:
            originals = {row["group"]: Version.of("", original)}
        parent, child = originals[row["group"]], Version.of("", row["text"])
        al = align_pair(parent, child)
        changed = count_substitutions(al) if al.a is parent else turned(count_substitutions(al))
        weight = _NEWS_WEIGHT if (row.get("domain") or "").startswith("news") else 1.0
        is_translated = row["label"] == BACK_TRANSLATED
        found.append(Trial(changed, row["group"], is_translated, _maker(row), weight))
    return found


def _maker(row: Row) -> str:
    """Who made a version; empty where the corpus only guesses that it is the later one."""
    if row["label"] == BACK_TRANSLATED:
        return "translation"
    if row["source"] in GUESSED_ORDER:
        return ""
    return "model" if row["kind"].startswith("llm") else "person"


def turned(changed: Substitutions) -> Substitutions:
    """The same with the versions in each other's place."""
    words = {w: -n for w, n in changed.words.items()}
    return Substitutions(words, {(y, x): n for (x, y), n in changed.pairs.items()}, changed.scale)


def half_of(group: str) -> int:
    """Which half of the fitting side a group is in, for scores by a model that has not seen it."""
    return crc32(f"half {group}".encode()) % 2


def fit_substitutions(seen: Sequence[Trial], share: float = 1.0) -> dict[str, Any]:
    """Fit the models; ``share`` of all trials are given, and as many are asked of a word."""
    least = max(2, round(_MIN_PAIRS * share)), max(2, round(_MIN_WORDS * share))
    words = _frequent((t.changed.words for t in seen), least[1])
    pairs = _frequent((t.changed.pairs for t in seen), least[0])
    orders = _frequent(({_sorted(p) for p in t.changed.pairs if p[0] != p[1]} for t in seen), least[0])
    changes = [t.changed for t in seen]
    gained = _matrix(changes, words, lambda c: c.words.items())
    made = _matrix(changes, pairs, lambda c: c.pairs.items())
    signed = _matrix(changes, orders, _signed)
    translated = np.array([t.is_translated for t in seen])
    makers = np.array([t.maker for t in seen])
    weight = _balanced(seen, translated)
    relation_type, intercept = _fit_relation_type(hstack([gained, made]).tocsr(), translated, weight)
    signed_words = hstack([gained, signed]).tocsr()
    directions = [_direction(signed_words[makers == maker], weight[makers == maker]) for maker in _MAKERS]
    k = len(words)
    by_word = {w: [relation_type[i], *(d[i] for d in directions)] for w, i in words.items()}
    by_pair = {p: [0.0, 0.0, *(d[k + i] for d in directions)] for p, i in orders.items()}
    for p, i in pairs.items():
        by_pair.setdefault(_sorted(p), [0.0] * (2 + len(_MAKERS)))[int(p != _sorted(p))] = relation_type[k + i]
    return {
        "intercept": round(intercept, 4),
        "words": _rounded(by_word),
        "pairs": _rounded({" ".join(p): row for p, row in by_pair.items()}),
    }


def _frequent(rows: Iterable[Iterable[Any]], least: int) -> dict[Any, int]:
    counts = Counter(name for row in rows for name in row)
    return {name: i for i, name in enumerate(sorted(n for n, c in counts.items() if c >= least))}


def _sorted(pair: tuple[str, str]) -> tuple[str, str]:
    return (min(pair), max(pair))


def _signed(changed: Substitutions) -> Iterator[tuple[tuple[str, str], int]]:
    """Replacements in alphabetical order, counted as negative where the other way round; each direction once."""
    for p, n in changed.pairs.items():
        if p[0] != p[1]:
            yield _sorted(p), n if p == _sorted(p) else -n


def _matrix(
    changes: Sequence[Substitutions], index: dict[Any, int], items: Callable[[Substitutions], Iterable[tuple[Any, int]]]
) -> csr_matrix:
    rows, columns, values = [], [], []
    for i, changed in enumerate(changes):
        for name, n in items(changed):
            if name in index:
                rows.append(i)
                columns.append(index[name])
                values.append(_SCALE * n / changed.scale)
    return csr_matrix((values, (rows, columns)), (len(changes), len(index)))


def _balanced(seen: Sequence[Trial], translated: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Weights by which both labels count as much, and a group of ninety versions not ninety times."""
    versions = Counter(t.group for t in seen)
    weight = np.array([t.weight / versions[t.group] ** 0.5 for t in seen])
    for side in (translated, ~translated):
        weight[side] /= weight[side].sum()
    return weight * len(seen) / 2


def _fit_relation_type(
    X: csr_matrix, translated: NDArray[np.bool_], weight: NDArray[np.float64]
) -> tuple[NDArray, float]:
    if not X.shape[1] or len(np.unique(translated)) < 2:
        return np.zeros(X.shape[1]), 0.0
    model = LogisticRegression(C=_C, max_iter=300).fit(X, translated, sample_weight=weight)
    return _SCALE * model.coef_[0], float(model.intercept_[0])


def _direction(X: csr_matrix, weight: NDArray[np.float64]) -> NDArray[np.float64]:
    if not all(X.shape):
        return np.zeros(X.shape[1])
    y = np.repeat([1, 0], X.shape[0])
    model = LogisticRegression(C=_C, max_iter=300, fit_intercept=False)
    return _SCALE * model.fit(vstack([X, -X]), y, sample_weight=np.tile(weight, 2)).coef_[0]


def _rounded(weights: dict[str, list[float]]) -> dict[str, list[float]]:
    """Short weights, without rows that say nothing."""
    short = {name: [round(float(w), _DECIMALS) + 0.0 for w in row] for name, row in sorted(weights.items())}
    return {name: row for name, row in short.items() if any(row)}
