"""Measure comparisons on clusters of versions from groups that fitting never saw.

Every story of the held-out third enters with its versions, beside single originals that are related to nothing. With
``--model`` a detector judges each text alone beside the comparison, as it does for users; it must not have seen the held-out
third (``retold train --hold-out-fold 0`` makes one). Without, each text alone counts as undecided. Run after ``retold train``; the
same corpus gives the same figures.

Run: python benchmarks/comparison.py CORPUS [--news] [--stories N] [--model DIR]
"""

from __future__ import annotations

import argparse
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from itertools import combinations
from pathlib import Path
from zlib import crc32

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import f1_score, roc_auc_score

import retold
from benchmarks.planted_edits import planted_changes
from retold.compare import ComparedDocument, Comparison, compare
from retold.compare.reference import against_reference
from retold.detector.verdict import BACK_TRANSLATED, LABELS
from retold.training.data.story_clusters import NEWSROOM_KINDS, Member, corpus_rows, is_guessed, stories

# Words from which pivots are measured, as in ``pivot_language.py``.
_LONG = 400


def main(argv: list[str] | None = None) -> None:
    """Read the arguments, measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", type=Path, help="folder of the corpus")
    parser.add_argument("--stories", type=int, default=600, help="stories in several versions, and as many single ones")
    parser.add_argument(
        "--news", action="store_true", help="only stories of news, with at least one newsroom edit or round trip"
    )
    parser.add_argument("--model", type=Path, help="folder of a detector that has not seen the held-out third")
    args = parser.parse_args(argv)
    found = stories(corpus_rows(args.corpus), held_out=True)
    if args.news:
        found = [s for s in found if is_news(s)]
    several = spread([s for s in found if len(s) > 1], args.stories)
    chosen = several + spread([s for s in found if len(s) == 1], args.stories)
    members = sorted((m for s in chosen for m in s), key=lambda m: crc32(m.id.encode()))
    began = time.perf_counter()
    alone = single_text_probabilities(members, args.model)
    result = compared(members, alone)
    seconds = time.perf_counter() - began
    print(
        f"{len(members)} documents, {len(several)} stories in several versions: {seconds:.1f} s,"
        f" {1000 * seconds / len(members):.1f} s for 1,000 documents"
    )
    truth = {m.id: m for m in members}
    print_clusters(result, truth)
    print_labels(result, truth, {s[0].story for s in several if is_guessed(s)})
    print_lineage(result, truth, several)
    print_pivots(result, truth)
    print_reference(several, args.model)
    print_without_source(several, alone)
    print_planted(several)


def single_text_probabilities(members: Sequence[Member], model: Path | None) -> dict[str, NDArray[np.float64]]:
    """Probabilities of each text alone, by id: those of a detector, or undecided."""
    if model is None:
        return {m.id: np.full(len(LABELS), 1 / len(LABELS)) for m in members}
    shares = retold.load(model).predict_proba([m.text for m in members])
    return {m.id: row for m, row in zip(members, shares, strict=True)}


def compared(members: Sequence[Member], alone: dict[str, NDArray[np.float64]]) -> Comparison:
    """Compare members, of whom nothing is told but their texts and what a detector made of each."""
    probabilities = np.array([alone[m.id] for m in members])
    return compare([m.text for m in members], [m.id for m in members], probabilities=probabilities)


def is_news(story: Sequence[Member]) -> bool:
    """True for stories of newsrooms: none of reviews, essays, mails, encyclopaedias and passages of a few sentences."""
    return story[0].domain.startswith("news")


def spread(items: Sequence, n: int) -> list:
    """At most ``n`` items, evenly spread."""
    return list(items[:: max(1, -(-len(items) // n))])


def print_clusters(result: Comparison, truth: dict[str, Member]) -> None:
    """Pair-F1 of the clustering."""
    found = {p for c in result.clusters for p in combinations(sorted(c.documents), 2)}
    stories_of: defaultdict[str, list[str]] = defaultdict(list)
    for m in truth.values():
        stories_of[m.story].append(m.id)
    true = {p for ids in stories_of.values() for p in combinations(sorted(ids), 2)}
    right = len(found & true)
    print(
        f"clustering: pair-F1 {2 * right / (len(found) + len(true)):.4f}, {len(found - true)} false, {len(true - found)} missed"
    )
    kinds = Counter(tuple(sorted((truth[a].kind, truth[b].kind))) for a, b in sorted(true - found))
    print("  missed:", "; ".join(f"{' / '.join(k)} {n}" for k, n in kinds.most_common(5)))


def print_labels(result: Comparison, truth: dict[str, Member], guessed: set[str]) -> None:
    """Macro-F1 of the labels beside an original, and AUROC of newsroom edits against round trips."""
    complete = _complete(result, truth)
    compared = [d for d in result.documents if d.uses_comparison and truth[d.id].story in complete]
    _print_labels("all stories", compared, truth)
    known = [d for d in compared if truth[d.id].story not in guessed]
    _print_labels("stories whose original is known, not guessed", known, truth)
    print("by kind:")
    for key in sorted({(truth[d.id].kind, truth[d.id].source, truth[d.id].label) for d in compared}):
        labels = Counter(d.label for d in compared if key == (truth[d.id].kind, truth[d.id].source, truth[d.id].label))
        print(f"  {' '.join(key[:2])}, {key[2]}: called " + ", ".join(f"{name} {labels[name]}" for name in LABELS))


def _print_labels(name: str, compared: Sequence[ComparedDocument], truth: dict[str, Member]) -> None:
    y, p = [truth[d.id].label for d in compared], [d.label for d in compared]
    wrong = sum(a != b for a, b in zip(y, p, strict=True))
    print(f"labels, {name}: macro-F1 {f1_score(y, p, average='macro'):.4f}, {wrong} of {len(y)} versions wrong")
    for edits, kinds in (("newsroom edits", NEWSROOM_KINDS), ("without rule-made cuts", NEWSROOM_KINDS[:-1])):
        rows = [d for d in compared if truth[d.id].kind in (*kinds, "round_trip")]
        actual = [truth[d.id].label == BACK_TRANSLATED for d in rows]
        scores = [(d.probabilities or {BACK_TRANSLATED: 0.0})[BACK_TRANSLATED] for d in rows]
        auroc = roc_auc_score(actual, scores)
        print(f"  {edits} against round trips: AUROC {auroc:.4f} ({len(rows) - sum(actual)} edits)")


def _complete(result: Comparison, truth: dict[str, Member]) -> set[str]:
    """Stories whose original was found to belong to a cluster of several."""
    return {truth[i].story for c in result.clusters if len(c.documents) > 1 for i in c.documents if not truth[i].parent}


def print_lineage(result: Comparison, truth: dict[str, Member], several: Sequence[Sequence[Member]]) -> None:
    """How often the source is found, and the parent of each version, and the relation too."""
    sources = {max(c.source, key=lambda i: (c.source[i], i)) for c in result.clusters if c.source}
    true_sources = [s[0].id for s in several]
    right = np.array([s in sources for s in true_sources])
    print(f"source found: {right.mean():.4f} of {len(right)}")
    edges = {e.child: e for c in result.clusters for e in c.edges}
    children = [m for s in several for m in s[1:]]
    parents = np.array([m.id in edges and edges[m.id].parent == m.parent for m in children])
    print(f"parent right: {parents.mean():.4f} of {len(parents)}; by kind:")
    for key in sorted({(m.kind, m.source) for m in children}):
        rows = np.array([(m.kind, m.source) == key for m in children])
        sourced = np.mean(
            [
                next(s[0].id for s in several if s[0].story == m.story) in sources
                for m in children
                if (m.kind, m.source) == key
            ]
        )
        print(f"  {' '.join(key)}: {parents[rows].mean():.3f} of {rows.sum()}, source found {sourced:.3f}")


def print_pivots(result: Comparison, truth: dict[str, Member]) -> None:
    """Share of long round trips whose likeliest pivot is the true one."""
    rows = [d for d in result.documents if truth[d.id].kind == "round_trip" and len(truth[d.id].text.split()) >= _LONG]
    hits: defaultdict[str, list[bool]] = defaultdict(list)
    for d in rows:
        hits[truth[d.id].pivot].append(next(iter(d.pivot), "") == truth[d.id].pivot)
    every = [hit for row in hits.values() for hit in row]
    if not every:
        print(f"no round trips of {_LONG}+ words")
        return
    print(f"pivot right: {np.mean(every):.4f} of {len(every)} round trips of {_LONG}+ words; by pivot, and their mean:")
    print("  " + ", ".join(f"{p} {np.mean(h):.2f} ({len(h)})" for p, h in sorted(hits.items())), end="")
    print(f"; mean {np.mean([np.mean(h) for h in hits.values()]):.2f}")


def print_reference(several: Sequence[Sequence[Member]], model: Path | None) -> None:
    """Macro-F1 over edited and back-translated where the original is named, as ``score --reference`` has it."""
    y, p, scores, missed, weights = [], [], [], 0, retold.load().comparison_weights
    scorer = retold.load(model).article_log_odds if model is not None else None
    for story in several:
        found = against_reference(story[0].text, [m.text for m in story[1:]], weights, scorer)
        missed += sum(one is None for one in found)
        y += [m.label for m in story[1:]]
        p += [LABELS[int(np.argmax(one[0]))] if one else LABELS[0] for one in found]
        scores += [float(one[0][2]) if one else 0.5 for one in found]
    y, p = y + [LABELS[0]] * len(several), p + [LABELS[0]] * len(several)
    print(f"beside a named original: macro-F1 {f1_score(y, p, average='macro'):.4f}, {missed} taken for another story")
    kinds = [m.kind for story in several for m in story[1:]]
    for name, edits in (("newsroom edits", NEWSROOM_KINDS), ("without rule-made cuts", NEWSROOM_KINDS[:-1])):
        rows = [i for i, kind in enumerate(kinds) if kind in (*edits, "round_trip")]
        auroc = roc_auc_score([y[i] == BACK_TRANSLATED for i in rows], [scores[i] for i in rows])
        print(f"  {name} against round trips: AUROC {auroc:.4f}")
    for kind in sorted(set(kinds)):
        right = [a == b for a, b, k in zip(y, p, kinds, strict=False) if k == kind]
        print(f"  {kind}: {np.mean(right):.3f} of {len(right)}")


def print_without_source(several: Sequence[Sequence[Member]], alone: dict[str, NDArray[np.float64]]) -> None:
    """What is said of stories of three versions and more whose original was taken away."""
    right, claimed = [], []
    for story in several:
        rest = story[1:]
        if len(rest) < 3:
            continue
        found = compared(rest, alone)
        parents = {e.child: e.parent for c in found.clusters for e in c.edges}
        inside = {m.id for m in rest}
        right += [parents.get(m.id, "") == (m.parent if m.parent in inside else "") for m in rest]
        claimed += [max(c.source.values()) > 0.5 for c in found.clusters if c.source]
    print(f"without the original: origin right (a parent, or none) {np.mean(right):.4f} of {len(right)},")
    print(f"  a version taken for the source in {np.mean(claimed):.4f} of {len(claimed)} stories")


def print_planted(several: Iterable[Sequence[Member]]) -> None:
    """How many planted changes of a number, a name or a negation are found, and how many alarms are false."""
    found, false = planted_changes(
        [s for s in several if len(s[0].text.split()) >= 80], retold.load().comparison_weights.pivots
    )
    newsroom = [k for k in found if k.split(" in ")[1] in ("a copy", *NEWSROOM_KINDS)]
    every = [hit for k in newsroom for hit in found[k]]
    print(f"planted in copies and newsroom edits: {np.mean(every):.4f} found of {len(every)}; by kind:")
    for kind, hits in sorted(found.items()):
        print(f"planted {kind}: {np.mean(hits):.4f} found of {len(hits)}")
    for kind, alarms in sorted(false.items()):
        print(
            f"other alarms in {kind}: {np.mean(alarms):.3f} an article, {np.mean(np.array(alarms) <= 1):.3f} with at most one"
        )


if __name__ == "__main__":
    main()
