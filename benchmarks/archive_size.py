"""Measure an archive of a million articles: articles added a second, bytes an article, milliseconds a search, memory.

The articles are made of the corpus's paragraphs, each with the lengths of a real one's, so that length and vocabulary are real. A run
that is stopped goes on where it was. Cold searches are made by fresh processes whose archive has left the page cache. Beside the
time of the clock stands that of the processor, which other work on the same machine does not lengthen.

Run: nice -n 10 python benchmarks/archive_size.py CORPUS ARCHIVE [--articles N] [--terms 25 40] [--keep]
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import time
from itertools import pairwise
from pathlib import Path

import numpy as np

from benchmarks.archive_corpus import news, passage
from retold.archive import Archive, search
from retold.archive.search import N_TERMS
from retold.text.normalization import normalize
from retold.training.data.story_clusters import corpus_rows

_ROOT = str(Path(__file__).resolve().parents[1])
# Articles between two lines of figures.
_STEP = 50_000
# Words of the passages that are searched for, beside whole articles.
_PASSAGE = 80
_OUTLETS, _DAYS = 200, 7_000


class ArticleMaker:
    """Makes article after article of the corpus's paragraphs; the same number gives the same article."""

    def __init__(self, corpus: Path) -> None:
        texts = [row["text"] for row in corpus_rows(corpus) if row["label"] == "original"]
        articles = [[p for p in text.split("\n") if p.strip()] for text in [*texts, *news(corpus)]]
        self._paragraphs = [p for article in articles for p in article]
        self._lengths = np.array([len(article) for article in articles])
        self._first_day = np.datetime64("2005-01-01")

    def text(self, number: int) -> str:
        """As many random paragraphs as a random article has."""
        generator = np.random.default_rng(number)
        n = self._lengths[generator.integers(len(self._lengths))]
        return "\n".join(self._paragraphs[i] for i in generator.integers(len(self._paragraphs), size=n).tolist())

    def row(self, number: int) -> dict[str, str]:
        """An article with a date, an address and an outlet."""
        day = str(self._first_day + number % _DAYS)
        url, outlet = f"https://news.example.org/{day}/{number}", f"outlet {number % _OUTLETS}"
        return {"id": f"made-{number}", "text": self.text(number), "date": day, "url": url, "outlet": outlet}


def main(argv: list[str] | None = None) -> None:
    """Read the arguments, measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", type=Path, help="folder of the corpus")
    parser.add_argument("archive", type=Path, help="folder of the archive, which is made if there is none")
    parser.add_argument("--articles", type=int, default=1_000_000, help="articles to make")
    parser.add_argument(
        "--warm", type=int, default=300, help="texts that are searched for when the archive is in memory"
    )
    parser.add_argument("--cold", type=int, default=20, help="cold searches, each in a process of its own")
    parser.add_argument("--terms", type=int, nargs="*", default=[N_TERMS], help="words of a text that are searched for")
    parser.add_argument("--keep", action="store_true", help="do not delete the archive afterwards")
    parser.add_argument("--search", type=Path, help=argparse.SUPPRESS)
    args = parser.parse_args(argv)
    if args.search:
        print(json.dumps(timed_searches(args.archive, args.search, args.terms[0])))
        return
    if not args.archive.exists() or len(Archive.open(args.archive)) < args.articles:
        add(ArticleMaker(args.corpus), args.archive, args.articles)
    print_size(args.archive)
    for n_terms in args.terms:
        print_warm(args, n_terms)
    print_cold(args)
    if not args.keep:
        shutil.rmtree(args.archive)


def add(maker: ArticleMaker, path: Path, n: int) -> None:
    """Pipe what is missing to ``n`` articles into ``retold archive add``, with a line of figures every now and then."""
    first = len(Archive.open(path)) if path.exists() else 0
    command = [sys.executable, "-m", "retold", "archive", "add", str(path), "-"]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True, encoding="utf-8"
    ) as process:
        assert process.stdin is not None  # noqa: S101
        began, used = time.perf_counter(), 0.0
        for number in range(first, n):
            process.stdin.write(json.dumps(maker.row(number)) + "\n")
            if (number + 1 - first) % _STEP == 0:
                seconds, cpu = time.perf_counter() - began, cpu_seconds(process.pid)
                print(
                    f"{number + 1:>9,} articles: {_STEP / seconds:,.0f} a second, {_STEP / (cpu - used):,.0f} a second of CPU;"
                    f" {memory(process.pid)}",
                    flush=True,
                )
                began, used = time.perf_counter(), cpu
        process.stdin.close()
        print(f"last commit and merges: {process.wait() or time.perf_counter() - began:.1f} s")


def cpu_seconds(pid: int) -> float:
    """Seconds that all threads of a process have used."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def memory(pid: int | str = "self") -> str:
    """Peak memory of a process, and how much it holds now besides pages of mapped files."""
    lines = Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines()
    fields = {key: value.split()[0] for key, value in (line.split(":", 1) for line in lines) if value.split()}
    peak, anonymous = (int(fields[name]) / 1e3 for name in ("VmHWM", "RssAnon"))
    return f"{peak:,.0f} MB at most, {anonymous:,.0f} MB now without mapped files"


