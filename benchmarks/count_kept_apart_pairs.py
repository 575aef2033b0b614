"""Count in running news which words that engines exchange stand in one story; write those that news keeps apart.

Of the pairs that the hand-written lexicon lists with the word that engines favour, one is kept if few stories that say what
was meant twice or more have the favoured word, too, once: writers vary "announced" with "said", but not "settlement" with
"colony". Forms of a word count together. Takes a minute.

    python benchmarks/count_kept_apart_pairs.py ../shared/corpus/news.txt.xz
"""

from __future__ import annotations

import argparse
import lzma
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

from retold.channel.curated_lexicon import default_senses
from retold.detector.detector import load
from retold.text.morphology import Inflector

# Half a story is added to those that have both, so that words which news hardly has prove nothing.
_MOST, _PRIOR = 0.015, 0.5
_WORD = re.compile(r"[a-z]+")
_COMMENT = "# Words that engines favour, and what may have been meant: news keeps them apart. By benchmarks/count_kept_apart_pairs.py."


def main(argv: list[str] | None = None) -> None:
    """Count and write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("news", type=Path, help="xz-compressed text, articles between blank lines")
    parser.add_argument("--data", type=Path, default=Path("src/retold/data"), help="folder of the table")
    options = parser.parse_args(argv)
    inflector = Inflector(load().resources.language_model.vocabulary.index)
    pairs = {(inflector.analyse(a)[0], inflector.analyse(b)[0]) for a, b in default_senses(inflector)}
    kept = sorted(_apart(_articles(options.news), pairs, inflector))
    lines = [_COMMENT, "observed\tintended", *("\t".join(pair) for pair in kept)]
    (options.data / "kept_apart.tsv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    print(f"{len(kept)} of {len(pairs)} pairs are kept apart")


def _articles(path: Path) -> Iterator[str]:
    with lzma.open(path, "rt", encoding="utf-8") as stream:
        yield from stream.read().lower().split("\n\n")


def _apart(articles: Iterable[str], pairs: set[tuple[str, str]], inflector: Inflector) -> Iterator[tuple[str, str]]:
    fold = cache(inflector.fold)
    partners: dict[str, set[str]] = defaultdict(set)
    for seen, meant in pairs:
        partners[fold(meant)].add(fold(seen))
    said, mixed = Counter[str](), Counter[tuple[str, str]]()
    for article in articles:
        counts = Counter(map(fold, _WORD.findall(article)))
        for meant in partners.keys() & {word for word, n in counts.items() if n > 1}:
            said[meant] += 1
            mixed.update((seen, meant) for seen in partners[meant] if counts[seen] == 1)
    for seen, meant in pairs:
        if (mixed[fold(seen), fold(meant)] + _PRIOR) / (said[fold(meant)] + 1) <= _MOST:
            yield seen, meant


if __name__ == "__main__":
    main()
