"""From predictions to the tables of the model's card."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from retold.detector.calibration import (
    ABSTAIN_BELOW,
    BANDS,
    OPERATING_POINTS,
    PRIOR,
    UNIFORM_PRIOR,
    with_prior,
)
from retold.detector.normality import ABNORMAL_KINDS
from retold.detector.verdict import BACK_TRANSLATED, EDITED, LABELS, ORIGINAL
from retold.training.evaluation import metrics
from retold.training.evaluation.protocols import DEEP, EDITED_FROM, ENGINES, TRANSLATED
from retold.training.fit.calibration import mixture_weights

# News of this length and more is what the headline figures are about; shorter passages are reported apart.
HEADLINE_WORDS = 150
# Segments "of 80 words" are those of 60 to 99.
_SHORT = (60, 100)
_EDGES = (0, *BANDS, 10**9)
# Sources whose originals have round trips in the corpus: against them, topic and outlet tell nothing.
_SAME_STORIES = ("wmt-systems", "wmt-mozilla")

# Log-odds by which shares of edits and back-translations are moved against that of originals to find a source's best prior.
_LOG_SHARES = np.linspace(-3.0, 4.0, 15)
# Fewer documents than this on a side make no figure.
_FEW = 20

Rows = list[list[Any]]


def markdown(head: list[str], rows: Rows) -> str:
    """A Markdown table; floats with three decimals."""
    lines = ["| " + " | ".join(head) + " |", "|" + " --- |" * len(head)]
    lines += ["| " + " | ".join(_cell(value) for value in row) + " |" for row in rows]
    return "\n".join(lines) + "\n"


def _cell(value: Any) -> str:
    if isinstance(value, float):
        return "-" if np.isnan(value) else f"{value:.3f}"
    return f"{value:,}" if isinstance(value, int) else str(value)


def _headline(table: pd.DataFrame) -> NDArray[np.bool_]:
    return ((table["domain"] == "news") & (table["n_words"] >= HEADLINE_WORDS)).to_numpy()


def same_story_news(table: pd.DataFrame) -> NDArray[np.bool_]:
    """bool array (n,): headline news of the sources whose stories engines and originals share."""
    return _headline(table) & table["source"].isin(_SAME_STORIES).to_numpy()


def has_engine_features(table: pd.DataFrame) -> NDArray[np.bool_]:
    """bool array (n,): rows about which an engine was asked, too."""
    column = f"{DEEP}p_{ORIGINAL}"
    return table[column].notna().to_numpy() if column in table else np.zeros(len(table), dtype=bool)


def _verdicts(table: pd.DataFrame, prefix: str = "") -> NDArray[np.object_]:
    """Labels (n,) as the detector gives them: an edit that is not probable enough is called original."""
    shares = table[[f"{prefix}p_{label}" for label in LABELS]].to_numpy()
    labels = np.array(LABELS, dtype=object)[shares.argmax(axis=1)]
    is_doubtful = shares[:, LABELS.index(EDITED)] < table[EDITED_FROM].to_numpy(dtype=float)
    return np.where((labels == EDITED) & is_doubtful, ORIGINAL, labels)


def _contrast(negative: pd.DataFrame, positive: pd.DataFrame, prefix: str = "") -> list[Any]:
    """The columns of ``CONTRAST``."""
    # Collections overlap: an original that two of them hold is one original.
    negative = negative.drop_duplicates("group")
    low, high = (table[f"{prefix}p_{BACK_TRANSLATED}"].to_numpy() for table in (negative, positive))
    found = float(np.mean(_verdicts(positive, prefix) == BACK_TRANSLATED)) if len(positive) else float("nan")
    rates = [metrics.true_positives_at(low, high, rate) for rate in (0.01, 0.05)]
    strict = [_mean(table[prefix + OPERATING_POINTS[0]]) for table in (positive, negative)]
    return [len(positive), len(negative), metrics.auroc(low, high), *rates, found, *strict]


def _mean(values: pd.Series) -> float:
    return float(values.mean()) if len(values) else float("nan")


CONTRAST = [
    "documents",
    "originals",
    "AUROC",
    "TPR at 1% FPR",
    "TPR at 5% FPR",
    "called back-translated",
    f"found at {OPERATING_POINTS[0]}",
    f"originals at {OPERATING_POINTS[0]}",
]


def engines(predictions: pd.DataFrame, prefix: str = "") -> tuple[str, dict[str, float]]:
    """Leave-one-engine-out on news: against originals of the same stories, and against those of all sources."""
    news = predictions[_headline(predictions)]
    rows, areas = [], {}
    for name in ENGINES:
        part = news[news["held_out"] == name]
        machine = part[part["label"] == BACK_TRANSLATED]
        if machine.empty:
            continue
        originals = part[part["label"] == ORIGINAL]
        same = originals[originals["group"].isin(set(machine["group"]))]
        contrast = _contrast(same, machine[machine["group"].isin(set(same["group"]))], prefix)
        areas[name] = contrast[2]
        wide = _contrast(originals, machine, prefix)
        rows.append([name, *contrast, wide[2], wide[3]])
    rows.append(["**mean**", "", "", *_means(rows, range(3, 11))])
    values = list(areas.values()) or [float("nan")]
    areas["mean"], areas["worst"] = float(np.mean(values)), min(values)
    head = ["engine held out", *CONTRAST, "AUROC, all originals", "TPR at 1% FPR, all originals"]
    return markdown(head, rows), areas


def _split(predictions: pd.DataFrame, names: dict[str, NDArray[np.bool_]]) -> Iterator[list[Any]]:
    """One contrast a name: its round trips against the originals of the same stories, length and domain."""
    for name, chosen in names.items():
        part = predictions[chosen]
        machine = part[part["label"] == BACK_TRANSLATED]
        groups = set(machine["group"])
        originals = part[(part["label"] == ORIGINAL) & part["group"].isin(groups)]
        yield [name, *_contrast(originals, machine)]


def pivots(predictions: pd.DataFrame) -> tuple[str, dict[str, float]]:
    """Leave-pivots-out, a row a pivot, over all engines; news of the headline length, else everything."""
    rows = []
    for pivot in sorted(set(predictions.loc[predictions["label"] == BACK_TRANSLATED, "pivot"])):
        held_out = predictions["held_out"].map(lambda names, p=pivot: p in names.split("+"))
        part = predictions[held_out & predictions["pivot"].isin([pivot, ""])]
        news = part[_headline(part)]
        for name, rowset in ((f"{pivot}, news", news), (f"{pivot}, all", part)):
            rows += [row for row in _split(rowset, {name: np.ones(len(rowset), bool)}) if row[1] >= 10]
    return markdown(["pivot held out", *CONTRAST], rows), {row[0]: row[3] for row in rows}


def short_passages(predictions: pd.DataFrame, prefix: str = "") -> str:
    """Leave-one-engine-out on passages of about eighty words, against originals of about that length and the same domains."""
    words = predictions["n_words"].to_numpy()
    table = predictions[(words >= _SHORT[0]) & (words < _SHORT[1])]
    rows = []
    for name in ENGINES:
        part = table[table["held_out"] == name]
        machine = part[part["label"] == BACK_TRANSLATED]
        originals = part[(part["kind"] == "english_original") & part["domain"].isin(set(machine["domain"]))]
        if len(machine) >= _FEW and len(originals) >= _FEW:
            rows.append([name, *_contrast(originals, machine, prefix)])
    return markdown(["engine held out", *CONTRAST], [*rows, ["**mean**", "", "", *_means(rows, range(3, 9))]])


def polish(predictions: pd.DataFrame) -> str:
    """Sources held out: what language models polished, against its own originals, by the probability of an edit."""
    human = predictions[predictions["label"].isin([ORIGINAL, EDITED])]
    odds = human[f"p_{EDITED}"] / (human[f"p_{EDITED}"] + human[f"p_{ORIGINAL}"])
    rows = []
    for source, part in human.assign(odds=odds).groupby("source"):
        edited = part[part["kind"] == "llm_polish"]
        originals = part[(part["label"] == ORIGINAL) & part["group"].isin(set(edited["group"]))]
        if len(edited) >= _FEW and len(originals) >= _FEW:
            rows.append([source, len(edited), len(originals), *_separation(originals["odds"], edited["odds"])])
    head = ["source held out", "polished", "originals", "AUROC", "TPR at 5% FPR"]
    return markdown(head, [*rows, ["**mean**", "", "", *_means(rows, range(3, 5))]])


def _means(rows: Rows, columns: range) -> list[float]:
    return [float(np.mean([row[i] for row in rows])) if rows else float("nan") for i in columns]


def _separation(low: pd.Series, high: pd.Series) -> list[float]:
    negative, positive = low.to_numpy(), high.to_numpy()
    return [metrics.auroc(negative, positive), metrics.true_positives_at(negative, positive, 0.05)]


def _by_length(words: NDArray[np.integer]) -> dict[str, NDArray[np.bool_]]:
    """Which texts of so many words (n,) are in each length band, by its name."""
    return {
        f"{a} to {b - 1} words" if b < _EDGES[-1] else f"{a} words and more": (words >= a) & (words < b)
        for a, b in pairwise(_EDGES)
    }


def lengths(predictions: pd.DataFrame) -> str:
    """Groups held out, by length of the text."""
    words = predictions["n_words"].to_numpy()
    names = _by_length(words)
    return markdown(["length", *CONTRAST], list(_split(predictions, names)))


_DEFAULT = "called"
_RATES = ["called back-translated", *(f"at {point}" for point in OPERATING_POINTS)]


_KINDS: dict[str, Callable[[pd.DataFrame], pd.Series]] = {
    "originals, news of 150 words and more": lambda t: (t["kind"] == "english_original") & _headline(t),
    "originals, all": lambda t: (t["kind"] == "english_original") | ((t["kind"] == "") & (t["label"] == ORIGINAL)),
    "learners' essays": lambda t: t["kind"] == "learner_writing",
    "human translations": lambda t: t["kind"] == "human_translation",
    "post-edited machine translation": lambda t: t["kind"] == "post_edited_mt",
    "newsroom edits": lambda t: t["kind"].isin(["desk_edit", "syndication"]),
    "other edits by people": lambda t: t["kind"] == "human_edit",
    "edits by language models": lambda t: t["kind"].isin(["llm_polish", "llm_rewrite"]),
}
_MACHINES: dict[str, Callable[[pd.DataFrame], pd.Series]] = {
    "machine translations of foreign news": lambda t: t["kind"] == "mt_of_foreign_original",
    "round trips, news of 150 words and more": lambda t: (t["label"] == BACK_TRANSLATED) & _headline(t),
}


def translations(predictions: pd.DataFrame) -> str:
    """What reads as translated but is not called back-translated, and is left undecided, by what it is."""
    table = predictions.drop_duplicates("id")
    called = _verdicts(table) == BACK_TRANSLATED
    undecided = table[TRANSLATED].to_numpy(dtype=bool) & ~called
    chosen = {name: choose(table).to_numpy() for name, choose in (_KINDS | _MACHINES).items()}
    rows: Rows = [
        [name, int(rows.sum()), float(called[rows].mean()), float(undecided[rows].mean())]
        for name, rows in chosen.items()
        if rows.any()
    ]
    return markdown(["texts", "documents", "called back-translated", "reads as translated, undecided"], rows)


def unseen_translations(predictions: pd.DataFrame) -> str:
    """The same for what machines made, by engines held out."""
    table = predictions[predictions["family"] == predictions["held_out"]]
    rows: Rows = []
    for name, part in table.groupby("held_out"):
        called = _verdicts(part) == BACK_TRANSLATED
        undecided = part[TRANSLATED].to_numpy(dtype=bool) & ~called
        for kind, choose in _MACHINES.items():
            chosen = choose(part).to_numpy()
            if chosen.sum() >= _FEW:
                rows.append(
                    [name, kind, int(chosen.sum()), float(called[chosen].mean()), float(undecided[chosen].mean())]
                )
    head = ["engine held out", "texts", "documents", "called back-translated", "reads as translated, undecided"]
    return markdown(head, rows)


def false_alarms(predictions: pd.DataFrame, prefix: str = "") -> tuple[str, dict[str, float]]:
    """How often texts that no machine translated are called back-translated, by what they are."""
    table = predictions.drop_duplicates("id")
    table = table.assign(**{_DEFAULT: (_verdicts(table, prefix) == BACK_TRANSLATED).astype(float)})
    rows, rates = [], {}
    for name, choose in _KINDS.items():
        chosen = choose(table)
        if chosen.any():
            rows.append([name, int(chosen.sum()), *_rates(table[chosen], prefix)])
        rates[name] = float(table.loc[chosen, _DEFAULT].mean())
    return markdown(["texts", "documents", *_RATES], rows), rates


def _rates(table: pd.DataFrame, prefix: str = "") -> list[str]:
    """Share called back-translated by default and at each operating point, with intervals."""
    cells = []
    for column in (_DEFAULT, *(prefix + point for point in OPERATING_POINTS)):
        rate, low, high = metrics.rate_with_interval(int(table[column].sum()), len(table))
        cells.append(f"{rate:.3f} ({low:.3f} to {high:.3f})")
    return cells


def sources(predictions: pd.DataFrame, prefix: str = "") -> tuple[str, dict[str, float]]:
    """Leave-sources-out: originals of unseen sources called back-translated or edited, a row a source."""
    originals = predictions[predictions["kind"] == "english_original"]
    originals = originals.assign(**{_DEFAULT: (_verdicts(originals, prefix) == BACK_TRANSLATED).astype(float)})
    parts = [(str(source), part) for source, part in originals.groupby("source")]
    parts += [
        ("**all**", originals),
        (f"**all, news of {HEADLINE_WORDS} words and more**", originals[_headline(originals)]),
    ]
    rows, rates = [], {}
    for name, part in parts:
        edited = [float(found.mean()) for found in _edited(part, prefix)]
        rows.append([name, len(part), *_rates(part, prefix), *edited])
        rates[name] = float(part[_DEFAULT].mean())
    return markdown(["source held out", "originals", *_RATES, "called edited", "surely edited"], rows), rates


def _edited(table: pd.DataFrame, prefix: str = "") -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """bool (n,) each: what is called edited, and what is so without "unsure"."""
    called = _verdicts(table, prefix) == EDITED
    probable = table[f"{prefix}p_{EDITED}"].to_numpy() >= ABSTAIN_BELOW
    return called, called & probable & ~table[prefix + TRANSLATED].to_numpy(dtype=bool)


def edits(predictions: pd.DataFrame) -> str:
    """How often texts that no machine translated are called edited, and how often without "unsure", by what they are."""
    table = predictions.drop_duplicates("id")
    called, surely = _edited(table)
    rows: Rows = []
    for name, choose in _KINDS.items():
        if (rowset := choose(table).to_numpy()).any():
            rows.append([name, int(rowset.sum()), float(called[rowset].mean()), float(surely[rowset].mean())])
    return markdown(["texts", "documents", "called edited", "surely edited"], rows)


def _labelled(predictions: pd.DataFrame) -> NDArray[np.bool_]:
    """bool array (n,): texts with one of the three labels, without the copies that another classifier finds."""
    return (predictions["label"].isin(LABELS) & ~predictions["kind"].isin(ABNORMAL_KINDS)).to_numpy()


def source_labels(predictions: pd.DataFrame) -> str:
    """Leave-sources-out: macro-F1 of the labels that a source has, equally frequent, at the usual and at a uniform prior.

    Beside it what no prior could surpass: the best of many, chosen on the source itself.
    """
    table = predictions[_labelled(predictions)]
    names = [f"p_{label}" for label in LABELS]
    shares = with_prior(table[names].to_numpy() / np.array(PRIOR), UNIFORM_PRIOR)
    uniform = table.assign(**dict(zip(names, shares.T, strict=True)))
    rows = []
    for source, part in table.groupby("source"):
        truth = part["label"].to_numpy(object)
        counts = part["label"].value_counts()
        if len(counts) < 2 or counts.min() < _FEW:
            continue
        weight = 1 / part["label"].map(counts).to_numpy(dtype=float)
        scores = [metrics.macro_f1(truth, _verdicts(t.loc[part.index]), weight) for t in (table, uniform)]
        rows.append([source, len(part), len(counts), *scores, _best_macro_f1(truth, part, weight)])
    head = ["source held out", "texts", "labels", "macro-F1", "macro-F1, uniform prior", "with the best prior for it"]
    return markdown(head, [*rows, ["**mean**", "", "", *_means(rows, range(3, 6))]])


def _best_macro_f1(truth: NDArray[np.object_], part: pd.DataFrame, weight: NDArray[np.float64]) -> float:
    """The highest macro-F1 of a grid of priors: what the ranking allows."""
    logs = np.log(part[[f"p_{label}" for label in LABELS]].to_numpy().clip(1e-9))
    labels = np.array(LABELS, dtype=object)
    priors = ((0.0, edited, machine) for edited in _LOG_SHARES for machine in _LOG_SHARES)
    return max(metrics.macro_f1(truth, labels[(logs + prior).argmax(axis=1)], weight) for prior in priors)


def classes(predictions: pd.DataFrame) -> tuple[str, dict[str, float]]:
    """Groups held out: F1, Brier score and calibration error a class, for the mixture that the probabilities assume."""
    table = predictions[_labelled(predictions)].drop_duplicates("id")
    truth, verdict = table["label"].to_numpy(object), _verdicts(table)
    shares = table[[f"p_{label}" for label in LABELS]].to_numpy()
    weight = mixture_weights(table) * pd.Series(dict(zip(LABELS, PRIOR, strict=True))).reindex(truth).to_numpy()
    values = {"macro-F1, all documents alike": metrics.macro_f1(truth, verdict)}
    values["macro-F1, the three labels equally frequent"] = metrics.macro_f1(truth, verdict, mixture_weights(table))
    values["Brier score"] = metrics.brier(np.stack([truth == label for label in LABELS], axis=1), shares, weight)
    for i, label in enumerate(LABELS):
        values[f"calibration error, {label}"] = metrics.calibration_error(truth == label, shares[:, i], weight)
    for name, band in _by_length(table["n_words"].to_numpy()).items():
        errors = [
            metrics.calibration_error(truth[band] == k, shares[band, i], weight[band]) for i, k in enumerate(LABELS)
        ]
        values[f"worst calibration error of a class, {name}"] = max(errors)
    return markdown(["measure", "value"], [[k, v] for k, v in values.items()]), values


def coverage(predictions: pd.DataFrame) -> str:
    """Groups held out: how many are judged, and how many of them rightly, as doubt is allowed."""
    table = predictions[_labelled(predictions)].drop_duplicates("id")
    right = _verdicts(table) == table["label"].to_numpy(object)
    best = table[[f"p_{label}" for label in LABELS]].to_numpy().max(axis=1)
    weight = mixture_weights(table) * table["label"].map(dict(zip(LABELS, PRIOR, strict=True))).to_numpy()
    rows = []
    for doubt in (0.0, ABSTAIN_BELOW, 0.6, 0.7, 0.8, 0.9, 0.95):
        sure = best >= doubt
        accuracy = float(np.average(right[sure], weights=weight[sure])) if sure.any() else float("nan")
        rows.append([f"{doubt:.2f}", float(weight[sure].sum() / weight.sum()), accuracy])
    return markdown(["abstains below", "coverage", "accuracy"], rows)
