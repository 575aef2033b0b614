"""From predictions to the tables of the model's card."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from retold.detector.verdict import BACK_TRANSLATED, EDITED, LABELS, ORIGINAL
from retold.training import metrics
from retold.training.evaluate import ENGINES
from retold.training.fit import DOUBT

# News of this length and more is what the headline figures are about; shorter passages are reported apart.
HEADLINE_WORDS = 150
_BANDS = ((0, 80), (80, 150), (150, 300), (300, 600), (600, 10**9))
# Sources whose originals have round trips in the corpus: against them, topic and outlet tell nothing.
_SAME_STORIES = ("wmt-systems", "wmt-mozilla")
_P = f"p_{BACK_TRANSLATED}"

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


def _verdicts(table: pd.DataFrame) -> NDArray[np.object_]:
    best = table[[f"p_{label}" for label in LABELS]].to_numpy().argmax(axis=1)
    return np.array(LABELS, dtype=object)[best]


def _contrast(negative: pd.DataFrame, positive: pd.DataFrame) -> list[Any]:
    low, high = negative[_P].to_numpy(), positive[_P].to_numpy()
    found = float(np.mean(_verdicts(positive) == BACK_TRANSLATED)) if len(positive) else float("nan")
    rates = [metrics.true_positives_at(low, high, rate) for rate in (0.01, 0.05)]
    return [len(positive), len(negative), metrics.auroc(low, high), *rates, found]


CONTRAST = ["documents", "originals", "AUROC", "TPR at 1% FPR", "TPR at 5% FPR", "called back-translated"]


def engines(predictions: pd.DataFrame) -> tuple[str, dict[str, float]]:
    """Leave-one-engine-out on news: against originals of the same stories, and against those of all sources."""
    news = predictions[_headline(predictions)]
    rows, areas = [], {}
    for name in ENGINES:
        part = news[news["kept_out"] == name]
        machine = part[part["label"] == BACK_TRANSLATED]
        machine = machine[machine["source"] != "allsides"] if name != "bergamot" else machine
        originals = part[part["label"] == ORIGINAL]
        same = originals[originals["source"].isin(_SAME_STORIES)]
        contrast = _contrast(same, machine[machine["source"].isin(_SAME_STORIES)])
        areas[name] = contrast[2]
        wide = _contrast(originals, machine)
        rows.append([name, *contrast, wide[2], wide[3]])
    means = [float(np.mean([row[i] for row in rows])) for i in range(3, 9)]
    rows.append(["**mean**", "", "", *means])
    areas["mean"], areas["worst"] = float(np.mean(list(areas.values()))), min(areas.values())
    head = ["engine kept out", *CONTRAST, "AUROC, all originals", "TPR at 1% FPR, all originals"]
    return markdown(head, rows), areas


def _split(predictions: pd.DataFrame, names: dict[str, NDArray[np.bool_]]) -> Iterator[list[Any]]:
    """One contrast a name: its round trips against the originals of the same stories, length and domain."""
    for name, chosen in names.items():
        part = predictions[chosen]
        machine = part[part["label"] == BACK_TRANSLATED]
        groups = set(machine["group"])
        originals = part[(part["label"] == ORIGINAL) & part["group"].isin(groups)].drop_duplicates("id")
        yield [name, *_contrast(originals, machine)]


def pivots(predictions: pd.DataFrame) -> tuple[str, dict[str, float]]:
    """Leave-pivots-out, a row a pivot, over all engines; news of the headline length, else everything."""
    rows = []
    for pivot in sorted(set(predictions.loc[predictions["label"] == BACK_TRANSLATED, "pivot"])):
        kept_out = predictions["kept_out"].map(lambda names, p=pivot: p in names.split("+"))
        part = predictions[kept_out & predictions["pivot"].isin([pivot, ""])]
        news = part[_headline(part)]
        for name, rowset in ((f"{pivot}, news", news), (f"{pivot}, all", part)):
            rows += [row for row in _split(rowset, {name: np.ones(len(rowset), bool)}) if row[1] >= 10]
    return markdown(["pivot kept out", *CONTRAST], rows), {row[0]: row[3] for row in rows}


def lengths(predictions: pd.DataFrame) -> str:
    """Groups kept out, by length of the text."""
    words = predictions["n_words"].to_numpy()
    names = {
        f"{a} to {b - 1} words" if b < 10**9 else f"{a} words and more": (words >= a) & (words < b) for a, b in _BANDS
    }
    return markdown(["length", *CONTRAST], list(_split(predictions, names)))


def false_alarms(predictions: pd.DataFrame) -> tuple[str, dict[str, float]]:
    """How often texts that no machine translated are called back-translated, by what they are."""
    table = predictions.drop_duplicates("id")
    called = pd.Series(_verdicts(table) == BACK_TRANSLATED, index=table.index)
    kinds: dict[str, Callable[[pd.DataFrame], pd.Series]] = {
        "originals, news of 150 words and more": lambda t: (t["kind"] == "english_original") & _headline(t),
        "originals, all": lambda t: t["kind"] == "english_original",
        "learners' essays": lambda t: t["kind"] == "learner_writing",
        "human translations": lambda t: t["kind"] == "human_translation",
        "post-edited machine translation": lambda t: t["kind"] == "post_edited_mt",
        "newsroom edits": lambda t: t["kind"].isin(["desk_edit", "syndication"]),
        "other edits by people": lambda t: t["kind"] == "human_edit",
        "edits by language models": lambda t: t["kind"].isin(["llm_polish", "llm_rewrite"]),
    }
    rows, rates = [], {}
    for name, choose in kinds.items():
        chosen = choose(table)
        rate, low, high = metrics.rate_with_interval(int(called[chosen].sum()), int(chosen.sum()))
        rows.append([name, int(chosen.sum()), rate, f"{low:.3f} to {high:.3f}"])
        rates[name] = rate
    return markdown(["texts", "documents", "called back-translated", "95% interval"], rows), rates


def sources(predictions: pd.DataFrame) -> tuple[str, dict[str, float]]:
    """Leave-sources-out: originals of unseen sources called back-translated or edited, a row a source."""
    originals = predictions[predictions["kind"] == "english_original"]
    parts = [(str(source), part) for source, part in originals.groupby("source")]
    parts += [
        ("**all**", originals),
        (f"**all, news of {HEADLINE_WORDS} words and more**", originals[_headline(originals)]),
    ]
    rows, rates = [], {}
    for name, part in parts:
        verdict = _verdicts(part)
        hits = int(np.sum(verdict == BACK_TRANSLATED))
        rate, low, high = metrics.rate_with_interval(hits, len(part))
        rows.append([name, len(part), rate, f"{low:.3f} to {high:.3f}", float(np.mean(verdict == EDITED))])
        rates[name] = rate
    head = ["source kept out", "originals", "called back-translated", "95% interval", "called edited"]
    return markdown(head, rows), rates


def classes(predictions: pd.DataFrame) -> tuple[str, dict[str, float]]:
    """Groups kept out: three-class macro-F1 and calibration error a class, on everything that has one of three labels."""
    table = predictions[predictions["label"].isin(LABELS)]
    truth = table["label"].to_numpy(object)
    values = {"macro-F1": metrics.macro_f1(truth, _verdicts(table))}
    for label in LABELS:
        error = metrics.calibration_error(truth == label, table[f"p_{label}"].to_numpy())
        values[f"calibration error, {label}"] = error
    best = table[[f"p_{label}" for label in LABELS]].to_numpy().max(axis=1)
    sure = best >= DOUBT
    values["coverage: share that the detector does not abstain from"] = float(sure.mean())
    values["accuracy, all"] = float(np.mean(_verdicts(table) == truth))
    values["accuracy, where it does not abstain"] = float(np.mean((_verdicts(table) == truth)[sure]))
    return markdown(["measure", "value"], [[k, v] for k, v in values.items()]), values
