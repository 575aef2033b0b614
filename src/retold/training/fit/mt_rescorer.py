"""Train the deep heads: ask an engine about a sample of the examples, and learn from what it says."""

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

from retold.detector.rescoring import (
    ENGINE_FEATURES,
    FEATURE_SETS,
    REQUIRED_FEATURES,
    RESCORED_TARGETS,
    MTRescorer,
    MTRescorers,
    extract_engine_features,
    rescoring_features,
)
from retold.detector.verdict import BACK_TRANSLATED, ORIGINAL
from retold.text import analyse
from retold.training.data import labels as targets
from retold.training.data.examples import MACHINE_TRANSLATED, LabelledText
from retold.training.data.splits import engine_family, fold_of
from retold.training.fit.calibration import fit_calibration
from retold.translation import Engine, TranslationCache

# Examples of a stratum that the engine is asked about; what is not named gives ``_USUAL``. Together about five thousand, an
# hour and a half of an engine on one core. Originals of the same stories as the round trips, and the engines that are good, say
# most. News that Bergamot took through Portuguese is left out: the packaged engine is the same and would know its own words.
# Of fewer than 222 originals of a length the conformal bound of ``low-fpr`` can promise nothing, and an evaluation trains on
# two thirds of them.
_USUAL = 65
_QUOTAS = {
    "orig-same": 400, "google": 300, "bergamot": 250, "bergamot-pt": 0, "nllb": 200, "opus-mt": 164,
    "argos": 162, "wmt-online": 150, "wmt-other": 200, "human": 250, "post": 80, "learner": 65, "newsroom": 218,
    "llm": 80, "mt": 150, "short-original": 266, "short-google": 300, "short-bergamot": 200, "short-nllb": 200,
    "short-opus-mt": 200, "short-argos": 200, "short-elsewhere": 270, "brief-elsewhere": 270,
    "own-original": 400, "own-edited": 400, "own-back-translated": 400,
}  # fmt: skip
_ADDED = "-elsewhere"
_SHORT, _LONG = 80, 150
# Examples a process is asked for at a time: a few minutes' work.
_CHUNK = 100
_SAME_STORIES = ("wmt-systems", "wmt-mozilla")
_SEED = 20
# Added to the log-odds of ``machine``, as in the head: the further down, the less the vetoes weigh. Lower
# finds more of engines kept out and lets more human translations pass for machine-made; where as many of these are found at
# 1% false alarms as without the engine, by trial on the protocol of engines that ``train.py --evaluate --deep`` reports.
_SHIFT = -1.0
# Ridge of the deep head, by the same trial: fifty features, a few thousand texts.
_C = 0.02


def sample(examples: Sequence[LabelledText]) -> list[LabelledText]:
    """The examples that the engine is asked about, in an order in which any beginning is balanced."""
    strata: dict[str, list[LabelledText]] = {}
    for example in sorted(examples, key=lambda e: e.id):
        if name := _stratum(example):
            strata.setdefault(name, []).append(example)
    rng = random.Random(_SEED)  # noqa: S311  # a sample, no secret
    ranked = []
    # What was added later is drawn last, so that the others, about which an engine was asked for hours, stay the same.
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
    """What an engine says of the sample, float64 (len(examples), len(ENGINE_FEATURES)); NaN for the others.

    Args:
        examples: The examples.
        engine: Whom to ask.
        file: Where to keep its answers; a run that was interrupted goes on from there.
        jobs: Processes.
        report: Called with a line of progress now and then.
    """
    chosen = sample(examples)
    parts = [chosen[start : start + _CHUNK] for start in range(0, len(chosen), _CHUNK)]
    work = (delayed(_asked)([e.text for e in part], engine, file) for part in parts)
    place = {example.id: i for i, example in enumerate(examples)}
    said, done = np.full((len(examples), len(ENGINE_FEATURES)), np.nan), 0
    for part, answers in zip(parts, Parallel(n_jobs=jobs, return_as="generator")(work), strict=True):
        said[[place[e.id] for e in part]] = answers
        done += len(part)
        report(f"asked the engine about {done:,} of {len(chosen):,} examples")
    return said


