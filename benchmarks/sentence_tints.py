"""Could sentences be tinted by how machine-like they are? ``python -m benchmarks.sentence_tints [--corpus DIR] [--model DIR]``.

Paragraphs from the middle of an original are replaced by those of its round trip. Each sentence is scored with its neighbours, and
the AUROC says how often a machine sentence gets a higher score than an original one: over all sentences, and as the mean within a
text, which is what a reader of tints would see. Tints are wanted at 0.75 for every engine; below that they mislead, and stay out.

Without ``--corpus`` the project's own articles are used, which no model was trained on (their engine is known to the shipped one).
With it, stories of the corpus are: give a model of ``retold train --hold-out-fold 0``, or the figures are of stories that it has seen.
"""

from __future__ import annotations

import argparse
import json
import lzma
import random
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.special import logit

import retold
from benchmarks.perturbations import sentences
from retold.detector import LABELS, Detector
from retold.training.data.splits import fold_of
from retold.training.evaluation.metrics import auroc

# Sentences that are scored together, the middle one being that which is tinted.
WINDOWS = (1, 3, 5, 9)
# Share of the paragraphs that come from the machine.
SHARE = 0.4
WANTED = 0.75
# Texts of an engine below which it is passed over.
_FEWEST = 10
_OWN = Path(__file__).parents[1] / "tests" / "data" / "articles.jsonl"
_SEED = 17
_MACHINE = LABELS.index("back-translated")
# Sentences of a text, and whether each comes from the machine.
Patched = tuple[list[str], NDArray[np.bool_]]


def rows_of(corpus: Path | None) -> Iterator[dict[str, str]]:
    """Yield the originals and round trips of the project's own articles, or those of news in a corpus."""
    if corpus is None:
        yield from map(json.loads, _OWN.read_text(encoding="utf-8").splitlines())
        return
    for name in ("originals", "backtranslated"):
        with lzma.open(corpus / f"{name}.jsonl.xz", "rt", encoding="utf-8") as lines:
            yield from (row for row in map(json.loads, lines) if row.get("domain") == "news")


def stories(corpus: Path | None, count: int, fold: int) -> dict[str, list[tuple[str, str]]]:
    """For each engine so many pairs of an original and its round trip, each of another story, drawn alike every time."""
    originals: dict[str, str] = {}
    trips: dict[str, dict[str, str]] = defaultdict(dict)
    for row in rows_of(corpus):
        if row["label"] == "original":
            originals[row["group"]] = row["text"]
        elif row["label"] == "back-translated" and row["group"] in originals:
            trips[row["engine"]].setdefault(row["group"], row["text"])
    is_measured = {g: corpus is None or own == fold for g, own in zip(originals, fold_of(list(originals)), strict=True)}
    drawn = {}
    for engine, found in sorted(trips.items()):
        groups = sorted(group for group in found if is_measured[group])
        random.Random(_SEED).shuffle(groups)  # noqa: S311  # drawn, not kept secret
        drawn[engine] = [(originals[group], found[group]) for group in groups[:count]]
    return drawn


def patched(original: str, machine: str) -> Patched | None:
    """An original with the middle of its paragraphs from the machine; None if the two have other numbers of paragraphs."""
    before, after = (text.strip().split("\n") for text in (original, machine))
    if len(before) != len(after) or len(before) < 4:
        return None
    n = max(round(len(before) * SHARE), 1)
    start = (len(before) - n) // 2
    pieces = [(after if start <= k < start + n else before)[k] for k in range(len(before))]
    found = [(sentence, start <= k < start + n) for k, piece in enumerate(pieces) for sentence in sentences(piece)]
    return [sentence for sentence, _ in found], np.array([is_machine for _, is_machine in found])


def scores(texts: list[Patched], window: int, detector: Detector) -> list[NDArray[np.float64]]:
    """Log-odds of back-translation of every sentence of each text, by the window around it."""
    half = window // 2
    joined = [" ".join(found[max(i - half, 0) : i + half + 1]) for found, _ in texts for i in range(len(found))]
    # Below the usual check of length: a sentence is shorter than anything that gets a verdict.
    p = detector.classifier.probabilities(detector.feature_matrix(joined))[:, _MACHINE]
    ends = np.cumsum([len(found) for found, _ in texts])
    return np.split(logit(np.clip(p, 1e-6, 1 - 1e-6)), ends[:-1])


def separation(found: list[NDArray[np.float64]], texts: list[Patched]) -> tuple[float, float]:
    """AUROC of machine sentences against original ones, over all texts and as the mean within a text."""
    truth, pooled = np.concatenate([is_machine for _, is_machine in texts]), np.concatenate(found)
    within = [auroc(s[~m], s[m]) for s, (_, m) in zip(found, texts, strict=True) if 0 < m.sum() < len(m)]
    return auroc(pooled[~truth], pooled[truth]), float(np.mean(within))


def main(argv: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpus", type=Path)
    parser.add_argument("--model", type=Path)
    parser.add_argument("--fold", type=int, default=0, help="the third of the corpus to measure on")
    parser.add_argument("--stories", type=int, default=100, help="of each engine, at most")
    parser.add_argument("--windows", type=int, nargs="+", default=WINDOWS, help="sentences that are scored together")
    options = parser.parse_args(argv)
    detector = retold.load(options.model)
    lowest = dict.fromkeys(options.windows, 1.0)
    for engine, pairs in stories(options.corpus, options.stories, options.fold).items():
        texts = [one for pair in pairs if (one := patched(*pair)) is not None]
        if len(texts) < _FEWEST:
            continue
        truth = np.concatenate([is_machine for _, is_machine in texts])
        print(
            f"{engine}: {len(texts)} patched texts, {len(truth):,} sentences, {truth.sum():,} of them from the machine"
        )
        for window in options.windows:
            overall, within = separation(scores(texts, window, detector), texts)
            lowest[window] = min(lowest[window], overall, within)
            print(f"  {window} sentences: AUROC {overall:.3f} over all, {within:.3f} within a text", flush=True)
    best = max(lowest, key=lambda window: lowest[window])
    decision = "may go in" if lowest[best] >= WANTED else "stay out"
    print(f"tints {decision}: by {best} sentences the lowest of these is {lowest[best]:.3f}, {WANTED} is wanted")


if __name__ == "__main__":
    main()
