"""Measure what accidents and disguises cost: look-alike letters, cut paragraphs, edited machine text, texts patched together.

Round trips of news of 150 words and more, one a story at random, and the originals of those stories, all of stories that the
model never saw: it must be one that ``retold train --hold-out-fold`` made without the fold named here. False alarms are also
counted on news originals of other sources.

Run: python benchmarks/robustness.py CORPUS MODEL [--fold K] [--documents N] [--output FILE.md]
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from pathlib import Path

from numpy.typing import NDArray

import benchmarks.perturbations as disturbances
import retold
from benchmarks.patchwork import patched
from benchmarks.robustness_texts import MACHINE, SEED, Judge, Sample, called, read_sample
from retold.training.data.splits import FOLDS
from retold.training.evaluation import metrics
from retold.training.evaluation.tables import HEADLINE_WORDS, markdown


def main(argv: list[str] | None = None) -> None:
    """Read the arguments, measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", type=Path, help="folder of the corpus")
    parser.add_argument("model", type=Path, help="folder of a model that was trained without the fold")
    parser.add_argument("--fold", type=int, default=0, choices=range(FOLDS), help="the third to measure on")
    parser.add_argument("--documents", type=int, default=400, help="of each kind, at most")
    parser.add_argument("--output", type=Path, help="file for the report, Markdown; default: only printed")
    args = parser.parse_args(argv)
    start = time.monotonic()
    sample = read_sample(args.corpus, args.fold, args.documents)
    detector = retold.load(args.model)
    judge = detector.predict_proba
    parts = [_preface(sample), surface(sample, judge), post_edits(sample, judge), patched(sample, detector)]
    report = "\n".join(["## Robustness", "", *parts])
    if args.output:
        args.output.write_text(report, encoding="utf-8")
    print(report)
    print(f"{time.monotonic() - start:.0f} s", file=sys.stderr)


def _preface(sample: Sample) -> str:
    return (
        f"{len(sample.machine):,} round trips of news of {HEADLINE_WORDS} words and more, each of another story, and the "
        f"originals of those stories, none of them seen in training; {len(sample.others):,} news originals of other "
        'sources. Both sides are disturbed alike. "Found" and "false alarms" are the shares called back-translated.\n'
    )


def _line(name: str, originals: NDArray, others: NDArray, machine: NDArray) -> list[object]:
    area = metrics.auroc(originals[:, MACHINE], machine[:, MACHINE])
    return [name, area, called(machine), called(originals), called(others)]


_COLUMNS = ["AUROC", "found", "false alarms, same stories", "false alarms, others"]


def surface(sample: Sample, judge: Judge) -> str:
    """What each disturbance of both sides costs."""
    rows = []
    for name, disturb in {"none": _unchanged, **disturbances.SURFACE}.items():
        chance = random.Random(SEED)  # noqa: S311  # drawn, not kept secret
        sides = (sample.originals, sample.others, sample.machine)
        rows.append(_line(name, *(judge([disturb(text, chance) for text in texts]) for texts in sides)))
        print(*rows[-1], file=sys.stderr)
    return f"### Letters, marks and paragraphs\n\n{markdown(['disturbance', *_COLUMNS], rows)}"


def _unchanged(text: str, chance: random.Random) -> str:
    return text


def post_edits(sample: Sample, judge: Judge) -> str:
    """Machine text with some of its words put right; originals stay."""
    originals, others = judge(sample.originals), judge(sample.others)
    rows = []
    for share in (0.0, 0.02, 0.05, 0.1, 0.2):
        chance = random.Random(SEED)  # noqa: S311  # drawn, not kept secret
        pairs = zip(sample.machine, sample.originals, strict=True)
        edited = [disturbances.repaired(machine, original, share, chance) for machine, original in pairs]
        rows.append(_line(f"{share:.0%} of its words", originals, others, judge(edited)))
    if sample.post_edited:
        name = f"by professionals: {len(sample.post_edited)} translations from other languages"
        rows.append(_line(name, originals, others, judge(sample.post_edited)))
    return f"### Machine text put right towards the original\n\n{markdown(['put right', *_COLUMNS], rows)}"


if __name__ == "__main__":
    main()
