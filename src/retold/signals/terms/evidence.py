"""Evidence of the terms signal: which suspects, calques and phrases of an article are shown, with which suggestion."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from retold.channel.calques import CalqueMatch
from retold.channel.lexical_table import PIVOTS
from retold.channel.phrase_scoring import PhraseScorer, strongest
from retold.language_model.batch import Batch
from retold.signals.base import Evidence
from retold.signals.terms.classifier import TermClassifier
from retold.signals.terms.discourse import find_kept_apart, one_sense_per_discourse
from retold.signals.terms.pivot_votes import PivotVotes
from retold.signals.terms.spans import calque_span, calque_tokens, phrase_span, term_span
from retold.signals.terms.substitution_scorer import ScoredCandidates

# A suggestion is only made if it is likelier than this among its rivals; below, the span says that something is wrong.
_MIN_CHOICE = 0.35
# Score of a listed calque, by how many bits better the intended phrase fits; one below the floor is not shown.
_CALQUE_SLOPE, _CALQUE_FLOOR = 0.15, 0.55
# Three fifths to two thirds of the words that the story itself corrects proved changed; half of the calque contexts' did.
_DISCOURSE_SCORE, _CALQUE_CONTEXT_SCORE = 0.63, 0.5
# Beside a machine verdict this probability that the word was changed will do; chosen on round trips of which the classifier
# had observed other engines. The card says what it comes to where the engine is kept out of everything.
_CONDITIONAL_SCORE = 0.74
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
        phrases: CalqueFinder that machines put for others; None if the model has none.
        default_senses: Vocabulary ids ``(observed, intended)`` of pairs whose first word engines favour.
        kept_apart: Those of them whose words news keeps apart.
    """

    classifier: TermClassifier
    pivot_votes: PivotVotes
    phrases: PhraseScorer | None
    default_senses: frozenset[tuple[int, int]]
    kept_apart: frozenset[tuple[int, int]]

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
        kept_apart = find_kept_apart(batch, scored, self.kept_apart)
        by_discourse = one_sense_per_discourse(scored)
        by_discourse[list(kept_apart)] = True
        is_rare = scored.is_likely & (scored.uses <= _MAX_USES)
        is_sure = (is_rare & (scored.posterior >= self.classifier.threshold)) | by_discourse
        shown_probability = self.classifier.shown_probability(scored.change_logit)
        is_shown = is_sure | (is_rare & (shown_probability >= _CONDITIONAL_SCORE))
        in_context = self._in_calque_context(batch, analysis, calque_context)
        for s in sorted({*np.flatnonzero(is_shown).tolist(), *in_context}):
            candidate = kept_apart.get(s, None if is_shown[s] else in_context.get(s))
            yield _ShownSuspect(s, candidate, bool(by_discourse[s]), not is_sure[s])

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
            if (int(observed[i]), int(intended[i])) in self.default_senses:
                votes = analysis.votes[scored.article[s]]
                agreement = self.pivot_votes.agreement(scored, suspects.pair[[i]], votes)
                best[s] = max(best.get(s, (-1.0, i)), (float(scored.choice[i] * agreement[0]), i))
        return {s: i for s, (_, i) in best.items()}

    def _span(self, batch: Batch, analysis: TermAnalysis, choice: _ShownSuspect) -> Evidence:
        """The span of one suspect."""
        scored, s = analysis.scored, choice.suspect
        votes, place = analysis.votes[scored.article[s]], int(scored.suspects.place[s])
        best, share = choice.candidate, 1.0
        if best is None:
            best, share = self.pivot_votes.best_candidate(scored, s, votes)
        intended = batch.model.vocabulary.words[scored.candidates.intended[scored.suspects.pair[best]]]
        suggestion = intended if choice.by_discourse or share >= _MIN_CHOICE else None
        pivot = self.pivot_votes.best_pivot(scored, best, votes)
        reason = _reason(batch, scored, choice, best, intended)
        return term_span(batch, place, suggestion, pivot, self._score(scored, choice), reason, choice.conditional)

    def _score(self, scored: ScoredCandidates, choice: _ShownSuspect) -> float:
        score = _CALQUE_CONTEXT_SCORE
        if choice.candidate is None:
            score = float(self.classifier.shown_probability(scored.change_logit[choice.suspect]))
        return max(score, _DISCOURSE_SCORE) if choice.by_discourse else score

    def _phrases(self, batch: Batch) -> Iterator[tuple[range, Evidence]]:
        """CalqueFinder that machines put for others, strongest first, with the tokens that they cover."""
        if self.phrases is None:
            return
        matches = self.phrases.find(batch)
        log_odds = self.phrases.log_odds(batch, matches)
        lengths, table = self.phrases.length, self.phrases.table
        for i in strongest(matches, lengths, log_odds, float(table.settings[0])).tolist():
            score, row, place = table.chance(float(log_odds[i])), int(matches.row[i]), int(matches.place[i])
            if score >= _CONDITIONAL_SCORE:
                tokens = range(place, place + int(lengths[row]))
                yield tokens, phrase_span(batch, tokens, self.phrases.text(row), score)


@dataclass(frozen=True, slots=True)
class _ShownSuspect:
    """A suspect to show: its index, its candidate if that is settled, whether the story corrects it, and ``conditional``."""

    suspect: int
    candidate: int | None
    by_discourse: bool
    conditional: bool


def _reason(batch: Batch, scored: ScoredCandidates, choice: _ShownSuspect, candidate: int, intended: str) -> str:
    s = choice.suspect
    observed = _token(batch, int(scored.suspects.place[s])).lower()
    uses = scored.best_uses[s] if choice.candidate is None else scored.candidate_uses[candidate]
    fits = " and fits better here" if scored.suspects.gain[candidate] > 0 else ""
    story = f", and the story uses it {int(uses)} times" if choice.by_discourse else ""
    return f'"{intended}" often comes back as "{observed}"{fits}{story}'


def _token(batch: Batch, place: int) -> str:
    number = int(batch.article_of(place))
    return batch.articles[number].tokens[place - int(batch.offsets[number])]
