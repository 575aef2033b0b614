"""Were the words exchanged that the detector marks in a spun copy? Copies are compared with their originals, word by word.

Of each copy that ``retold corpus spin`` made of a text of the corpus, the words of content that the model finds to fit worst are looked up
in an alignment with the original. The model has learned which words fit from running news alone, so that no copy is known to it; the
verdict on the copy is left aside.

Usage: python benchmarks/exchanged_words.py ../shared/corpus spun.jsonl [--copies-each 50]
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from collections.abc import Sequence
from difflib import SequenceMatcher
from pathlib import Path
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

import retold
from retold.detector.abnormal_evidence import exchanged_words
from retold.detector.replaced_words import ReplacedWordDetector
from retold.language_model import LanguageModel
from retold.language_model.batch import Batch
from retold.text import analyse
from retold.training.data.examples import LabelledText, read_examples
from retold.training.evaluation.tables import markdown

_MIN_WORDS = 150


def main(argv: list[str] | None = None) -> None:
    """Read, align, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", type=Path, help="folder of the corpus")
    parser.add_argument("copies", type=Path, nargs="+", help="what retold corpus spin wrote of it")
    parser.add_argument("--copies-each", type=int, default=50, metavar="N", help="copies of each rule")
    options = parser.parse_args(argv)
    originals = {example.id: example.text for example in read_examples([options.corpus])}
    components = retold.load().components
    if components.replaced_words is None:
        raise SystemExit("the model has learned no replaced words; get the model anew")
    chosen = by_rule(read_examples(options.copies), originals, options.copies_each)
    rows = [
        row(
            rule,
            [
                marked(copy.text, original, components.replaced_words, components.language_model)
                for copy, original in pairs
            ],
        )
        for rule, pairs in sorted(chosen.items())
    ]
    head = ["rule", "copies", "words of content", "exchanged", "marked", "of these exchanged"]
    print(markdown(head, rows))


def by_rule(
    copies: Sequence[LabelledText], originals: dict[str, str], number: int
) -> dict[str, list[tuple[LabelledText, str]]]:
    """Some copies of each rule and thesaurus with their originals, the same on every machine."""
    found: dict[str, list[tuple[LabelledText, str]]] = defaultdict(list)
    for copy in sorted(copies, key=lambda copy: crc32(copy.id.encode())):
        rule = copy.engine.removeprefix("spun:")
        original = originals.get(copy.id.removesuffix(f".{rule}"))
        if original is not None and len(copy.text.split()) >= _MIN_WORDS and len(found[rule]) < number:
            found[rule].append((copy, original))
    return found


def marked(
    copy: str, original: str, detector: ReplacedWordDetector, model: LanguageModel
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Which words of content of a copy were exchanged, bool (n,), and which of those that are marked, bool (m,)."""
    batch = Batch([analyse(copy)], model)
    article = batch.articles[0]
    changed = np.ones(len(article.lower), dtype=bool)
    for block in SequenceMatcher(None, analyse(original).lower, article.lower, autojunk=False).get_matching_blocks():
        changed[block.b : block.b + block.size] = False
    starts = {article.raw_span(place, place)[0]: place for place in range(len(article.lower))}
    shown = [starts[found.start] for found in exchanged_words(batch, 0, detector)]
    return changed[detector.misfits(batch, 0)[0]], changed[np.array(shown, dtype=int)]


def row(rule: str, found: Sequence[tuple[NDArray[np.bool_], NDArray[np.bool_]]]) -> list[object]:
    """A row of the table."""
    words, shown = (np.concatenate(parts) for parts in zip(*found, strict=True))
    share = float(shown.mean()) if len(shown) else float("nan")
    return [rule, len(found), len(words), float(words.mean()), len(shown), share]


if __name__ == "__main__":
    main()
