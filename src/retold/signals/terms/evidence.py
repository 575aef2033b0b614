"""Evidence of the terms signal: which suspects, calques and phrases of an article are shown, with which suggestion."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from retold.channel.calques import CalqueMatch
from retold.channel.lexical_table import PIVOTS
from retold.language_model.batch import Batch
from retold.signals.base import Evidence
from retold.signals.terms.classifier import TermClassifier
from retold.signals.terms.discourse import find_kept_apart
from retold.signals.terms.engine_favourites import EngineFavourites
from retold.signals.terms.phrase_evidence import BROUGHT_IN, PhraseEvidence
from retold.signals.terms.pivot_votes import PivotVotes
from retold.signals.terms.spans import calque_span, calque_tokens, phrase_span, term_span
from retold.signals.terms.substitution_scorer import ScoredCandidates

# Which suspects are shown and with a suggestion was chosen on round trips of 600 articles by six engines that the channel had not
# seen, and held on 250 of other stories (benchmarks/evidence.py; terms alone: 63 -> 70% on changed words, 66 -> 72% there). Words
# so rare, in bits of surprisal, are shown whatever stands for them: nine in ten were changed, but none into the suggestion.
_RARE_BITS = 17.0
# Words so frequent are not: half of them were not changed. Between, linguists must have listed the pair or the choice be sure.
_FREQUENT_BITS, _SURE_CHOICE = 13.0, 0.8
# A suggestion is made for words more frequent than this if the choice is sure: 38% right (41%), of all suggestions 18%.
_SUGGESTED_BITS = 15.0
# Score of a listed calque, by how many bits better the intended phrase fits; one below the floor is not shown.
_CALQUE_SLOPE, _CALQUE_FLOOR = 0.15, 0.55
# Three fifths to two thirds of the words that the story itself corrects proved changed; half of the calque contexts' did.
_DISCOURSE_SCORE, _CALQUE_CONTEXT_SCORE = 0.63, 0.5
# Without a machine verdict a single word needs this probability that it was changed: 0.04 per 1,000 words of originals have it.
_UNCONDITIONAL_SCORE = 0.70
# Where so many phrases of an article are rendered word for word, its single words may be, too: then an engines' favourite
# is shown if the word that it stands for fits better by so many bits and is so many bits more frequent in news, for nobody
# calls a settlement a colony without need. By itself that proved right in one case of eleven.
_CALQUE_CONTEXT_CALQUES, _CALQUE_CONTEXT_GAIN, _CALQUE_CONTEXT_BITS = 2, 2.0, 1.0
# A word that an article uses more often than this is its word.
_MAX_USES = 2


@dataclass(frozen=True)
class TermAnalysis:
    """What features and evidence of a batch share.

    Attributes:
        scored: The suspects with their posteriors.
        calques: CalqueFinder rendered word for word.
        votes: float64 (n_articles, n_pivots): votes for pivots.
    """

    scored: ScoredCandidates
    calques: list[CalqueMatch]
    votes: NDArray[np.float64]


@dataclass(frozen=True)
class TermEvidenceFinder:
    """Turns an analysis into spans.

    Attributes:
        classifier: Gives suspects their scores.
        pivot_votes: Chooses the candidate that agrees with the article's votes.
        phrases: Phrases that machines put for others; None if the model has none.
        newness: float64 (n_vocabulary,): log-odds that a word in a round trip was not in the original.
        favourites: Pairs whose first word engines favour, and those of them whose words news keeps apart.
    """

    classifier: TermClassifier
    pivot_votes: PivotVotes
    phrases: PhraseEvidence | None
    newness: NDArray[np.float64]
    favourites: EngineFavourites

    def find(self, batch: Batch, analysis: TermAnalysis) -> list[list[Evidence]]:
        """The spans of each article, strongest first."""
        found: list[list[Evidence]] = [[] for _ in batch.articles]
        taken: set[int] = set()
        for tokens, span in self._calques(batch, analysis):
            taken.update(tokens)
            found[int(batch.article_of(tokens[0]))].append(span)
        calque_context = np.array([len(spans) >= _CALQUE_CONTEXT_CALQUES for spans in found])
        for choice in self._choose(batch, analysis, calque_context):
            place = int(analysis.scored.suspects.place[choice.suspect])
            if place not in taken:
                taken.add(place)
                found[int(batch.article_of(place))].append(self._span(batch, analysis, choice))
        for tokens, span in self._phrases(batch):
            if taken.isdisjoint(tokens):
                found[int(batch.article_of(tokens[0]))].append(span)
        return [sorted(spans, key=lambda e: (-e.score, e.start)) for spans in found]

    def _calques(self, batch: Batch, analysis: TermAnalysis) -> Iterator[tuple[range, Evidence]]:
        """CalqueFinder rendered word for word, with the tokens that they cover."""
        for match in analysis.calques:
            score = float(expit(_CALQUE_SLOPE * match.gain))
            if score >= _CALQUE_FLOOR:
                votes = analysis.votes[batch.article_of(match.place)]
                pivot = max(match.calque.pivots, key=lambda code: votes[PIVOTS.index(code)] if code in PIVOTS else 0.0)
                yield calque_tokens(match), calque_span(batch, match, pivot, score)

    def _choose(
        self, batch: Batch, analysis: TermAnalysis, calque_context: NDArray[np.bool_]
    ) -> Iterator[_ShownSuspect]:
        """The suspects to show, in order of place; ``calque_context`` (n_articles,) is True where calques abound."""
        scored = analysis.scored
        kept_apart = find_kept_apart(batch, scored, self.favourites)
        is_sure = scored.is_likely & (scored.uses <= _MAX_USES) & (scored.posterior >= self.classifier.threshold)
        in_context = self._in_calque_context(batch, analysis, calque_context)
        for s in sorted({*np.flatnonzero(is_sure).tolist(), *kept_apart, *in_context}):
            plain = self._plain(batch, analysis, s) if is_sure[s] and s not in kept_apart else None
            if s in kept_apart:
                yield _ShownSuspect(s, kept_apart[s], _DISCOURSE_SCORE, corrected=True)
            elif plain is not None:
                yield plain
            elif s in in_context:
                yield _ShownSuspect(s, in_context[s], _CALQUE_CONTEXT_SCORE, conditional=True)

    def _plain(self, batch: Batch, analysis: TermAnalysis, suspect: int) -> _ShownSuspect | None:
        """A suspect that nothing but its own context speaks against; None if that convinces nobody."""
        scored = analysis.scored
        best, share = self.pivot_votes.best_candidate(scored, suspect, analysis.votes[scored.article[suspect]])
        place = scored.suspects.place[suspect]
        bits = float(batch.bits[0, place])
        is_listed = bool(scored.candidates.curated[scored.suspects.pair[best]] >= 0)
        if bits < _RARE_BITS and (bits < _FREQUENT_BITS or not (is_listed or share >= _SURE_CHOICE)):
            return None
        # Of words that translation hardly brings in 63% were changed, of the others 78%.
        if self.newness[batch.ids[place]] < BROUGHT_IN:
            return None
        score = float(self.classifier.shown_probability(scored.change_logit[suspect]))
        suggests = bits < _SUGGESTED_BITS and share >= _SURE_CHOICE
        return _ShownSuspect(suspect, best, score, suggests=suggests, conditional=score < _UNCONDITIONAL_SCORE)

    def _in_calque_context(
        self, batch: Batch, analysis: TermAnalysis, calque_context: NDArray[np.bool_]
    ) -> dict[int, int]:
        """Candidates that are an engine's favourite where news would have another word -> that candidate."""
        scored, suspects, unigrams = analysis.scored, analysis.scored.suspects, batch.model.unigrams
        observed, intended = batch.ids[suspects.place][suspects.of], scored.candidates.intended[suspects.pair]
        mask = np.log2(unigrams[intended]) - np.log2(unigrams[observed]) >= _CALQUE_CONTEXT_BITS
        mask &= calque_context[scored.article[suspects.of]] & (scored.uses[suspects.of] <= _MAX_USES)
        mask &= suspects.gain >= _CALQUE_CONTEXT_GAIN
        best: dict[int, tuple[float, int]] = {}
        for i in np.flatnonzero(mask).tolist():
            s = int(suspects.of[i])
            if self.favourites.has(int(observed[i]), int(intended[i])):
                votes = analysis.votes[scored.article[s]]
                agreement = self.pivot_votes.agreement(scored, suspects.pair[[i]], votes)
                best[s] = max(best.get(s, (-1.0, i)), (float(scored.choice[i] * agreement[0]), i))
        return {s: i for s, (_, i) in best.items()}

    def _span(self, batch: Batch, analysis: TermAnalysis, choice: _ShownSuspect) -> Evidence:
        """The span of one suspect."""
        scored, best = analysis.scored, choice.candidate
        place = int(scored.suspects.place[choice.suspect])
        intended = batch.model.vocabulary.words[scored.candidates.intended[scored.suspects.pair[best]]]
        pivot = self.pivot_votes.best_pivot(scored, best, analysis.votes[scored.article[choice.suspect]])
        reason = _reason(batch, scored, choice, intended)
        suggestion = intended if choice.suggests else None
        return term_span(batch, place, suggestion, pivot, choice.score, reason, choice.conditional)

    def _phrases(self, batch: Batch) -> Iterator[tuple[range, Evidence]]:
        """Phrases that machines put for others, strongest first, with the tokens that they cover."""
        for shown in self.phrases.find(batch) if self.phrases is not None else ():
            yield shown.tokens, phrase_span(batch, shown.tokens, shown.intended, shown.score, shown.suggests)


@dataclass(frozen=True, slots=True)
class _ShownSuspect:
    """A suspect to show: its index, its candidate, its score, whether the story corrects it, what is suggested, and when."""

    suspect: int
    candidate: int
    score: float
    corrected: bool = False
    suggests: bool = True
    conditional: bool = False


def _reason(batch: Batch, scored: ScoredCandidates, choice: _ShownSuspect, intended: str) -> str:
    observed = _token(batch, int(scored.suspects.place[choice.suspect])).lower()
    fits = " and fits better here" if scored.suspects.gain[choice.candidate] > 0 else ""
    story = f", and the story uses it {int(scored.candidate_uses[choice.candidate])} times" if choice.corrected else ""
    return f'"{intended}" often comes back as "{observed}"{fits}{story}'


def _token(batch: Batch, place: int) -> str:
    number = int(batch.article_of(place))
    return batch.articles[number].tokens[place - int(batch.offsets[number])]
