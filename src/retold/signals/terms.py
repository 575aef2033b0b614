"""Terms: words that a translation put where the reporter wrote another.

Hypothesis: translation is a noisy channel (Brown et al. 1990). A suspect word may be another that came back changed; its
posterior weighs how often the channel does that against how much better the other word fits the context and the rest of
the story. Which candidate it was, and whether there was one at all, are two logistic models over the numbers that
``term_columns`` names, fitted on articles that the channel was not learned from (``retold.training.terms``).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from retold.channel.inflection import Inflector
from retold.channel.known import favoured_pairs
from retold.channel.lexicon import PIVOTS, STEPS_PER_BIT, Channel
from retold.channel.phrases import Found, Phrases
from retold.channel.substitutions import Substitutions
from retold.channel.suspects import Candidates
from retold.language_model import LanguageModel
from retold.signals.base import Batch, Evidence
from retold.signals.substitutes import Substitutes, strongest
from retold.signals.term_columns import Evidencer, Reading, TermWeights, load_weights

# Words that the pivots' votes of one article are shared among; keeps a short article from a strong vote.
_PIVOT_PRIOR_WORDS = 200.0
# What the article as a whole prefers counts for half of a pair's own preference for a pivot.
_ARTICLE_VOTE = 0.5
# A suggestion is only made if it is likelier than this among its rivals; below, the span says that something is wrong.
_MIN_CHOICE = 0.35
# Posterior of a listed calque, by how much better the meant phrase fits; an unlikelier one is left alone.
_CALQUE_MIDDLE, _CALQUE_SLOPE, _CALQUE_FLOOR = 0.0, 0.15, 0.55
_TOP = 5
# The story itself corrects a word used once: it uses the candidate twice or more, which fits better by so many bits, even
# after what the channel charges for the change. Three fifths to two thirds of such words in held-out back-translations
# proved changed, against about 0.1 per 1,000 words flagged in originals.
_STORY_USES, _STORY_GAIN, _STORY_ODDS, _STORY_SCORE = 2, 8.0, 4.0, 0.63
# Beside a machine verdict less will do: a posterior that lets 1 word in 1,000 of originals through, of which 74% proved
# changed in news, or a pair in which a linguist listed the word seen as the engines' favourite (see ``channel.known``) and
# a context that prefers the other by so many bits.
_CONDITIONAL_POSTERIOR, _LISTED_GAIN, _FAVOURED_BITS = 0.259, 4.0, -5.0
# Beside a machine verdict the engines' favourite for a pivot word tells, too, if the word that it stands for fits better by so
# many bits and is so many bits more frequent in news: nobody calls a settlement a colony without need.
_TELLTALE_GAIN, _TELLTALE_BITS, _TELLTALE_SCORE = 2.0, 1.0, 0.5
# Votes for pivots count up to so many bits: one article never rules a language out.
_PIVOT_RANGE = 6.0
# A word that an article uses more often than this is its word.
_MAX_USES = 2


@dataclass(frozen=True)
class _Ready:
    """What depends on the language model, built once for each."""

    evidencer: Evidencer
    phrases: Phrases
    substitutes: Substitutes | None
    favoured: frozenset[tuple[int, int]]


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
        self, channel: Channel, weights: TermWeights | None = None, substitutions: Substitutions | None = None
    ) -> None:
        self.channel = channel
        self.substitutions = substitutions
        self.weights = weights if weights is not None else load_weights()
        self._ready: tuple[LanguageModel, _Ready] | None = None
        self._last: tuple[Batch, Reading, list[Found]] | None = None

    def _for(self, model: LanguageModel) -> _Ready:
        if self._ready is None or self._ready[0] is not model:
            ready = _Ready(
                Evidencer(self.channel, Candidates.build(self.channel, model)),
                Phrases(self.channel.calques, model),
                Substitutes(self.substitutions, model) if self.substitutions is not None else None,
                _favoured(model),
            )
            self._ready = (model, ready)
        return self._ready[1]

    def _read(self, batch: Batch) -> tuple[Reading, list[Found]]:
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
        count, total = (np.bincount(article[likely], w, minlength=n) for w in (None, reading.suspicion[likely]))
        every, total_all = (np.bincount(article, w, minlength=n) for w in (None, reading.suspicion))
        known = evidencer.is_known[batch.ids]
        words = np.maximum(batch.per_article(known), 1)
        votes = self._votes(reading, n)
        lead = (votes.max(1) - votes.mean(1)) / (batch.lengths + _PIVOT_PRIOR_WORDS) * 100
        found = np.bincount(
            evidencer.articles(batch, np.array([c.place for c in calques], dtype=np.int64)), minlength=n
        )
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
        votes = self._votes(reading, len(batch.articles))
        articles = self._for(batch.model).evidencer.articles(batch, np.array([c.place for c in calques], np.int64))
        taken = set()
        for calque, a in zip(calques, articles.tolist(), strict=True):
            if item := _calque_evidence(batch, a, calque, votes[a]):
                out[a].append(item)
                taken |= set(range(calque.place, calque.place + len(calque.calque.seen)))
        corrected = _corrected_by_story(reading)
        fair = reading.likely & (reading.uses <= _MAX_USES)
        sure = (fair & (reading.posterior >= self.weights.threshold)) | corrected
        likely = sure | (fair & _conditional(reading))
        telltales = self._telltales(batch, reading, votes)
        for s in sorted({*np.flatnonzero(likely).tolist(), *telltales}):
            if int(reading.suspects.place[s]) not in taken:
                told = None if likely[s] else telltales[s]
                item = self._word_evidence(batch, reading, s, votes, bool(corrected[s]), told)
                out[reading.article[s]].append(replace(item, conditional=not sure[s]))
                taken.add(int(reading.suspects.place[s]))
        self._substituted(batch, taken, out)
        return [sorted(items, key=lambda e: (-e.score, e.start)) for items in out]

    def _substituted(self, batch: Batch, taken: set[int], out: list[list[Evidence]]) -> None:
        """Add phrases that machines put for others, where nothing else was found."""
        substitutes = self._for(batch.model).substitutes
        if substitutes is None:
            return
        floor, slope, intercept = substitutes.table.settings.tolist()
        found = substitutes.find(batch)
        log_odds = substitutes.log_odds(batch, found)
        for i in strongest(found, substitutes.length, log_odds, floor).tolist():
            words = range(int(found.place[i]), int(found.place[i] + substitutes.length[found.row[i]]))
            if taken.isdisjoint(words):
                a = int(np.searchsorted(batch.offsets, words[0], side="right")) - 1
                score = float(1 / (1 + np.exp(-slope * log_odds[i] - intercept)))
                first, last = words[0] - int(batch.offsets[a]), words[-1] - int(batch.offsets[a])
                meant = substitutes.text(int(found.row[i]))
                reason = f'in round trips it often stands for "{meant}", which fits here'
                suggestion = _like(batch.articles[a].tokens[first], meant)
                out[a].append(replace(_span(batch, a, first, last, suggestion, None, score, reason), conditional=True))

    def _telltales(self, batch: Batch, reading: Reading, votes: NDArray[np.float64]) -> dict[int, int]:
        """Suspects that are an engine's favourite where news would have another word, and the candidate that it is."""
        suspects, unigrams = reading.suspects, batch.model.unigrams
        seen, meant = batch.ids[suspects.place][suspects.of], reading.candidates.meant[suspects.pair]
        commoner = np.log2(unigrams[meant]) - np.log2(unigrams[seen]) >= _TELLTALE_BITS
        rare = reading.uses[suspects.of] <= _MAX_USES
        favoured = self._for(batch.model).favoured
        found: dict[int, tuple[float, int]] = {}
        for i in np.flatnonzero((suspects.gain >= _TELLTALE_GAIN) & commoner & rare).tolist():
            s = int(suspects.of[i])
            if (int(seen[i]), int(meant[i])) in favoured:
                agreement = self._agreement(reading, suspects.pair[[i]], votes[reading.article[s]])
                found[s] = max(found.get(s, (-1.0, i)), (float(reading.choice[i] * agreement[0]), i))
        return {s: i for s, (_, i) in found.items()}

    def _votes(self, reading: Reading, n: int) -> NDArray[np.float64]:
        """float64 (n_articles, n_pivots): log2 odds of each pivot, summed over the suspects that look changed."""
        votes = np.zeros((n, len(PIVOTS)))
        likely = np.flatnonzero(reading.likely)
        np.add.at(votes, reading.article[likely], reading.posterior[likely, None] * self._pivot_bits(reading, likely))
        return votes

    def _pivot_bits(self, reading: Reading, suspects: NDArray[np.int64]) -> NDArray[np.float64]:
        """float64 (n, n_pivots): what the best pair of each suspect says of the pivots, in bits."""
        return self._bits_of(reading, reading.suspects.pair[reading.best[suspects]])

    def _bits_of(self, reading: Reading, pair: NDArray[np.int64]) -> NDArray[np.float64]:
        """The same for pairs of the candidates' table: float64 (len(pair), n_pivots)."""
        rows = reading.candidates.learned[pair], reading.candidates.known[pair]
        bits = np.zeros((len(pair), len(PIVOTS)))
        for row, table in zip(rows, (self.channel.learned, self.channel.known), strict=True):
            listed = row >= 0
            bits[listed] += table.pivot_bits[row[listed]] / STEPS_PER_BIT
        return bits

    def _best_for_pivots(self, reading: Reading, s: int, votes: NDArray[np.float64]) -> tuple[int, float]:
        """The candidate that also agrees with the pivot for which the article votes, and its share among its rivals."""
        first, last = np.searchsorted(reading.suspects.of, [s, s + 1])
        weight = reading.choice[first:last] * self._agreement(reading, reading.suspects.pair[first:last], votes)
        return int(first + np.argmax(weight)), float(weight.max() / weight.sum())

    def _agreement(self, reading: Reading, pair: NDArray[np.int64], votes: NDArray[np.float64]) -> NDArray[np.float64]:
        """float64 (len(pair),): how well pairs go with the pivots that an article votes for."""
        share = np.exp2(np.clip(votes - votes.max(), -_PIVOT_RANGE, 0))
        return np.asarray(np.exp2(self._bits_of(reading, pair)) @ (share / share.sum()))

    def _word_evidence(
        self, batch: Batch, reading: Reading, s: int, votes: NDArray[np.float64], by_story: bool, told: int | None
    ) -> Evidence:
        a = int(reading.article[s])
        best, share = (told, 1.0) if told is not None else self._best_for_pivots(reading, s, votes[a])
        token = int(reading.suspects.place[s] - batch.offsets[a])
        meant = batch.model.vocabulary.words[reading.candidates.meant[reading.suspects.pair[best]]]
        own = self._bits_of(reading, reading.suspects.pair[[best]])[0]
        pivot = PIVOTS[int(np.argmax(own + _ARTICLE_VOTE * votes[a]))]
        sure = by_story or share >= _MIN_CHOICE
        gain = float(reading.suspects.gain[best])
        seen = batch.articles[a].tokens[token]
        reason = f'"{meant}" often comes back as "{seen.lower()}"' + (" and fits better here" if gain > 0 else "")
        if by_story:
            reason += f", and the story says it {int(reading.elsewhere[s])} times"
        slope, intercept = self.weights.shown
        score = float(1 / (1 + np.exp(-slope * reading.suspicion[s] - intercept)))
        score = max(score, _STORY_SCORE) if by_story else score if told is None else _TELLTALE_SCORE
        return _span(batch, a, token, token, _like(seen, meant) if sure else None, pivot, score, reason)


