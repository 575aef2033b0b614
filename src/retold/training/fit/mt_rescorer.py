"""Fit the second look: round-trip similarity and forced decoding of a sample, and classifiers that add them to the log-odds."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
from joblib import Parallel, delayed
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from retold.detector.calibration import Calibration
from retold.detector.classifier import CLASSIFIER_TARGETS, combine
from retold.detector.normality import ABNORMAL_KINDS
from retold.detector.rescoring import (
    ENGINE_FEATURES,
    FEATURE_SETS,
    REQUIRED_FEATURES,
    RESCORED_TARGETS,
    MTRescorer,
    MTRescorers,
    extract_engine_features,
    pooled,
    rescoring_features,
)
from retold.detector.verdict import BACK_TRANSLATED, ORIGINAL
from retold.text import analyse
from retold.training.data import labels
from retold.training.data.examples import MACHINE_TRANSLATED, LabelledText
from retold.training.data.splits import engine_family, fold_of
from retold.training.fit.calibration import fit_calibration, thresholds_for
from retold.translation import Engine, TranslationCache

# Examples of each stratum that get engine features; strata without a quota have ``_USUAL``. Together some four thousand, an
# hour of the engine on one core. Originals of the same stories as the round trips, and the engines that are good, say
# most. News that Bergamot took through Portuguese is left out: the packaged engine is the same and would know its own words.
# Of fewer than 222 originals of a length the conformal bound of ``low-fpr`` can promise nothing, and an evaluation trains on
# two thirds of them.
_USUAL = 65
_QUOTAS = {
    "orig-same": 400, "google": 150, "bergamot": 125, "bergamot-pt": 0, "nllb": 100, "opus-mt": 82,
    "argos": 81, "wmt-online": 75, "wmt-other": 100, "human": 250, "post": 40, "learner": 65, "newsroom": 218,
    "llm": 80, "mt": 75, "short-original": 266, "short-google": 150, "short-bergamot": 100, "short-nllb": 100,
    "short-opus-mt": 100, "short-argos": 100, "short-elsewhere": 270, "brief-elsewhere": 270,
    "own-original": 400, "own-edited": 400, "own-back-translated": 400,
}  # fmt: skip
_ADDED = "-elsewhere"
_SHORT, _LONG = 80, 150
# Examples of one task of a process: a few minutes' work.
_CHUNK = 100
_SAME_STORIES = ("wmt-systems", "wmt-mozilla")
_SEED = 20
# Added to the log-odds of ``machine``, as in the classifier: the further down, the less the vetoes weigh. Lower
# finds more of engines held out and lets more human translations pass for machine-made; where as many of these are found at
# 1% false alarms as without the engine, by trial on the protocol of engines that ``train.py --evaluate --deep`` reports.
_SHIFT = -1.0
# Ridge of the rescorer, by the same trial: fifty features, a few thousand texts.
_C = 0.02


def sample(examples: Sequence[LabelledText]) -> list[LabelledText]:
    """The examples that get engine features, in an order in which any beginning is balanced over strata."""
    strata: dict[str, list[LabelledText]] = {}
    for example in sorted(examples, key=lambda e: e.id):
        if example.kind not in ABNORMAL_KINDS and (name := _stratum(example)):
            strata.setdefault(name, []).append(example)
    rng = random.Random(_SEED)  # noqa: S311  # a sample, no secret
    ranked = []
    # Strata that were added later are drawn last, so that the cached translations of the others stay of use.
    for name in sorted(strata, key=lambda name: (name.endswith(_ADDED), name)):
        rng.shuffle(strata[name])
        chosen = strata[name][: _QUOTAS.get(name, _USUAL)]
        ranked += [((i + 0.5) / len(chosen), name, e.id, e) for i, e in enumerate(chosen)]
    return [e for *_, e in sorted(ranked, key=lambda r: r[:3])]


def _stratum(e: LabelledText) -> str:
    """What kind of example it is, as far as quotas care; empty for kinds that are left out. Somebody's own have no kind."""
    if not e.kind:
        return f"own-{e.label}"
    words = len(e.text.split())
    news = e.domain == "news" and words >= _LONG
    family = engine_family(e.engine, e.source)
    if e.kind == "english_original" and news:
        return "orig-same" if e.source in _SAME_STORIES else f"orig-{e.source}"
    if e.source == "flores" or (
        e.label in (ORIGINAL, BACK_TRANSLATED) and words < _LONG and e.domain.startswith("wiki")
    ):
        return {ORIGINAL: "short-original", BACK_TRANSLATED: f"short-{family}"}.get(e.label, "")
    if e.label == BACK_TRANSLATED and news:
        named = "wmt-online" if e.engine in ("online-A", "online-B") else "wmt-other"
        return named if family == "wmt" else family + ("-pt" if e.source == "allsides" else "")
    if e.kind == "english_original" and words < _LONG:
        return "short-elsewhere" if words < _SHORT else "brief-elsewhere"
    return _other_stratum(e, words, news)


def _other_stratum(e: LabelledText, words: int, news: bool) -> str:
    if e.kind in ("human_translation", "post_edited_mt") and words >= _LONG:
        return "human" if e.kind == "human_translation" else "post"
    if e.kind in ("llm_polish", "llm_rewrite") and words >= _LONG and "news" in e.domain:
        return "llm"
    if e.label == MACHINE_TRANSLATED and news:
        return "mt"
    return {"learner_writing": "learner", "desk_edit": "newsroom", "syndication": "newsroom"}.get(e.kind, "")


