"""The report of spans of evidence in Markdown: precision against their number, and by signal, engine and outlet."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from benchmarks.evidence_spans import Span
from benchmarks.evidence_texts import MIN_WORDS
from retold.training.evaluation.tables import markdown
from retold.training.package import EVIDENCE

# Flags per 1,000 words at which the curve is read.
RATES = (0.25, 0.5, 1.0, 2.0, 3.0, 4.0)
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


def spans_report(
    spans: Sequence[Span], words: dict[str, int], alarms: Sequence[Span], human: dict[str, int], verdicts: bool
) -> str:
    """The Markdown report of spans; ``words`` by engine and ``human`` by outlet count the words that they were found in."""
    shown, in_originals = ([s for s in some if s.signal != "fluency"] for some in (spans, alarms))
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
    of_outlet = {o: [s for s in in_originals if s.outlet == o] for o in human} | {"**all**": in_originals}
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
    exact = [s.exact for s in spans if s.exact is not None]
    changed = np.mean([s.changed for s in spans]) if spans else np.nan
    return [f"{changed:.0%}", f"{np.mean(exact):.0%} of {len(exact)}" if exact else "-"]