def _favoured(model: LanguageModel) -> frozenset[tuple[int, int]]:
    """Ids of the pairs (seen, meant) in which the word seen is the engines' favourite."""
    index = model.vocabulary.index
    pairs = favoured_pairs(Inflector(index))
    return frozenset((index[seen], index[meant]) for seen, meant in pairs if seen in index and meant in index)


def _conditional(reading: Reading) -> NDArray[np.bool_]:
    """bool (n,): suspects that convince beside a machine verdict: likely enough, or listed and at odds with context."""
    pair = reading.suspects.pair[reading.best]
    favoured = (reading.candidates.known[pair] >= 0) & (reading.candidates.bits[pair] >= _FAVOURED_BITS)
    listed = favoured & (reading.suspects.gain[reading.best] >= _LISTED_GAIN)
    return (reading.posterior >= _CONDITIONAL_POSTERIOR) | listed


def _corrected_by_story(reading: Reading) -> NDArray[np.bool_]:
    """bool (n,): suspects used once for which the article itself has the other word."""
    channel = reading.candidates.bits[reading.suspects.pair[reading.best]]
    gain = reading.suspects.gain[reading.best]
    fits = (gain >= _STORY_GAIN) & (gain + channel >= _STORY_ODDS)
    return fits & (reading.uses < _MAX_USES) & (reading.elsewhere >= _STORY_USES)


