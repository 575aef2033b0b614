"""Could sentences be tinted by how machine-like they are? ``python -m benchmarks.sentence_tints [--corpus DIR] [--model DIR]``.

Paragraphs from the middle of an original are replaced by those of its round trip. Each sentence is scored with its neighbours, and
the AUROC says how often a machine sentence gets a higher score than an original one: over all sentences, and as the mean within a
text, which is what a reader of tints would see. Tints are wanted at 0.75; below that they would mislead and stay out of the report.

Without ``--corpus`` the project's own articles are used, which no model was trained on (their engine is known to the shipped one).
With it, stories of the corpus are: give a model of ``retold train --hold-out-fold 0``, or the figures are of stories that it has seen.
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.special import logit

import retold
from benchmarks.perturbations import sentences
from retold.detector import LABELS, Detector
from retold.text import analyse
from retold.training.data.examples import read_examples
from retold.training.data.splits import fold_of
from retold.training.evaluation.metrics import auroc

# Sentences that are scored together, the middle one being that which is tinted.
WINDOWS = (1, 3, 5, 9)
# Share of the paragraphs that come from the machine.
SHARE = 0.4
WANTED = 0.75
_OWN = Path(__file__).parents[1] / "tests" / "data" / "articles.jsonl"
_SEED = 17
_MACHINE = LABELS.index("back-translated")
# Sentences of a text, and whether each comes from the machine.
Patched = tuple[list[str], NDArray[np.bool_]]


def stories(corpus: Path | None, count: int, fold: int) -> Iterator[tuple[str, str]]:
    """Yield the original and a round trip of each story, drawn alike every time."""
    examples = list(read_examples([corpus or _OWN]))
    if corpus is not None:
        folds = fold_of([example.group for example in examples])
        examples = [e for e, own in zip(examples, folds, strict=True) if own == fold and e.domain == "news"]
    originals = {e.group: e.text for e in examples if e.label == "original"}
    trips = [e for e in examples if e.label == "back-translated" and e.group in originals]
    random.Random(_SEED).shuffle(trips)  # noqa: S311  # drawn, not kept secret
    first = {e.group: e.text for e in reversed(trips)}
    yield from ((originals[group], text) for group, text in sorted(first.items())[:count])


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
    p = detector.article_probabilities([analyse(text) for text in joined])[:, _MACHINE]
    ends = np.cumsum([len(found) for found, _ in texts])
    return np.split(logit(np.clip(p, 1e-6, 1 - 1e-6)), ends[:-1])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpus", type=Path)
    parser.add_argument("--model", type=Path)
    parser.add_argument("--fold", type=int, default=0, help="the third of the corpus to measure on")
    parser.add_argument("--stories", type=int, default=100)
    options = parser.parse_args()
    detector = retold.load(options.model)
    made = [patched(*pair) for pair in stories(options.corpus, options.stories, options.fold)]
    texts = [one for one in made if one is not None]
    truth = np.concatenate([is_machine for _, is_machine in texts])
    print(f"{len(texts)} patched texts, {len(truth):,} sentences, {truth.sum():,} of them from the machine")
    best = 0.0
    for window in WINDOWS:
        found = scores(texts, window, detector)
        within = [auroc(s[~m], s[m]) for s, (_, m) in zip(found, texts, strict=True) if 0 < m.sum() < len(m)]
        pooled = np.concatenate(found)
        overall, mean = auroc(pooled[~truth], pooled[truth]), float(np.mean(within))
        best = max(best, min(overall, mean))
        print(f"{window} sentences: AUROC {overall:.3f} over all, {mean:.3f} within a text")
    print(f"tints {'may go in' if best >= WANTED else 'stay out'}: {best:.3f}, {WANTED} wanted of both")


if __name__ == "__main__":
    main()
