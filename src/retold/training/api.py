"""Train and evaluate from Python: what ``retold train`` and ``retold evaluate`` call."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd

from retold.cache_folder import cache_folder
from retold.detector.classifier import LinearClassifier
from retold.detector.components import ModelComponents
from retold.errors import ModelError
from retold.model_store import ModelFolder, bundled_model, read_model, write_model
from retold.training import pipeline
from retold.training.adapting import adapt_model
from retold.training.data.checks import check_examples
from retold.training.data.examples import LabelledText, examples_of_frame
from retold.training.data.own_examples import check_own_examples
from retold.training.estimates import TrainingContext
from retold.training.evaluation import ablation, adaptation_gate, protocols
from retold.training.evaluation import quality_gate as gate
from retold.training.evaluation.model_card import evaluation_card, training_card
from retold.training.fit.cross_fitting import cross_fit
from retold.training.pipeline import TrainedModel, corpus_features, extract_features, train_all, train_anew

# The shipped model, where a model to adapt is named; and where a model is written unless another folder is named.
SHIPPED, DEFAULT_OUTPUT = "shipped", "models/mine"


@dataclass(frozen=True)
class Evaluation:
    """Held-out predictions and the report on them.

    Attributes:
        predictions: For each protocol, a row a text: what is known of it, its probabilities, its operating points.
        report: The tables, Markdown.
    """

    predictions: dict[str, pd.DataFrame]
    report: str

    def __str__(self) -> str:
        return self.report

    def _repr_markdown_(self) -> str:
        return self.report


def train(
    data: pd.DataFrame | Sequence[LabelledText],
    output: str | Path = DEFAULT_OUTPUT,
    context: TrainingContext | None = None,
    *,
    adapt: str | Path | None = SHIPPED,
    news: Path | None = None,
    name: str = "mine",
    version: str = "1",
    force: bool = False,
) -> tuple[str, ...]:
    """Adapt a model to labelled texts, or train one anew, and write its folder.

    Args:
        data: A frame with ``text`` and ``label`` (``group`` for versions of one story), or examples that were read.
        output: The model's folder.
        context: Where and how; None works silently in one process and keeps finished steps in the user's cache folder.
        adapt: The model to adapt, a folder or ``shipped``: its signals stay, and as much of its classifier is refitted as the
            texts can carry. None trains anew, from a few thousand texts up.
        news: Running news, from which everything is estimated anew, whatever ``adapt`` says; None takes language model and
            channel from the shipped model.
        name: Shown on every verdict.
        version: Shown beside it.
        force: Write the model even if the quality gate finds it worse.

    Returns:
        Notes on the examples, on labels that look wrong, and on what the quality gate measured.

    Raises:
        InputError: if the examples cannot be used, or the gate refuses the model.
        ModelError: if there is no sound model to adapt.
    """
    found = examples_of_frame(data) if isinstance(data, pd.DataFrame) else list(data)
    context = context or default_context()
    if adapt is not None and news is None:
        trained, notes = _adapted(found, adapt, force, context)
    else:
        trained, notes = _anew(found, news, force, context)
    trained.write(Path(output), {"name": name, "version": version}, training_card(name, trained, notes))
    return notes


def train_comparison(
    data: Sequence[LabelledText], news: Path, output: str | Path, context: TrainingContext
) -> tuple[str, ...]:
    """Write the shipped model with weights of comparison that are fitted anew, as ``train`` fits them, and all else as it is.

    Args:
        data: Examples that were read, those that the model was trained on: what its classifier makes of texts takes part.
        news: Running news.
        output: The model's folder.
        context: Where and how.

    Returns:
        Notes on the examples.
    """
    checked, base = check_examples(data), read_model(bundled_model())
    comparison = pipeline.train_comparison(checked.examples, news, ModelComponents.from_folder(base), context)
    write_model(Path(output), base.meta, base.arrays, {**base.texts, "comparison.json": comparison})
    return checked.notes


def default_context() -> TrainingContext:
    """One process, no lines of progress, finished steps in the user's cache folder."""
    return TrainingContext(cache_folder() / "training", 1, lambda line: None)


