"""Measure speed, memory and start-up: ``python benchmarks/speed.py [--model DIR] [--other-python PYTHON]``.

Scores articles of about 350 words, put together from the project's own test articles, in a fresh process on one core: with
verdicts, and with probabilities alone; then by two processes. Then what a user waits for: one article, and the help, from compiled
modules as an installation has them. With ``--other-python``, another installation of retold, such as that of an earlier commit, takes
turns with this one on the same articles; the fastest runs of each are compared, in seconds of the processor.
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
import tempfile
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


def run_task(task: str, count: int, model: str | None, jobs: int = 1) -> dict[str, float]:
    """Score in this process: seconds of the clock and of the processor without the load of the model, and megabytes."""
    # Only the child process loads the package, that of the interpreter it runs in.
    import retold

    texts, detector = articles(count), retold.load(model)
    start, start_processor = time.perf_counter(), time.process_time()
    results = detector.predict_proba(texts) if task == "probabilities" else list(detector.score_many(texts, jobs=jobs))
    seconds, processor = time.perf_counter() - start, time.process_time() - start_processor
    if len(results) != count:
        raise RuntimeError(f"{len(results)} results for {count} articles")
    return {"seconds": seconds, "processor": processor, "megabytes": _peak_megabytes()}


def _peak_megabytes() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _in_child(python: str, task: str, options: argparse.Namespace, jobs: int = 1) -> dict[str, float]:
    """What ``run_task`` measures, and ``tree``: seconds of the processor of the whole process and of its workers."""
    command = [python, __file__, "--inner", task, "--articles", str(options.articles)]
    command += ["--jobs", str(jobs)] if jobs > 1 else []
    command += ["--model", options.model] if options.model and python == sys.executable else []
    environment = os.environ | _ONE_CORE
    if python != sys.executable:
        # It would make the other interpreter import this checkout.
        environment.pop("PYTHONPATH", None)
    before = _processor_of_children()
    result = subprocess.run(command, check=True, env=environment, capture_output=True, text=True)
    numbers: dict[str, float] = json.loads(result.stdout)
    return numbers | {"tree": _processor_of_children() - before}


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


def two_processes(options: argparse.Namespace) -> None:
    """Print how much faster two processes are than one by the clock, and what they cost the processor in all.

    The clock counts only on a machine that does nothing else; what the second process costs beside its share, anywhere.
    """
    runs = {jobs: [_in_child(sys.executable, "verdicts", options, jobs) for _ in range(_ROUNDS)] for jobs in (1, 2)}
    one, two = ({name: min(run[name] for run in runs[n]) for name in ("seconds", "tree")} for n in (1, 2))
    print(
        f"verdicts by two processes: {one['seconds'] / two['seconds']:.2f} times as fast by the clock, "
        f"{two['tree'] / one['tree']:.2f} times the processor's seconds (best of {_ROUNDS}, load {os.getloadavg()[0]:.1f})"
    )


def _medians(command: list[str], folder: str, runs: int = 5) -> str:
    """Seconds of the clock and of the processor that a command takes, in words; its modules are compiled into a folder first."""
    environment = os.environ | _ONE_CORE | {"PYTHONPYCACHEPREFIX": folder}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    times = []
    for _ in range(1 + runs):
        start, before = time.perf_counter(), _processor_of_children()
        subprocess.run(command, check=True, capture_output=True, env=environment)
        times.append((time.perf_counter() - start, _processor_of_children() - before))
    clock, processor = (statistics.median(column) for column in zip(*times[1:], strict=True))
    return f"{clock:.2f} s, {processor:.2f} s of the processor (median of {runs})"


def _processor_of_children() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def main(argv: Sequence[str] | None = None) -> None:
    """Run the benchmark, the scoring in processes of their own."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", help="model folder; the shipped one if absent")
    parser.add_argument("--articles", type=int, default=1000, help="how many to score; default: 1000")
    parser.add_argument("--other-python", metavar="PYTHON", help="interpreter of an installation to compare with")
    parser.add_argument("--jobs", type=int, default=1, help=argparse.SUPPRESS)
    parser.add_argument("--inner", choices=_TASKS, help=argparse.SUPPRESS)
    options = parser.parse_args(argv)
    if options.inner:
        print(json.dumps(run_task(options.inner, options.articles, options.model, options.jobs)))
        return
    throughput(options)
    two_processes(options)
    given = ["--model", options.model] if options.model else []
    one = [sys.executable, "-m", "retold", "score", str(_ARTICLE), *given]
    with tempfile.TemporaryDirectory() as folder:
        print(f"one article, in a process of its own: {_medians(one, folder)}")
        print(f"retold --help: {_medians([sys.executable, '-m', 'retold', '--help'], folder)}")


if __name__ == "__main__":
    main()
