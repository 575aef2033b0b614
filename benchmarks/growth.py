"""Does memory stay flat over many documents, and cost linear in their length?

``python -m benchmarks.growth [--documents N] [--words N ...]``.

Scores N articles of about 350 words, put together anew each so that no cache helps, and prints the memory of the process at each
tenth of them; then one article of each length, and what a word of it costs. Seconds are those of the processor.
"""

from __future__ import annotations

import argparse
import random
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import retold
from benchmarks.speed import article, sentences

# 350 words, a short news article, and every length from the shortest that is judged to the limit.
_WORDS = 350
_LENGTHS = (40, 80, 160, 350, 1_000, 5_000, 20_000, 100_000, 500_000)
# Articles of one length are measured together until they have so many words, since one short one takes no time that can be measured.
_MEASURED_WORDS = 20_000
_STATUS = Path("/proc/self/status")


def megabytes() -> float:
    """Memory of this process now, in megabytes (Linux)."""
    line = next(line for line in _STATUS.read_text().splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1]) / 1024


def articles(count: int, words: int, seed: int) -> Iterator[str]:
    """Yield articles of about so many words."""
    generator, parts = random.Random(seed), sentences()  # noqa: S311  a benchmark needs no secrets
    return (article(parts, generator, words) for _ in range(count))


def memory(count: int) -> None:
    """Print the memory at each tenth of ``count`` articles."""
    detector, start, at = retold.load(), time.process_time(), megabytes()
    print(f"0 articles: {at:.0f} MB")
    for number, _ in enumerate(detector.score_many(articles(count, _WORDS, 1), evidence=False), start=1):
        if number % max(count // 10, 1) == 0:
            seconds = time.process_time() - start
            print(f"{number:,} articles: {megabytes():.0f} MB, {number / seconds:.0f} a second", flush=True)


def lengths(words: Sequence[int]) -> None:
    """Print the cost of a word in articles of each length, with evidence."""
    detector = retold.load()
    list(detector.score_many(articles(4, _WORDS, 2)))
    for length in words:
        texts = list(articles(max(_MEASURED_WORDS // length, 1), length, 3))
        start = time.process_time()
        list(detector.score_many(texts))
        seconds, total = time.process_time() - start, sum(len(text.split()) for text in texts)
        print(f"{length:,} words: {1e6 * seconds / total:.1f} microseconds a word, {megabytes():.0f} MB", flush=True)


def main(argv: Sequence[str] | None = None) -> None:
    """Measure both."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--documents", type=int, default=100_000, help="default: 100,000")
    parser.add_argument("--words", type=int, nargs="*", default=_LENGTHS, help="lengths; default: from 40 to 500,000")
    options = parser.parse_args(argv)
    if options.documents:
        memory(options.documents)
    lengths(options.words)


if __name__ == "__main__":
    main()
