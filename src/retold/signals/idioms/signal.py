"""Fixed expressions, whole and broken.

Hypothesis: an expression that means more than its words survives in English hands and breaks in a translation channel,
which renders its words: "pour cold water on" comes back as "put cold water on", "seat at the table" as "seat on the
table", "wish list" as "list of wishes". Idioms are fixed in their words and in their order (Fazly, Cook and Stevenson
2009, "Unsupervised type and token identification of idiomatic expressions"), and machine translation is known to render
them word by word (Fadaee, Bisazza and Monz 2018, "Examining the tip of the iceberg: a data set for idiom translation").
So a near miss is evidence for the machine, and a high density of whole expressions is evidence against it.

Broken forms are of two kinds: those listed by hand in ``idioms.tsv`` and those made by rule in ``idiom_forms.tsv``,
kept only if counts in English news show that English avoids them. What is found must also convince the language model.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from retold.language_model.batch import Batch
from retold.language_model.rescoring import phrase_substitution_gains
from retold.signals.base import Evidence, FeatureDescription, HandcraftedSignal, ModelParts
from retold.signals.idioms.lexicon import (
    COMMON,
    FORMS_FILE,
    KINDS,
    RULES,
    Form,
    expressions,
    is_filler,
    listed_forms,
    parse_forms,
    restored,
    running_words,
)
from retold.text import Article
from retold.text.phrase_matcher import Match, PhraseIndex

# Bits that a repair must save, by rule: under the 4-gram model, and by context alone. By benchmarks/idioms.py.
_MIN_GAIN = {"listed": 2.0, "content": 8.0, "function": 6.0, "order": 4.0, "article": 6.0}
_MIN_CONTEXT_GAIN = {"listed": 0.0, "content": 8.0, "function": 4.0, "order": 2.0, "article": 0.0}
# The gain at which a finding is half sure, in bits, and how fast that grows. On benchmarks/idioms.py, listed
# and turned-round forms are five times as frequent in back-translations as in originals, others up to 2.5 times.
_HALF_SURE = {"listed": 4.0, "content": 14.0, "function": 14.0, "order": 4.0, "article": 12.0}
_BITS_PER_STEP = 4.0
_REASONS = {
    "listed": "a broken form of the fixed expression",
    "content": "one word of a fixed expression replaced",
    "function": "a small word of a fixed expression changed",
    "order": "the words of a fixed expression taken apart or turned round",
    "article": "an article lost or added in a fixed expression",
}


@dataclass(frozen=True, slots=True)
class Repair:
    """Words to put in the place of a span.

    Attributes:
        article: Position of the article in its batch.
        first: Index of the span's first token in the article.
        last: Index of its last token.
        words: Lower-case words that would stand there.
    """

    article: int
    first: int
    last: int
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Finding:
    """A broken expression: its form, the repair, and its score from 0 to 1."""

    form: Form
    repair: Repair
    score: float


@dataclass(frozen=True, slots=True)
class _Candidate:
    form: Form
    repair: Repair


_INTACT, _BROKEN = (FeatureDescription(f"{state} fixed expressions") for state in ("whole", "broken"))


class Idioms(HandcraftedSignal):
    """Whole and broken fixed expressions; see the module.

    Args:
        forms: Broken forms to look for beside those listed by hand; see ``parse_forms``.
    """

    name = group = "idioms"
    title = "fixed expressions"
    descriptions: ClassVar = {
        **{f"idioms_intact_{kind}": _INTACT for kind in KINDS},
        **{f"idioms_broken_{rule}": _BROKEN for rule in RULES},
        "idioms_broken": _BROKEN,
        "idioms_broken_score": _BROKEN,
        "idioms_broken_share": FeatureDescription(_BROKEN.aspect, "broken expressions"),
    }
    tables = (FORMS_FILE,)

    def __init__(self, forms: Sequence[Form] = ()) -> None:
        self._forms = (*listed_forms(), *forms)

    @classmethod
    def from_parts(cls, parts: ModelParts) -> Self:
        """See ``HandcraftedSignal``."""
        return cls(parse_forms(parts.table(FORMS_FILE)))

    @cached_property
    def _index(self) -> PhraseIndex:
        """Whole expressions first, then broken forms."""
        return PhraseIndex([*(e.elements for e in expressions()), *(f.elements for f in self._forms)], COMMON)

    def extract(self, batch: Batch) -> NDArray[np.float64]:
        """float64 array (n_articles, 14): expressions per 1,000 words by kind, broken ones by rule, and their sums.

        The last column is the share of broken ones among all, with one imagined whole one to steady short texts.
        """
        intact, found = self._analyse(batch)
        rows = np.zeros((len(batch.articles), len(self.feature_names)))
        for row, article, kinds, findings in zip(rows, batch.articles, intact, found, strict=True):
            per_thousand = 1000 / max(article.n_words, 1)
            row[: len(KINDS)] = kinds * per_thousand
            for finding in findings:
                row[len(KINDS) + RULES.index(finding.form.rule)] += per_thousand
            row[-3] = len(findings) * per_thousand
            row[-2] = sum(finding.score for finding in findings) * per_thousand
            row[-1] = len(findings) / (len(findings) + kinds.sum() + 1)
        return rows

    def find_evidence(self, batch: Batch) -> list[list[Evidence]]:
        """Broken expressions of each article, the surest first, with the whole expression as suggestion."""
        _, found = self._analyse(batch)
        return [
            [_as_evidence(article, finding) for finding in sorted(findings, key=lambda f: -f.score)]
            for article, findings in zip(batch.articles, found, strict=True)
        ]

    def _analyse(self, batch: Batch) -> tuple[list[NDArray[np.int64]], list[list[Finding]]]:
        """Whole expressions of each article by kind, and its broken ones; computed once."""
        return batch.shared(self, lambda: self._analysis(batch))

    def _analysis(self, batch: Batch) -> tuple[list[NDArray[np.int64]], list[list[Finding]]]:
        intact, candidates = [], []
        for number, article in enumerate(batch.articles):
            kinds, broken = self._scan(number, article)
            intact.append(kinds)
            candidates += broken
        return intact, _judge(batch, candidates)

    def _scan(self, number: int, article: Article) -> tuple[NDArray[np.int64], list[_Candidate]]:
        """Count whole expressions by kind, and list what may be a broken one."""
        words, places = running_words(article)
        kinds, broken = np.zeros(len(KINDS), dtype=np.int64), list[tuple[Form, Match]]()
        # Word -> the whole expression that covers it: looking overlaps up keeps a text of nothing but expressions linear.
        covering: dict[int, Match] = {}
        for match in sorted(self._index.find(words), key=lambda m: (m.start - m.end, m.phrase)):
            if match.phrase >= len(expressions()):
                broken.append((self._forms[match.phrase - len(expressions())], match))
            elif not any(word in covering for word in _words_of(match)):
                kinds[KINDS.index(expressions()[match.phrase].kind)] += 1
                covering |= dict.fromkeys(_words_of(match), match)
        free = ((form, match) for form, match in broken if not _is_refuted(match, covering))
        return kinds, [_candidate(number, form, match, words, places) for form, match in _fit(article, free, places)]


def _words_of(match: Match) -> range:
    return range(match.start, match.end)


def _is_refuted(broken: Match, covering: Mapping[int, Match]) -> bool:
    """True if a whole expression explains words of a broken one; "on the table" does not refute "seat on the table"."""
    wholes = {covering[word] for word in _words_of(broken) if word in covering}
    return any(not _is_smaller_part(whole, broken) for whole in wholes)


def _is_smaller_part(whole: Match, broken: Match) -> bool:
    inside = broken.start <= whole.start and whole.end <= broken.end
    return inside and whole.end - whole.start < broken.end - broken.start


def _fit(article: Article, broken: Iterator[tuple[Form, Match]], places: list[int]) -> Iterator[tuple[Form, Match]]:
    """Those whose open place holds a word that may have displaced another."""
    for form, match in broken:
        if form.open_place < 0 or is_filler(article.tokens[places[match.spans[form.open_place][0]]], form):
            yield form, match


def _candidate(number: int, form: Form, match: Match, words: list[str], places: list[int]) -> _Candidate:
    whole = tuple(restored(form, match, words))
    return _Candidate(form, Repair(number, places[match.start], places[match.end - 1], whole))


def _judge(batch: Batch, candidates: list[_Candidate]) -> list[list[Finding]]:
    """Candidates that the language model would repair, by article; of those that overlap, the surest."""
    found: list[list[Finding]] = [[] for _ in batch.articles]
    taken: set[int] = set()
    gain, by_context = _gains(batch, [c.repair for c in candidates])
    for i in np.argsort(-gain, kind="stable"):
        form, repair = candidates[i].form, candidates[i].repair
        if gain[i] < _MIN_GAIN[form.rule] or by_context[i] < _MIN_CONTEXT_GAIN[form.rule]:
            continue
        offset = int(batch.offsets[repair.article])
        tokens = range(offset + repair.first, offset + repair.last + 1)
        if taken.isdisjoint(tokens):
            taken.update(tokens)
            found[repair.article].append(Finding(form, repair, _score(form.rule, float(gain[i]))))
    return found


def _gains(batch: Batch, repairs: Sequence[Repair]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Bits that repairs save under the 4-gram model, and by context alone: the same less those under the 1-gram model."""
    places = np.array([batch.offsets[r.article] + r.first for r in repairs], dtype=np.int64)
    lengths = np.array([r.last + 1 - r.first for r in repairs], dtype=np.int64)
    words = [batch.model.vocabulary.ids(r.words).tolist() for r in repairs]
    gains = phrase_substitution_gains(batch, places, lengths, words)
    return gains[-1], gains[-1] - gains[0]


def _score(rule: str, gain: float) -> float:
    """A score from 0 to 1 for the bits that a repair saves."""
    return float(1 / (1 + np.exp((_HALF_SURE[rule] - gain) / _BITS_PER_STEP)))


def _as_evidence(article: Article, finding: Finding) -> Evidence:
    start, end = article.raw_span(finding.repair.first, finding.repair.last)
    text, suggestion = article.raw[start:end], " ".join(finding.repair.words)
    if text[:1].isupper():
        suggestion = suggestion[:1].upper() + suggestion[1:]
    reason = f"{_REASONS[finding.form.rule]}: {expressions()[finding.form.expression].text}"
    return Evidence(start, end, text, "idioms", suggestion, None, finding.score, reason)
