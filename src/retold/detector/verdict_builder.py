"""From a scored batch to verdicts: evidence, pivots, warnings and the signature are added here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from retold.detector.abnormal_evidence import abnormal_sentences, exchanged_words
from retold.detector.calibration import ABSTAIN_BELOW
from retold.detector.features import feature_schema
from retold.detector.normality import NOT_NORMAL, READS_TRANSLATED, SPUN
from retold.detector.scorability import warnings_about
from retold.detector.scoring import ScoredBatch, Scorer
from retold.detector.signature import signature_of
from retold.detector.verdict import BACK_TRANSLATED, DECIMALS, LABELS, Verdict, named_probabilities
from retold.signals.base import Evidence
from retold.signals.evidence import find_evidence

# Spans shown for one article; a reader stops long before.
_MAX_EVIDENCE = 50
# Probability of back-translation from which a text is under suspicion, twice the usual prior, and the score that convinces without.
# Every writer uses a rarer word now and then: 500 articles of five outlets had 0.27 to 0.42 flags per 1,000 words while all
# unconditional evidence was shown (benchmarks/evidence.py), most of them a plain synonym in an article judged original.
_SUSPECT, _CONVINCING = 0.2, 0.9


def build_verdicts(
    scorer: Scorer, scored: ScoredBatch, ids: Sequence[str], with_evidence: bool = True
) -> list[Verdict]:
    """The verdict on each article of a batch.

    Args:
        scorer: What scored it.
        scored: What was measured.
        ids: The user's names for the articles.
        with_evidence: Whether to look for evidence.
    """
    signature, pivots = signature_of(scorer), _pivots(scorer, scored)
    evidence = _evidence(scorer, scored) if with_evidence else [[] for _ in ids]
    group_scores = scorer.classifier.group_scores(scored.features)
    groups = feature_schema(scorer.signals).group_names
    return [
        Verdict(
            id=id,
            label=label,
            probabilities=named_probabilities(probabilities),
            abstained=_abstains(label, probabilities) or bool(scored.abnormal[i]),
            n_words=article.n_words,
            language=language.code,
            pivot=pivots[i] if label == BACK_TRANSLATED else {},
            signals=_named_groups(groups, group_scores[i]) if label else {},
            evidence=_strongest(evidence[i], label, probabilities, scored.abnormal[i] == READS_TRANSLATED),
            warnings=warnings_about(article, language, scored.engine_failures.get(i), scored.abnormal[i]),
            model=scorer.name,
            signature=signature,
        )
        for i, (id, article, language, label, probabilities) in enumerate(
            zip(ids, scored.batch.articles, scored.languages, scored.labels, scored.probabilities, strict=True)
        )
    ]


def _pivots(scorer: Scorer, scored: ScoredBatch) -> list[dict[str, float]]:
    """The likeliest pivot languages of each article; not computed where no article is back-translated."""
    classifier = scorer.components.pivot_classifier
    if classifier is None or BACK_TRANSLATED not in scored.labels:
        return [{} for _ in scored.labels]
    return [prediction.pivots for prediction in classifier.predict(scored.batch)]


def _evidence(scorer: Scorer, scored: ScoredBatch) -> list[list[Evidence]]:
    """The evidence of all signals for each article."""
    found = find_evidence(scored.batch, scorer.signals, [label == BACK_TRANSLATED for label in scored.labels])
    exchanged = scorer.components.replaced_words
    for row, reason in enumerate(scored.abnormal):
        if reason == SPUN and exchanged is not None:
            found[row] = [*found[row], *exchanged_words(scored.batch, row, exchanged)]
        if reason in NOT_NORMAL:
            found[row] = [*found[row], *abnormal_sentences(scored.batch, row)]
    return found


def _abstains(label: str | None, probabilities: NDArray[np.float64]) -> bool:
    """True if there is no label, none is probable enough, or an operating point refuses the most probable one."""
    return label is None or bool(probabilities.max() < ABSTAIN_BELOW) or label != LABELS[int(probabilities.argmax())]


def _named_groups(groups: Sequence[str], scores: NDArray[np.float64]) -> dict[str, float]:
    return {group: round(float(score), DECIMALS) for group, score in zip(groups, scores, strict=True)}


def _strongest(
    evidence: Sequence[Evidence], label: str | None, probabilities: NDArray[np.float64], reads_translated: bool
) -> tuple[Evidence, ...]:
    """Evidence for a label, strongest first, equal findings once.

    Conditional evidence needs a machine verdict, other evidence at least a suspicion, unless it convinces by itself.
    """
    is_probable = bool(probabilities[LABELS.index(BACK_TRANSLATED)] >= _SUSPECT)
    is_suspect = label == BACK_TRANSLATED or is_probable or reads_translated
    shown = (
        e
        for e in evidence
        if label == BACK_TRANSLATED or (not e.conditional and (is_suspect or e.score >= _CONVINCING))
    )
    unique: dict[tuple[int, int, str | None], Evidence] = {}
    for e in sorted(shown, key=lambda e: (-e.score, e.start, e.signal)):
        unique.setdefault((e.start, e.end, e.suggestion), e)
    return tuple(replace(e, score=round(e.score, DECIMALS)) for e in list(unique.values())[:_MAX_EVIDENCE])
