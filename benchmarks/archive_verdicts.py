"""Measure what a verdict beside an archive says: of versions whose source is there, of the same when it is taken out, of strangers.

The archive holds 32,000 articles of the corpus; texts come from the held-out third of groups, to which neither the weights of
comparison nor the rule that links a text to an article were fitted. The detector was trained on these groups: in the place of what it
makes of each text alone ``--log-odds`` puts what classifiers made of it that have seen neither its story nor its source
(``retold train --comparison-only`` keeps it in its cache); without, labels are those of the comparison alone. Edits that changed no
word are left out. Results are kept text by text, so that a run that is stopped goes on.

Run: python benchmarks/archive_verdicts.py CORPUS ARCHIVE RESULTS [--log-odds CACHE/log-odds.npz] [--most N] [--originals N] [--half 1]
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

import retold
from benchmarks.archive_corpus import (
    Version,
    corpus_archive,
    groups,
    is_copy,
    is_source,
    originals,
    text_scorer,
    versions,
)
from retold.archive import Archive, ArchivedArticle, Hit, PostgresArchive
from retold.archive.search import search
from retold.archive.sources import N_CANDIDATES, find_sources
from retold.archive.words import index_words
from retold.compare.clustering import log_odds_of_one_story, vectors
from retold.compare.reference import COPIED, TextScorer
from retold.compare.version import Version as Compared
from retold.compare.weights import ComparisonWeights
from retold.detector.verdict import BACK_TRANSLATED, EDITED, ORIGINAL

# Hits looked through beyond those wanted, for those that are hidden.
_MORE = 10
# Share of its 7-grams outside quotations below which a text on the event of another is a report of its own.
_INDEPENDENT, _N = 0.01, 7
# Shares of its 7-grams outside quotations from which a text repeats an article that is no original of its group, for certain and perhaps:
# the corpus has reprints under several groups, live pages that share paragraphs, and newsletters of one template.
_REPEATED, _ALIKE = 0.3, 0.1
# Words; most texts that are shorter are passages of three or four sentences, which poor engines leave too little of.
_SHORT = 120
# How the kind ends of round trips that language models repeated.
_REPEATEDLY = " times"
_QUOTATION = re.compile(r'"[^"]*"')


class Without:
    """An archive from which some articles are hidden."""

    def __init__(self, archive: Archive | PostgresArchive, is_hidden: Callable[[ArchivedArticle], bool]) -> None:
        self.path = archive.path
        self._archive = archive
        self._is_hidden = is_hidden

    @property
    def n_indexed(self) -> int:
        """Articles in it, the hidden included."""
        return self._archive.n_indexed

    def document_frequencies(self, words: Iterable[str]) -> dict[str, int]:
        """In how many articles each word stands, the hidden included."""
        return self._archive.document_frequencies(words)

    def best(self, weights: dict[str, float], limit: int) -> list[Hit]:
        """The best articles that are not hidden."""
        return [hit for hit in self._archive.best(weights, limit + _MORE) if not self._is_hidden(hit.article)][:limit]

    def text(self, article: ArchivedArticle) -> str | None:
        """The text of an article."""
        return self._archive.text(article)


def main(argv: list[str] | None = None) -> None:
    """Read the arguments, measure what is not measured yet, and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", type=Path, help="folder of the corpus")
    parser.add_argument("archive", type=Path, help="folder of its archive, which is made if there is none")
    parser.add_argument("results", type=Path, help="file of results, made if there is none")
    parser.add_argument("--most", type=int, default=20, help="versions of each kind")
    parser.add_argument("--originals", type=int, default=10, help="originals of each source")
    parser.add_argument(
        "--held-in", action="store_true", help="the groups that weights were fitted to, to try rules on"
    )
    parser.add_argument(
        "--half", type=int, choices=(0, 1), help="half of the groups; rules were tried on half 0 and are reported on 1"
    )
    parser.add_argument("--log-odds", type=Path, help="file of what each text is alone, of a training's cache")
    args = parser.parse_args(argv)
    scorer = text_scorer(args.corpus, args.log_odds)
    archive, weights = corpus_archive(args.corpus, args.archive), retold.load().comparison_weights
    group_of, texts = groups(args.corpus), list(_texts(args))
    kept = _read(args.results)
    with args.results.open("a", encoding="utf-8") as stream:
        for version in texts:
            if version.id not in kept:
                kept[version.id] = measured(version, archive, group_of, weights, scorer)
                stream.write(json.dumps(kept[version.id]) + "\n")
                stream.flush()
    print(f"{len(archive):,} articles; labels by comparison" + (" and by each text alone" if scorer else " alone"))
    print_rows([kept[version.id] for version in texts])


