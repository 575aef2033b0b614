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
from retold.compare.relations import align_pair, pair_features, text_features, with_products
from retold.compare.substitutions import SubstitutionModel
from retold.compare.version import Version
from retold.compare.weights import StoryWeights
from retold.detector.verdict import BACK_TRANSLATED, ORIGINAL
from retold.training.data.splits import engine_family
from retold.training.data.story_clusters import NEWSROOM_KINDS, Member, Row, every_version, stories
from retold.training.fit.comparison_descent import fit_descent
from retold.training.fit.comparison_lineage import families, fit_lineage
from retold.training.fit.comparison_substitutions import fit_substitutions, half_of, trials

# Stories that other models are fitted on, spread over the corpus; more changed nothing that was measured.
_STORIES = 4000
# Versions of one kind and half that the relation model sees, and what round trips count for it against edits. Of groups held out, a half
# on which nothing is reported, it calls 98.7% of round trips and 95.9% of edits what they are at 2, and 98.5 and 97.3% at 1.2.
_MOST_OF_A_KIND, _TRIPS_WEIGHT = 300, 1.2
# A stem is listed with its rarity from this many articles on; the rest are as rare as one seen in two.
_MIN_ARTICLES, _UNSEEN_ARTICLES = 12, 2
_CANDIDATE_FLOOR = 0.1
# Clusters drawn from a story that more engines translated than one cluster holds, to learn lineage from.
_DRAWS = 3
# Ridge: the best of 0.02 to 1 on other stories.
_RELATION_C, _STORY_C = 0.1, 1.0
# Round trips of one pivot that the pivot model sees, so that the corpus's many through Portuguese do not make that the guess; trips
# that must show a change for it to count; ridge. As many of each pivot as clusters have find 0.62 of the pivots of other
# stories of 400 words, the same number of each 0.56. With at most 300
# more of a mixture with as many of each are right (0.42 instead of 0.33), but French, the likeliest, is missed in the stories of the tests.
_MAX_TRIPS, _MIN_TRIPS, _PIVOT_C = 1000, 8, 10.0
# Weights of a change under pivots are kept where they matter.
_MIN_PIVOT_WEIGHT = 0.25
_MIN_SCALE = 1e-4


def fit_comparison(
    rows: Sequence[Row],
    news: Iterable[str],
    log_odds: Mapping[str, NDArray[np.float64]],
    report: Callable[[str], None],
) -> dict[str, Any]:
    """Fit everything that comparing versions knows; the JSON object ``comparison.json`` of a model folder.

    Groups whose CRC-32 is divisible by three are left out, so that comparisons can be measured on them. About twenty minutes
    on one core for the whole corpus.

    Args:
        rows: Originals, edits and round trips, with the fields of the corpus.
        news: Running news, whose reports of one event show what independent reports share.
        log_odds: float64 (4,) of each text by its id, by classifiers that have seen neither its story nor its source.
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
        "relations": fit_relations(rows, halves, replaced, log_odds),
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


def fit_relations(
    rows: Sequence[Row],
    halves: Sequence[SubstitutionModel],
    substitutions: Mapping[str, Any],
    log_odds: Mapping[str, NDArray[np.float64]],
) -> dict[str, Any]:
    """The models that tell an edit from a round trip beside its original, by the pair alone and by what each text is alone, too.

    Args:
        rows: Originals, edits and round trips.
        halves: Scores of replaced words for both halves of the groups, each fitted to the other, so that a pair is described by
            scores that have not seen it.
        substitutions: The JSON object of the scores fitted to both halves.
        log_odds: As of ``fit_comparison``.
    """
    chosen = relation_rows(rows)
    features = np.vstack([_described(original, row["text"], halves[half_of(row["group"])]) for original, row in chosen])
    is_translated = np.array([row["label"] == BACK_TRANSLATED for _, row in chosen], dtype=np.int64)
    weight = _evened([_kind(row) for _, row in chosen], is_translated)
    mean, scale = _scaling(np.vstack([features, swapped(features)]))
    own = VERSION_PAIR_COLUMNS
    scaled = features[:, own], mean[own], scale[own]
    fitted = {
        "measures": list(PAIR_FEATURES),
        "mean": _short(mean),
        "scale": _short(scale),
        "manner": _relation_type(with_products(*scaled), is_translated, weight),
        "replaced": substitutions,
    }
    texts = scored_texts(rows, [row for _, row in chosen], log_odds)
    return fitted if texts is None else fitted | {"with_texts": _with_texts(scaled, texts, is_translated, weight)}


def _with_texts(
    scaled: tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]],
    texts: NDArray[np.float64],
    is_translated: NDArray[np.int64],
    weight: NDArray[np.float64],
) -> dict[str, Any]:
    text_mean, text_scale = _scaling(texts)
    features, mean, scale = scaled
    columns = with_products(np.hstack([features, texts]), np.append(mean, text_mean), np.append(scale, text_scale))
    manner = _relation_type(columns, is_translated, weight)
    return {"mean": _short(text_mean), "scale": _short(text_scale), "manner": manner}


def _scaling(features: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Mean and standard deviation; columns that hardly vary keep their scale, since four decimals are stored."""
    scale = features.std(0)
    return features.mean(0), np.where(scale > _MIN_SCALE, scale, 1.0)


