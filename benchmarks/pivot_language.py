"""Measure what is said of the pivot, and of its family where no single pivot shows, on stories that it was not learned from.

What reads the pivot is learned anew without one third of the stories, engines included; that third is then read. Its calibration and
the probability from which it names a pivot are found as for the shipped one, on another third. With ``--model``, a detector trained
without the third that is read (``retold train --hold-out-fold 2``), only articles that it calls back-translated are counted, as a
reader sees them. Takes ten minutes on an idle core. With ``--beside-originals`` it is what comparison says of so many round trips
beside their originals instead, of the third of groups that its weights were not fitted to.

    python benchmarks/pivot_language.py ../shared/corpus [--model MODEL] [--beside-originals N]
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.sparse import vstack

from benchmarks.evidence_texts import sides
from benchmarks.pivots_beside_originals import MIN_WORDS, beside_originals
from benchmarks.progress import stopwatch
from retold.detector.detector import load
from retold.detector.features import feature_schema
from retold.detector.pivot_language import GROUPS, PivotClassifier, PivotGroup
from retold.detector.verdict import BACK_TRANSLATED, ORIGINAL
from retold.language_model import LanguageModel
from retold.language_model.batch import Batch
from retold.signals.registry import NGRAM_CLASSIFIERS
from retold.text import analyse
from retold.training.data.examples import LabelledText, read_examples
from retold.training.data.feature_store import FeatureStore
from retold.training.data.splits import engine_family, fold_of
from retold.training.evaluation.tables import markdown
from retold.training.fit.pivot_language import fit_pivot_classifier

# Pivots are measured from this many words on; for families shorter articles are shown apart.
PIVOT_WORDS = 400
# Its calibration is from fold 0, and what was chosen about it from fold 1.
_FOLD = 2
_BATCH = 64
_LENGTHS = (
    (f"{PIVOT_WORDS} and more", PIVOT_WORDS, 10**9),
    (f"{MIN_WORDS} to {PIVOT_WORDS - 1}", MIN_WORDS, PIVOT_WORDS),
)


@dataclass(frozen=True)
class Answer:
    """The pivot that was predicted for one round trip."""

    pivot: str
    words: int
    predicted: str
    probability: float
    group: PivotGroup | None

    @property
    def family(self) -> PivotGroup | None:
        """The family that is named where no single pivot is."""
        return None if self.predicted else self.group


def main(argv: list[str] | None = None) -> None:
    """Learn, read, compare, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", type=Path, help="folder of the corpus")
    parser.add_argument("--model", type=Path, help=f"model trained without fold {_FOLD}, for the verdicts")
    parser.add_argument("--beside-originals", type=int, metavar="N", help="round trips beside their originals instead")
    options = parser.parse_args(argv)
    if options.beside_originals:
        print(beside_originals(options.corpus, options.beside_originals))
        return
    report = stopwatch()
    examples = [e for e in read_examples([options.corpus]) if e.label in (ORIGINAL, BACK_TRANSLATED)]
    trips, originals = sides(examples)
    print(pivot_report(trips, originals, load().components.language_model, report, options.model))


def pivot_report(
    trips: Sequence[LabelledText],
    originals: dict[str, str],
    model: LanguageModel,
    report: Callable[[str], None],
    verdicts: Path | None = None,
) -> str:
    """The Markdown report: how often a pivot or a family is said and is right, and what is said of originals."""
    held = [f == _FOLD for f in fold_of([e.group for e in trips])]
    classifier = fit_pivot_classifier(_counted(trips, model), without_fold=_FOLD)
    report("learned the pivots")
    if classifier is None:
        return "### Pivot\n\nToo few round trips of two pivots to learn from.\n"
    unseen = [e for e, h in zip(trips, held, strict=True) if h and len(e.text.split()) >= MIN_WORDS]
    answers = _answers(classifier, unseen, model)
    held_out = sorted(g for g in originals if fold_of([g])[0] == _FOLD and len(originals[g].split()) >= PIVOT_WORDS)
    without_pivot = [
        not a.pivots for part in _parts([originals[g] for g in held_out], model) for a in classifier.predict(part)
    ]
    if verdicts:
        labels = [v.label for v in load(verdicts).score_many([e.text for e in unseen])]
        answers = [a for a, label in zip(answers, labels, strict=True) if label == BACK_TRANSLATED]
    return (
        f"### Pivot\n\nA pivot is named from a probability of {classifier.settings[1]:.3f} on. Stories held out, engines not; round trips "
        f"{'called back-translated' if verdicts else 'whatever their verdict'}. A pivot is only shown beside a machine verdict; without "
        f"one it names none for {np.mean(without_pivot):.0%} of {len(without_pivot)} originals.\n\n"
        f"{_languages(answers)}\n{_families(answers)}"
    )


