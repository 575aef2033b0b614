"""Measure the fluency evidence: what it shows of round trips and of originals, kind by kind, and how often it is right.

News of 150 words and more, of the third of the stories on which no margin was set. Every span found is counted, as if every
text were called back-translated; a reader sees those beside a machine verdict. "Not there" says that the original does not
have the flagged words together, "changed" that at least one of them is changed from what it has in that place (inflection
aside), "right" that it has the suggestion and lacks the flagged words. Chance is what two neighbouring words taken at
random come to. Takes a minute.

    python benchmarks/fluency.py ../shared/corpus
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
from sklearn.metrics import roc_auc_score

from benchmarks.evidence_spans import EditTruth
from benchmarks.evidence_texts import family, is_long, sample, sides, unseen
from retold.detector.components import ModelComponents
from retold.detector.verdict import BACK_TRANSLATED, ORIGINAL
from retold.language_model import LanguageModel
from retold.language_model.batch import Batch
from retold.model_store import bundled_model, read_model
from retold.signals.base import Evidence
from retold.signals.fluency.signal import Fluency
from retold.text import Article, analyse
from retold.text.morphology import Inflector
from retold.training.data.examples import LabelledText, read_examples
from retold.training.data.splits import fold_of
from retold.training.evaluation.protocols import ENGINES
from retold.training.evaluation.tables import markdown

# Articles that are looked at together, for memory; the third of the stories that is measured on.
_BATCH, _FOLD = 64, 0
# Every how many words a pair of neighbours is taken to say what chance would come to.
_CHANCE_STEP = 29
# The length for which the rate on originals is stated.
_STORY_WORDS = 800


@dataclass(frozen=True)
class Read:
    """An article, its spans, and the original that it is compared with, if there is one."""

    article: Article
    spans: tuple[Evidence, ...]
    truth: EditTruth | None

    @property
    def rate(self) -> float:
        """Spans per 1,000 words."""
        return 1000 * len(self.spans) / max(self.article.n_words, 1)


def main(argv: list[str] | None = None) -> None:
    """Read, find, compare, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", type=Path, help="folder of the corpus")
    parser.add_argument("--documents", type=int, default=250, help="articles of each engine to measure on, at most")
    options = parser.parse_args(argv)
    folder = read_model(bundled_model())
    model = ModelComponents.from_folder(folder).language_model
    examples = [e for e in read_examples([options.corpus]) if e.label in (ORIGINAL, BACK_TRANSLATED)]
    trips, originals = sides(examples)
    chosen = [e for engine in ENGINES for e in sample(_held(trips, engine), options.documents)]
    groups = sorted({e.group for e in chosen})
    human = sample(unseen(examples, {e.group for e in trips}), 4 * options.documents)
    read = list(_read([e.text for e in chosen], model, [originals[e.group] for e in chosen]))
    own = list(_read([originals[group] for group in groups], model))
    others = list(_read([e.text for e in human], model))
    print(_by_kind(read, own, others))
    print(_by_engine(chosen, read))
    print(_per_story(own, others))
    print(_by_score(read))
    print(_separation(read, own, [groups.index(e.group) for e in chosen]))


def _held(trips: Sequence[LabelledText], engine: str) -> list[LabelledText]:
    held = [e for e in trips if family(e) == engine and e.domain == "news" and is_long(e.text)]
    return [e for e in held if fold_of([e.group])[0] == _FOLD]


def _read(texts: Sequence[str], model: LanguageModel, originals: Sequence[str] = ()) -> Iterator[Read]:
    signal, inflector = Fluency(model), Inflector(model.vocabulary.index)
    for first in range(0, len(texts), _BATCH):
        batch = Batch([analyse(text) for text in texts[first : first + _BATCH]], model)
        for i, (article, spans) in enumerate(zip(batch.articles, signal.find_evidence(batch), strict=True)):
            truth = EditTruth(analyse(originals[first + i]), article, inflector) if originals else None
            yield Read(article, tuple(spans), truth)


def _kind(span: Evidence) -> str:
    """The kind of slip that the reason names."""
    return span.reason.split('" - ')[1].split(";")[0]


