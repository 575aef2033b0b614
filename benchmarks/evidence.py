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
import json
import sys
import time
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.pivot_language import pivot_report
from retold.alignment.bitext import changes
from retold.channel import LexicalTable
from retold.channel.phrase_table import PhraseTable
from retold.detector.classifier import LinearClassifier
from retold.detector.components import ModelComponents, build_signals
from retold.detector.detector import Detector
from retold.detector.features import extract_features
from retold.detector.verdict import BACK_TRANSLATED, ORIGINAL
from retold.language_model import LanguageModel
from retold.language_model.batch import Batch
from retold.model_store import bundled_model, read_model
from retold.signals.base import Evidence, EvidenceFinder
from retold.signals.evidence import find_evidence
from retold.text import Article, analyse
from retold.text.morphology import Inflector
from retold.training.data.examples import LabelledText, read_examples
from retold.training.data.splits import engine_family, fold_of, is_anonymous_online
from retold.training.evaluation.protocols import ENGINES
from retold.training.evaluation.tables import markdown
from retold.training.fit import lexical_table as channels
from retold.training.fit.phrase_table import Gap, fit_phrase_table, gaps_of
from retold.training.package import EVIDENCE, put_into_card

# Flags per 1,000 words at which the curve is read.
RATES = (0.25, 0.5, 1.0, 2.0, 3.0, 4.0)
# News of this many words and more, as in the evaluation of the verdict.
MIN_WORDS = 150
# Learners' essays are English-born but read like translations; the verdict's evaluation reports them.
NOT_NEWS = ("learner_writing",)
_BATCH = 64
_FOLD = 0


@dataclass(frozen=True)
class Lexicon:
    """What was learned without some engine."""

    channel: LexicalTable
    substitutions: PhraseTable | None


@dataclass(frozen=True)
class Span:
    """One span that a reader sees, and the truth about it: ``exact`` is None where nothing was suggested.

    ``conditional`` spans are shown beside a machine verdict alone.
    """

    signal: str
    score: float
    engine: str
    outlet: str
    changed: bool
    exact: bool | None
    conditional: bool


def main(argv: list[str] | None = None) -> None:
    """Learn, score, compare, report."""
    options = _parser().parse_args(argv)
    start = time.monotonic()

    def say(line: str) -> None:
        print(f"[{time.monotonic() - start:6.0f} s] {line}", file=sys.stderr, flush=True)

    folder = read_model(options.model or bundled_model())
    resources = ModelComponents.from_folder(folder)
    classifier = LinearClassifier.from_arrays(folder.arrays) if options.model else None
    examples = [e for e in read_examples([options.corpus]) if e.label in (ORIGINAL, BACK_TRANSLATED)]
    trips, originals = sides(examples)
    held = [e for e in trips if _is_held(e.group)]
    say(f"{len(trips):,} round trips, {len(held):,} of them to measure on")
    spans: list[Span] = []
    words: dict[str, int] = {}
    lexicons = _lexicons(options.engines, trips, originals, resources.language_model, options.cache, say)
    for engine, lexicon in lexicons:
        mine = [e for e in held if family(e) == engine and e.domain == "news" and is_long(e.text)]
        mine = sample(mine, options.documents)
        judge = _Judge(replace(resources, channel=lexicon.channel, phrase_table=lexicon.substitutions), classifier)
        spans += judge.spans(mine, {e.group: originals[e.group] for e in mine}, engine)
        words[engine] = sum(len(e.text.split()) for e in mine)
        say(f"{engine}: {len(mine)} round trips scored")
    paired = {e.group for e in trips}
    human = sample(unseen(examples, paired), 4 * options.documents)
    alarms = judge.spans(human, {}, "")
    say(f"{len(human)} originals scored")
    report = _report(spans, words, alarms, _words_by_outlet(human), classifier is not None)
    report += "" if options.no_pivots else pivot_report(trips, originals, resources.language_model, say, options.model)
    last = replace(resources, channel=lexicon.channel, phrase_table=lexicon.substitutions)
    report += _cost(last, [e.text for e in human])
    print(report)
    if options.write:
        options.write.write_text(report, encoding="utf-8")
    if options.into:
        put_into_card(options.into, report, EVIDENCE)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", type=Path, help="folder of the corpus")
    parser.add_argument("--model", type=Path, help=f"model trained without fold {_FOLD}, for the verdicts")
    parser.add_argument("--cache", type=Path, default=Path(".cache/evidence"), help="learned parts, kept between runs")
    parser.add_argument("--documents", type=int, default=250, help="articles of each engine to measure on, at most")
    parser.add_argument("--engines", nargs="+", choices=ENGINES, default=list(ENGINES), help="families to keep out")
    parser.add_argument("--no-pivots", action="store_true", help="leave the pivots out, which take half of the time")
    parser.add_argument("--write", type=Path, metavar="FILE", help="write the report to this file")
    parser.add_argument("--into", type=Path, metavar="MODEL", help="put the report into this model's card")
    return parser


