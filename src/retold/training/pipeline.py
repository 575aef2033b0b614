"""The three ways to a model: from the whole corpus, from one's own examples alone, or by adding them to a model."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from retold.channel.lexical_table import LexicalTable
from retold.channel.phrase_table import PhraseTable
from retold.detector.classifier import LinearClassifier
from retold.detector.components import ModelComponents
from retold.detector.rescoring import MTRescorers
from retold.detector.verdict import BACK_TRANSLATED, ORIGINAL
from retold.language_model import LanguageModel, Vocabulary
from retold.model_store import ModelFolder, bundled_model, read_model
from retold.signals.registry import HANDCRAFTED
from retold.training.data.code_fingerprint import code_fingerprint
from retold.training.data.examples import LabelledText
from retold.training.data.feature_store import FeatureStore, prepare
from retold.training.data.segments import count_passages
from retold.training.data.splits import FOLDS, fold_of
from retold.training.fit import lexical_table as channels
from retold.training.fit import mt_rescorer as deep
from retold.training.fit.calibration import fit_calibrated, held_out_answers
from retold.training.fit.classifier import SEED, features_from
from retold.training.fit.language_model import estimate_from_news
from retold.training.fit.ngram_classifiers import learn_experts, scores_of
from retold.training.fit.phrase_table import learn_substitutions
from retold.training.fit.pivot_language import learn_pivots
from retold.training.package import REPLAY_COLUMNS, read_replay, replay_sample
from retold.translation import Engine

# What one added example weighs beside a replayed one: fifty of one's own then count as much as some thousand others.
ADDED_WEIGHT = 20.0
# What decides what the language model is, and the channel and substitutions.
_ESTIMATING = ("text", "language_model", "training/fit/language_model.py")
_ALIGNING = (*_ESTIMATING, "alignment", "channel", "data", "training/fit/lexical_table.py")
_SUBSTITUTING = (*_ALIGNING, "signals", "training/fit/phrase_table.py")
# What engines said, in the cache folder.
ROUND_TRIPS = "round-trips.sqlite"


@dataclass(frozen=True)
class TrainingContext:
    """Where and how training works.

    Attributes:
        cache: Folder of finished steps.
        jobs: Processes.
        report: Hears of progress.
        engine: Who is asked about a sample of the examples, so that deep heads can be learned; None where they are not wanted.
    """

    cache: Path
    jobs: int
    report: Callable[[str], None]
    engine: Engine | None = None


@dataclass(frozen=True)
class TrainedModel:
    """A model that is ready to be packed."""

    resources: ModelComponents
    head: LinearClassifier
    deep: MTRescorers | None
    replay: tuple[pd.DataFrame, NDArray[np.float64]]


def measured(
    examples: Sequence[LabelledText], language_model: LanguageModel, channel: LexicalTable | None, shop: TrainingContext
) -> FeatureStore:
    """Measure a corpus for training and evaluation.

    With ``channel`` None it is learned from the examples, each fold's from the other folds, so that no text is
    measured with a channel that saw its own group.
    """
    per_fold = (
        [ModelComponents(language_model, channel, tables=shipped_tables())]
        if channel is not None
        else _per_fold(examples, language_model, shop)
    )
    corpus = prepare(examples, per_fold, shop.cache, shop.jobs, shop.report)
    texts = [example.text for example in examples]
    return replace(corpus, passages=count_passages(texts, language_model, shop.cache, shop.jobs, shop.report))


def add_engine_features(corpus: FeatureStore, examples: Sequence[LabelledText], shop: TrainingContext) -> FeatureStore:
    """The same with what the engine, if one is asked, says of a sample."""
    if shop.engine is None:
        return corpus
    return replace(
        corpus,
        heard=deep.sample_engine_features(examples, shop.engine, shop.cache / ROUND_TRIPS, shop.jobs, shop.report),
    )


def shipped_tables() -> dict[str, str]:
    """The fitted tables of the shipped model, by file name."""
    texts = read_model(bundled_model()).texts
    return {file: texts[file] for signal in HANDCRAFTED for file in signal.tables}


def _per_fold(
    examples: Sequence[LabelledText], language_model: LanguageModel, shop: TrainingContext
) -> list[ModelComponents]:
    folds = fold_of([e.group for e in examples])
    per_fold = []
    for k in range(FOLDS):
        shop.report(f"learning the channel without fold {k + 1} of {FOLDS}")
        others = [e for e, fold in zip(examples, folds, strict=True) if fold != k]
        lexicon = learn_channel(others, language_model, shop.cache)
        per_fold.append(ModelComponents(language_model, lexicon, tables=shipped_tables()))
    return per_fold


def learn_channel(examples: Sequence[LabelledText], language_model: LanguageModel, cache: Path) -> LexicalTable:
    """Learn the channel from the round trips among examples, each aligned with the original of its group.

    A channel that the same code learned from the same texts is taken from the cache.
    """
    trips = _trips(examples)
    file = cache / f"channel-{_digest(trips, language_model, _ALIGNING)}.npz"
    if not file.exists():
        learned = channels.learn(_aligned(examples, trips), language_model.vocabulary)
        header = np.frombuffer(json.dumps(learned.header()).encode(), dtype=np.uint8)
        _save(file, learned.arrays() | {"header": header})
    with np.load(file, allow_pickle=False) as stored:
        arrays = dict(stored)
    return LexicalTable.from_arrays(json.loads(arrays.pop("header").tobytes()), arrays)


def known_substitutions(
    examples: Sequence[LabelledText], language_model: LanguageModel, cache: Path
) -> PhraseTable | None:
    """Learn what machines put for what from the same round trips, or take it from the cache; None if they are too few."""
    trips = _trips(examples)
    file = cache / f"substitutions-{_digest(trips, language_model, _SUBSTITUTING)}.npz"
    if not file.exists():
        learned = learn_substitutions(_aligned(examples, trips), language_model)
        if learned is None:
            return None
        _save(file, learned.arrays() | {"text": np.frombuffer(learned.text().encode(), dtype=np.uint8)})
    with np.load(file, allow_pickle=False) as stored:
        arrays = dict(stored)
    return PhraseTable.from_arrays(arrays.pop("text").tobytes().decode(), arrays)


def _trips(examples: Sequence[LabelledText]) -> list[LabelledText]:
    return [e for e in examples if e.label == BACK_TRANSLATED and e.pivot]


def _aligned(examples: Sequence[LabelledText], trips: Sequence[LabelledText]) -> list[channels.AlignedPair]:
    """Round trips, each beside the original of its group."""
    originals = {e.group: e.text for e in reversed(examples) if e.label == ORIGINAL}
    rows = [{"text": e.text, "pivot": e.pivot, "engine": e.engine, "group": e.group} for e in trips]
    return channels.examples(rows, originals)


def _digest(examples: Sequence[LabelledText], language_model: LanguageModel, places: tuple[str, ...]) -> str:
    digest = hashlib.sha256(code_fingerprint(*places))
    for text in (*(e.text for e in examples), *language_model.vocabulary.words):
        digest.update(text.encode("utf-8", "replace") + b"\0")
    return digest.hexdigest()[:24]


def _save(file: Path, arrays: Mapping[str, NDArray[Any]]) -> None:
    """Write arrays under a name that only a complete file ever has."""
    file.parent.mkdir(parents=True, exist_ok=True)
    draft = file.with_suffix(".part.npz")
    np.savez(draft, allow_pickle=False, **arrays)
    draft.rename(file)


def train_all(examples: Sequence[LabelledText], news: Path, shop: TrainingContext) -> TrainedModel:
    """Train everything from a corpus: language model, channel, experts and head."""
    language_model = cached_language_model(news, shop)
    corpus = measured(examples, language_model, None, shop)
    corpus = add_engine_features(corpus, examples, shop)
    shop.report("learning the channel from everything")
    channel = learn_channel(examples, language_model, shop.cache)
    shop.report("learning what machines put for what")
    substitutions = known_substitutions(examples, language_model, shop.cache)
    return _finish(
        corpus, ModelComponents(language_model, channel, phrase_table=substitutions, tables=shipped_tables()), shop
    )


def train_anew(examples: Sequence[LabelledText], base: ModelComponents, shop: TrainingContext) -> TrainedModel:
    """Train experts and head on one's own examples; language model and channel stay those of ``base``."""
    corpus = measured(examples, base.language_model, base.channel, shop)
    return _finish(
        add_engine_features(corpus, examples, shop),
        replace(base, ngram_classifiers=(), handcrafted=tuple(s.name for s in HANDCRAFTED)),
        shop,
    )