def _adapted(
    examples: Sequence[LabelledText], base: str | Path, force: bool, context: TrainingContext
) -> tuple[TrainedModel, tuple[str, ...]]:
    checked = check_own_examples(examples)
    adapted = adapt_model(read_model(base_folder(base)), checked.examples, context)
    passed = adaptation_gate.enforce(adapted.report, adapted.doubtful, force)
    doubtful = [f"label looks wrong: {doubt}" for doubt in adapted.doubtful]
    return adapted.trained, (*checked.notes, *doubtful, f"adapted: {adapted.words}", passed)


def _anew(
    examples: Sequence[LabelledText], news: Path | None, force: bool, context: TrainingContext
) -> tuple[TrainedModel, tuple[str, ...]]:
    checked = check_examples(examples)
    trained = _trained(checked.examples, news, context)
    context.report("measuring the new model beside the old one")
    notes = gate.enforce_checks(_checks(checked.examples, news, trained, context), force)
    for note in notes:
        context.report(note)
    return trained, (*checked.notes, *notes)


def evaluate(
    data: pd.DataFrame | Sequence[LabelledText],
    context: TrainingContext,
    *,
    news: Path | None = None,
    held_out: Sequence[str] = protocols.PROTOCOLS,
    with_ablation: bool = False,
) -> Evaluation:
    """Retrain without what is tested, and measure on it.

    Args:
        data: As for ``train``.
        context: Where and how.
        news: Running news, or None for the shipped model's language model and channel.
        held_out: What to hold out in turn: names of protocols.
        with_ablation: Also measure what each group of signals contributes.
    """
    found = examples_of_frame(data) if isinstance(data, pd.DataFrame) else list(data)
    examples = check_examples(found).examples
    bundled = ModelComponents.from_folder(read_model(bundled_model()))
    if news is None:
        store = extract_features(examples, [replace(bundled, ngram_classifiers=())], context)
    else:
        store, _ = corpus_features(examples, news, bundled, context)
    lacking = {name: protocols.missing(store.table, name) for name in held_out}
    for name in filter(lacking.get, held_out):
        context.report(f"protocol {name} is left out: {lacking[name]}")
    possible = [name for name in held_out if not lacking[name]]
    fitted = cross_fit(store, np.arange(len(store.table)), context.cache, context.jobs, context.report)
    predictions = {name: protocols.run(store, fitted, name, context) for name in possible}
    report = evaluation_card(predictions, lacking)
    if with_ablation and not protocols.missing(store.table, "engine"):
        table = ablation.run(store, fitted, context)
        report += f"\n### What each group of signals contributes, engines held out\n\n{table}"
    return Evaluation(predictions, report)


def _trained(examples: Sequence[LabelledText], news: Path | None, context: TrainingContext) -> TrainedModel:
    if news is None:
        context.report("no running news given (--news): language model and channel are taken from the shipped model")
        return train_anew(examples, read_model(bundled_model()), context)
    shipped = _shipped()
    return train_all(examples, news, ModelComponents.from_folder(shipped) if shipped is not None else None, context)


def _checks(
    examples: Sequence[LabelledText], news: Path | None, trained: TrainedModel, context: TrainingContext
) -> list[gate.MetricCheck]:
    if news is not None:
        return gate.check_stored(_shipped(), trained)
    return gate.check_own(examples, read_model(bundled_model()), trained, context)


def base_folder(base: str | Path) -> Path:
    """The folder of the model that is adapted."""
    return bundled_model() if str(base) == SHIPPED else Path(base)


def _shipped() -> ModelFolder | None:
    """The shipped model; None where the first one is being trained, or the first of a new form."""
    try:
        folder = read_model(bundled_model())
        LinearClassifier.from_arrays(folder.arrays)
        ModelComponents.from_folder(folder)
    except ModelError:
        return None
    return folder
