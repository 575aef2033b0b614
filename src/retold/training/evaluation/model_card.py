"""The model card: what the model is, how it was made, what it was measured to do, part by part."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence

import pandas as pd

from retold.report.false_alarms import FALSE_ALARMS, SOURCES
from retold.training.evaluation import tables as summary
from retold.training.evaluation.protocols import DEEP
from retold.training.package import EVALUATION
from retold.training.pipeline import TrainedModel

_USE = """\
Reads English articles, news above all, and gives the probabilities that they are original, edited in English, or
back-translated by a machine. It is a sieve for people who then read, not a judge: never accuse anyone on its word.
Machine-translated foreign news and human translations are neither of the three; of both many are left undecided, since they read as
translated, and some are called back-translated, more of the first.
"""


def training_card(name: str, trained: TrainedModel, notes: Sequence[str]) -> str:
    """Markdown card of a model."""
    table = trained.replay[0]
    counts = Counter(table["label"])
    lines = [
        f"# Model card: {name}",
        "",
        _USE,
        "## What it holds",
        "",
        _parts(trained),
        "## Training examples kept",
        "",
    ]
    lines += [
        f"{len(table):,} rows of features, no text: " + ", ".join(f"{n:,} {k}" for k, n in sorted(counts.items())),
        "",
    ]
    lines += [f"- {note}" for note in notes]
    return "\n".join(lines).rstrip() + "\n"


def _parts(trained: TrainedModel) -> str:
    sizes: Counter[str] = Counter()
    for part, array in (
        trained.components.arrays()
        | trained.classifier.arrays()
        | (trained.rescorer.arrays() if trained.rescorer is not None else {})
    ).items():
        sizes[part.split("_")[0]] += array.nbytes
    sizes["vocabulary and channel words"] = sum(len(t.encode()) for t in trained.components.texts().values())
    rows = [[part, f"{size / 1e6:.1f} MB"] for part, size in sorted(sizes.items())]
    return summary.markdown(["part", "size"], rows)


def evaluation_card(predictions: Mapping[str, pd.DataFrame], lacking: Mapping[str, str] | None = None) -> str:
    """Markdown report of an evaluation: the sections of each protocol, and those of the second look where there was one.

    Args:
        predictions: For each protocol, its predictions.
        lacking: For protocols that were left out, what they lacked.
    """
    parts = [EVALUATION, "", _PREFACE]
    for protocol, reason in (lacking or {}).items():
        parts += [f"Not measured: protocol {protocol}; {reason}.", ""] if reason else []
    for protocol, table in predictions.items():
        for title, write in _SECTIONS[protocol]:
            parts += [f"### {title}", "", write(table)]
        for title, write in _DEEPER[protocol] if summary.has_engine_features(table).any() else []:
            parts += [f"### {title}", "", write(table[summary.has_engine_features(table)])]
    return "\n".join(parts)


_Sections = Mapping[str, Sequence[tuple[str, Callable[[pd.DataFrame], str]]]]
_SECTIONS: _Sections = {
    "group": [
        ("Groups held out: probabilities", lambda t: summary.classes(t)[0]),
        ("Groups held out: what abstaining buys", summary.coverage),
        ("Groups held out, by length", summary.lengths),
        (FALSE_ALARMS, lambda t: summary.false_alarms(t)[0]),
    ],
    "engine": [
        ("Engines held out", lambda t: summary.engines(t)[0]),
        ("Engines held out, passages of about eighty words", summary.short_passages),
        ("Engines held out: machine English that reads as translated", summary.unseen_translations),
    ],
    "pivot": [("Pivots held out, a quarter of them at a time", lambda t: summary.pivots(t)[0])],
    "source": [
        (SOURCES, lambda t: summary.sources(t)[0]),
        ("Sources held out: the labels", summary.source_labels),
        ("Sources held out: edits", summary.edits),
        ("Sources held out: what reads as translated", summary.translations),
        ("Sources held out: what language models polished", summary.polish),
    ],
}
_DEEPER: _Sections = {
    "group": [
        ("The sample of `--deep`, groups held out: false alarms without it", lambda t: summary.false_alarms(t)[0]),
        ("The same false alarms with `--deep`", lambda t: summary.false_alarms(t, DEEP)[0]),
    ],
    "engine": [
        ("The sample of `--deep`, engines held out, without it", lambda t: summary.engines(t)[0]),
        ("The same engines with `--deep`", lambda t: summary.engines(t, DEEP)[0]),
        ("The sample of `--deep`, passages of about eighty words, without it", summary.short_passages),
        ("The same passages with `--deep`", lambda t: summary.short_passages(t, DEEP)),
    ],
    "pivot": [],
    "source": [
        ("The sample of `--deep`, sources held out, without it", lambda t: summary.sources(t)[0]),
        ("The same sources with `--deep`", lambda t: summary.sources(t, DEEP)[0]),
    ],
}

_PREFACE = """\
Every figure is of texts whose story (`group`) training never saw, by a detector trained anew for it: n-gram classifiers,
channel, classifiers and calibration. The log-odds that calibration is fitted to are shared between the runs, see
`training/evaluation/protocols.py`. An engine family or a quarter of the pivots is held out together with one third of the
stories. The channel is learned per fold, from all engines and pivots, so where one of those is
held out it has seen it on other stories; the 27 weights of the term classifier are fitted once, to stories of one fold. Where
Google is held out, so are WMT's unnamed commercial engines, which may be the same. Originals are those of the same stories as
the round trips, each counted once, so that topic and outlet tell nothing; "all originals" adds the other sources. News is
news of 150 words and more. "Called back-translated" is the label where 60% of articles are expected to be original, 30%
edited and 10% back-translated, "surely edited" what is called so without "unsure"; `low-fpr` and `balanced` are the operating points,
whose thresholds were set on other groups.
Calibration errors and coverage are for that mixture, sources and engines evened out, twenty bins of equal count; with a few
hundred documents in a band they cannot fall below about 0.03. The sample of `--deep` has some four thousand texts. The engine
is one of Bergamot's, and news that the same engine made is not in the sample.
"""