def _finish(corpus: FeatureStore, resources: ModelComponents, shop: TrainingContext) -> TrainedModel:
    trained = fit_rows(corpus, np.arange(len(corpus.table)), resources, shop)
    return replace(
        trained,
        resources=replace(trained.resources, pivot_classifier=learn_pivots(corpus) or resources.pivot_classifier),
    )


def fit_rows(
    corpus: FeatureStore, rows: NDArray[np.intp], resources: ModelComponents, shop: TrainingContext
) -> TrainedModel:
    """Fit experts and heads to some rows of a measured corpus; the rest of the resources stays as it is."""
    shop.report(f"fitting to {len(rows):,} examples")
    learned = learn_experts(corpus, rows, shop.jobs)
    features = features_from(corpus, rows, learned.scores)
    table, families = corpus.table.iloc[rows].reset_index(drop=True), corpus.layout.groups
    answers = held_out_answers(table, features, families)
    head = fit_calibrated(table, features, families, answers)
    heard = corpus.heard[rows] if corpus.heard is not None else None
    deep_head = deep.fit_deep(table, answers, heard, features[:, -1])
    kept = replay_sample(table, SEED)
    replay = table.iloc[kept][REPLAY_COLUMNS].reset_index(drop=True), features[kept]
    return TrainedModel(replace(resources, ngram_classifiers=learned.experts), head, deep_head, replay)


