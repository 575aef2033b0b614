"""Measure how well articles are taken out of HTML pages: ``python benchmarks/extraction.py PAGES.jsonl.xz [--with trafilatura]``.

Each row of PAGES has ``html`` and ``text``, the article as people marked it; or PAGES is a folder with ``html/NAME.html`` and
``txt/NAME.txt``, as in the tests of newspaper4k. Precision and recall are of 4-grams of words, as in
the article extraction benchmark of Scrapinghub (2020), mean over the pages. The label of the extracted text is compared with that
of the marked one. ``--with`` measures other extractors, if they are installed, on the same pages.
"""

from __future__ import annotations

import argparse
import importlib
import json
import lzma
import re
import statistics
import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import retold
from retold.reading.encoding import decode
from retold.reading.html import extract_article

_WORD = re.compile(r"\w+")
# Words of an n-gram, as in ScrapingHub's benchmark of article extraction.
_ORDER = 4


def read_pages(file: Path) -> list[dict[str, str]]:
    """Rows with ``html`` and ``text``."""
    if file.is_dir():
        texts = {text.stem: text for text in sorted((file / "txt").glob("*.txt"))}
        pages = [page for page in sorted((file / "html").glob("*.html")) if page.stem in texts]
        return [{"html": decode(page.read_bytes())[0], "text": texts[page.stem].read_text("utf-8")} for page in pages]
    opener: Callable[..., Any] = lzma.open if file.suffix == ".xz" else open
    with opener(file, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def ngrams(text: str) -> Counter[tuple[str, ...]]:
    """4-grams of words; a text that is shorter is one n-gram."""
    words = _WORD.findall(text)
    return Counter(tuple(words[i : i + _ORDER]) for i in range(max(len(words) - _ORDER + 1, bool(words))))


def precision_and_recall(extracted: str, marked: str) -> tuple[float, float]:
    """Of the 4-grams extracted, the share in the marked article, and the other way round; 0 where there are none."""
    found, wanted = ngrams(extracted), ngrams(marked)
    shared = (found & wanted).total()
    return shared / max(found.total(), 1), shared / max(wanted.total(), 1)


def other_extractor(name: str) -> Callable[[str], str]:
    """An extractor that is not part of this program."""
    if name == "trafilatura":
        extract = importlib.import_module("trafilatura").extract
        return lambda page: extract(page, include_comments=False, include_tables=False, fast=True) or ""
    extract = importlib.import_module("resiliparse.extract.html2text").extract_plain_text
    return lambda page: str(extract(page, main_content=True, alt_texts=False, links=False, comments=False))


def measure(pages: Sequence[dict[str, str]], extract: Callable[[str], str], labels: Sequence[str | None] | None) -> str:
    """Means over pages, in words; the labels of the marked texts are compared if they are given."""
    start = time.perf_counter()
    texts = [extract(page["html"]) for page in pages]
    milliseconds = 1000 * (time.perf_counter() - start) / len(pages)
    scores = [precision_and_recall(text, page["text"]) for text, page in zip(texts, pages, strict=True)]
    precision, recall = (statistics.mean(values) for values in zip(*scores, strict=True))
    line = f"precision {precision:.3f}, recall {recall:.3f}, {milliseconds:.0f} ms a page"
    if labels is None:
        return line
    same = sum(a == b for a, b in zip(labels_of(texts), labels, strict=True))
    return f"{line}, label equal on {same} of {len(pages)} ({same / len(pages):.1%})"


def labels_of(texts: Sequence[str]) -> list[str | None]:
    """The label of each text; None where it was not judged."""
    return [verdict.label for verdict in retold.load().score_many(texts)]


def main(argv: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pages", type=Path, metavar="PAGES")
    parser.add_argument("--with", dest="others", nargs="*", choices=("trafilatura", "resiliparse"), default=[])
    parser.add_argument("--no-labels", action="store_true", help="do not score the texts")
    options = parser.parse_args(argv)
    pages = read_pages(options.pages)
    labels = None if options.no_labels else labels_of([page["text"] for page in pages])
    extractors = {"retold": lambda page: extract_article(page).text, **{n: other_extractor(n) for n in options.others}}
    for name, extract in extractors.items():
        print(f"{name}: {measure(pages, extract, labels)}")


if __name__ == "__main__":
    main()
