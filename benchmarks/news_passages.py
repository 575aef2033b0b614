"""Cut passages from running news, for round trips that the n-gram classifiers learn from.

One passage an article, of whole sentences from a random one on: stories limit what is learned, not words. The shipped model orders
them: every other file holds the passages that it takes most for back-translated, the hardest first, the others what is left, at random.

Usage: python benchmarks/news_passages.py ../shared/corpus/news.txt.xz FOLDER [--words 210] [--documents 250]
then, for each file:  retold corpus roundtrip FOLDER/passages-0000.jsonl --output FOLDER/pairs-0000.jsonl
and:  retold train --data ../shared/corpus --pairs FOLDER/pairs-*.jsonl
"""

from __future__ import annotations

import argparse
import json
import random
from itertools import zip_longest
from pathlib import Path

import numpy as np

import retold
from retold.detector.verdict import BACK_TRANSLATED, LABELS
from retold.text import analyse
from retold.training.fit.language_model import news_articles

# Starts the drawing of passages, the same in every run.
_SEED = 20


def passage(text: str, words: int, chance: random.Random) -> str:
    """Whole sentences of at least some words and signs, from a random sentence on; empty where there are too few."""
    article = analyse(text)
    bounds, end = article.sentences, len(article.tokens)
    starts = bounds[:-1][end - bounds[:-1] >= words]
    if not len(starts):
        return ""
    first = chance.choice(list(starts))
    after = bounds[bounds - first >= words][0]
    return article.text[article.starts[first] : article.ends[after - 1]]


def main(argv: list[str] | None = None) -> None:
    """Cut, order, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("news", type=Path, help="running news, articles between blank lines")
    parser.add_argument("folder", type=Path, help="where the files go")
    parser.add_argument("--words", type=int, default=210, help="and signs of a passage, at least")
    parser.add_argument("--documents", type=int, default=250, help="of a file")
    options = parser.parse_args(argv)
    chance = random.Random(_SEED)  # noqa: S311 - a sample, no secret
    found = [passage(text, options.words, chance) for text in news_articles(options.news)]
    texts = [text for text in found if text]
    suspicion = retold.load().predict_proba(texts)[:, LABELS.index(BACK_TRANSLATED)]
    order = np.argsort(-suspicion, kind="stable")
    hard, rest = order[: len(order) // 2], list(order[len(order) // 2 :])
    chance.shuffle(rest)
    n = options.documents
    parts = [[list(side[i : i + n]) for i in range(0, len(side), n)] for side in (hard, rest)]
    options.folder.mkdir(parents=True, exist_ok=True)
    files = [rows for both in zip_longest(*parts, fillvalue=[]) for rows in both if rows]
    for number, rows in enumerate(files):
        lines = (json.dumps({"id": f"passage-{row:05}", "text": texts[row]}) + "\n" for row in rows)
        (options.folder / f"passages-{number:04}.jsonl").write_text("".join(lines), encoding="utf-8")
    print(f"{len(texts):,} passages, {sum(len(t.split()) for t in texts):,} words, in {len(files)} files")


if __name__ == "__main__":
    main()