def add_to(base: ModelFolder, examples: Sequence[LabelledText], shop: TrainingContext) -> TrainedModel:
    """Refit the head of a model to its own replayed features and to new examples; nothing else, nor the deep head, changes."""
    resources = ModelComponents.from_folder(base)
    bare = replace(resources, ngram_classifiers=())
    corpus = prepare(examples, [bare], shop.cache, shop.jobs, shop.report)
    rows = np.arange(len(corpus.table))
    features = features_from(corpus, rows, scores_of(corpus, rows, resources.ngram_classifiers))
    table, replayed = read_replay(base)
    both = pd.concat([table, corpus.table[REPLAY_COLUMNS]], ignore_index=True)
    boost = np.concatenate([np.ones(len(table)), np.full(len(corpus.table), ADDED_WEIGHT)])
    stacked, families = np.vstack([replayed, features]), corpus.layout.groups
    head = fit_calibrated(both, stacked, families, held_out_answers(both, stacked, families, boost), boost)
    return TrainedModel(resources, head, MTRescorers.from_arrays(base.arrays), (both, stacked))


def cached_language_model(news: Path, shop: TrainingContext) -> LanguageModel:
    """Estimate the language model, or take it from the cache if the same news and code made it before."""
    with news.open("rb") as content:
        stamp = hashlib.file_digest(content, "sha256")
    stamp.update(code_fingerprint(*_ESTIMATING))
    file = shop.cache / f"language-model-{stamp.hexdigest()[:24]}.npz"
    words = file.with_suffix(".txt")
    if not file.exists():
        model = estimate_from_news(news, shop.jobs, shop.report)
        shop.cache.mkdir(parents=True, exist_ok=True)
        words.write_text("\n".join(model.vocabulary.words), encoding="utf-8")
        _save(file, model.arrays())
    with np.load(file, allow_pickle=False) as arrays:
        return LanguageModel.from_arrays(Vocabulary(words.read_text(encoding="utf-8").split("\n")), dict(arrays))
