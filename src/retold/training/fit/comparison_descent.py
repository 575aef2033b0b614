"""Fit what tells the versions of a text from independent reports of one event: from the corpus and from running news."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from retold.compare.clustering import log_odds_of_one_story, similar_pairs, vectors
from retold.compare.descent import DESCENT_FEATURES, descent_features
from retold.compare.relations import align_pair
from retold.compare.substitutions import SubstitutionModel
from retold.compare.version import Version
from retold.compare.weights import StoryWeights
from retold.text import Article, analyse
from retold.training.data.story_clusters import Member

# Reports of one event in words of their own share less than this of the seven-word sequences of the shorter, quotations
# apart; copies and edits share a quarter and more. Between them are reports that take a paragraph from one agency.
_SEQUENCE, _MOST_SHARED = 7, 0.01
# Log-odds of one story from which two articles are taken for reports of one event: what ``relation_to`` lets pass too.
_ONE_EVENT = -2.0
# News articles among which reports of one event are sought, and their words; a fifth of a million of pairs of 20,000 articles
# took three minutes.
_MAX_NEWS, _MIN_WORDS = 10_000, 150
# Words of a lead: short reports have as many.
_LEAD = 100
# Stories whose versions are paired; more moved no weight by a tenth.
_MAX_STORIES = 600
# Log-odds of descent for being compared at all: versions are far more frequent than independent reports that tell one story. With 1
# an agency's story and a farm's version of another edit of it are still seen to be one text.
_PRIOR = 1.0
# Ridge; 0.1 to 10 differ by less than one pair in a thousand.
_C = 1.0
_QUOTED = re.compile(r'"[^"\n]{0,600}"')
_WORD = re.compile(r"[\w']+|\|")


def fit_descent(
    found: Sequence[Sequence[Member]],
    news: Iterable[str],
    stories: StoryWeights,
    substitutions: SubstitutionModel,
) -> dict[str, Any]:
    """The JSON object ``descent`` of ``comparison.json``.

    Args:
        found: Stories in versions, and single originals.
        news: Running news, in which no article is a version of another by design; those that are, are left out.
        stories: Tells whether two articles are about one event.
        substitutions: Replacements that round trips and edits make.
    """
    several = [s for s in found if len(s) > 1]
    step = max(1, len(several) // _MAX_STORIES)
    versions = [features_of(a.text, b.text, substitutions) for s in several[::step] for a, b in combinations(s, 2)]
    originals = [s[0].text for s in found]
    long = [a for _, a in zip(range(_MAX_NEWS), (a for a in news if len(a.split()) >= _MIN_WORDS), strict=False)]
    pairs = [pair for texts in (originals, long) for pair in independent_reports(texts, stories)]
    reports = [features_of(cut(a), cut(b), substitutions) for a, b in pairs for cut in (str, lead)]
    rows = np.array(versions + reports, dtype=np.float64).reshape(-1, len(DESCENT_FEATURES))
    return fitted(rows, np.repeat([True, False], [len(versions), len(reports)]))


def fitted(rows: NDArray[np.float64], is_descent: NDArray[np.bool_]) -> dict[str, Any]:
    """The logistic regression over features of pairs, (n_pairs, n_features), as it is stored."""
    if len(np.unique(is_descent)) < 2:
        # Without independent reports to learn from everything similar descends, as far as it shares any prose at all.
        return {"features": list(DESCENT_FEATURES), "weights": [0.0] * len(DESCENT_FEATURES), "intercept": 1.0}
    scale = np.maximum(rows.std(axis=0), 1e-4)
    model = LogisticRegression(C=_C, max_iter=5000, class_weight="balanced").fit(rows / scale, is_descent)
    weights = [round(float(w), 4) for w in model.coef_[0] / scale]
    return {
        "features": list(DESCENT_FEATURES),
        "weights": weights,
        "intercept": round(float(model.intercept_[0]) + _PRIOR, 4),
    }


def features_of(a: str, b: str, substitutions: SubstitutionModel) -> list[float]:
    """Features of two texts."""
    return descent_features(align_pair(Version.of("", a), Version.of("", b)), substitutions)


def lead(text: str) -> str:
    """The first words of an article, where reports of one event are most alike; its lines stay."""
    ends = [match.end() for _, match in zip(range(_LEAD), re.finditer(r"\S+", text), strict=False)]
    return text[: ends[-1]] if ends else text


def independent_reports(
    texts: Sequence[str], stories: StoryWeights, least_log_odds: float = _ONE_EVENT
) -> Iterator[tuple[str, str]]:
    """Pairs of articles about one event that share no wording but names, numbers and quotations.

    Args:
        texts: The articles.
        stories: Tells whether two are about one event.
        least_log_odds: Log-odds that they are, from which two are paired.
    """
    if len(texts) < 2:
        return
    articles: list[Article] = [analyse(text) for text in texts]
    pairs, _ = similar_pairs(articles, stories)
    log_odds = log_odds_of_one_story(*vectors(articles, stories), pairs, stories)
    for i, j in pairs[log_odds > least_log_odds].tolist():
        if shared_sequences(texts[i], texts[j]) < _MOST_SHARED:
            yield texts[i], texts[j]


def shared_sequences(a: str, b: str) -> float:
    """Share of the seven-word sequences of the shorter of two texts that stand in the other, quotations apart."""
    left, right = _sequences(a), _sequences(b)
    return len(left & right) / max(1, min(len(left), len(right)))


def _sequences(text: str) -> set[tuple[str, ...]]:
    words = _WORD.findall(_QUOTED.sub(" | ", text).lower())
    runs = (tuple(words[i : i + _SEQUENCE]) for i in range(len(words) - _SEQUENCE + 1))
    return {run for run in runs if "|" not in run}
