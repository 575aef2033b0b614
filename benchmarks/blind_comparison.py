"""Measure what comparison makes of stories that fitting never saw, each by itself, its original unnamed among the versions.

A cluster is an original with one to four round trips by different engines and pivots and up to two edits, of every source of the
corpus: test sets of several years, talks, essays, round trips by DeepL and by language models, people's edits and desk edits by
rule; where the round trips stop early, the original is mostly cropped to them, or its length would give it away. Every cluster of
three and more is compared a second time without its original. With ``--model`` a detector judges each text alone, as it does for
users; it must not have seen the held-out third (``retold train --hold-out-fold 0`` makes one). With ``--log-odds`` it is what
classifiers make of each that have seen neither its story nor its source (``retold train --comparison-only`` keeps it in its cache);
cropped originals and edits by rule, which it lacks, count as undecided, as every text does without either, which is harder.

Run: python benchmarks/blind_comparison.py CORPUS [--stories N] [--words 400] [--log-odds CACHE/log-odds.npz | --model DIR]
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from zlib import crc32

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import f1_score

import retold
from benchmarks.archive_corpus import text_scorer
from benchmarks.comparison import compared, single_text_probabilities
from retold.compare import Comparison
from retold.compare.reference import TextScorer
from retold.detector.classifier import combine
from retold.detector.features import MAX_WORDS, REFERENCE_WORDS
from retold.detector.verdict import LABELS, ORIGINAL
from retold.text import analyse
from retold.training.data.story_clusters import Member, corpus_rows, stories

# Words from which the pivot of a round trip is asked for.
_LONG = 400
_DRAWS = 3


def main(argv: list[str] | None = None) -> None:
    """Read the arguments, measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", type=Path, help="folder of the corpus")
    parser.add_argument("--stories", type=int, default=300, help="clusters, spread over the corpus")
    parser.add_argument("--words", type=int, default=0, help="least words of an original")
    parser.add_argument(
        "--half", type=int, choices=(0, 1), help="only groups of this half by SHA-256: 0 to develop on, 1 to report"
    )
    parser.add_argument("--model", type=Path, help="folder of a detector that has not seen the held-out third")
    parser.add_argument("--log-odds", type=Path, help="file of what each text is alone, of a training's cache")
    args = parser.parse_args(argv)
    found = stories(corpus_rows(args.corpus), held_out=True, draws=_DRAWS)
    if args.half is not None:
        found = [s for s in found if half_of(s[0].story) == args.half]
    clusters = chosen([s for s in found if len(s[0].text.split()) >= args.words], args.stories)
    members = [m for s in clusters for m in s]
    scorer = text_scorer(args.corpus, args.log_odds)
    alone = (
        single_text_probabilities(members, args.model) if scorer is None else held_out_probabilities(members, scorer)
    )
    print_with_original([(s, compared(s, alone)) for s in clusters])
    print_without_original([(s[1:], compared(s[1:], alone)) for s in clusters if len(s) >= 3])


def held_out_probabilities(members: Sequence[Member], scorer: TextScorer) -> dict[str, NDArray[np.float64]]:
    """What the shipped calibration makes of held-out log-odds of each text, by id; a third for each label where there are none."""
    articles = [analyse(m.text) for m in members]
    logits, lengths = (
        scorer(articles),
        np.log2(np.clip([article.n_words for article in articles], 1, MAX_WORDS) / REFERENCE_WORDS),
    )
    known = np.isfinite(logits).all(axis=1)
    shares = np.full((len(members), len(LABELS)), 1 / len(LABELS))
    calibration = retold.load().classifier.calibration
    shares[known] = calibration.probabilities(combine(logits[known]), logits[known, 3], lengths[known])
    return dict(zip([m.id for m in members], shares, strict=True))


def half_of(group: str) -> int:
    """Half of a group by the first byte of its SHA-256: choices were made on 0, figures are of 1."""
    return sha256(group.encode()).digest()[0] % 2


def chosen(found: Sequence[list[Member]], n: int) -> list[list[Member]]:
    """At most n clusters with a round trip, in an order that mixes the sources."""
    several = [s for s in found if any(m.kind == "round_trip" for m in s)]
    return sorted(several, key=lambda s: crc32("".join(m.id for m in s).encode()))[:n]


def print_with_original(results: Sequence[tuple[Sequence[Member], Comparison]]) -> None:
    """Labels, originals, parents, sources and pivots where the original is among the versions."""
    truth, given, originals, sure, parents, sources = [], [], [], [], [], []
    pivots: dict[str, list[bool]] = defaultdict(list)
    by_kind: dict[str, list[tuple[bool, bool]]] = defaultdict(list)
    for members, result in results:
        parent_of = {e.child: e.parent for c in result.clusters for e in c.edges}
        source = {id: p for c in result.clusters for id, p in c.source.items()}
        for m, d in zip(members, result.documents, strict=True):
            truth.append(m.label)
            given.append(d.label)
            by_kind[m.kind].append((d.label == m.label, parent_of.get(m.id, "") == m.parent))
            if m.kind == "round_trip" and len(m.text.split()) >= _LONG:
                pivots[m.pivot].append(next(iter(d.pivot), "") == m.pivot)
        originals.append(result.documents[0].label == ORIGINAL)
        sure.append(originals[-1] and not result.documents[0].abstained)
        sources.append(max(source, key=lambda id: (source[id], id), default="") == members[0].id)
        parents += [parent_of.get(m.id) == m.parent for m in members[1:]]
    print(f"{len(results)} clusters, {len(truth)} versions: macro-F1 {f1_score(truth, given, average='macro'):.3f}")
    print(
        f"originals recognised {np.mean(originals):.3f} (without abstaining {np.mean(sure):.3f}), parent right {np.mean(parents):.3f}",
        end=", ",
    )
    print(f"source right {np.mean(sources):.3f}, ", end="")
    hits = [hit for row in pivots.values() for hit in row]
    print(
        f"pivot right {np.mean(hits):.3f} of {len(hits)} round trips of {_LONG}+ words"
        if hits
        else "no long round trip"
    )
    for kind, rows in sorted(by_kind.items()):
        label, parent = np.mean(rows, axis=0)
        print(f"  {kind}: {len(rows)}, label {label:.3f}, parent {parent:.3f}")


def print_without_original(results: Sequence[tuple[Sequence[Member], Comparison]]) -> None:
    """What is made of the same clusters when their original is missing."""
    labels, origins, sure, compared_sure = [], [], [], []
    for members, result in results:
        parent_of = {e.child: e.parent for c in result.clusters for e in c.edges}
        inside = {m.id for m in members}
        labels += [d.label for d in result.documents]
        sure += [d.label == ORIGINAL and not d.abstained for d in result.documents]
        compared_sure += [d.label == ORIGINAL and d.uses_comparison and not d.abstained for d in result.documents]
        origins += [parent_of.get(m.id, "") == (m.parent if m.parent in inside else "") for m in members]
    shares = ", ".join(f"{name} {np.mean([label == name for label in labels]):.3f}" for name in LABELS)
    print(f"original missing: {len(results)} clusters, called {shares}", end=", ")
    print(
        f"original without abstaining {np.mean(sure):.3f}, by comparison {np.mean(compared_sure):.3f}; origin right {np.mean(origins):.3f}"
    )


if __name__ == "__main__":
    main()