def _languages(answers: Sequence[Answer]) -> str:
    """How often a pivot is named and is right, by length; French by itself, and without the most frequent pivot."""
    chosen: dict[str, Callable[[Answer], bool]] = {
        "all": lambda answer: True,
        "through French": lambda answer: answer.pivot == "fr",
        "through others than Portuguese": lambda answer: answer.pivot != "pt",
        "called French": lambda answer: answer.predicted == "fr",
    }
    rows = []
    for words, least, most in _LENGTHS:
        for kind, is_chosen in chosen.items():
            own = [a for a in answers if least <= a.words < most and is_chosen(a)]
            named = [a for a in own if a.predicted]
            right = [
                f"{np.mean(values):.0%}" if named else "-"
                for values in zip(*map(_right_and_stated, named), strict=True)
            ]
            rows.append([words, kind, str(len(own)), f"{len(named) / max(len(own), 1):.0%}", *(right or ["-", "-"])])
    return markdown(["words", "round trips", "number", "pivot named", "right", "probability said"], rows)


def _right_and_stated(answer: Answer) -> tuple[bool, float]:
    return answer.predicted == answer.pivot, answer.probability


def _answers(classifier: PivotClassifier, trips: Sequence[LabelledText], model: LanguageModel) -> list[Answer]:
    parts = list(_parts([e.text for e in trips], model))
    predicted = [prediction for part in parts for prediction in classifier.predict(part)]
    return [
        Answer(e.pivot, len(e.text.split()), *next(iter(found.pivots.items()), ("", 0.0)), found.group)
        for e, found in zip(trips, predicted, strict=True)
    ]


def _families(answers: Sequence[Answer]) -> str:
    """How often a family is said where no pivot is, and is right, by length and by family."""
    rows = []
    for name, least, most in _LENGTHS:
        answers_of_length = [a for a in answers if least <= a.words < most]
        named = [a for a in answers_of_length if a.family]
        rows.append(
            [
                name,
                str(len(answers_of_length)),
                f"{np.mean([not a.predicted for a in answers_of_length]):.0%}",
                *_right(named),
            ]
        )
    named = [a for a in answers if a.family]
    by_name = [
        [name, *_right(own)] for name in GROUPS if (own := [a for a in named if a.family and a.family.name == name])
    ]
    return (
        "Where no single pivot is named, a family may be.\n\n"
        + markdown(["words", "round trips", "no pivot named", *_COLUMNS], rows)
        + "\n"
        + markdown(["family", *_COLUMNS], by_name)
        + "\n"
    )


_COLUMNS = ("family named", "right", "probability said")


def _right(named: Sequence[Answer]) -> list[str]:
    families = [(a.pivot in a.family.pivots, a.family.probability) for a in named if a.family]
    if not families:
        return ["0", "-", "-"]
    right, stated = np.mean(families, axis=0)
    return [str(len(families)), f"{right:.0%}", f"{stated:.0%}"]


def _parts(texts: Sequence[str], model: LanguageModel) -> Iterator[Batch]:
    for first in range(0, len(texts), _BATCH):
        yield Batch([analyse(text) for text in texts[first : first + _BATCH]], model)


def _counted(trips: Sequence[LabelledText], model: LanguageModel) -> FeatureStore:
    """What the pivots are learned from: counts of both ngram_counts of every round trip."""
    counts: dict[str, list] = {classifier.name: [] for classifier in NGRAM_CLASSIFIERS}
    n_words: list[int] = []
    for batch in _parts([e.text for e in trips], model):
        n_words += [article.n_words for article in batch.articles]
        for classifier in NGRAM_CLASSIFIERS:
            counts[classifier.name].append(classifier.count(batch))
    fields = {name: [getattr(e, name) for e in trips] for name in ("label", "pivot", "group", "source", "forward")}
    fields["family"] = [engine_family(e.engine, e.source) for e in trips]
    table = pd.DataFrame({**fields, "fold": fold_of([e.group for e in trips]), "n_words": n_words})
    ngram_counts = {name: vstack(parts, format="csr") for name, parts in counts.items()}
    return FeatureStore(table, np.zeros((len(trips), 0)), feature_schema(()), ngram_counts)


if __name__ == "__main__":
    main()
