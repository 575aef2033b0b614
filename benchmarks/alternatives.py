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
import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.alternative_measures import ALTERNATIVES, Measure, labelled
from benchmarks.likelihood_ratio import LikelihoodRatio
from benchmarks.speed import articles

_ROOT = Path(__file__).parents[1]
# What numerical libraries read the number of their threads from.
_ONE_CORE = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
# Parts of the stories, each held out once.
_FOLDS = 5


def accuracy(name: str, measure: Measure) -> float | None:
    """AUROC on stories held out; None for what gives no numbers."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.metrics import roc_auc_score
    from sklearn.model_selection import GroupKFold
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    texts, labels, groups = labelled()
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
