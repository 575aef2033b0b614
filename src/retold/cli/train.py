"""``retold train`` and ``retold evaluate``: parse, check, run, say what happened."""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from retold.detector.classifier import LinearClassifier
from retold.detector.verdict import LABELS
from retold.errors import InputError, ModelError
from retold.model_store import ModelFolder, bundled_model, read_model
from retold.signals.registry import Resources
from retold.training.data.checks import check_examples
from retold.training.data.examples import LabelledText, read_examples
from retold.training.evaluation import ablation
from retold.training.evaluation import protocols as evaluation
from retold.training.evaluation import quality_gate as gate
from retold.training.evaluation.model_card import evaluation_card, training_card
from retold.training.package import put_into_card, write_package
from retold.training.pipeline import (
    TrainedModel,
    TrainingContext,
    add_engine_features,
    add_to,
    cached_language_model,
    measured,
    train_all,
    train_anew,
)
from retold.translation import make_engine
from retold.translation.engines import BUNDLED

# The corpus lies beside the checkout where the project is developed and tested.
_CORPUS = Path("../shared/corpus")
_NEWS = "news.txt.xz"


def train(argv: Sequence[str] | None = None) -> int:
    """Train a model; 0 if one was written. See ``retold train --help``."""
    options = _train_parser().parse_args(argv)
    shop = _context(options)
    examples = _examples(options.data, shop)
    shop.report(f"read {len(examples):,} examples")
    trained, notes = _train(options, examples, shop)
    notes = (*notes, *_gate(options, examples, trained, shop))
    card = training_card(options.name, trained, notes)
    meta = {"name": options.name, "version": options.version}
    write_package(options.output, trained.resources, trained.head, trained.deep, trained.replay, meta, card)
    shop.report(f"wrote the model to {options.output}; score with it: retold score --model {options.output} ARTICLE")
    return 0


def _train(
    options: argparse.Namespace, examples: list[LabelledText], shop: TrainingContext
) -> tuple[TrainedModel, tuple[str, ...]]:
    if options.add_to:
        base = _base(options)
        checked = check_examples(examples, needed=())
        _say(checked.notes)
        return add_to(base, checked.examples, shop), checked.notes
    checked = check_examples(examples, needed=LABELS)
    _say(checked.notes)
    news = _news(options)
    if news is not None:
        return train_all(checked.examples, news, shop), checked.notes
    shop.report("no running news given (--news): language model and channel are taken from the shipped model")
    folder = read_model(bundled_model())
    return train_anew(checked.examples, Resources.from_arrays(folder.arrays, folder.texts), shop), checked.notes


def _gate(
    options: argparse.Namespace, examples: list[LabelledText], trained: TrainedModel, shop: TrainingContext
) -> tuple[str, ...]:
    """What the quality gate measured, for the card; raises InputError if it refuses the model."""
    shop.report("measuring the new model beside the old one")
    if options.add_to:
        floors = gate.check_added(_base(options), trained)
    elif _news(options) is not None:
        floors = gate.check_stored(_shipped(), trained)
    else:
        floors = gate.check_own(check_examples(examples).examples, read_model(bundled_model()), trained, shop)
    notes = gate.enforce_checks(floors, options.force)
    for note in notes:
        shop.report(note)
    return notes


def _shipped() -> ModelFolder | None:
    """The shipped model; None where the first one is being trained, or the first of a new form."""
    try:
        folder = read_model(bundled_model())
        LinearClassifier.from_arrays(folder.arrays)
    except ModelError:
        return None
    return folder


def _base(options: argparse.Namespace) -> ModelFolder:
    return read_model(bundled_model() if options.add_to == "shipped" else Path(options.add_to))


