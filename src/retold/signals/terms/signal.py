"""Terms: words that a translation put where the reporter wrote another.

Hypothesis: translation is a noisy channel (Brown et al. 1990). A suspect word may be another that came back changed; its
posterior weighs how often the channel does that against how much better the other word fits the context and the rest of
the story. Which candidate it was, and whether there was one at all, are two logistic models over the numbers that
``term_columns`` names, fitted on articles that the channel was not learned from (``retold.training.fit.term_classifier``). Beside a machine
verdict, phrases are shown that machines are known to put for others (``substitutes``).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from retold.channel.calques import CalqueMatch, Phrases
from retold.channel.candidates import Candidates
from retold.channel.curated_lexicon import default_senses, kept_apart_pairs
from retold.channel.lexical_table import LexicalTable
from retold.channel.phrase_scoring import PhraseScorer, strongest
from retold.channel.phrase_table import PhraseTable
from retold.language_model import LanguageModel
from retold.language_model.batch import Batch
from retold.signals.base import Evidence
from retold.signals.terms.classifier import ScoredCandidates, SubstitutionScorer
from retold.signals.terms.evidence import Spans, calque_span, substitution_span
from retold.signals.terms.pivot_votes import PivotVotes
from retold.signals.terms.story import kept_apart, one_sense_per_discourse
from retold.signals.terms.weights import TermWeights, load_weights
from retold.text.morphology import Inflector

# Words that the pivots' votes of one article are shared among; keeps a short article from a strong vote.
_PIVOT_PRIOR_WORDS = 200.0
_TOP = 5
# Beside a machine verdict a chance of so much that the word was changed will do; chosen on round trips of which the weights
# had seen other engines. The card says what it comes to where the engine is kept out of everything.
_CONDITIONAL_SCORE = 0.74
# Where so many phrases of an article are rendered word for word, its single words may be, too: then an engines' favourite
# tells if the word that it stands for fits better by so many bits and is so many bits more frequent in news, for nobody
# calls a settlement a colony without need. By itself that proved right in one case of eleven.
_TELLTALE_CALQUES, _TELLTALE_GAIN, _TELLTALE_BITS = 2, 2.0, 1.0
# A word that an article uses more often than this is its word.
_MAX_USES = 2


@dataclass(frozen=True)
class _Ready:
    """What depends on the language model, built once for each."""

    evidencer: SubstitutionScorer
    phrases: Phrases
    substitutes: PhraseScorer | None
    favoured: frozenset[tuple[int, int]]
    apart: frozenset[tuple[int, int]]


class Terms:
    """The signal; see the module's docstring.

    Args:
        channel: What words become through each pivot.
        weights: The fitted models; those that the package carries unless given.
        substitutions: Phrases that machines put for others, shown beside a machine verdict; None if not known.
    """

    name = "terms"
    family = "terms"
    feature_names = (
        "terms_suspects_per_100",
        "terms_suspicion_mean",
        "terms_suspicion_mean_all",
        "terms_posterior_max",
        "terms_suspicion_top",
        "terms_pivot_lead",
        "terms_drift_mean",
        "terms_newness_mean",
        "terms_calques_per_1000",
    )

    def __init__(
        self, channel: LexicalTable, weights: TermWeights | None = None, substitutions: PhraseTable | None = None
    ) -> None:
        self.channel = channel
        self.substitutions = substitutions
        self.votes = PivotVotes(channel)
        self.weights = weights if weights is not None else load_weights()
        self._ready: tuple[LanguageModel, _Ready] | None = None
        self._last: tuple[Batch, ScoredCandidates, list[CalqueMatch]] | None = None

    def _for(self, model: LanguageModel) -> _Ready:
        if self._ready is None or self._ready[0] is not model:
            inflector = Inflector(model.vocabulary.index)
            favoured = default_senses(inflector)
            ready = _Ready(
                SubstitutionScorer(self.channel, Candidates.build(self.channel, model)),
                Phrases(self.channel.calques, model),
                PhraseScorer(self.substitutions, model) if self.substitutions is not None else None,
                _ids(favoured, model),
                _ids(kept_apart_pairs(favoured, inflector), model),
            )
            self._ready = (model, ready)
        return self._ready[1]

    def _read(self, batch: Batch) -> tuple[ScoredCandidates, list[CalqueMatch]]:
        """The reading of a batch; kept until the next, because numbers and evidence ask for the same one."""
        if self._last is None or self._last[0] is not batch:
            ready = self._for(batch.model)
            calques = ready.phrases.find(batch.model, batch.ids, batch.depth, batch.bits[3])
            self._last = (batch, ready.evidencer.read(batch, self.weights), calques)
        return self._last[1], self._last[2]

    def __getstate__(self) -> dict[str, object]:
        """Without what is rebuilt on demand, so that workers receive little."""
        return {**self.__dict__, "_ready": None, "_last": None}

    def measure(self, batch: Batch) -> NDArray[np.float64]:
        """See ``Signal``; suspicions are log-odds."""
        n = len(batch.articles)
        if not len(batch.ids):
            return np.zeros((n, len(self.feature_names)))
        reading, calques = self._read(batch)
        evidencer = self._for(batch.model).evidencer
        likely, article = reading.likely, reading.article
        count, total = (np.bincount(article[likely], w, minlength=n) for w in (None, reading.change_logit[likely]))
        every, total_all = (np.bincount(article, w, minlength=n) for w in (None, reading.change_logit))
        known = evidencer.is_known[batch.ids]
        words = np.maximum(batch.per_article(known), 1)
        votes = self.votes.of(reading, n)
        lead = (votes.max(1) - votes.mean(1)) / (batch.lengths + _PIVOT_PRIOR_WORDS) * 100
        found = np.bincount(batch.article_of(np.array([c.place for c in calques], dtype=np.int64)), minlength=n)
        peak, top = _peaks(reading, n)
        return np.column_stack(
            [
                100 * count / batch.lengths,
                total / np.maximum(count, 1),
                total_all / np.maximum(every, 1),
                peak,
                top,
                lead,
                batch.per_article(evidencer.drift[batch.ids] * known) / words,
                batch.per_article(evidencer.newness[batch.ids] * known) / words,
                1000 * found / batch.lengths,
            ]
        )

    def evidence(self, batch: Batch) -> list[list[Evidence]]:
        """See ``Signal``."""
        out: list[list[Evidence]] = [[] for _ in batch.articles]
        if not len(batch.ids):
            return out
        reading, calques = self._read(batch)
        votes = self.votes.of(reading, len(batch.articles))
        taken = self._calqued(batch, calques, votes, out)
        apart = kept_apart(batch, reading, self._for(batch.model).apart)
        corrected = one_sense_per_discourse(reading)
        corrected[list(apart)] = True
        fair = reading.likely & (reading.uses <= _MAX_USES)
        sure = (fair & (reading.posterior >= self.weights.threshold)) | corrected
        likely = sure | (fair & (self.weights.chance(reading.change_logit) >= _CONDITIONAL_SCORE))
        rendered = np.array([len(items) >= _TELLTALE_CALQUES for items in out])
        telltales = self._telltales(batch, reading, votes, rendered)
        spans = Spans(batch, reading, self.votes, votes, self.weights)
        for s in sorted({*np.flatnonzero(likely).tolist(), *telltales}):
            if int(reading.suspects.place[s]) not in taken:
                told = apart.get(s, None if likely[s] else telltales.get(s))
                item = spans.of(s, bool(corrected[s]), told)
                out[reading.article[s]].append(replace(item, conditional=not sure[s]))
                taken.add(int(reading.suspects.place[s]))
        self._substituted(batch, taken, out)
        return [sorted(items, key=lambda e: (-e.score, e.start)) for items in out]

    def _calqued(
        self, batch: Batch, calques: list[CalqueMatch], votes: NDArray[np.float64], out: list[list[Evidence]]
    ) -> set[int]:
        """Add phrases rendered word for word; returns the tokens that they cover."""
        taken: set[int] = set()
        articles = batch.article_of(np.array([c.place for c in calques], np.int64))
        for calque, a in zip(calques, articles.tolist(), strict=True):
            if item := calque_span(batch, a, calque, votes[a]):
                out[a].append(item)
                taken |= set(range(calque.place, calque.place + len(calque.calque.seen)))
        return taken

    def _substituted(self, batch: Batch, taken: set[int], out: list[list[Evidence]]) -> None:
        """Add phrases that machines put for others, where nothing else was found."""
        substitutes = self._for(batch.model).substitutes
        if substitutes is None:
            return
        found = substitutes.find(batch)
        log_odds = substitutes.log_odds(batch, found)
        for i in strongest(found, substitutes.length, log_odds, float(substitutes.table.settings[0])).tolist():
            score, row = substitutes.table.chance(float(log_odds[i])), int(found.row[i])
            words = range(int(found.place[i]), int(found.place[i] + substitutes.length[row]))
            if score >= _CONDITIONAL_SCORE and taken.isdisjoint(words):
                a = int(batch.article_of(words[0]))
                out[a].append(substitution_span(batch, a, words, substitutes.text(row), score))

    def _telltales(
        self, batch: Batch, reading: ScoredCandidates, votes: NDArray[np.float64], rendered: NDArray[np.bool_]
    ) -> dict[int, int]:
        """Suspects that are an engine's favourite where news would have another word, and the candidate that it is."""
        suspects, unigrams = reading.suspects, batch.model.unigrams
        seen, meant = batch.ids[suspects.place][suspects.of], reading.candidates.meant[suspects.pair]
        commoner = np.log2(unigrams[meant]) - np.log2(unigrams[seen]) >= _TELLTALE_BITS
        asked = rendered[reading.article[suspects.of]] & (reading.uses[suspects.of] <= _MAX_USES)
        favoured = self._for(batch.model).favoured
        found: dict[int, tuple[float, int]] = {}
        for i in np.flatnonzero((suspects.gain >= _TELLTALE_GAIN) & commoner & asked).tolist():
            s = int(suspects.of[i])
            if (int(seen[i]), int(meant[i])) in favoured:
                agreement = self.votes.agreement(reading, suspects.pair[[i]], votes[reading.article[s]])
                found[s] = max(found.get(s, (-1.0, i)), (float(reading.choice[i] * agreement[0]), i))
        return {s: i for s, (_, i) in found.items()}


def _ids(pairs: Iterable[tuple[str, str]], model: LanguageModel) -> frozenset[tuple[int, int]]:
    """Ids of pairs of words, of those that the vocabulary holds."""
    index = model.vocabulary.index
    return frozenset((index[a], index[b]) for a, b in pairs if a in index and b in index)


def _peaks(reading: ScoredCandidates, n: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Highest posterior of each article, and the sum of its highest suspicions."""
    peak, top = np.zeros(n), np.zeros(n)
    order = np.flatnonzero(reading.likely)
    order = order[np.lexsort((-reading.change_logit[order], reading.article[order]))]
    article = reading.article[order]
    rank = np.arange(len(order)) - np.searchsorted(article, article)
    np.maximum.at(peak, article, reading.posterior[order])
    first = rank < _TOP
    np.add.at(top, article[first], reading.change_logit[order][first])
    return peak, top