def _asked(texts: Sequence[str], engine: Engine, file: Path) -> list[NDArray[np.float64]]:
    with TranslationCache(engine, file) as memory:
        return [extract_engine_features(analyse(text), memory) for text in texts]


def has_engine_features(heard: NDArray[np.float64]) -> NDArray[np.bool_]:
    """bool (n,): rows of which an engine said something; it never says it without numbers."""
    return np.asarray(~np.isnan(heard).all(axis=1))


def fit_deep(
    table: pd.DataFrame,
    answers: NDArray[np.float64],
    heard: NDArray[np.float64] | None,
    octaves: NDArray[np.float64],
) -> MTRescorers | None:
    """Fit a deep head for each kind of ``FEATURE_SETS`` that was heard, calibrated on folds unseen; None where nobody was asked.

    Args:
        table: The articles' labels, sources and groups, n rows.
        answers: Held-out log-odds of the head for them, float64 (n, len(CLASSIFIER_TARGETS)).
        heard: What the engine says of them, float64 (n, len(ENGINE_FEATURES)).
        octaves: Their length, float64 (n,).
    """
    asked = has_engine_features(heard) if heard is not None else np.zeros(len(table), bool)
    if heard is None or not asked.any():
        return None
    seen = table[asked].reset_index(drop=True)
    heads = {}
    for kind, names in FEATURE_SETS.items():
        part = np.where(np.isin(ENGINE_FEATURES, names), heard[asked], np.nan)
        if not np.isnan(part[:, np.isin(ENGINE_FEATURES, REQUIRED_FEATURES[kind])]).all():
            heads[kind] = _calibrated(seen, rescoring_features(answers[asked], part, octaves[asked]))
    return MTRescorers(heads)


def _calibrated(table: pd.DataFrame, features: NDArray[np.float64]) -> MTRescorer:
    fold = fold_of(table["group"].tolist())
    raw, edited = np.zeros(len(table)), np.zeros(len(table))
    for k in np.unique(fold):
        raw[fold == k], edited[fold == k] = _fit(table[fold != k], features[fold != k]).ranking(features[fold == k])
    return replace(_fit(table, features), calibration=fit_calibration(table, raw, edited, features[:, -1]))


def _fit(table: pd.DataFrame, features: NDArray[np.float64]) -> MTRescorer:
    mean, spread = _moments(features)
    bare = MTRescorer(mean, np.where(spread > 1e-9, spread, 1.0), np.zeros((0, len(mean))), np.zeros(0))
    standard = bare.standardise(features)
    fitted = [_logistic(standard, table, question) for question in RESCORED_TARGETS]
    intercept = np.array(
        [b + (_SHIFT if q == "machine" else 0) for q, (_, b) in zip(RESCORED_TARGETS, fitted, strict=True)]
    )
    return replace(bare, coef=np.stack([c for c, _ in fitted]), intercept=intercept)


def _moments(features: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Mean and standard deviation of each column's known values, float64 (n_features,) each; zeros where none is known."""
    known = ~np.isnan(features)
    count = np.maximum(known.sum(axis=0), 1)
    mean = np.where(known, features, 0).sum(axis=0) / count
    return mean, np.sqrt((np.where(known, features - mean, 0) ** 2).sum(axis=0) / count)


def _logistic(standard: NDArray[np.float64], table: pd.DataFrame, question: str) -> tuple[NDArray[np.float64], float]:
    answer = targets.answers(table, question)
    asked = answer >= 0
    if len(np.unique(answer[asked])) < 2:
        return np.zeros(standard.shape[1]), 0.0
    model = LogisticRegression(C=_C, max_iter=1000)
    model.fit(standard[asked], answer[asked], sample_weight=targets.weights(table[asked], answer[asked]))
    return model.coef_[0], float(model.intercept_[0])