def evaluate(argv: Sequence[str] | None = None) -> int:
    """Evaluate by retraining without what is tested; 0 if the report was written. See ``retold evaluate --help``."""
    options = _evaluate_parser().parse_args(argv)
    shop = _context(options)
    examples = check_examples(_examples(options.data, shop)).examples
    news = _news(options)
    if news is None:
        folder = read_model(bundled_model())
        resources = Resources.from_arrays(folder.arrays, folder.texts)
        corpus = measured(examples, resources.language_model, resources.channel, shop)
    else:
        corpus = measured(examples, cached_language_model(news, shop), None, shop)
    corpus = add_engine_features(corpus, examples, shop)
    predictions = {
        protocol: evaluation.run(corpus, protocol, shop.cache / "predictions", shop.jobs, shop.report)
        for protocol in options.protocols
    }
    report = evaluation_card(predictions)
    if options.ablation:
        table = ablation.run(corpus, shop.cache / "predictions", shop.jobs, shop.report)
        report += f"\n### What each family of signals earns, engines kept out\n\n{table}"
    options.output.parent.mkdir(parents=True, exist_ok=True)
    options.output.write_text(report, encoding="utf-8")
    if options.into is not None:
        put_into_card(options.into, report)
    print(report)
    return 0


def _examples(paths: list[Path] | None, shop: TrainingContext) -> list[LabelledText]:
    chosen = paths or [_default_corpus()]
    shop.report(f"reading {', '.join(map(str, chosen))}")
    return read_examples(chosen)


def _default_corpus() -> Path:
    place = Path(os.environ.get("RETOLD_CORPUS", _CORPUS))
    if not place.is_dir():
        raise InputError(f"no corpus at {place}; name your labelled examples: retold train --data FILE_OR_FOLDER")
    return place


def _news(options: argparse.Namespace) -> Path | None:
    """The running news: what was named, else what lies in the corpus."""
    if options.news is not None:
        return Path(options.news)
    corpus = [*(options.data or []), *([] if options.data else [_default_corpus()])]
    return next((place / _NEWS for place in corpus if (place / _NEWS).is_file()), None)


def _say(notes: Sequence[str]) -> None:
    for note in notes:
        print(f"note: {note}", file=sys.stderr)


def _context(options: argparse.Namespace) -> TrainingContext:
    start = time.monotonic()

    def report(line: str) -> None:
        print(f"[{time.monotonic() - start:6.0f} s] {line}", file=sys.stderr, flush=True)

    # Each process asks by itself, a sentence at a time.
    engine = make_engine(options.engine, 1) if options.deep else None
    return TrainingContext(options.cache, options.jobs, report, engine)


def _common(parser: argparse.ArgumentParser) -> argparse.ArgumentParser:
    parser.add_argument("--data", type=Path, nargs="+", metavar="PATH", help="JSONL, CSV, or a folder per label")
    parser.add_argument("--news", type=Path, help="running news for the language model, articles between blank lines")
    parser.add_argument(
        "--cache", type=Path, default=Path(".cache/retold"), help="finished steps; runs resume from here"
    )
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="processes")
    parser.add_argument(
        "--deep",
        action="store_true",
        help="also learn from what an engine says of a sample: an hour and a half more on one core",
    )
    parser.add_argument(
        "--engine", default=BUNDLED, metavar="COMMAND", help="the engine that is asked, a sentence a line"
    )
    return parser


def _train_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="retold train", description="Train a model from labelled examples.")
    _common(parser).add_argument("--add-to", metavar="MODEL", help="add the examples to this model, or to 'shipped'")
    parser.add_argument("--output", type=Path, default=Path("models/mine"), help="folder of the new model")
    parser.add_argument(
        "--force", action="store_true", help="write the model even if it falls below the one it is compared with"
    )
    parser.add_argument("--name", default="mine", help="name shown on every verdict")
    parser.add_argument("--version", default="1", help="version shown beside it")
    return parser


def _evaluate_parser() -> argparse.ArgumentParser:
    description = "Evaluate on groups, engines, pivots and sources that training has not seen."
    parser = _common(argparse.ArgumentParser(prog="retold evaluate", description=description))
    choices = evaluation.PROTOCOLS
    parser.add_argument(
        "--protocols", nargs="+", choices=choices, default=list(choices), help="what to keep out in turn"
    )
    parser.add_argument("--ablation", action="store_true", help="also measure what each family of signals earns")
    parser.add_argument("--output", type=Path, default=Path("evaluation.md"), help="the report, Markdown")
    parser.add_argument("--into", type=Path, metavar="MODEL", help="put the report into this model's card, too")
    return parser