def sides(examples: Sequence[LabelledText]) -> tuple[list[LabelledText], dict[str, str]]:
    originals = {e.group: e.text for e in reversed(examples) if e.label == ORIGINAL}
    return [e for e in examples if e.label == BACK_TRANSLATED and e.pivot and e.group in originals], originals


def family(example: LabelledText) -> str:
    return engine_family(example.engine, example.source)


def _is_held(group: str) -> bool:
    """The half of the held-out third on which the 27 weights of the terms signal were not fitted either."""
    return int(fold_of([group])[0]) == _FOLD and zlib.crc32((group + "x").encode()) % 2 == 1


def unseen(examples: Sequence[LabelledText], paired: set[str]) -> list[LabelledText]:
    """News originals of outlets and stories from which nothing was learned; every second outlet fitted the weights."""
    free = [e for e in examples if e.label == ORIGINAL and (e.group not in paired or fold_of([e.group])[0] == _FOLD)]
    outlets = sorted({e.source for e in free})
    taken = {outlet for i, outlet in enumerate(outlets) if i % 2}
    return [e for e in free if e.source in taken and e.domain == "news" and e.kind not in NOT_NEWS and is_long(e.text)]


def is_long(text: str) -> bool:
    return len(text.split()) >= MIN_WORDS


def sample(rows: list[LabelledText], limit: int) -> list[LabelledText]:
    return [rows[i] for i in sorted(np.random.default_rng(1).permutation(len(rows))[:limit].tolist())]


def _lexicons(
    engines: Sequence[str],
    trips: list[LabelledText],
    originals: dict[str, str],
    model: LanguageModel,
    cache: Path,
    say: object,
) -> Iterator[tuple[str, Lexicon]]:
    """What is learned without each family of engines, one after another; pairs are aligned once for all."""
    cache.mkdir(parents=True, exist_ok=True)
    seen = [e for e in trips if fold_of([e.group])[0] != _FOLD]
    pairs: list[channels.AlignedPair] = []
    gaps: list[list[Gap]] = []
    for engine in engines:
        file = cache / f"without-{engine}.npz"
        if not file.exists():
            if not pairs:
                rows = [{"text": e.text, "pivot": e.pivot, "engine": e.engine, "group": e.group} for e in seen]
                pairs = channels.examples(rows, originals)
                gaps = [list(gaps_of(pair)) for pair in pairs]
            _learn([_is_allowed(e, engine) for e in seen], pairs, gaps, model, file)
        say(f"learned without {engine}")  # type: ignore[operator]
        yield engine, _stored(file)


def _is_allowed(example: LabelledText, engine: str) -> bool:
    """WMT's unnamed commercial engines may be Google, so they go with it."""
    return family(example) != engine and not (engine == "google" and is_anonymous_online(example.engine))


def _learn(
    use: list[bool], pairs: list[channels.AlignedPair], gaps: list[list[Gap]], model: LanguageModel, file: Path
) -> None:
    chosen = [i for i, allowed in enumerate(use) if allowed]
    mine = [pairs[i] for i in chosen]
    channel = channels.learn(mine, model.vocabulary)
    substitutions = fit_phrase_table(mine, model, [gaps[i] for i in chosen])
    arrays = {f"channel_{name}": array for name, array in channel.arrays().items()}
    arrays["header"] = np.frombuffer(json.dumps(channel.header()).encode(), dtype=np.uint8)
    if substitutions is not None:
        arrays |= {f"substitution_{name}": array for name, array in substitutions.arrays().items()}
        arrays["text"] = np.frombuffer(substitutions.text().encode(), dtype=np.uint8)
    np.savez(file.with_suffix(".part.npz"), allow_pickle=False, **arrays)
    file.with_suffix(".part.npz").rename(file)


