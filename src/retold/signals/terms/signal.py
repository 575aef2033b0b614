"""Terms: words that a translation put where the reporter wrote another.

Hypothesis: translation is a noisy channel (Brown et al. 1990). A suspect word may be another that came back changed; its
posterior weighs how often the channel does that against how much better the other word fits the context and the rest of
the story. Which candidate it was, and whether there was one at all, are two logistic models (``TermClassifier``). Beside a
machine verdict, phrases are shown that machines are known to put for others (``retold.channel.phrase_scoring``).
"""

from __future__ import annotations

from collections.abc import Set
from functools import cached_property
from typing import ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from retold.channel.calques import CalqueFinder
from retold.channel.candidates import CandidateTable
from retold.channel.lexical_table import LexicalTable
from retold.channel.phrase_scoring import PhraseScorer
from retold.channel.phrase_table import PhraseTable
from retold.language_model import LanguageModel
from retold.language_model.batch import Batch
from retold.signals.base import Evidence, FeatureDescription, HandcraftedSignal, ModelParts
from retold.signals.terms.classifier import FILE as CLASSIFIER_FILE
from retold.signals.terms.classifier import TermClassifier
from retold.signals.terms.discourse import KEPT_APART_FILE, parse_kept_apart
from retold.signals.terms.engine_favourites import EngineFavourites
from retold.signals.terms.evidence import TermAnalysis, TermEvidenceFinder
from retold.signals.terms.phrase_evidence import PhraseEvidence
from retold.signals.terms.pivot_votes import PivotVotes
from retold.signals.terms.substitution_scorer import ScoredCandidates, SubstitutionScorer
from retold.text.morphology import Inflector

# Words that the pivots' votes of one article are shared among; keeps a short article from a strong vote.
_PIVOT_PRIOR_WORDS = 200.0
# Candidates of an article whose log-odds are summed; by judgement.
_TOP = 5
_STAND_FOR, _BROUGHT_IN = "how likely its words stand for others", "words that translation brings in"