def _peaks(reading: Reading, n: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Highest posterior of each article, and the sum of its highest suspicions."""
    peak, top = np.zeros(n), np.zeros(n)
    order = np.flatnonzero(reading.likely)
    order = order[np.lexsort((-reading.suspicion[order], reading.article[order]))]
    article = reading.article[order]
    rank = np.arange(len(order)) - np.searchsorted(article, article)
    np.maximum.at(peak, article, reading.posterior[order])
    first = rank < _TOP
    np.add.at(top, article[first], reading.suspicion[order][first])
    return peak, top


def _calque_evidence(batch: Batch, a: int, found: Found, votes: NDArray[np.float64]) -> Evidence | None:
    score = float(1 / (1 + np.exp(-_CALQUE_SLOPE * (found.gain - _CALQUE_MIDDLE))))
    if score < _CALQUE_FLOOR:
        return None
    first = int(found.place - batch.offsets[a])
    last = first + len(found.calque.seen) - 1
    pivot = max(found.calque.pivots, key=lambda code: votes[PIVOTS.index(code)] if code in PIVOTS else 0.0)
    meant = _like(batch.articles[a].tokens[first], found.calque.meant)
    return _span(batch, a, first, last, meant, pivot, score, f'"{found.calque.meant}" rendered word for word')


def _span(
    batch: Batch, a: int, first: int, last: int, suggestion: str | None, pivot: str | None, score: float, reason: str
) -> Evidence:
    article = batch.articles[a]
    start, end = article.raw_span(first, last)
    return Evidence(start, end, article.raw[start:end], "terms", suggestion, pivot, score, reason)


def _like(seen: str, meant: str) -> str:
    """The suggestion with the capital of the word that it would replace."""
    return meant[0].upper() + meant[1:] if seen[0].isupper() else meant
