"""Measure the evidence of the terms signal on articles, engines and outlets that nothing was learned from.

Learns the channel on two thirds of the groups without the engines left out, fits the signal's two models on half of the
other third and half of the outlets, and flags words in the rest. Prints, over a curve of thresholds: flags per 1,000
words in machine text and in originals of unseen outlets, the share of flags on words that the original does not have
there, and the share of suggestions that are exactly what it has; then the same per engine and per outlet at the chosen
threshold, the highest rate on originals that ``--rate`` allows. Takes about six minutes on one core.

    python tests/measure/measure_evidence.py CORPUS --vocabulary vocab.txt --language-model lm.npz
"""

from __future__ import annotations

import argparse
import json
import lzma
import pathlib
import zlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from retold.channel import Channel
from retold.language_model import LanguageModel, Vocabulary
from retold.signals.term_columns import CANDIDATE_COLUMNS, SUSPECT_COLUMNS, TermWeights
from retold.text import analyse
from retold.training.channel import examples, learn
from retold.training.terms import Judged, fit_choice, fit_shown, fit_suspect, judge, with_threshold

RATES = (0.1, 0.25, 0.35, 0.5, 1.0, 2.0)
# The whole signal also shows calques and words that the story corrects, about 0.1 per 1,000 words of originals.
RATE_HELP = "flags on single words per 1,000 words of originals that the threshold may let through"
# Learners' essays are English-born but read like translations; they are reported, not tuned on.
NOT_NEWS = ("learner_writing",)


@dataclass(frozen=True)
class Document:
    """A text with what the report needs: ``original`` is None for an original, ``tuned`` if it serves to fit."""

    text: str
    original: str | None
    name: str
    news: bool
    tuned: bool