def _stored(file: Path) -> Lexicon:
    with np.load(file, allow_pickle=False) as z:
        parts = {
            side: {name.removeprefix(side): z[name] for name in z.files if name.startswith(side)}
            for side in ("channel_", "substitution_")
        }
        channel = LexicalTable.from_arrays(json.loads(z["header"].tobytes()), parts["channel_"])
        text = z["text"].tobytes().decode() if "text" in z.files else ""
    return Lexicon(channel, PhraseTable.from_arrays(text, parts["substitution_"]) if text else None)


class _Judge:
    """Scores texts with one lexicon and compares their spans with the originals."""

    def __init__(self, resources: ModelComponents, classifier: LinearClassifier | None) -> None:
        self.model = resources.language_model
        self.signals = build_signals(resources)
        self.detector = Detector(resources, classifier, "measured") if classifier is not None else None
        self.inflector = Inflector(self.model.vocabulary.index)

    def spans(self, texts: Sequence[LabelledText], originals: dict[str, str], engine: str) -> list[Span]:
        """The spans that a reader of the texts sees."""
        out = []
        for first in range(0, len(texts), _BATCH):
            part = texts[first : first + _BATCH]
            articles = [analyse(e.text) for e in part]
            for example, article, found in zip(part, articles, self._evidence(articles), strict=True):
                truth = EditTruth(analyse(originals[example.group]), article, self.inflector) if engine else None
                out += [_span(e, truth, engine, example.source) for e in found]
        return out

    def _evidence(self, articles: Sequence[Article]) -> Sequence[Sequence[Evidence]]:
        """What stands beside the verdicts, or without a detector all that would stand beside a machine verdict."""
        if self.detector is None:
            return find_evidence(Batch(articles, self.model), self.signals, [True] * len(articles))
        return [v.evidence for v in self.detector.score_many([article.raw for article in articles])]


class EditTruth:
    """What the original had where a span stands."""

    def __init__(self, meant: Article, seen: Article, inflector: Inflector) -> None:
        self.verdict, self.instead = changes(meant, seen, inflector)
        self.seen = seen
        self.starts = np.array([seen.raw_span(i, i)[0] for i in range(len(seen.tokens))], dtype=np.int64)
        # A name that lost its capital differs from the original's in nothing else.
        self.text, self.words = meant.text, f" {' '.join(meant.lower)} "

    def of(self, evidence: Evidence) -> tuple[bool, bool | None]:
        """Whether the original lacks the flagged words there, and whether it has the suggestion."""
        said = analyse(evidence.text)
        lacks = (
            said.text not in self.text if evidence.signal == "artefacts" else said.text.lower() not in self.text.lower()
        )
        tokens = np.flatnonzero((self.starts >= evidence.start) & (self.starts < evidence.end)).tolist()
        changed = lacks if evidence.signal == "artefacts" else any(self.verdict[i] == 1 for i in tokens)
        if evidence.suggestion is None:
            return changed, None
        meant = analyse(evidence.suggestion)
        if evidence.signal == "artefacts":
            return changed, lacks and meant.text in self.text
        new = [word for word in meant.lower if word not in said.lower]
        near = {word for i in tokens for word in self.instead.get(i, ())}
        there = f" {' '.join(meant.lower)} " in self.words
        return changed, changed and there and (near.issuperset(new) if new else lacks)


def _span(evidence: Evidence, truth: EditTruth | None, engine: str, outlet: str) -> Span:
    changed, exact = truth.of(evidence) if truth is not None else (False, None)
    return Span(evidence.signal, evidence.score, engine, outlet, changed, exact, evidence.conditional)


def _words_by_outlet(examples: Sequence[LabelledText]) -> dict[str, int]:
    words: Counter[str] = Counter()
    for e in examples:
        words[e.source] += len(e.text.split())
    return dict(sorted(words.items()))


