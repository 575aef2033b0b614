"""Compare with what a user would pick instead: ``python -m benchmarks.alternatives [NAME...] [--articles N]``.

All get the same articles in the same run, each in a process of its own on one core: articles a second of the processor, megabytes at
most, and seconds until the first article is done. Where one gives numbers about a text, a logistic regression learns to tell
back-translations from originals by them, and AUROC is that of stories held out (five folds) among the project's own
test articles: few and kind ones, so that only large differences mean anything. ``retold`` is the shipped model as it is.

``textstat`` is every score that it has for English, ``spacy`` a blank English pipeline with sentences (``spacy-small`` the small model,
which is on no package index), ``tfidf`` TF-IDF of words and pairs of words. What is not installed is left out, with the line that
installs it.
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
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

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
    return _nothing(importlib.import_module("spacy").load("en_core_web_sm"))


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
    "spacy-small": (_spacy_small, "python -m pip install spacy && python -m spacy download en_core_web_sm"),
    "textdescriptives": (_textdescriptives, "python -m pip install textdescriptives"),
    "tfidf": (_tfidf, "python -m pip install scikit-learn"),
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
    from sklearn.model_selection import GroupKFold, cross_val_predict
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    texts, labels, groups = _labelled()
    learner = LogisticRegression(C=10, max_iter=1000)
    inputs: Any = texts
    if name == "tfidf":
        learner = make_pipeline(TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True), learner)
    else:
        numbers = measure(texts)
        if numbers is None:
            return None
        if name == "retold":
            return float(roc_auc_score(labels, numbers[:, 0]))
        learner, inputs = make_pipeline(StandardScaler(), learner), numbers
    scores = cross_val_predict(
        learner, inputs, labels, groups=groups, cv=GroupKFold(_FOLDS), method="decision_function"
    )
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


def compare(names: Iterable[str], count: int) -> None:
    """Print a line for each alternative."""
    print(f"{count} articles, load {os.getloadavg()[0]:.1f}")
    print(f"{'':18}{'a second':>10}{'MB':>8}{'first, s':>10}{'AUROC':>8}")
    for name in names:
        command = [sys.executable, "-m", "benchmarks.alternatives", "--inner", name, "--articles", str(count)]
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
    parser.add_argument("--inner", choices=ALTERNATIVES, help=argparse.SUPPRESS)
    options = parser.parse_args(argv)
    if unknown := set(options.names) - set(ALTERNATIVES):
        parser.error(f"unknown: {', '.join(sorted(unknown))}; choose from {', '.join(ALTERNATIVES)}")
    if options.inner:
        print(json.dumps(run_one(options.inner, options.articles)))
    else:
        compare(options.names or ALTERNATIVES, options.articles)


if __name__ == "__main__":
    main()
