"""Do verdicts stay what they were? Record them at one commit, compare them at another.

Usage: python benchmarks/same_verdicts.py record FILE [--corpus DIR] [--texts N]
       python benchmarks/same_verdicts.py check FILE

``record`` scores every article of tests/data and the first N originals, edits, round trips and controls of the corpus, a
quarter each, and writes their verdicts. ``check`` scores the same texts again and prints the largest difference of a number
and every difference of a label or of evidence; exit code 1 if a number moved by more than 1e-6 or anything else differs.
"""

from __future__ import annotations

import argparse
import json
import lzma
import sys
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import retold

# Difference of a probability that counts as none: what other kernels of a processor may make.
TOLERANCE = 1e-6
_FILES = ("originals", "edited", "backtranslated", "controls")


def texts_of(corpus: Path, count: int) -> Iterator[tuple[str, str]]:
    """Yield (id, text): the project's own articles, then ``count`` documents of the corpus."""
    for file in sorted(Path("tests/data/story").glob("*.txt")):
        yield file.name, file.read_text(encoding="utf-8")
    for line in Path("tests/data/articles.jsonl").read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        yield str(row["id"]), row["text"]
    for name in _FILES:
        with lzma.open(corpus / f"{name}.jsonl.xz", "rt", encoding="utf-8") as lines:
            for line in islice(lines, count // len(_FILES)):
                row = json.loads(line)
                yield row["id"], row["text"]


def verdicts(corpus: Path, count: int) -> list[dict[str, Any]]:
    """Score the texts, one dictionary each; the model's signature is left out."""
    ids, texts = zip(*texts_of(corpus, count), strict=True)
    found = [verdict.as_dict() for verdict in retold.load().score_many(list(texts), list(ids))]
    return [
        {key: value for key, value in one.items() if key not in ("model", "warnings", "signature")} for one in found
    ]


def largest_difference(old: Any, new: Any, place: str = "") -> tuple[float, list[str]]:
    """Return the largest absolute difference of two numbers at one place, and the places where anything else differs."""
    if isinstance(old, dict) and isinstance(new, dict):
        keys = sorted({*old, *new})
        pairs = [(old.get(key), new.get(key), f"{place}/{key}") for key in keys]
    elif isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        pairs = [(a, b, f"{place}/{i}") for i, (a, b) in enumerate(zip(old, new, strict=True))]
    elif isinstance(old, float) and isinstance(new, float):
        return abs(old - new), []
    else:
        return 0.0, [] if old == new else [f"{place}: {old!r} became {new!r}"]
    found = [largest_difference(*pair) for pair in pairs]
    return max((value for value, _ in found), default=0.0), [line for _, lines in found for line in lines]


def main() -> int:
    """Record or check; see the module."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("mode", choices=("record", "check"))
    parser.add_argument("file", type=Path)
    parser.add_argument("--corpus", type=Path, default=Path("../shared/corpus"))
    parser.add_argument("--texts", type=int, default=500)
    options = parser.parse_args()
    found = verdicts(options.corpus, options.texts)
    if options.mode == "record":
        options.file.write_text(json.dumps(found), encoding="utf-8")
        print(f"{len(found)} verdicts recorded in {options.file}")
        return 0
    stored = json.loads(options.file.read_text(encoding="utf-8"))
    moved, changed = largest_difference(stored, found)
    print(
        f"{len(found)} verdicts, largest difference {moved:.2g}, {len(changed)} other differences",
        *changed[:20],
        sep="\n",
    )
    return int(moved > TOLERANCE or bool(changed))


if __name__ == "__main__":
    sys.exit(main())
