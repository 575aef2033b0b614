"""Two ways to a model: from the whole corpus, or from one's own examples alone; ``adapting`` is the third."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from retold.channel.lexical_table import LexicalTable
from retold.compare.weights import FILE as COMPARISON
from retold.compare.weights import without_texts
from retold.detector.classifier import LinearClassifier
from retold.detector.components import ModelComponents
from retold.detector.normality import NormalityClassifier
from retold.detector.rescoring import MTRescorers
from retold.language_model import LanguageModel
from retold.model_store import ModelFolder
from retold.signals.ngrams.words import WordNgrams
from retold.signals.registry import HANDCRAFTED
from retold.training.data.examples import LabelledText
from retold.training.data.feature_store import FeatureStore, build_feature_store
from retold.training.data.segments import count_segments
from retold.training.data.splits import FOLDS, fold_of
from retold.training.data.step_files import save_arrays
from retold.training.estimates import (
    TrainingContext,
    estimate_comparison,
    estimate_language_model,
    estimate_lexical_table,
    estimate_phrase_table,
    estimate_replaced_words,
    estimate_tables,
    measure_misfit,
)
from retold.training.fit import mt_rescorer
from retold.training.fit.calibration import fit_calibrated
from retold.training.fit.classifier import SEED
from retold.training.fit.cross_fitting import CrossFit, cross_fit
from retold.training.fit.normality import fit_normality
from retold.training.fit.pivot_language import fit_pivot_classifier
from retold.training.package import REPLAY_COLUMNS, replay_sample, write_package

# Cache of translations, and log-odds of every text by classifiers that have not seen it, in the folder of finished steps.
ROUND_TRIPS, LOG_ODDS = "round-trips.sqlite", "log-odds.npz"


@dataclass(frozen=True)
class TrainedModel:
    """A model that is ready to be written.

    Attributes:
        components: What the signals are built from.
        classifier: The linear classifiers, calibrated.
        rescorer: The classifiers of the second look, if an engine was at hand.
        replay: Table and features of training rows that later training replays.
        comparison: The text of ``comparison.json``; empty where nothing was there to compare.
        normality: Finds texts that are no normal English, if there were examples of them.
        log_odds: Of each text it was fitted to, by its id, float64 (n_targets,): by classifiers that have not seen its story or source.
    """

    components: ModelComponents
    classifier: LinearClassifier
    rescorer: MTRescorers | None
    replay: tuple[pd.DataFrame, NDArray[np.float64]]
    comparison: str = ""
    normality: NormalityClassifier | None = None
    log_odds: Mapping[str, NDArray[np.float64]] = field(default_factory=dict)

    def write(self, path: Path, meta: Mapping[str, Any], card: str) -> None:
        """Write the model folder; ``meta`` holds name and version, ``card`` is Markdown."""
        optional = [part for part in (self.rescorer, self.normality) if part is not None]
        arrays = self.classifier.arrays() | {name: array for part in optional for name, array in part.arrays().items()}
        texts = {"CARD.md": card} | ({"comparison.json": self.comparison} if self.comparison else {})
        write_package(path, self.components, arrays, self.replay, meta, texts)


def train_all(
    examples: Sequence[LabelledText], news: Path, bundled: ModelComponents | None, context: TrainingContext
) -> TrainedModel:
    """Train everything from a corpus: language model, channel, tables, n-gram classifiers, classifiers and comparisons.

    Args:
        examples: Labelled texts; those of running news serve the n-gram classifiers alone.
        news: Running news for the language model.
        bundled: The model whose fitted tables stand in for those that the corpus is too small for.
        context: Where and how.
    """
    store, components = corpus_features(examples, news, bundled, context)
    context.report("learning the channel from everything")
    channel = estimate_lexical_table(examples, components.language_model, context)
    phrases = estimate_phrase_table(examples, components.language_model, context)
    components = replace(components, channel=channel, phrase_table=phrases)
    components = replace(components, replaced_words=estimate_replaced_words(news, components.language_model, context))
    store = with_misfit(store, examples, components, context)
    trained = _fit_everything(store, examples, components, context)
    return replace(trained, comparison=estimate_comparison(examples, trained.log_odds, news, context))


def train_comparison(
    examples: Sequence[LabelledText], news: Path, bundled: ModelComponents, context: TrainingContext
) -> str:
    """What ``train_all`` puts into ``comparison.json``, without the rest; the arguments as there."""
    store, _ = corpus_features(examples, news, bundled, context)
    fitted = cross_fit(store, np.arange(len(examples)), context.cache, context.jobs, context.report)
    log_odds = _by_id(store, fitted)
    save_arrays(
        context.cache / LOG_ODDS, {"ids": np.array(list(log_odds)), "log_odds": np.array(list(log_odds.values()))}
    )
    return estimate_comparison(examples, log_odds, news, context)


def corpus_features(
    examples: Sequence[LabelledText], news: Path, bundled: ModelComponents | None, context: TrainingContext
) -> tuple[FeatureStore, ModelComponents]:
    """Estimate language model and tables, and extract the features of each fold with the channel of the others.

    Returns:
        The features, and the components without what is learned from all folds.
    """
    language_model = estimate_language_model(news, context)
    per_fold = lexical_tables_per_fold(examples, language_model, context)
    fitted = estimate_tables(examples, news, language_model, per_fold[0], context)
    tables = {**(bundled.tables if bundled is not None else {}), **fitted}
    components = [ModelComponents(language_model, table, tables=tables) for table in per_fold]
    return extract_features(examples, components, context), components[0]


def train_anew(examples: Sequence[LabelledText], base: ModelFolder, context: TrainingContext) -> TrainedModel:
    """Train classifiers on one's own examples; language model, channel, tables and comparisons stay those of ``base``."""
    components = ModelComponents.from_folder(base)
    store = extract_features(examples, [replace(components, ngram_classifiers=())], context)
    store = with_misfit(store, examples, components, context)
    bare = replace(components, ngram_classifiers=(), handcrafted=tuple(signal.name for signal in HANDCRAFTED))
    comparison = without_texts(base.texts.get(COMPARISON, ""))
    return replace(_fit_everything(store, examples, bare, context), comparison=comparison)