def arguments() -> argparse.Namespace:
    """Parse the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", type=pathlib.Path, help="folder with originals.jsonl.xz and backtranslated.jsonl.xz")
    parser.add_argument(
        "--vocabulary", type=pathlib.Path, required=True, help="words of the language model, one a line"
    )
    parser.add_argument("--language-model", type=pathlib.Path, required=True, help="its arrays, .npz")
    parser.add_argument("--leave-out", nargs="*", default=["google-translate-api", "opus-mt"], metavar="ENGINE")
    parser.add_argument("--rate", type=float, choices=RATES, default=0.35, help=RATE_HELP)
    parser.add_argument("--documents", type=int, default=3500, help="how many of each side to measure on")
    parser.add_argument("--cache", type=pathlib.Path, help="an .npz file that keeps the learned channel between runs")
    parser.add_argument("--write", type=pathlib.Path, help="write the fitted weights to this JSON file")
    return parser.parse_args()


def _rows(path: pathlib.Path) -> list[dict[str, str]]:
    with lzma.open(path, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def _part(key: str, parts: int) -> int:
    """A stable pseudo-random part of a group."""
    return zlib.crc32(key.encode()) % parts


def documents(
    machine: list[dict[str, str]], originals: list[dict[str, str]], leave_out: list[str], limit: int
) -> list[Document]:
    """Held-out machine text and originals, at most ``limit`` of each, half of the groups and outlets for tuning."""
    texts = {row["group"]: row["text"] for row in originals}
    held = [r for r in machine if _part(r["group"], 3) == 0]
    pick = np.random.default_rng(1).permutation(len(held))[:limit]
    found = []
    for i in sorted(pick.tolist()):
        r = held[i]
        tuned = _part(r["group"] + "x", 2) == 0 and r["engine"] not in leave_out and r["source"] != "flores"
        found.append(Document(r["text"], texts[r["group"]], r["engine"], r["source"] != "flores", tuned))
    paired = {r["group"] for r in machine}
    free = [r for r in originals if r["group"] not in paired or _part(r["group"], 3) == 0]
    outlets = sorted({r["source"] for r in free})
    for i in sorted(np.random.default_rng(2).permutation(len(free))[:limit].tolist()):
        r = free[i]
        news = r["kind"] not in NOT_NEWS
        found.append(Document(r["text"], None, r["source"], news, news and outlets.index(r["source"]) % 2 == 0))
    return found


def _judge(docs: list[Document], channel: Channel, model: LanguageModel, choice: NDArray[np.float64]) -> Judged:
    pairs = [(analyse(d.text), analyse(d.original) if d.original is not None else None) for d in docs]
    return judge(pairs, channel, model, choice)


def report(docs: list[Document], found: Judged, weights: TermWeights, rate: float) -> TermWeights:
    """Print the curve and the tables; return the weights with the threshold that the rate allows."""
    score = _posterior(found, weights)
    words = np.array([len(d.text.split()) for d in docs])
    test = np.array([not d.tuned for d in docs])
    human = test & np.array([d.original is None and d.news for d in docs])
    machine = test & np.array([d.original is not None for d in docs])
    news = machine & np.array([d.news for d in docs])
    right = found.right[found.best]
    chosen = weights
    print(
        f"tested on {words[machine].sum()} machine words ({words[news].sum()} of news), {words[human].sum()} original"
    )
    for r in RATES:
        scores = score[human[found.article]]
        at = with_threshold(weights, scores, int(r * words[human].sum() / 1000))
        chosen = at if r == rate else chosen
        for name, mask in (("all", machine), ("news", news)):
            head = f"originals {r:4.2f}  threshold {at.threshold:.3f}  {name:5}"
            print(head, _line(found, score, right, mask, words, at))
    for name in sorted({d.name for d in docs}):
        mask = test & np.array([d.name == name for d in docs])
        if words[mask].sum() > 10000:
            print(f"{name:28}", _line(found, score, right, mask, words, chosen))
    return chosen


def _posterior(found: Judged, weights: TermWeights) -> NDArray[np.float64]:
    z = found.suspects @ weights.suspect[:-1] + weights.suspect[-1]
    return np.where(found.suspects[:, SUSPECT_COLUMNS.index("odds")] > 0, 1 / (1 + np.exp(-z)), 0)


def _line(
    found: Judged,
    score: NDArray[np.float64],
    right: NDArray[np.bool_],
    mask: NDArray[np.bool_],
    words: NDArray[np.int64],
    weights: TermWeights,
) -> str:
    flagged = mask[found.article] & (score >= weights.threshold)
    n = int(flagged.sum())
    sure = flagged & (found.posterior[found.best] >= 0.35)
    changed = found.changed[flagged].mean() if n else 0
    return (
        f"{1000 * n / words[mask].sum():5.2f} flags per 1,000, {changed:.2f} on changed, "
        f"{right[flagged].mean() if n else 0:.2f} say exactly what stood there ({n} flags); "
        f"of {int(sure.sum())} shown suggestions {right[sure].mean() if sure.any() else 0:.2f}"
    )


def main() -> None:
    """Learn, fit, measure."""
    options = arguments()
    vocabulary = Vocabulary(options.vocabulary.read_text(encoding="utf-8").split("\n"))
    with np.load(options.language_model) as arrays:
        model = LanguageModel.from_arrays(vocabulary, dict(arrays))
    machine = _rows(options.corpus / "backtranslated.jsonl.xz")
    originals = _rows(options.corpus / "originals.jsonl.xz")
    channel = _channel(options, machine, originals, vocabulary)
    docs = documents(machine, originals, options.leave_out, options.documents)
    tuned = np.array([d.tuned for d in docs])
    # A first choice by the plain product of context and channel; the fit starts from what it finds.
    choice = np.array([0.2, 0.0, 0.44, 0.4, 0.5, 0.5, -0.4])
    tuning = _judge([d for d in docs if d.tuned], channel, model, choice)
    choice = fit_choice(tuning)
    found = _judge(docs, channel, model, choice)
    suspect = fit_suspect(found, tuned[found.article])
    machine_text = np.array([d.tuned and d.original is not None for d in docs])
    shown = fit_shown(found, suspect, machine_text[found.article])
    weights = report(docs, found, TermWeights(choice, suspect, 1.0, shown), options.rate)
    print(dict(zip(CANDIDATE_COLUMNS, choice.round(3).tolist(), strict=True)))
    if options.write:
        options.write.write_text(weights.to_json() + "\n", encoding="utf-8")


def _channel(
    options: argparse.Namespace,
    machine: list[dict[str, str]],
    originals: list[dict[str, str]],
    vocabulary: Vocabulary,
) -> Channel:
    if options.cache and options.cache.exists():
        with np.load(options.cache) as stored:
            return Channel.from_arrays(json.loads(str(stored["header"])), dict(stored))
    texts = {row["group"]: row["text"] for row in originals}
    held = {group for group in texts if _part(group, 3) == 0}
    found = examples(machine, texts, leave_out_groups=held, leave_out_engines=options.leave_out)
    channel = learn(found, vocabulary)
    if options.cache:
        np.savez(options.cache, header=np.array(json.dumps(channel.header())), **channel.arrays())
    return channel


if __name__ == "__main__":
    main()