def _report(
    spans: Sequence[Span], words: dict[str, int], alarms: Sequence[Span], human: dict[str, int], verdicts: bool
) -> str:
    """The Markdown report of spans; ``words`` by engine and ``human`` by outlet count the words that they were found in."""
    shown, quiet = ([s for s in some if s.signal != "fluency"] for some in (spans, alarms))
    heading = _WITH_VERDICT if verdicts else _WITHOUT_VERDICT
    header = ["on changed words", "suggestions exactly right"]
    parts = [EVIDENCE, "", _PREFACE, heading, "### Precision against number", "", _curve(shown, sum(words.values()))]
    by_signal = [
        [signal, _rate(some, words), *_shares(some), _rate([s for s in alarms if s.signal == signal], human)]
        for signal in sorted({s.signal for s in spans})
        if (some := [s for s in spans if s.signal == signal])
    ]
    parts += [
        "### By signal, engine and outlet",
        "",
        markdown(["signal", "per 1,000 words", *header, "in originals"], by_signal),
    ]
    of_engine = {e: [s for s in shown if s.engine == e] for e in words}
    by_engine = [[e, _rate(some, {e: words[e]}), *_shares(some)] for e, some in of_engine.items()]
    parts.append(markdown(["engine", "per 1,000 words", *header], by_engine))
    of_outlet = {o: [s for s in quiet if s.outlet == o] for o in human} | {"**all**": quiet}
    words_of = {**human, "**all**": sum(human.values())}
    by_outlet = [
        [o, f"{words_of[o]:,}", *(_rate(x, {o: words_of[o]}) for x in (some, [s for s in some if not s.conditional]))]
        for o, some in of_outlet.items()
    ]
    parts.append(markdown(["originals of unseen outlets", "words", "spans per 1,000 words", _FREE], by_outlet))
    return "\n".join(parts)


def _curve(shown: Sequence[Span], total: int) -> str:
    """The table of precision against the number of spans per 1,000 words, strongest first."""
    ranked = sorted(shown, key=lambda s: -s.score)
    cuts = [(f"{rate:g}", ranked[: int(rate * total / 1000)]) for rate in RATES if rate * total / 1000 <= len(ranked)]
    cuts.append((f"{1000 * len(shown) / total:.2f} (all shown)", ranked))
    header = ["spans per 1,000 words", "on changed words", "suggestions exactly right"]
    return markdown(header, [[name, *_shares(some)] for name, some in cuts])


def _rate(spans: Sequence[Span], words: dict[str, int]) -> str:
    return f"{1000 * len(spans) / max(sum(words.values()), 1):.2f}"


def _shares(spans: Sequence[Span]) -> list[str]:
    said = [s.exact for s in spans if s.exact is not None]
    changed = np.mean([s.changed for s in spans]) if spans else np.nan
    return [f"{changed:.0%}", f"{np.mean(said):.0%} of {len(said)}" if said else "-"]


def _cost(resources: ModelComponents, texts: list[str]) -> str:
    """Time of the evidence as a share of the time of scoring."""
    signals = build_signals(resources)
    spent: NDArray[np.float64] = np.zeros(2)
    for _ in range(2):  # the first round warms caches up
        spent[:] = 0
        for first in range(0, min(len(texts), 256), _BATCH):
            begin = time.perf_counter()
            batch = Batch([analyse(text) for text in texts[first : first + _BATCH]], resources.language_model)
            extract_features(batch, signals)
            between = time.perf_counter()
            for signal in signals:
                if isinstance(signal, EvidenceFinder):
                    signal.find_evidence(batch)
            spent += between - begin, time.perf_counter() - between
    return f"### Cost\n\nFinding the spans takes {spent[1] / spent.sum():.0%} of the time of scoring, them included.\n"


_PREFACE = f"""\
Round trips of news of {MIN_WORDS} words and more, compared with their originals word by word. The channel and the
substitutions were learned without the engine and without these stories; the 27 weights of the older terms model never saw
these stories, but other work of the engines (Google and OPUS-MT aside). Hand-written lists and the idiom tables are the same
for all; the latter were pruned by counts in running news and half of the originals. "On changed words" means that the
original does not have the flagged words there, "exactly right" that it has the suggestion. Fluency only points.
"""
# The heading of spans that are not conditional.
_FREE = "of these without a machine verdict"
_WITH_VERDICT = """\
Spans are counted as readers see them, beside the verdicts of a detector trained without these stories, but with other work of the
engines: most are shown only beside a machine verdict.
"""
_WITHOUT_VERDICT = "Every span found is counted, as if every text were called back-translated.\n"


if __name__ == "__main__":
    main()
