"""Measure speed, memory and start-up: ``python benchmarks/speed.py [--model DIR] [--other-python PYTHON]``.

Scores articles of about 350 words, put together from the project's own test articles, in a fresh process on one core: with
verdicts, and with probabilities alone. Then what a user waits for: one article, and the help. With ``--other-python``, another
installation of retold, such as that of an earlier commit, takes turns with this one on the same articles; the fastest
runs of each are compared, in seconds of the processor.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

_DATA = Path(__file__).parents[1] / "tests" / "data"
_ARTICLES, _ARTICLE = _DATA / "articles.jsonl", _DATA / "story" / "1-agency.txt"
# A short news article.
_WORDS = 350
# Runs of what is compared. The fastest counts, since other work on the machine can only slow a run down.
_ROUNDS = 5
_TASKS = ("verdicts", "probabilities")
_ONE_CORE = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")


def articles(count: int) -> list[str]:
    """Texts of about 350 words, each of other sentences, so that no cache helps."""
    parts, generator = sentences(), random.Random(1)  # noqa: S311  a benchmark needs no secrets
    return [article(parts, generator, _WORDS) for _ in range(count)]


def sentences() -> list[str]:
    """The sentences of the project's own test articles."""
    rows = [json.loads(line) for line in _ARTICLES.read_text(encoding="utf-8").splitlines()]
    return [s.strip() + "." for row in rows for s in row["text"].replace("\n", " ").split(". ") if s.strip()]


def article(sentences: list[str], generator: random.Random, n_words: int) -> str:
    """Sentences drawn until they have so many words."""
    chosen: list[str] = []
    words = 0
    while words < n_words:
        chosen.append(generator.choice(sentences))
        words += len(chosen[-1].split())
    return " ".join(chosen)


def run_task(task: str, count: int, model: str | None) -> dict[str, float]:
    """Score in this process: seconds of the clock and of the processor without the load of the model, and megabytes."""
    # Only the child process loads the package, that of the interpreter it runs in.
    import retold

    texts, detector = articles(count), retold.load(model)
    start, start_processor = time.perf_counter(), time.process_time()
    results = detector.predict_proba(texts) if task == "probabilities" else list(detector.score_many(texts))
    seconds, processor = time.perf_counter() - start, time.process_time() - start_processor
    if len(results) != count:
        raise RuntimeError(f"{len(results)} results for {count} articles")
    return {"seconds": seconds, "processor": processor, "megabytes": _peak_megabytes()}


def _peak_megabytes() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _in_child(python: str, task: str, options: argparse.Namespace) -> dict[str, float]:
    command = [python, __file__, "--inner", task, "--articles", str(options.articles)]
    command += ["--model", options.model] if options.model and python == sys.executable else []
    environment = os.environ | _ONE_CORE
    if python != sys.executable:
        # It would make the other interpreter import this checkout.
        environment.pop("PYTHONPATH", None)
    result = subprocess.run(command, check=True, env=environment, capture_output=True, text=True)
    numbers: dict[str, float] = json.loads(result.stdout)
    return numbers


def throughput(options: argparse.Namespace) -> None:
    """Print articles a second, and how many times as fast as the other installation that is, if one was named."""
    pythons = [sys.executable, *([options.other_python] if options.other_python else [])]
    for task in _TASKS:
        runs = [[_in_child(python, task, options) for python in pythons] for _ in range(_ROUNDS)]
        for i, python in enumerate(pythons):
            seconds = min(run[i]["seconds"] for run in runs)
            processor = min(run[i]["processor"] for run in runs)
            memory = max(run[i]["megabytes"] for run in runs)
            print(
                f"{task}, {'this' if python == sys.executable else 'other'} installation: {options.articles:,} articles, "
                f"{options.articles / seconds:.0f} a second, {1000 * processor / options.articles:.1f} ms of the processor "
                f"each, {memory:.0f} MB at most (best of {_ROUNDS})"
            )
        if len(pythons) > 1:
            this, other = (min(run[i]["processor"] for run in runs) for i in range(2))
            ratios = ", ".join(f"{run[1]['processor'] / run[0]['processor']:.2f}" for run in runs)
            print(f"{task}: {other / this:.2f} times as fast as the other (round by round: {ratios})")


def _median_seconds(command: list[str], runs: int = 5) -> float:
    times = []
    for _ in range(runs):
        start = time.perf_counter()
        subprocess.run(command, check=True, capture_output=True)
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def main(argv: Sequence[str] | None = None) -> None:
    """Run the benchmark, the scoring in processes of their own."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", help="model folder; the shipped one if absent")
    parser.add_argument("--articles", type=int, default=1000, help="how many to score; default: 1000")
    parser.add_argument("--other-python", metavar="PYTHON", help="interpreter of an installation to compare with")
    parser.add_argument("--inner", choices=_TASKS, help=argparse.SUPPRESS)
    options = parser.parse_args(argv)
    if options.inner:
        print(json.dumps(run_task(options.inner, options.articles, options.model)))
        return
    throughput(options)
    given = ["--model", options.model] if options.model else []
    one = [sys.executable, "-m", "retold", "score", str(_ARTICLE), *given]
    print(f"one article, in a process of its own: {_median_seconds(one):.1f} s (median of 5)")
    print(f"retold --help: {_median_seconds([sys.executable, '-m', 'retold', '--help']):.2f} s (median of 5)")


if __name__ == "__main__":
    main()
