"""Measure speed, memory and start-up of the installed package: ``python benchmarks/speed.py [--model DIR]``.

Scores a batch of articles of about 350 words, cut and shuffled from the project's own test articles, in a fresh process
on one core, model load included; then what a user waits for: one article, and the help.
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
from pathlib import Path

_DATA = Path(__file__).parents[1] / "data"
_ARTICLES, _ARTICLE = _DATA / "articles.jsonl", _DATA / "story" / "1-agency.txt"
_WORDS = 350
_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


def articles(count: int) -> list[str]:
    """Texts of about 350 words, each of other sentences, so that no cache helps."""
    rows = [json.loads(line) for line in _ARTICLES.read_text(encoding="utf-8").splitlines()]
    sentences = [s.strip() + "." for row in rows for s in row["text"].replace("\n", " ").split(". ") if s.strip()]
    generator = random.Random(1)  # noqa: S311  a benchmark needs no secrets
    return [_article(sentences, generator) for _ in range(count)]


def _article(sentences: list[str], generator: random.Random) -> str:
    chosen: list[str] = []
    while sum(len(s.split()) for s in chosen) < _WORDS:
        chosen.append(generator.choice(sentences))
    return " ".join(chosen)


def score(count: int, model: str | None) -> None:
    """Score in this process and print what it took."""
    texts = articles(count)
    start = time.perf_counter()
    import retold

    verdicts = list(retold.load(model).score_many(texts))
    seconds = time.perf_counter() - start
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"{len(verdicts):,} articles in {seconds:.2f} s: {len(verdicts) / seconds:.0f} a second; {memory:.0f} MB at most"
    )


def _median_seconds(command: list[str], runs: int = 5) -> float:
    times = []
    for _ in range(runs):
        start = time.perf_counter()
        subprocess.run(command, check=True, capture_output=True)
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def main() -> None:
    """Run the benchmark, the scoring in a process of its own."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", help="model folder; the shipped one if absent")
    parser.add_argument("--articles", type=int, default=1000)
    parser.add_argument("--inner", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.inner:
        score(options.articles, options.model)
        return
    given = ["--model", options.model] if options.model else []
    one_core = os.environ | dict.fromkeys(_THREADS, "1")
    command = [sys.executable, __file__, "--inner", "--articles", str(options.articles), *given]
    subprocess.run(command, check=True, env=one_core)
    one = [sys.executable, "-m", "retold", "score", str(_ARTICLE), *given]
    print(f"one article, in a process of its own: {_median_seconds(one):.1f} s (median of 5)")
    print(f"retold --help: {_median_seconds([sys.executable, '-m', 'retold', '--help']):.2f} s (median of 5)")


if __name__ == "__main__":
    main()