def print_size(path: Path) -> None:
    """Bytes an article."""
    info = Archive.open(path).info()
    index = sum(file.stat().st_size for file in (path / "index").iterdir())
    print(
        f"{info.articles:,} articles of {info.words / info.articles:.0f} words: {info.bytes / info.articles:,.0f} bytes each,"
        f" {index / info.articles:,.0f} of them index"
    )


def print_warm(args: argparse.Namespace, n_terms: int) -> None:
    """Milliseconds of a search in an archive that is in memory, whole articles and passages."""
    for n_words in (0, _PASSAGE):
        result = search_apart(args, chosen(args.archive, args.warm), n_words, n_terms)
        times, used = np.array(result["times"]), np.array(result["cpu"])
        print(
            f"warm, {f'passages of {n_words} words' if n_words else 'whole articles'}, {n_terms} terms: median {np.median(times):.1f} ms"
            f" ({np.median(used):.1f} of processor), 95% within {np.quantile(times, 0.95):.1f} ms ({np.quantile(used, 0.95):.1f});"
            f" {np.mean(result['found']):.3f} among the first 5; {result['memory']}",
            flush=True,
        )


def print_cold(args: argparse.Namespace) -> None:
    """Milliseconds of the first search of a process when nothing of the archive is in memory."""
    times = []
    for article in chosen(args.archive, args.cold):
        leave_page_cache(args.archive)
        result = search_apart(args, [article], 0, args.terms[0])
        times.append([result["opening"], result["first"]])
    opening, searching = np.median(np.array(times), axis=0)
    print(f"cold, {args.terms[0]} terms: median {searching:.0f} ms, after {opening:.0f} ms to open the archive")


def chosen(path: Path, n: int) -> list[tuple[str, str]]:
    """Ids and texts of articles spread over an archive."""
    archive = Archive.open(path)
    numbers = np.linspace(1, len(archive), n).astype(int).tolist()
    articles = [archive.article(number) for number in numbers]
    return [(article.id, archive.text(article) or "") for article in articles if article is not None]


def search_apart(args: argparse.Namespace, articles: list[tuple[str, str]], n_words: int, n_terms: int) -> dict:
    """Search for articles, or a passage of each, in a process that holds nothing else."""
    texts = {id: passage(text, n_words) if n_words else text for id, text in articles}
    draft = args.archive.with_name(f"{args.archive.name}.queries")
    draft.write_text(json.dumps(texts), encoding="utf-8")
    command = [
        sys.executable,
        __file__,
        str(args.corpus),
        str(args.archive),
        "--search",
        str(draft),
        "--terms",
        str(n_terms),
    ]
    path = os.pathsep.join([_ROOT, *filter(None, [os.environ.get("PYTHONPATH")])])
    environment = os.environ | {"PYTHONPATH": path}
    output = subprocess.run(command, capture_output=True, check=True, text=True, env=environment).stdout
    draft.unlink()
    return json.loads(output)


def timed_searches(path: Path, file: Path, n_terms: int) -> dict:
    """Milliseconds to open an archive, of the first search, and of each search of a second round; and whether each finds its article."""
    texts: dict[str, str] = json.loads(file.read_text(encoding="utf-8"))
    # Compiles patterns and reads word lists, which is no work of the archive's.
    normalize(next(iter(texts.values())))
    marks = [time.perf_counter()]
    archive = Archive.open(path)
    marks.append(time.perf_counter())
    found = [
        any(hit.article.id == id for hit in search([archive], text, 5, n_terms)) for id, text in list(texts.items())[:1]
    ]
    marks.append(time.perf_counter())
    opening, first = (1000 * (b - a) for a, b in pairwise(marks))
    for text in texts.values():
        search([archive], text, 5, n_terms)
    times, used = [], []
    for id, text in texts.items():
        began, began_cpu = time.perf_counter(), time.process_time()
        hits = search([archive], text, 5, n_terms)
        times.append(1000 * (time.perf_counter() - began))
        used.append(1000 * (time.process_time() - began_cpu))
        found.append(any(hit.article.id == id for hit in hits))
    return {"opening": opening, "first": first, "times": times, "cpu": used, "found": found, "memory": memory()}


def leave_page_cache(path: Path) -> None:
    """Ask the system to forget the pages of an archive's files."""
    for file in path.rglob("*"):
        if file.is_file():
            with file.open("rb") as stream:
                os.fsync(stream.fileno())
                os.posix_fadvise(stream.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


if __name__ == "__main__":
    main()
