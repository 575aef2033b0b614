"""Fit the two models of the terms signal, on articles that the channel was not learned from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import expit
from sklearn.linear_model import LogisticRegression

from retold.alignment.bitext import changes
from retold.channel.candidates import CandidateTable
from retold.channel.lexical_table import LexicalTable
from retold.language_model import LanguageModel
from retold.language_model.batch import Batch
from retold.signals.terms.classifier import CANDIDATE_COLUMNS, SUSPECT_COLUMNS, TermClassifier
from retold.signals.terms.substitution_scorer import SubstitutionScorer
from retold.text import Article, analyse
from retold.text.morphology import Inflector
from retold.training.fit.lexical_table import AlignedPair

T = TypeVar("T")

_BATCH = 64
# Weights between candidates to start from: roughly the plain product of context and channel; the fit replaces them.
_FIRST_CHOICE = np.array([0.2, 0.0, 0.44, 0.4, 0.5, 0.5, -0.4])
# Texts of each side that the models are fitted to: about five minutes on one core, and more changed nothing measured.
_MAX_TEXTS = 1750
# Flags on single words per 1,000 words of originals that the threshold lets through.
_FLAGS_PER_1000 = 0.35
# Fewer suspects whose context speaks against them are no ground for two logistic models.
_MIN_SUSPECTS = 500


def learn_term_classifier(
    pairs: Sequence[AlignedPair], originals: Sequence[str], channel: LexicalTable, model: LanguageModel
) -> TermClassifier | None:
    """Fit choice, change and threshold on texts that the channel was not learned from; None if they are too few.

    Args:
        pairs: Round trips beside their originals, of groups that ``channel`` has not observed.
        originals: English-born articles of such groups.
        channel: The lexical table.
        model: The language model.
    """
    texts: list[tuple[Article, Article | None]] = [(p.observed, p.intended) for p in _spread(pairs)]
    n_machine = len(texts)
    texts += [(analyse(text), None) for text in _spread(originals)]
    if not n_machine or n_machine == len(texts):
        return None
    found = judge(texts, channel, model, _FIRST_CHOICE)
    if (found.suspects[:, SUSPECT_COLUMNS.index("odds")] > 0).sum() < _MIN_SUSPECTS or not found.right.any():
        return None
    choice = fit_choice(found)
    found = judge(texts, channel, model, choice)
    everything, machine = np.ones(len(found.changed), dtype=bool), found.article < n_machine
    suspect = fit_suspect(found, everything)
    weights = TermClassifier(choice, suspect, 1.0, fit_shown(found, suspect, machine))
    posterior = np.where(
        found.suspects[:, SUSPECT_COLUMNS.index("odds")] > 0, expit(found.suspects @ suspect[:-1] + suspect[-1]), 0
    )
    words = sum(article.n_words for article, original in texts if original is None)
    return with_threshold(weights, posterior[~machine], int(_FLAGS_PER_1000 * words / 1000))


def _spread(items: Sequence[T]) -> Sequence[T]:
    """At most ``_MAX_TEXTS`` of a sequence, evenly spread over it."""
    return items[:: max(1, -(-len(items) // _MAX_TEXTS))]


@dataclass(frozen=True)
class Judged:
    """Candidates of many articles with the truth about them.

    Attributes:
        candidates: (n_candidates, len(CANDIDATE_COLUMNS)).
        of: int64 (n_candidates,): suspect of each candidate.
        right: bool (n_candidates,): the original says exactly this word there.
        suspects: (n, len(SUSPECT_COLUMNS)) under ``choice``.
        best: int64 (n,): best candidate under ``choice``.
        posterior: float64 (n_candidates,): posterior among the candidates of a suspect.
        changed: bool (n,): the word is absent from its place in the original.
        article: int64 (n,): which article.
        word: int32 (n,): vocabulary id of the suspect.
        intended: int32 (n_candidates,): vocabulary id of each candidate.
    """

    candidates: NDArray[np.float64]
    of: NDArray[np.int64]
    right: NDArray[np.bool_]
    suspects: NDArray[np.float64]
    best: NDArray[np.int64]
    posterior: NDArray[np.float64]
    changed: NDArray[np.bool_]
    article: NDArray[np.int64]
    word: NDArray[np.int32]
    intended: NDArray[np.int32]


def judge(
    texts: Sequence[tuple[Article, Article | None]],
    channel: LexicalTable,
    model: LanguageModel,
    choice: NDArray[np.float64],
) -> Judged:
    """Find the suspects of articles and look up the truth in their originals; ``None`` marks an original itself."""
    evidencer = SubstitutionScorer(channel, CandidateTable.build(channel, model))
    inflector = Inflector(model.vocabulary.index)
    parts, n_suspects, n_candidates = [], 0, 0
    for first in range(0, len(texts), _BATCH):
        part = _judge_batch(texts[first : first + _BATCH], evidencer, model, inflector, choice)
        part["article"] += first
        part["of"] += n_suspects
        part["best"] += n_candidates
        n_suspects, n_candidates = n_suspects + len(part["article"]), n_candidates + len(part["of"])
        parts.append(part)
    return Judged(**{name: np.concatenate([part[name] for part in parts]) for name in parts[0]})


def _judge_batch(
    texts: Sequence[tuple[Article, Article | None]],
    evidencer: SubstitutionScorer,
    model: LanguageModel,
    inflector: Inflector,
    choice: NDArray[np.float64],
) -> dict[str, NDArray]:
    batch = Batch([observed for observed, _ in texts], model)
    found = evidencer.suspects(batch)
    columns = evidencer.describe_candidates(batch, found)
    numbers, best, posterior = evidencer.describe(batch, found, columns, choice)
    article = batch.article_of(found.place)
    truth = [changes(intended, observed, inflector) if intended else (None, {}) for observed, intended in texts]
    at = (found.place - batch.offsets[article]).tolist()
    changed = np.array([v is not None and v[t] == 1 for t, (v, _) in zip(at, (truth[a] for a in article), strict=True)])
    instead = [truth[a][1].get(t, ()) for a, t in zip(article, at, strict=True)]
    intended = evidencer.candidates.intended[found.pair]
    words = model.vocabulary.words
    right = np.array([words[m] in instead[s] for m, s in zip(intended, found.of, strict=True)], dtype=bool)
    return {
        "candidates": columns,
        "of": found.of,
        "right": right,
        "suspects": numbers,
        "best": best,
        "posterior": posterior,
        "changed": changed.astype(bool),
        "article": article,
        "word": batch.ids[found.place],
        "intended": intended,
    }


def fit_choice(found: Judged) -> NDArray[np.float64]:
    """Weights of the conditional logit that picks the right candidate, over changed words that have one."""
    has_right = np.bincount(found.of, found.right, minlength=len(found.changed)) > 0
    use = (has_right & found.changed)[found.of]
    of = np.unique(found.of[use], return_inverse=True)[1]
    first = np.flatnonzero(np.diff(of, prepend=-1))
    columns, right = found.candidates[use], found.right[use]

    def loss(weights: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        utility = columns @ weights
        size = np.exp(utility - np.maximum.reduceat(utility, first)[of])
        total, good = np.add.reduceat(size, first), np.add.reduceat(size * right, first)
        gradient = columns.T @ (size / total[of] - size * right / good[of])
        return float(-np.log(good / total).sum() + 0.5 * weights @ weights), gradient + weights

    return minimize(loss, np.zeros(len(CANDIDATE_COLUMNS)), jac=True, method="L-BFGS-B").x


def fit_suspect(found: Judged, use: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Weights and intercept of "this word was changed" over the suspects in ``use`` (n,) that context speaks against."""
    rows = use & (found.suspects[:, SUSPECT_COLUMNS.index("odds")] > 0)
    x, y = found.suspects[rows], found.changed[rows]
    centre, scale = x.mean(0), x.std(0) + 1e-9
    model = LogisticRegression(C=1.0, max_iter=1000).fit((x - centre) / scale, y)
    weights = model.coef_[0] / scale
    return np.append(weights, model.intercept_[0] - weights @ centre)


def fit_shown(found: Judged, suspect: NDArray[np.float64], use: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Slope and intercept that calibrate the log-odds within machine text; ``use`` (n,) picks suspects of such text."""
    rows = use & (found.suspects[:, SUSPECT_COLUMNS.index("odds")] > 0)
    change_logit = found.suspects[rows] @ suspect[:-1] + suspect[-1]
    model = LogisticRegression(C=100.0).fit(change_logit[:, None], found.changed[rows])
    return np.array([model.coef_[0, 0], model.intercept_[0]])


def with_threshold(weights: TermClassifier, scores: NDArray[np.float64], n_flags: int) -> TermClassifier:
    """Weights whose threshold lets ``n_flags`` of the posteriors ``scores`` (those of originals) through."""
    ordered = np.sort(scores)[::-1]
    return replace(weights, threshold=float(ordered[min(n_flags, len(ordered) - 1)]))