def sample_engine_features(
    examples: Sequence[LabelledText], engine: Engine, file: Path, jobs: int, report: Callable[[str], None]
) -> NDArray[np.float64]:
    """Engine features of the sample, float64 (len(examples), len(ENGINE_FEATURES)); NaN for all other examples.

    Args:
        examples: The examples.
        engine: The translation engine.
        file: Cache of its translations; a run that was interrupted goes on from there.
        jobs: Processes.
        report: Receives lines of progress.
    """
    chosen = sample(examples)
    parts = [chosen[start : start + _CHUNK] for start in range(0, len(chosen), _CHUNK)]
    work = (delayed(_engine_features)([e.text for e in part], engine, file) for part in parts)
    place = {example.id: i for i, example in enumerate(examples)}
    features, done = np.full((len(examples), len(ENGINE_FEATURES)), np.nan), 0
    for part, rows in zip(parts, Parallel(n_jobs=jobs, return_as="generator")(work), strict=True):
        features[[place[e.id] for e in part]] = rows
        done += len(part)
        report(f"engine features of {done:,} of {len(chosen):,} examples")
    return features


def _engine_features(texts: Sequence[str], engine: Engine, file: Path) -> list[NDArray[np.float64]]:
    with TranslationCache(engine, file) as cache:
        return [extract_engine_features(analyse(text), cache) for text in texts]


def has_engine_features(engine_features: NDArray[np.float64]) -> NDArray[np.bool_]:
    """bool (n,): rows that have engine features."""
    return np.asarray(~np.isnan(engine_features).all(axis=1))


def fit_rescorers(
    table: pd.DataFrame,
    logits: NDArray[np.float64],
    engine_features: NDArray[np.float64] | None,
    length: NDArray[np.float64],
    calibration: Calibration,
) -> MTRescorers | None:
    """Fit a rescorer for each of ``FEATURE_SETS`` that is there, calibrated on held-out folds; None without engine features.

    Args:
        table: The articles' labels, sources and groups, n rows.
        logits: The classifiers' held-out log-odds, float64 (n, len(CLASSIFIER_TARGETS)).
        engine_features: Engine features, NaN where there are none, float64 (n, len(ENGINE_FEATURES)).
        length: The feature ``length``: log2 of the ratio to the usual length, float64 (n,).
        calibration: The classifiers', which makes probabilities of their log-odds.
    """
    used = has_engine_features(engine_features) if engine_features is not None else np.zeros(len(table), bool)
    if engine_features is None or not used.any():
        return None
    seen = table[used].reset_index(drop=True)
    edited = logits[used, CLASSIFIER_TARGETS.index("edited")]
    first_look = calibration.probabilities(combine(logits[used]), edited, length[used])
    rescorers = {}
    for kind, names in FEATURE_SETS.items():
        part = np.where(np.isin(ENGINE_FEATURES, names), engine_features[used], np.nan)
        if not np.isnan(part[:, np.isin(ENGINE_FEATURES, REQUIRED_FEATURES[kind])]).all():
            rescorers[kind] = _calibrated(seen, rescoring_features(logits[used], part, length[used]), first_look)
    return MTRescorers(rescorers)


def _calibrated(table: pd.DataFrame, features: NDArray[np.float64], first_look: NDArray[np.float64]) -> MTRescorer:
    """A rescorer whose probabilities are calibrated, and whose thresholds are those of both looks together."""
    fold = fold_of(table["group"].tolist())
    raw, edited = np.zeros(len(table)), np.zeros(len(table))
    for k in np.unique(fold):
        raw[fold == k], edited[fold == k] = _fit(table[fold != k], features[fold != k]).ranking(features[fold == k])
    calibrated = fit_calibration(table, raw, edited, features[:, -1])
    both = pooled(first_look, calibrated.probabilities(raw, edited, features[:, -1]))
    return replace(_fit(table, features), calibration=replace(calibrated, thresholds=thresholds_for(table, both)))


def _fit(table: pd.DataFrame, features: NDArray[np.float64]) -> MTRescorer:
    mean, spread = _moments(features)
    bare = MTRescorer(mean, np.where(spread > 1e-9, spread, 1.0), np.zeros((0, len(mean))), np.zeros(0))
    standard = bare.standardise(features)
    fitted = [_logistic(standard, table, target) for target in RESCORED_TARGETS]
    intercept = np.array(
        [b + (_SHIFT if target == "machine" else 0) for target, (_, b) in zip(RESCORED_TARGETS, fitted, strict=True)]
    )
    return replace(bare, coef=np.stack([c for c, _ in fitted]), intercept=intercept)


def _moments(features: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Mean and standard deviation of each column's known values, float64 (n_features,) each; zeros where none is known."""
    present = ~np.isnan(features)
    count = np.maximum(present.sum(axis=0), 1)
    mean = np.where(present, features, 0).sum(axis=0) / count
    return mean, np.sqrt((np.where(present, features - mean, 0) ** 2).sum(axis=0) / count)


def _logistic(standard: NDArray[np.float64], table: pd.DataFrame, target: str) -> tuple[NDArray[np.float64], float]:
    label = labels.binary_labels(table, target)
    used = label >= 0
    if len(np.unique(label[used])) < 2:
        return np.zeros(standard.shape[1]), 0.0
    model = LogisticRegression(C=_C, max_iter=1000)
    model.fit(standard[used], label[used], sample_weight=labels.sample_weights(table[used], label[used]))
    return model.coef_[0], float(model.intercept_[0])