def _by_kind(trips: Sequence[Read], own: Sequence[Read], others: Sequence[Read]) -> str:
    sets = (trips, own, others)
    words = [sum(r.article.n_words for r in some) for some in sets]
    found = [Counter(_kind(span) for r in some for span in r.spans) for some in sets]
    rows = []
    for kind in [*sorted(found[0]), "all"]:
        of_kind = [(r.truth, s) for r in trips for s in r.spans if r.truth and kind in (_kind(s), "all")]
        counts = [c.total() if kind == "all" else c[kind] for c in found]
        rates = [f"{1000 * c / n:.2f}" for c, n in zip(counts, words, strict=True)]
        rows.append([f"{kind} ({len(of_kind)})", *rates, *_shares([_judged(truth, span) for truth, span in of_kind])])
    rows.append(["chance", "", "", "", *_shares(list(_by_chance(trips)))])
    header = ["kind (number)", "round trips", "their originals", "originals of unseen outlets"]
    return markdown([*header, "not there", "changed", "right"], rows)


def _judged(truth: EditTruth, span: Evidence) -> tuple[bool, bool, bool | None]:
    """Whether the original lacks the words together, has others in their place, and has the suggestion."""
    absent = _absent(truth, analyse(span.text).lower)
    there = None if span.suggestion is None else absent and not _absent(truth, analyse(span.suggestion).lower)
    return absent, truth.of(span)[0], there


def _absent(truth: EditTruth, words: Sequence[str]) -> bool:
    return f" {' '.join(words)} " not in truth.words


def _by_chance(reads: Sequence[Read]) -> Iterator[tuple[bool, bool, bool | None]]:
    """The same of neighbouring words taken at random."""
    for r in reads:
        for i, (first, second) in list(enumerate(pairwise(r.article.lower)))[::_CHANCE_STEP]:
            if r.truth and first.isalpha() and second.isalpha():
                changed = any(r.truth.verdict[j] == 1 for j in (i, i + 1))
                yield _absent(r.truth, [first, second]), changed, None


def _shares(judged: Sequence[tuple[bool, bool, bool | None]]) -> list[str]:
    right = [there for *_, there in judged if there is not None]
    absent, changed = (f"{np.mean([j[k] for j in judged]):.0%}" for k in (0, 1))
    return [absent, changed, f"{np.mean(right):.0%}" if right else "-"]


def _by_engine(chosen: Sequence[LabelledText], read: Sequence[Read]) -> str:
    rows = []
    for engine in ENGINES:
        of_engine = [r for e, r in zip(chosen, read, strict=True) if family(e) == engine]
        total = sum(len(r.spans) for r in of_engine), sum(r.article.n_words for r in of_engine)
        rows.append([engine, str(len(of_engine)), f"{1000 * total[0] / max(total[1], 1):.2f}"])
    return markdown(["engine", "articles", "spans per 1,000 words"], rows)


def _per_story(own: Sequence[Read], others: Sequence[Read]) -> str:
    long = [r for r in (*own, *others) if 0.75 <= r.article.n_words / _STORY_WORDS <= 1.25]
    counts = Counter(min(len(r.spans), 4) for r in long)
    shares = ", ".join(f"{k if k < 4 else '4 or more'}: {counts[k] / max(len(long), 1):.0%}" for k in range(5))
    return f"Spans in {len(long)} originals of about {_STORY_WORDS} words: {shares}.\n"


def _by_score(trips: Sequence[Read]) -> str:
    judged = sorted((s.score, r.truth.of(s)[0]) for r in trips for s in r.spans if r.truth)
    parts = [judged[: len(judged) // 2], judged[len(judged) // 2 :]]
    means = [f"{np.mean([score for score, _ in p]):.2f} (changed: {np.mean([c for _, c in p]):.0%})" for p in parts]
    return f"Mean score of the weaker and the stronger half of the spans of round trips: {', '.join(means)}.\n"


def _separation(trips: Sequence[Read], own: Sequence[Read], source: Sequence[int]) -> str:
    rates = np.array([r.rate for r in trips]), np.array([r.rate for r in own])
    label = np.repeat([1, 0], [len(trips), len(own)])
    more, less = (np.mean(sign * (rates[0] - rates[1][list(source)]) > 0) for sign in (1, -1))
    return (
        f"Round trips against their originals by spans per word: AUROC {roc_auc_score(label, np.concatenate(rates)):.3f}; "
        f"{more:.0%} of round trips show more than their original, {less:.0%} fewer.\n"
    )


if __name__ == "__main__":
    main()
