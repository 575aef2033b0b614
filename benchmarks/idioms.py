"""Measure how often broken expressions are flagged in originals, in back-translations and in controls."""

from __future__ import annotations

import argparse
import json
import lzma
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from zlib import crc32

import retold
from retold.language_model import LanguageModel
from retold.language_model.batch import Batch
from retold.model_store import bundled_model
from retold.signals.base import Evidence
from retold.signals.idioms.lexicon import FORMS_FILE, parse_forms
from retold.signals.idioms.signal import Idioms
from retold.text import analyse

# Articles that are looked at together, for memory.
_BATCH = 64


def main(argv: list[str] | None = None) -> None:
    """Read the arguments, measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("corpus", type=Path, help="folder of the corpus")
    parser.add_argument("--domain", default="news", help="domain to measure")
    parser.add_argument("--documents", type=int, default=2000, help="documents of each file, spread over it")
    parser.add_argument("--by", default="label", help="fields to report by, separated by commas")
    parser.add_argument("--flags", type=Path, help="file to write every flag to")
    args = parser.parse_args(argv)
    model = retold.load().components.language_model
    for name in ("originals", "backtranslated", "edited"):
        rows = _held_out(args.corpus / f"{name}.jsonl.xz", args.domain, args.documents)
        report(measure(rows, model, args.by.split(","), args.flags))


def _held_out(path: Path, domain: str, documents: int) -> list[dict[str, Any]]:
    """Documents of the groups that the tables were not pruned on."""
    rows = [row for row in _rows(path) if row["domain"] == domain and crc32(row["group"].encode()) % 2]
    return rows[:: max(1, len(rows) // documents)][:documents]


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    with lzma.open(path, "rt", encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def measure(
    rows: list[dict[str, Any]], model: LanguageModel, by: list[str], flags: Path | None
) -> dict[str, Counter[str]]:
    """Words, milliseconds, whole and broken expressions by class of document."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    signal = Idioms(parse_forms((bundled_model() / FORMS_FILE).read_text(encoding="utf-8")))
    signal.extract(Batch([analyse("Warm up.")], model))
    for first in range(0, len(rows), _BATCH):
        chunk = rows[first : first + _BATCH]
        batch = Batch([analyse(row["text"]) for row in chunk], model)
        begin = time.perf_counter()
        values = signal.extract(batch)
        spent = time.perf_counter() - begin
        for row, article, value, found in zip(chunk, batch.articles, values, signal.find_evidence(batch), strict=True):
            count = counts["/".join(str(row.get(field)) for field in by)]
            count["documents"] += 1
            count["words"] += article.n_words
            count["microseconds"] += round(1e6 * spent / len(chunk))
            for name, rate in zip(signal.feature_names[:-3], value[:-3], strict=True):
                count[name.removeprefix("idioms_")] += round(rate * article.n_words / 1000)
            _write(flags, row, found)
    return counts


def _write(flags: Path | None, row: dict[str, Any], found: list[Evidence]) -> None:
    if flags:
        with flags.open("a", encoding="utf-8") as out:
            for e in found:
                out.write(f"{row['label']}\t{e.score:.2f}\t{e.text}\t{e.suggestion}\t{e.reason}\n")


def report(counts: dict[str, Counter[str]]) -> None:
    """Print rates per 1,000 words, and milliseconds a document."""
    for name, count in sorted(counts.items()):
        n_words = max(count["words"], 1)
        broken = {k: 1000 * v / n_words for k, v in count.items() if k.startswith("broken")}
        intact = sum(1000 * v / n_words for k, v in count.items() if k.startswith("intact"))
        milliseconds = count["microseconds"] / 1000 / count["documents"]
        rules = " ".join(f"{k.removeprefix('broken_')} {v:.3f}" for k, v in broken.items())
        print(
            f"{name}: {count['documents']} documents, {n_words} words, {milliseconds:.2f} ms each; "
            f"intact {intact:.2f}, broken {sum(broken.values()):.3f} ({rules})"
        )


if __name__ == "__main__":
    main()