class LexicalMistranslation(HandcraftedSignal):
    """The signal; see the module's docstring.

    Args:
        channel: What words become through each pivot.
        language_model: Decides whether another word fits better.
        classifier: Judges suspects.
        kept_apart: Lemmas ``(observed, intended)`` that news keeps apart; see ``parse_kept_apart``.
        phrase_table: CalqueFinder that machines put for others, shown beside a machine verdict; None if there are none.
    """

    name = group = "terms"
    title = "suspect terms"
    descriptions: ClassVar = {
        "terms_suspects_per_100": FeatureDescription("how many of its words may stand for others"),
        "terms_suspicion_mean": FeatureDescription(_STAND_FOR, "suspect terms"),
        "terms_suspicion_mean_all": FeatureDescription(_STAND_FOR),
        "terms_posterior_max": FeatureDescription(_STAND_FOR),
        "terms_suspicion_top": FeatureDescription(_STAND_FOR),
        "terms_pivot_lead": FeatureDescription("how well its odd words fit one pivot language"),
        "terms_drift_mean": FeatureDescription(_BROUGHT_IN),
        "terms_newness_mean": FeatureDescription(_BROUGHT_IN),
        "terms_calques_per_1000": FeatureDescription("phrases rendered word for word"),
    }
    tables = (CLASSIFIER_FILE, KEPT_APART_FILE)

    def __init__(
        self,
        channel: LexicalTable,
        language_model: LanguageModel,
        classifier: TermClassifier,
        kept_apart: Set[tuple[str, str]] = frozenset(),
        phrase_table: PhraseTable | None = None,
    ) -> None:
        self._channel, self._language_model = channel, language_model
        self._classifier = classifier
        self._listed, self._phrase_table = kept_apart, phrase_table

    @classmethod
    def from_parts(cls, parts: ModelParts) -> Self:
        """See ``HandcraftedSignal``."""
        classifier = TermClassifier.from_json(parts.table(CLASSIFIER_FILE))
        kept_apart = parse_kept_apart(parts.table(KEPT_APART_FILE))
        return cls(parts.channel, parts.language_model, classifier, kept_apart, parts.phrase_table)

    @cached_property
    def _scorer(self) -> SubstitutionScorer:
        return SubstitutionScorer(self._channel, CandidateTable.build(self._channel, self._language_model))

    @cached_property
    def _calques(self) -> CalqueFinder:
        return CalqueFinder(self._channel.calques, self._language_model)

    @cached_property
    def _pivot_votes(self) -> PivotVotes:
        return PivotVotes(self._channel)

    @cached_property
    def _evidence_finder(self) -> TermEvidenceFinder:
        model = self._language_model
        senses = EngineFavourites(Inflector(model.vocabulary.index), model, self._listed)
        newness, table = self._scorer.newness, self._phrase_table
        phrases = PhraseEvidence(PhraseScorer(table, model), newness) if table is not None else None
        return TermEvidenceFinder(self._classifier, self._pivot_votes, phrases, newness, senses)

    def _analyse(self, batch: Batch) -> TermAnalysis:
        """Candidates, calques and votes of a batch that has words, computed once."""
        return batch.shared(self, lambda: self._analysis(batch))

    def _analysis(self, batch: Batch) -> TermAnalysis:
        scored = self._scorer.score(batch, self._classifier)
        calques = self._calques.find(batch)
        return TermAnalysis(scored, calques, self._pivot_votes.of_articles(scored, len(batch.articles)))

    def extract(self, batch: Batch) -> NDArray[np.float64]:
        """float64 array (n_articles, 9); suspicions are log-odds, the pivot's lead is in bits per 100 words.

        Candidates and calques are per 100 and 1,000 tokens; drift and newness are means over the words that the channel knows.
        """
        n = len(batch.articles)
        if not len(batch.ids):
            return np.zeros((n, len(self.feature_names)))
        analysis = self._analyse(batch)
        votes = analysis.votes
        lead = (votes.max(1) - votes.mean(1)) / (batch.lengths + _PIVOT_PRIOR_WORDS) * 100
        calques = np.bincount(
            batch.article_of(np.array([match.place for match in analysis.calques], dtype=np.int64)), minlength=n
        )
        in_channel = self._scorer.in_channel[batch.ids]
        words = np.maximum(batch.per_article(in_channel), 1)
        columns = [
            *_suspicion(batch, analysis.scored),
            lead,
            batch.per_article(self._scorer.drift[batch.ids] * in_channel) / words,
            batch.per_article(self._scorer.newness[batch.ids] * in_channel) / words,
            1000 * calques / batch.lengths,
        ]
        return np.column_stack(columns)

    def find_evidence(self, batch: Batch) -> list[list[Evidence]]:
        """Suspect words, calques and substituted phrases of each article, strongest first."""
        if not len(batch.ids):
            return [[] for _ in batch.articles]
        return self._evidence_finder.find(batch, self._analyse(batch))


def _suspicion(batch: Batch, scored: ScoredCandidates) -> tuple[NDArray[np.float64], ...]:
    """The columns from ``terms_suspects_per_100`` to ``terms_suspicion_top``, each (n_articles,)."""
    n, likely, article = len(batch.articles), scored.is_likely, scored.article
    count, total = (np.bincount(article[likely], w, minlength=n) for w in (None, scored.change_logit[likely]))
    every, total_all = (np.bincount(article, w, minlength=n) for w in (None, scored.change_logit))
    per_100 = 100 * count / batch.lengths
    return per_100, total / np.maximum(count, 1), total_all / np.maximum(every, 1), *_peaks(scored, n)


def _peaks(scored: ScoredCandidates, n_articles: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Highest posterior of each article, and the sum of its ``_TOP`` highest log-odds; float64 (n_articles,) each."""
    peak, top = np.zeros(n_articles), np.zeros(n_articles)
    order = np.flatnonzero(scored.is_likely)
    order = order[np.lexsort((-scored.change_logit[order], scored.article[order]))]
    article = scored.article[order]
    rank = np.arange(len(order)) - np.searchsorted(article, article)
    np.maximum.at(peak, article, scored.posterior[order])
    first = rank < _TOP
    np.add.at(top, article[first], scored.change_logit[order][first])
    return peak, top