def lexical_tables_per_fold(
    examples: Sequence[LabelledText], language_model: LanguageModel, context: TrainingContext
) -> list[LexicalTable]:
    """For each fold the lexical table of the other folds, so that no text is measured with one that saw its own group."""
    folds = fold_of([e.group for e in examples])
    tables = []
    for k in range(FOLDS):
        context.report(f"learning the channel without fold {k + 1} of {FOLDS}")
        others = [e for e, fold in zip(examples, folds, strict=True) if fold != k]
        tables.append(estimate_lexical_table(others, language_model, context))
    return tables


def extract_features(
    examples: Sequence[LabelledText], components: Sequence[ModelComponents], context: TrainingContext
) -> FeatureStore:
    """Extract the features of a corpus, its segments' n-grams and, with an engine, a sample's engine features.

    Args:
        examples: The texts.
        components: One for each fold, or a single one for all.
        context: Where and how.
    """
    store = build_feature_store(examples, components, context.cache, context.jobs, context.report)
    texts, model = [example.text for example in examples], components[0].language_model
    store = replace(store, segments=count_segments(texts, model, context.cache, context.jobs, context.report))
    if context.engine is None:
        return store
    file = context.cache / ROUND_TRIPS
    sample = mt_rescorer.sample_engine_features(examples, context.engine, file, context.jobs, context.report)
    return replace(store, engine_features=sample)


def with_misfit(
    store: FeatureStore, examples: Sequence[LabelledText], components: ModelComponents, context: TrainingContext
) -> FeatureStore:
    """The features of examples, and how badly their words fit where they stand, if the components tell that."""
    if components.replaced_words is None:
        return store
    measured = measure_misfit(examples, components.replaced_words, components.language_model, context)
    return replace(store, misfit=measured)


def fit_rows(
    store: FeatureStore, rows: NDArray[np.intp], components: ModelComponents, context: TrainingContext
) -> TrainedModel:
    """Fit n-gram classifiers, classifiers and second look to some rows of a feature store; the other components stay.

    Rows of running news train the n-gram classifiers only: the language model has seen their originals.
    """
    context.report(f"fitting to {len(rows):,} examples")
    fitted = cross_fit(store, rows, context.cache, context.jobs, context.report)
    rows, features, logits = fitted.rows, fitted.features, fitted.logits
    table = store.table.iloc[rows].reset_index(drop=True)
    classifier = fit_calibrated(table, features, store.schema, logits)
    engine_features = store.engine_features[rows] if store.engine_features is not None else None
    rescorer = mt_rescorer.fit_rescorers(table, logits, engine_features, features[:, -1], classifier.calibration)
    kept = replay_sample(table, SEED)
    replay = table.iloc[kept][REPLAY_COLUMNS].reset_index(drop=True), features[kept]
    components = replace(components, ngram_classifiers=fitted.ngram_classifiers)
    counts = store.ngram_counts[WordNgrams.name][rows]
    misfit = store.misfit[rows] if store.misfit is not None else np.zeros(len(rows))
    normality = fit_normality(table, features, counts, misfit, store.schema.names, classifier)
    log_odds = _by_id(store, fitted)
    return TrainedModel(components, classifier, rescorer, replay, normality=normality, log_odds=log_odds)


def _by_id(store: FeatureStore, fitted: CrossFit) -> dict[str, NDArray[np.float64]]:
    ids = store.table["id"].iloc[fitted.rows]
    return dict(zip(ids, fitted.logits, strict=True))


def _fit_everything(
    store: FeatureStore, examples: Sequence[LabelledText], components: ModelComponents, context: TrainingContext
) -> TrainedModel:
    trained = fit_rows(store, np.arange(len(examples)), components, context)
    pivots = fit_pivot_classifier(store) or components.pivot_classifier
    return replace(trained, components=replace(trained.components, pivot_classifier=pivots))
