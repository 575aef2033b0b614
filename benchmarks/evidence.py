"""Measure the evidence that readers see, on stories and engines that nothing behind it was learned from.

For each family of engines the channel and the substitutions are learned anew without it and without a third of the stories;
that third is then scored and its spans are compared with the originals. With ``--model``, a detector trained without the
same third (``retold train --hold-out-fold 0``), spans are those beside its verdicts, as a reader sees them; without it, all that the
signals find. Prints a report in Markdown; ``--into MODEL`` puts it into that model's card. Learned parts are kept in
``--cache``, so that an interrupted run goes on where it stopped. Takes three minutes for each engine on an idle core, and
ten for the rest.

    python benchmarks/evidence.py ../shared/corpus --model MODEL --into models/news-en
"""

from __future__ import annotations

import argparse
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.evidence_report import spans_report
from benchmarks.evidence_spans import BATCH, Judge, Span
from benchmarks.evidence_texts import FOLD, family, is_held, is_long, sample, sides, unseen
from benchmarks.left_out_lexicons import lexicons
from benchmarks.pivot_language import pivot_report
from benchmarks.progress import stopwatch
from retold.detector.classifier import LinearClassifier
from retold.detector.components import ModelComponents, build_signals
from retold.detector.features import extract_features
from retold.detector.verdict import BACK_TRANSLATED, ORIGINAL
from retold.language_model.batch import Batch
from retold.model_store import bundled_model, read_model
from retold.signals.base import EvidenceFinder
from retold.text import analyse
from retold.training.data.examples import LabelledText, read_examples
from retold.training.evaluation.protocols import ENGINES
from retold.training.package import EVIDENCE, put_into_card


def main(argv: list[str] | None = None) -> None:
    """Learn, score, compare, report."""
    options = _parser().parse_args(argv)
    remark = stopwatch()
    folder = read_model(options.model or bundled_model())
    resources = ModelComponents.from_folder(folder)
    classifier = LinearClassifier.from_arrays(folder.arrays) if options.model else None
    examples = [e for e in read_examples([options.corpus]) if e.label in (ORIGINAL, BACK_TRANSLATED)]
    trips, originals = sides(examples)
    held = [e for e in trips if is_held(e.group)]
    remark(f"{len(trips):,} round trips, {len(held):,} of them to measure on")
    spans: list[Span] = []
    words: dict[str, int] = {}
    for engine, lexicon in lexicons(options.engines, trips, originals, resources.language_model, options.cache, remark):
        measured = [e for e in held if family(e) == engine and e.domain == "news" and is_long(e.text)]
        measured = sample(measured, options.documents)
        last = replace(resources, channel=lexicon.channel, phrase_table=lexicon.substitutions)
        judge = Judge(last, classifier)
        spans += judge.spans(measured, {e.group: originals[e.group] for e in measured}, engine)
        words[engine] = sum(len(e.text.split()) for e in measured)
        remark(f"{engine}: {len(measured)} round trips scored")
    human = sample(unseen(examples, {e.group for e in trips}), 4 * options.documents)
    alarms = judge.spans(human, {}, "")
    remark(f"{len(human)} originals scored")
    report = spans_report(spans, words, alarms, _words_by_outlet(human), classifier is not None)
    report += (
        "" if options.no_pivots else pivot_report(trips, originals, resources.language_model, remark, options.model)
    )
    report += _cost(last, [e.text for e in human])
    print(report)
    if options.write:
        options.write.write_text(report, encoding="utf-8")
    if options.into:
        put_into_card(options.into, report, EVIDENCE)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", type=Path, help="folder of the corpus")
    parser.add_argument("--model", type=Path, help=f"model trained without fold {FOLD}, for the verdicts")
    parser.add_argument("--cache", type=Path, default=Path(".cache/evidence"), help="learned parts, kept between runs")
    parser.add_argument("--documents", type=int, default=250, help="articles of each engine to measure on, at most")
    parser.add_argument("--engines", nargs="+", choices=ENGINES, default=list(ENGINES), help="families to keep out")
    parser.add_argument("--no-pivots", action="store_true", help="leave the pivots out, which take half of the time")
    parser.add_argument("--write", type=Path, metavar="FILE", help="write the report to this file")
    parser.add_argument("--into", type=Path, metavar="MODEL", help="put the report into this model's card")
    return parser


def _words_by_outlet(examples: Sequence[LabelledText]) -> dict[str, int]:
    words: Counter[str] = Counter()
    for e in examples:
        words[e.source] += len(e.text.split())
    return dict(sorted(words.items()))


def _cost(resources: ModelComponents, texts: list[str]) -> str:
    """Time of the evidence as a share of the time of scoring."""
    signals = build_signals(resources)
    spent: NDArray[np.float64] = np.zeros(2)
    for _ in range(2):  # the first round warms caches up
        spent[:] = 0
        for first in range(0, min(len(texts), 256), BATCH):
            begin = time.perf_counter()
            batch = Batch([analyse(text) for text in texts[first : first + BATCH]], resources.language_model)
            extract_features(batch, signals)
            between = time.perf_counter()
            for signal in signals:
                if isinstance(signal, EvidenceFinder):
                    signal.find_evidence(batch)
            spent += between - begin, time.perf_counter() - between
    return f"### Cost\n\nFinding the spans takes {spent[1] / spent.sum():.0%} of the time of scoring, them included.\n"


if __name__ == "__main__":
    main()
