"""Score a million short articles through Dask: ``python -m benchmarks.dask_million FOLDER [--articles N] [--scheduler tcp://...]``.

The articles are put together from sentences of the project's own test articles, 40 to 60 words each, in partitions of 10,000, by
the workers, and written with their scores (no evidence) to FOLDER as Parquet. Prints, for each tenth of the work, the time, what a worker
held in memory at most after a partition, and its peak; and whether every article is there exactly once. A second run with the same FOLDER
goes on where one stopped. Dask's profiler is off, since it keeps the call stacks of an hour: a megabyte for each second of work.
"""

from __future__ import annotations

import argparse
import random
import resource
import time
from collections.abc import Sequence
from pathlib import Path

import dask
import pandas as pd
import pyarrow.parquet as pq
from distributed import Client, as_completed

import retold
from benchmarks.growth import megabytes
from benchmarks.speed import article, sentences

# Words of an article, the fewest that are judged; articles of a partition, as docs/tasks/scale.md recommends.
_WORDS = 40
_PARTITION = 10_000


def score_partition(number: int, folder: str) -> tuple[float, float, float]:
    """Make, score and write one partition; returns the process's memory and its peak, in megabytes, and the processor's seconds."""
    start, generator, parts = time.process_time(), random.Random(number), sentences()  # noqa: S311
    ids = [str(number * _PARTITION + i) for i in range(_PARTITION)]
    frame = pd.DataFrame({"id": ids, "text": [article(parts, generator, _WORDS) for _ in ids]})
    scored = frame[["id"]].join(retold.score_frame(frame, evidence=None))
    draft, file = Path(folder, f".{number}.draft"), Path(folder, f"{number:06}.parquet")
    scored.to_parquet(draft)
    # A partition is there whole or not at all, however often it is tried.
    draft.replace(file)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return megabytes(), peak, time.process_time() - start


def main(argv: Sequence[str] | None = None) -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder")
    parser.add_argument("--articles", type=int, default=1_000_000, help="default: 1,000,000")
    parser.add_argument("--scheduler", help="a running one; default: two processes of this machine")
    options = parser.parse_args(argv)
    folder = Path(options.folder).resolve()
    folder.mkdir(parents=True, exist_ok=True)
    numbers = [n for n in range(options.articles // _PARTITION) if not (folder / f"{n:06}.parquet").exists()]
    where = {"address": options.scheduler} if options.scheduler else {"n_workers": 2, "threads_per_worker": 1}
    dask.config.set({"distributed.worker.profile.enabled": False})
    start, used = time.monotonic(), 0.0
    peaks: list[list[float]] = []
    with Client(**where, **({} if options.scheduler else {"dashboard_address": ":0"})) as client:
        futures = client.map(score_partition, numbers, folder=str(folder), pure=False)
        for done, future in enumerate(as_completed(futures), start=1):
            *memory, seconds = future.result()
            used, peaks = used + seconds, [*peaks, memory]
            if done % max(len(numbers) // 10, 1) == 0:
                now, peak = (max(column) for column in zip(*peaks, strict=True))
                peaks = []
                print(
                    f"{done * _PARTITION:,} articles, {time.monotonic() - start:.0f} s, at most {now:.0f} MB after a partition, "
                    f"{peak:.0f} at the peak",
                    flush=True,
                )
    ids = [int(i) for file in sorted(folder.glob("*.parquet")) for i in pq.read_table(file)["id"].to_pylist()]
    whole = sorted(ids) == list(range(options.articles))
    print(
        f"{len(ids):,} rows, each article exactly once: {whole}; {1000 * used / max(len(numbers), 1) / _PARTITION:.2f} ms each"
    )


if __name__ == "__main__":
    main()