def _relation_type(
    columns: NDArray[np.float64], is_translated: NDArray[np.int64], weight: NDArray[np.float64]
) -> dict[str, Any]:
    fitted = LogisticRegression(C=_RELATION_C, max_iter=3000).fit(columns, is_translated, sample_weight=weight)
    return {"measures": [_short(row) for row in fitted.coef_], "intercept": _short(fitted.intercept_)}


def relation_rows(rows: Iterable[Row]) -> list[tuple[str, Row]]:
    """The versions that the relation model sees, each behind its original: at most so many of a kind and half."""
    versions = sorted(every_version(rows, held_out=False), key=lambda pair: crc32(pair[1]["id"].encode()))
    seen: Counter[tuple[str, int]] = Counter()
    chosen = []
    for original, row in versions:
        kind = _kind(row), half_of(row["group"])
        seen[kind] += 1
        if seen[kind] <= _MOST_OF_A_KIND:
            chosen.append((original, row))
    return chosen


def scored_texts(
    rows: Iterable[Row], versions: Sequence[Row], log_odds: Mapping[str, NDArray[np.float64]]
) -> NDArray[np.float64] | None:
    """float64 (n, N_TEXT_FEATURES): what the detector makes of versions and their originals; None if it has not scored them all."""
    originals: dict[str, str] = {}
    for row in rows:
        if row["label"] == ORIGINAL:
            originals.setdefault(row["group"], row["id"])
    ids = [(originals[row["group"]], row["id"]) for row in versions]
    if not all(id in log_odds for pair in ids for id in pair):
        return None
    first, second = (np.array([log_odds[pair[side]] for pair in ids]) for side in (0, 1))
    return text_features(first, second)


def _kind(row: Row) -> str:
    """The engine family of a round trip; the kind of an edit, and its source if people made it."""
    source = row.get("source") or ""
    if row["label"] == BACK_TRANSLATED:
        return engine_family(row.get("engine") or "", source)
    return f"{row['kind']} {source}" if row["kind"] in NEWSROOM_KINDS else str(row["kind"])


def _described(original: str, version: str, model: SubstitutionModel) -> NDArray[np.float64]:
    parent, child = Version.of("", original), Version.of("", version)
    al = align_pair(parent, child)
    row = pair_features([al], model)
    return row if al.a is parent else swapped(row)


def _evened(kinds: Sequence[str], translated: NDArray[np.int64]) -> NDArray[np.float64]:
    """float64 (n,): weights by which each kind counts as much as any other of its label; their mean is 1."""
    seen = Counter(kinds)
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
