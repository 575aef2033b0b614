"""Fit the models behind ``retold compare``: one story or two, how two versions relate, and the pivot of a round trip."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any
from zlib import crc32

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from retold.compare.alignment import align
from retold.compare.clustering import pair_similarities, similar_pairs, story_words, vectors
from retold.compare.pair_features import PAIR_FEATURES, VERSION_PAIR_COLUMNS, swapped
from retold.compare.pivot_language import pivot_features, pivot_matrix
from retold.compare.relations import align_pair, pair_features, with_products
from retold.compare.substitutions import SubstitutionModel
from retold.compare.version import Version
from retold.compare.weights import StoryWeights
from retold.detector.verdict import BACK_TRANSLATED
from retold.training.data.splits import engine_family
from retold.training.data.story_clusters import NEWSROOM_KINDS, Member, Row, every_version, stories
from retold.training.fit.comparison_descent import fit_descent
from retold.training.fit.comparison_lineage import families, fit_lineage
from retold.training.fit.comparison_substitutions import fit_substitutions, half_of, trials

# Stories that other models are fitted on, spread over the corpus; more changed nothing that was measured.
_STORIES = 4000
# Versions of one kind that the relation model sees, and what round trips count for it against edits. Of groups held out, a half
# that was not used for anything else, it calls 94, 95 and 96% of round trips and 97, 97 and 95% of edits what they are at 1, 2 and 4.
_MOST_OF_A_KIND, _TRIPS_WEIGHT = 300, 2.0
# A stem is listed with its rarity from this many articles on; the rest are as rare as one seen in two.
_MIN_ARTICLES, _UNSEEN_ARTICLES = 12, 2
_CANDIDATE_FLOOR = 0.1
# Clusters drawn from a story that more engines translated than one cluster holds, to learn lineage from.
_DRAWS = 3
# Ridge: the best of 0.02 to 1 on other stories.
_RELATION_C, _STORY_C = 0.1, 1.0
# Round trips of one pivot that the pivot model sees, so that the corpus's many through Portuguese do not make that the guess; trips
# that must show a change for it to count; ridge. As many of each pivot as clusters have find 0.62 of the pivots of other
# stories of 400 words, the same number of each 0.56.
_MAX_TRIPS, _MIN_TRIPS, _PIVOT_C = 300, 8, 10.0
# Weights of a change under pivots are kept where they matter.
_MIN_PIVOT_WEIGHT = 0.25
_MIN_SCALE = 1e-4


def fit_comparison(rows: Sequence[Row], news: Iterable[str], report: Callable[[str], None]) -> dict[str, Any]:
    """Fit everything that comparing versions knows; the JSON object ``comparison.json`` of a model folder.

    Groups whose CRC-32 is divisible by three are left out, so that comparisons can be measured on them. About twenty minutes
    on one core for the whole corpus.

    Args:
        rows: Originals, edits and round trips, with the fields of the corpus.
        news: Running news, whose reports of one event show what independent reports share.
        report: Receives lines of progress.
    """
    found = stories(rows, held_out=False)
    several = [s for s in found if len(s) > 1]
    report(f"fitting comparisons to {len(several):,} stories")
    story_fit, seen = fit_stories(_spread(found)), trials(rows)
    one_story = StoryWeights(
        story_fit["rarity"], story_fit["unlisted_rarity"], story_fit["candidate_floor"], np.array(story_fit["weights"])
    )
    half_seen = [fit_substitutions([t for t in seen if half_of(t.group) != half], 0.5) for half in (0, 1)]
    halves = [SubstitutionModel.from_dict(half) for half in half_seen]
    replaced = fit_substitutions(seen)
    drawn = [s for s in stories(rows, held_out=False, draws=_DRAWS) if len(s) > 1]
    return {
        "stories": story_fit,
        "descent": fit_descent(_spread(found), news, one_story, SubstitutionModel.from_dict(replaced)),
        "relations": fit_relations(rows, halves[0], replaced),
        "lineage": fit_lineage(families(_spread(drawn), halves)) | {"replaced": half_seen[0]},
        "pivots": fit_pivots(drawn),
    }


def _spread(found: Sequence[list[Member]]) -> Sequence[list[Member]]:
    return found[:: max(1, len(found) // _STORIES)]


def fit_stories(found: Sequence[Sequence[Member]]) -> dict[str, Any]:
    """Rarity of stems, and the logistic model that tells one story from two."""
    members = [m for story in found for m in story]
    articles = [Version.of(m.id, m.text).article for m in members]
    originals = [a for a, m in zip(articles, members, strict=True) if m.label == "original"]
    counts = Counter(w for article in originals for w in sorted(set(story_words(article))))
    n = len(originals)
    rarity = {w: round(float(np.log(n / c)), 2) for w, c in sorted(counts.items()) if c >= _MIN_ARTICLES}
    out: dict[str, Any] = {"rarity": rarity, "unlisted_rarity": round(float(np.log(n / _UNSEEN_ARTICLES)), 2)}
    out |= {"candidate_floor": _CANDIDATE_FLOOR, "weights": [0.0] * 6}
    unfitted = StoryWeights(rarity, out["unlisted_rarity"], _CANDIDATE_FLOOR, np.zeros(6))
    pairs, _ = similar_pairs(articles, unfitted)
    measures = pair_similarities(*vectors(articles, unfitted), pairs)
    story = np.array([m.story for m in members])
    model = LogisticRegression(C=_STORY_C, max_iter=5000).fit(measures, story[pairs[:, 0]] == story[pairs[:, 1]])
    return out | {"weights": _short([*model.coef_[0], model.intercept_[0]])}


def fit_relations(rows: Iterable[Row], model: SubstitutionModel, substitutions: Mapping[str, Any]) -> dict[str, Any]:
    """The model that tells an edit from a round trip beside its original.

    Args:
        rows: Originals, edits and round trips.
        model: Scores of replaced words, fitted to the groups of the second half: pairs of the first, which alone are used, are
            described by scores that have not seen them.
        substitutions: The JSON object of the scores fitted to both halves.
    """
    features, is_translated, weight = described_versions(rows, model)
    both = np.vstack([features, swapped(features)])
    mean, scale = both.mean(0), both.std(0)
    # Columns that hardly vary keep their scale: four decimals are stored.
    scale = np.where(scale > _MIN_SCALE, scale, 1.0)
    own = VERSION_PAIR_COLUMNS
    columns = with_products(features[:, own], mean[own], scale[own])
    fitted = LogisticRegression(C=_RELATION_C, max_iter=3000).fit(columns, is_translated, sample_weight=weight)
    return {
        "measures": list(PAIR_FEATURES),
        "mean": _short(mean),
        "scale": _short(scale),
        "manner": {"measures": [_short(row) for row in fitted.coef_], "intercept": _short(fitted.intercept_)},
        "replaced": substitutions,
    }


def described_versions(
    rows: Iterable[Row], model: SubstitutionModel
) -> tuple[NDArray[np.float64], NDArray[np.int64], NDArray[np.float64]]:
    """Features of versions beside their originals, (n, n_features), 1 for each that was translated, and what each counts."""
    versions = sorted(every_version(rows, held_out=False), key=lambda pair: crc32(pair[1]["id"].encode()))
    seen: Counter[str] = Counter()
    features, kinds, is_translated = [], [], []
    for original, row in versions:
        kind = _kind(row)
        if half_of(row["group"]) or seen[kind] == _MOST_OF_A_KIND:
            continue
        seen[kind] += 1
        features.append(_described(Version.of("", original), Version.of("", row["text"]), model))
        kinds.append(kind)
        is_translated.append(row["label"] == BACK_TRANSLATED)
    translated = np.array(is_translated, dtype=np.int64)
    return np.vstack(features), translated, _evened(kinds, translated, seen)


def _kind(row: Row) -> str:
    """The engine family of a round trip; the kind of an edit, and its source if people made it."""
    source = row.get("source") or ""
    if row["label"] == BACK_TRANSLATED:
        return engine_family(row.get("engine") or "", source)
    return f"{row['kind']} {source}" if row["kind"] in NEWSROOM_KINDS else str(row["kind"])


def _described(parent: Version, child: Version, model: SubstitutionModel) -> NDArray[np.float64]:
    al = align_pair(parent, child)
    row = pair_features([al], model)
    return row if al.a is parent else swapped(row)


def _evened(kinds: Sequence[str], translated: NDArray[np.int64], seen: Mapping[str, int]) -> NDArray[np.float64]:
    """float64 (n,): weights by which each kind counts as much as any other of its label; their mean is 1."""
    weight = np.array([1 / seen[kind] for kind in kinds])
    weight[translated == 1] *= _TRIPS_WEIGHT / max(weight[translated == 1].sum(), 1e-9)
    weight[translated == 0] /= max(weight[translated == 0].sum(), 1e-9)
    return weight * len(weight) / weight.sum()


def fit_pivots(found: Sequence[Sequence[Member]]) -> dict[str, Any]:
    """The model of which language a round trip went through, over the words that replaced others."""
    seen: Counter[str] = Counter()
    rows, pivots = [], []
    for original, *versions in found:
        parent = Version.of("", original.text)
        for trip in versions:
            if trip.kind == "round_trip" and trip.parent == original.id and seen[trip.pivot] < _MAX_TRIPS:
                seen[trip.pivot] += 1
                rows.append(pivot_features(align(parent, Version.of("", trip.text))))
                pivots.append(trip.pivot)
    return _pivot_model(rows, pivots)


def _pivot_model(rows: list[list[str]], pivots: list[str]) -> dict[str, Any]:
    counts = Counter(f for row in rows for f in sorted(set(row)))
    index = {f: i for i, f in enumerate(sorted(f for f, c in counts.items() if c >= _MIN_TRIPS))}
    if len(set(pivots)) < 2 or not index:
        names = sorted(set(pivots))
        return {"pivots": names, "intercept": [0.0] * len(names), "changes": {}}
    X = pivot_matrix(rows, index)
    model = LogisticRegression(C=_PIVOT_C, max_iter=500).fit(X, pivots)
    weights = np.round(model.coef_ - model.coef_.mean(0), 1)
    weights[np.abs(weights) < _MIN_PIVOT_WEIGHT] = 0
    names = [str(c) for c in model.classes_]
    changes = {
        f: {str(j): float(weights[j, i]) for j in np.flatnonzero(weights[:, i]).tolist()} for f, i in index.items()
    }
    return {"pivots": names, "intercept": _short(model.intercept_), "changes": {f: w for f, w in changes.items() if w}}


def _short(values: Any, digits: int = 4) -> list[float]:
    return [round(float(v), digits) for v in values]