def _texts(args: argparse.Namespace) -> Iterator[Version]:
    for find, most in ((versions, args.most), (originals, args.originals)):
        for rows in find(args.corpus, sys.maxsize, not args.held_in).values():
            wanted = (v for v in rows if args.half in (None, _half_of(v.group)) and index_words(v.text))
            wanted = (v for v in wanted if v.label == ORIGINAL or not is_copy(v))
            yield from islice(wanted, most)


def _half_of(group: str) -> int:
    return hashlib.sha256(group.encode()).digest()[0] // 128


def _read(file: Path) -> dict[str, dict[str, Any]]:
    if not file.exists():
        return {}
    return {row["id"]: row for row in map(json.loads, file.read_text(encoding="utf-8").splitlines())}


def measured(
    version: Version,
    archive: Archive | PostgresArchive,
    group_of: dict[str, str],
    weights: ComparisonWeights,
    scorer: TextScorer | None = None,
) -> dict[str, Any]:
    """What is found for a text with its source in the archive, and with its source hidden."""

    def is_own(id: str, text: str) -> bool:
        return group_of.get(id) == version.group or is_source(version, text)

    without = Without(archive, lambda article: is_own(article.id, archive.text(article) or ""))
    own = _ngrams(version.text)
    linked = {
        f.source.id: len(own & _ngrams(f.article.article.raw)) / max(len(own), 1)
        for f in find_sources(version.text, [without], weights)
    }
    row: dict[str, Any] = {"id": version.id, "kind": version.kind, "n": len(version.text.split()), "linked": linked}
    if version.label == ORIGINAL:
        return row | {"reports": _reports(version, without, weights)}
    found = find_sources(version.text, [archive], weights, score_texts=scorer)
    return row | {
        "relation": found[0].source.relation if found else "none",
        "right": any(is_own(f.source.id, f.article.article.raw) for f in found),
        "label": version.label,
    }


def _reports(version: Version, archive: Without, weights: ComparisonWeights) -> list[str]:
    """Articles on the event of a text among the hits of a search for it that share no wording with it."""
    text, own = Compared.of("", version.text), _ngrams(version.text)
    found = []
    for hit in search([archive], version.text, N_CANDIDATES):
        other = archive.text(hit.article) or ""
        if len(own & _ngrams(other)) >= _INDEPENDENT * len(own):
            continue
        matrices = vectors([Compared.of("", other).article, text.article], weights.stories)
        if log_odds_of_one_story(*matrices, np.array([(0, 1)]), weights.stories)[0] > 0:
            found.append(hit.article.id)
    return found


def _ngrams(text: str) -> set[tuple[str, ...]]:
    words = index_words(_QUOTATION.sub(" ", text))
    return set(zip(*(words[i:] for i in range(_N)), strict=False))


def print_rows(rows: list[dict[str, Any]]) -> None:
    """A line a kind: relations found with the source there, the right source named, and links without it; then all together."""
    by_kind: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        by_kind[row["kind"]].append(row)
    print("with the source in the archive: relations, right source named | without it: linked to another article")
    for kind, own in sorted(by_kind.items()):
        print(f"  {kind:32} {_with(own)}| {_without(own)}")
    everything = [row for row in rows if "relation" in row]
    repeated = [row for row in everything if row["kind"].endswith(_REPEATEDLY)]
    trips = [row for row in everything if row["label"] == BACK_TRANSLATED and row not in repeated]
    edits = [row for row in everything if row["label"] == EDITED and row["relation"] != COPIED]
    totals = {
        "all round trips, once": trips,
        "repeated by language models": repeated,
        f"round trips over {_SHORT} words": [row for row in trips if row["n"] > _SHORT],
        "edits not in the archive word for word": edits,
        "all texts": rows,
        f"texts over {_SHORT} words": [row for row in rows if row["n"] > _SHORT],
    }
    for name, own in totals.items():
        print(f"{name:34} {_with(own)}| {_without(own)}")
    reports = [(id, row["linked"]) for row in rows for id in row.get("reports", ())]
    n = sum(id in linked for id, linked in reports)
    for least in (_REPEATED, _ALIKE):
        n_linked = sum(min(row["linked"].values(), default=1.0) < least for row in rows)
        print(
            f"linked to one that has under {least:.0%} of its 7-grams: {n_linked} of {len(rows)} ({n_linked / len(rows):.2%})"
        )
    print(f"independent reports of the event of a text linked to it: {n} of {len(reports)}")


def _with(rows: list[dict[str, Any]]) -> str:
    rows = [row for row in rows if "relation" in row]
    if not rows:
        return ""
    counts = Counter(row["relation"] for row in rows)
    shares = ", ".join(f"{name} {n / len(rows):.3f}" for name, n in counts.most_common())
    return f"{shares}; right {sum(row['right'] for row in rows) / len(rows):.3f} of {len(rows)} "


def _without(rows: list[dict[str, Any]]) -> str:
    n = sum(bool(row["linked"]) for row in rows)
    return f"{n} of {len(rows)} ({n / max(len(rows), 1):.2%})"


if __name__ == "__main__":
    main()
