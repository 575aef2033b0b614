"""What is estimated before anything is classified: language model, channel, fitted tables. Finished steps are cached.

Each step's file is named by a digest of the texts it saw and of the code that made it, so that an interrupted training goes on
where it stopped, and a change of the code makes anew what depends on it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from joblib import Parallel, delayed
from numpy.typing import NDArray

from retold.channel.lexical_table import LexicalTable
from retold.channel.phrase_table import PhraseTable
from retold.detector.normality import ABNORMAL_KINDS
from retold.detector.replaced_words import ReplacedWordDetector
from retold.detector.verdict import BACK_TRANSLATED, LABELS, ORIGINAL
from retold.language_model import LanguageModel, Vocabulary
from retold.language_model.batch import Batch
from retold.text import analyse
from retold.text.morphology import Inflector
from retold.training.data.code_fingerprint import code_fingerprint
from retold.training.data.examples import RUNNING_NEWS, LabelledText
from retold.training.data.splits import fold_of
from retold.training.data.step_files import load_arrays, save_arrays, save_text
from retold.training.fit import lexical_table
from retold.training.fit.comparison import fit_comparison
from retold.training.fit.idiom_variants import idiom_forms
from retold.training.fit.kept_apart_pairs import kept_apart_pairs
from retold.training.fit.language_model import estimate_from_news, news_articles
from retold.training.fit.phrase_table import fit_phrase_table
from retold.training.fit.replaced_words import fit_replaced_words
from retold.training.fit.term_classifier import learn_term_classifier
from retold.translation import Engine

# Rooms and files whose code and data decide each estimate.
_LANGUAGE_MODEL = ("text", "language_model", "training/fit/language_model.py")
_LEXICAL_TABLE = (*_LANGUAGE_MODEL, "alignment", "channel", "data", "training/fit/lexical_table.py")
_PHRASE_TABLE = (*_LEXICAL_TABLE, "signals", "training/fit/phrase_table.py")
_TERM_CLASSIFIER = (*_LEXICAL_TABLE, "signals/terms", "training/fit/term_classifier.py")
_IDIOM_FORMS = ("text", "data", "signals/idioms", "training/fit/idiom_variants.py")
_KEPT_APART = ("text", "data", "channel", "training/fit/kept_apart_pairs.py")
_REPLACED_WORDS = (
    *("text", "language_model", "detector/replaced_words.py"),
    *("training/fit/exchanged_news.py", "training/fit/replaced_words.py"),
)
_COMPARISON = (
    *(
        "text",
        "alignment",
        "channel",
        "compare",
        "data",
        "training/data/story_clusters.py",
        "training/data/desk_edits.py",
    ),
    *(
        f"training/fit/{name}.py"
        for name in ("comparison", "comparison_descent", "comparison_lineage", "comparison_substitutions")
    ),
)
# Kinds of examples that comparison does not learn from: passages of running news, and copies whose words a program replaced.
_NO_VERSIONS = (RUNNING_NEWS, *ABNORMAL_KINDS)
# The fold whose round trips the term classifier is fitted to, with the lexical table of the other folds.
_TERM_FOLD = 0
_DIGITS = 24
# Texts that a process measures at a time: some seconds' work.
_CHUNK = 500


@dataclass(frozen=True)
class TrainingContext:
    """Where and how training works.

    Attributes:
        cache: Folder of finished steps.
        jobs: Processes.
        report: Receives lines of progress.
        engine: Translation engine whose features a sample of the examples gets, for the second look; None where none is wanted.
    """

    cache: Path
    jobs: int
    report: Callable[[str], None]
    engine: Engine | None = None


def estimate_language_model(news: Path, context: TrainingContext) -> LanguageModel:
    """Estimate the language model from running news."""
    file = _file(context, "language-model", _LANGUAGE_MODEL, [_digest_of(news)])
    words = file.with_suffix(".txt")
    if not file.exists():
        model = estimate_from_news(news, context.jobs, context.report)
        save_text(words, "\n".join(model.vocabulary.words))
        save_arrays(file, model.arrays())
    return LanguageModel.from_arrays(Vocabulary(words.read_text(encoding="utf-8").split("\n")), load_arrays(file))


def estimate_lexical_table(
    examples: Sequence[LabelledText], language_model: LanguageModel, context: TrainingContext
) -> LexicalTable:
    """Estimate the lexical table from the round trips among examples, each aligned with the original of its group."""
    file = _file(context, "channel", _LEXICAL_TABLE, _texts(_round_trips(examples), language_model))
    if not file.exists():
        table = lexical_table.learn(aligned_pairs(examples), language_model.vocabulary)
        header = np.frombuffer(json.dumps(table.header()).encode(), dtype=np.uint8)
        save_arrays(file, table.arrays() | {"header": header})
    arrays = load_arrays(file)
    return LexicalTable.from_arrays(json.loads(arrays.pop("header").tobytes()), arrays)


def estimate_phrase_table(
    examples: Sequence[LabelledText], language_model: LanguageModel, context: TrainingContext
) -> PhraseTable | None:
    """Estimate the phrase table from the same round trips; None if they are too few."""
    file = _file(context, "phrases", _PHRASE_TABLE, _texts(_round_trips(examples), language_model))
    if not file.exists():
        table = fit_phrase_table(aligned_pairs(examples), language_model)
        if table is None:
            return None
        save_arrays(file, table.arrays() | {"text": np.frombuffer(table.text().encode(), dtype=np.uint8)})
    arrays = load_arrays(file)
    return PhraseTable.from_arrays(arrays.pop("text").tobytes().decode(), arrays)


def estimate_tables(
    examples: Sequence[LabelledText],
    news: Path,
    language_model: LanguageModel,
    others: LexicalTable,
    context: TrainingContext,
) -> dict[str, str]:
    """Fit the tables that signals need, by the name of their file in the model folder.

    Args:
        examples: The corpus; with too few round trips of the first fold there is no ``term_classifier.json``.
        news: Running news.
        language_model: The language model.
        others: The lexical table of the folds but the first.
        context: Where to keep finished steps.
    """
    stamp = _digest_of(news)
    context.report("counting broken idioms and kept-apart pairs in running news")
    tables = {
        "idiom_forms.tsv": _text(
            _file(context, "idiom-forms", _IDIOM_FORMS, [stamp], ".tsv"),
            lambda: idiom_forms(map(analyse, news_articles(news))),
        ),
        "kept_apart.tsv": _text(
            _file(context, "kept-apart", _KEPT_APART, [stamp, *language_model.vocabulary.words], ".tsv"),
            lambda: kept_apart_pairs(map(str.lower, news_articles(news)), Inflector(language_model.vocabulary.index)),
        ),
    }
    context.report("fitting the term classifier")
    fold = fold_of([e.group for e in examples])
    unseen = [e for e, k in zip(examples, fold, strict=True) if k == _TERM_FOLD]
    file = _file(context, "term-classifier", _TERM_CLASSIFIER, _texts(unseen, language_model), ".json")
    weights = _text(file, lambda: _term_classifier(unseen, others, language_model))
    return tables | ({"term_classifier.json": weights} if weights else {})


def _term_classifier(unseen: Sequence[LabelledText], others: LexicalTable, language_model: LanguageModel) -> str:
    originals = [e.text for e in unseen if e.label == ORIGINAL and e.kind != "learner_writing"]
    weights = learn_term_classifier(aligned_pairs(unseen), originals, others, language_model)
    return weights.to_json() + "\n" if weights is not None else ""


def estimate_comparison(
    examples: Sequence[LabelledText],
    log_odds: Mapping[str, NDArray[np.float64]],
    news: Path,
    context: TrainingContext,
) -> str:
    """Fit the weights of ``retold compare``, the file ``comparison.json``; empty if there are no versions to compare.

    Args:
        examples: Labelled texts.
        log_odds: float64 (4,) of each by its id, by classifiers that have seen neither its story nor its source.
        news: Running news.
        context: Where and how.
    """
    versions = [e for e in examples if e.label in LABELS and e.kind not in _NO_VERSIONS]
    if {e.label for e in versions} != set(LABELS):
        return ""
    scored = (f"{e.id} {np.round(log_odds[e.id], 4).tolist() if e.id in log_odds else ''}" for e in versions)
    parts = [_digest_of(news), *(e.text for e in versions), *scored]
    file = _file(context, "comparison", _COMPARISON, parts, ".json")

    def fit() -> str:
        rows = [asdict(e) | {"group": e.original} for e in versions]
        weights = fit_comparison(rows, news_articles(news), log_odds, context.report)
        return json.dumps(weights, ensure_ascii=False, separators=(",", ":")) + "\n"

    return _text(file, fit)


def estimate_replaced_words(
    news: Path, language_model: LanguageModel, context: TrainingContext
) -> ReplacedWordDetector:
    """Learn from running news which words do not fit where they stand."""
    file = _file(context, "replaced-words", _REPLACED_WORDS, [_digest_of(news), *language_model.vocabulary.words])
    if not file.exists():
        save_arrays(file, fit_replaced_words(news, language_model, context.jobs, context.report).arrays())
    return ReplacedWordDetector.from_arrays(load_arrays(file))


def measure_misfit(
    examples: Sequence[LabelledText], detector: ReplacedWordDetector, model: LanguageModel, context: TrainingContext
) -> NDArray[np.float64]:
    """How badly the words of each example fit where they stand, float64 (n,)."""
    arrays = (array.tobytes().hex() for _, array in sorted(detector.arrays().items()))
    file = _file(context, "misfit", _REPLACED_WORDS, [*(e.text for e in examples), *arrays])
    if not file.exists():
        chunks = [examples[i : i + _CHUNK] for i in range(0, len(examples), _CHUNK)]
        parts = Parallel(n_jobs=context.jobs)(delayed(_misfit)([e.text for e in c], detector, model) for c in chunks)
        save_arrays(file, {"misfit": np.concatenate(parts)})
    return load_arrays(file)["misfit"]


def _misfit(texts: Sequence[str], detector: ReplacedWordDetector, model: LanguageModel) -> NDArray[np.float64]:
    batch = Batch([analyse(text) for text in texts], model)
    return np.array([detector.mean_misfit(batch, row) for row in range(len(texts))])


def aligned_pairs(examples: Sequence[LabelledText]) -> list[lexical_table.AlignedPair]:
    """Round trips, each beside its original."""
    originals = {e.original: e.text for e in reversed(examples) if e.label == ORIGINAL}
    rows = [{"text": e.text, "pivot": e.pivot, "engine": e.engine, "group": e.original} for e in _round_trips(examples)]
    return lexical_table.examples(rows, originals)


def _round_trips(examples: Sequence[LabelledText]) -> list[LabelledText]:
    # Pairs of running news are all of one engine and pivot, and would outweigh every other; n-gram classifiers weigh them, channels do not.
    return [e for e in examples if e.label == BACK_TRANSLATED and e.pivot and e.kind != RUNNING_NEWS]


def _texts(examples: Sequence[LabelledText], language_model: LanguageModel) -> Iterable[str]:
    yield from (e.text for e in examples)
    yield from language_model.vocabulary.words


def _digest_of(file: Path) -> str:
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def _file(
    context: TrainingContext, name: str, places: tuple[str, ...], texts: Iterable[str], suffix: str = ".npz"
) -> Path:
    digest = hashlib.sha256(code_fingerprint(*places))
    for text in texts:
        digest.update(text.encode("utf-8", "replace") + b"\0")
    return context.cache / f"{name}-{digest.hexdigest()[:_DIGITS]}{suffix}"


def _text(file: Path, make: Callable[[], str]) -> str:
    """The text of a cached file, made first if it is not there."""
    if not file.exists():
        save_text(file, make())
    return file.read_text(encoding="utf-8")
