"""The detector: texts in, verdicts out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from copy import copy
from dataclasses import replace
from functools import cached_property, lru_cache
from itertools import islice, repeat
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import numpy as np
from numpy.typing import NDArray

from retold.detector.batches import batches, require_text, require_texts
from retold.detector.calibration import OPERATING_POINTS, UNIFORM_PRIOR, read_prior
from retold.detector.classifier import CLASSIFIER_TARGETS, LinearClassifier
from retold.detector.collection import collection_paused
from retold.detector.components import ModelComponents
from retold.detector.explanation import Explanation, strongest_contributions
from retold.detector.features import feature_schema
from retold.detector.normality import NormalityClassifier
from retold.detector.prior_estimation import PriorEstimate, estimate_prior
from retold.detector.rescoring import MTRescorers
from retold.detector.scorability import too_long
from retold.detector.scoring import Scorer, ScoringConfig
from retold.detector.segments import ScoredSegment, machine_segment, score_segments
from retold.detector.signature import signature_of, training_data_of
from retold.detector.time_limit import each_within
from retold.detector.verdict import BACK_TRANSLATED, LABELS, Verdict, unjudged
from retold.detector.verdict_builder import build_verdicts
from retold.errors import InputError, ModelError
from retold.limits import BATCH_DOCUMENTS, RESCORING_BATCH_DOCUMENTS
from retold.model_store import bundled_model, read_model
from retold.text import Article, analyse
from retold.translation import TranslationCache
from retold.workers import in_workers

if TYPE_CHECKING:
    import pandas as pd

    from retold.archive.tracing import Archives, Trace
    from retold.compare import Comparison
    from retold.compare.weights import ComparisonWeights


T = TypeVar("T")


class Detector:
    """Scores English articles as original, edited or back-translated.

    Args:
        components: What the signals are built from.
        classifier: From features to probabilities.
        name: Name, version and digest of the model, shown on every verdict.
        path: The model's folder, from which worker processes load it; None keeps everything in this process.
        rescorers: The classifiers of the second look, if the model has them.
        config: The options; ``with_options`` makes a copy with others.
        training_data: Identifies the data that the model was trained on, for the signature.
        comparison: Content of the model's ``comparison.json``; empty if it has none.
        normality: Finds texts that are no normal English, if the model has it.
    """

    def __init__(
        self,
        components: ModelComponents,
        classifier: LinearClassifier,
        name: str,
        path: Path | None = None,
        rescorers: MTRescorers | None = None,
        config: ScoringConfig | None = None,
        training_data: str = "unknown",
        comparison: str = "",
        normality: NormalityClassifier | None = None,
    ) -> None:
        self._comparison = comparison
        self.normality = normality
        self.components = components
        self.classifier = classifier
        self.name = name
        self.path = path
        self.rescorers = rescorers
        self.config = config or ScoringConfig()
        self.training_data = training_data
        self.signals = components.signals
        self._scorer = Scorer(
            components, self.signals, classifier, rescorers, normality, self.config, name, training_data
        )

    @property
    def signature(self) -> str:
        """Everything that the numbers of a verdict depend on, as ``name:value`` joined by "|"."""
        return signature_of(self._scorer)

    def with_options(
        self,
        prior: str | Sequence[float] | Mapping[str, float] | None = None,
        operating_point: str | None = None,
        mt_engine: TranslationCache | None = None,
        time_limit: float | None = None,
    ) -> Detector:
        """The same detector with other options; those that are None stay as they are.

        Args:
            prior: Expected shares of original, edited and back-translated articles, such as ``0.8,0.1,0.1``.
            operating_point: ``low-fpr`` (at most 1% of originals are called back-translated) or ``balanced``.
            mt_engine: Scores uncertain articles again from their round trips, a second of work for 200 words; everything then
                happens in this process.
            time_limit: Seconds of the processor that one text may take; one that takes longer gets a verdict without a label.
                Only the main thread of a process can keep to it.

        Raises:
            InputError: if there are not three positive numbers, no such operating point, or no time.
            ModelError: if an engine is given to a model that was trained without.
        """
        if mt_engine is not None and self.rescorers is None:
            raise ModelError(f"{self.name} was trained without MT rescoring; train with: retold train --deep")
        if operating_point is not None and operating_point not in OPERATING_POINTS:
            raise InputError(
                f"unknown operating point {operating_point!r}; choose one of {', '.join(OPERATING_POINTS)}"
            )
        if time_limit is not None and not time_limit > 0:
            raise InputError(f"time_limit={time_limit!r}: give seconds, more than 0")
        return self.with_config(
            ScoringConfig(
                self.config.prior if prior is None else read_prior(prior),
                operating_point or self.config.operating_point,
                mt_engine or self.config.mt_engine,
                time_limit or self.config.time_limit,
            )
        )

    def score(self, text: str, id: str = "") -> Verdict:
        """Score one text; never raises for a str: what cannot be judged gets a verdict without a label, and a warning."""
        require_text(text)
        return self._verdicts([(text, id)], evidence=True)[0]

    def score_many(
        self, texts: Iterable[str], ids: Iterable[str] | None = None, jobs: int = 1, evidence: bool = True
    ) -> Iterator[Verdict]:
        """Yield a verdict for each text, in order.

        Args:
            texts: The articles; taken a few batches at a time, so that a stream of any length can be scored.
            ids: A name for each; empty strings if None.
            jobs: Processes; more than one needs a detector that was loaded from a folder.
            evidence: Whether to look for evidence; without, scoring takes a third less time.

        Raises:
            InputError: if ``texts`` is one string.
        """
        require_texts(texts)
        return self._stream(zip(texts, repeat("")) if ids is None else zip(texts, ids, strict=True), jobs, evidence)

    def predict_proba(self, texts: Iterable[str]) -> NDArray[np.float64]:
        """float64 array (n_texts, 3): probabilities in the order of ``LABELS``; a row of NaN where nothing can be judged.

        Raises:
            InputError: if ``texts`` is one string, or one of them is none, such as what pandas has for a missing text.
        """
        require_texts(texts)
        return self._probabilities(batches(texts, lambda text: text), _analysed)

    def article_probabilities(self, articles: Sequence[Article]) -> NDArray[np.float64]:
        """As ``predict_proba``, of articles that were analysed before."""
        return self._probabilities(batches(articles, lambda article: article.raw), list)

    def article_log_odds(self, articles: Sequence[Article]) -> NDArray[np.float64]:
        """float64 (n_articles, len(CLASSIFIER_TARGETS)): each article by itself, before calibration; NaN where nothing can be judged."""
        parts = [self._scorer.log_odds(batch) for batch in batches(articles, lambda article: article.raw)]
        return np.array([row for rows in parts for row in rows]).reshape(-1, len(CLASSIFIER_TARGETS))

    def _probabilities(
        self, batched: Iterable[list[T]], analysed: Callable[[Sequence[T]], list[Article]]
    ) -> NDArray[np.float64]:
        def measure(items: Sequence[T]) -> list[NDArray[np.float64]]:
            with collection_paused():
                return list(self._scorer.score(analysed(items)).probabilities)

        unknown = np.full(len(LABELS), np.nan)
        parts = [each_within(self.config.time_limit, batch, measure, lambda _: unknown) for batch in batched]
        return np.array([row for rows in parts for row in rows]).reshape(-1, len(LABELS))

    def estimate_prior(self, texts: Iterable[str]) -> PriorEstimate:
        """The mixture of original, edited and back-translated texts in a batch, for ``with_options(prior=...)``.

        Raises:
            InputError: if ``texts`` is one string.
        """
        uniform = self.with_options(prior=UNIFORM_PRIOR).predict_proba(texts)
        return estimate_prior(uniform, self.config.prior)

    def explain(self, text: str, id: str = "") -> Explanation:
        """Score one text and say which features weighed most and which part, if only one, reads machine-made."""
        require_text(text)
        scored = self._scorer.score(_analysed([text]))
        verdict = build_verdicts(self._scorer, scored, [id])[0]
        if not verdict.is_judged:
            return Explanation(verdict, text)
        pivots, shows_none = self.components.pivot_classifier, verdict.label == BACK_TRANSLATED and not verdict.pivot
        return Explanation(
            verdict,
            text,
            strongest_contributions(self.classifier, scored.features[0], self.feature_names),
            pivots.predict(scored.batch)[0].group if pivots is not None and shows_none else None,
            machine_segment(self._segments(scored.batch.articles[0])),
        )

    def segments(self, text: str) -> tuple[ScoredSegment, ...]:
        """Score each segment of about 150 words by itself, at a uniform prior; none for a text of fewer than two."""
        return self._segments(analyse(text))

    def compare(
        self, texts: Sequence[str], ids: Sequence[str] | None = None, dates: Sequence[str] | None = None
    ) -> Comparison:
        """Group texts into stories, and say which version descends from which; see ``retold.compare.compare``."""
        # A higher room: this method is a shortcut for ``compare(texts, detector=detector)``.
        from retold.compare import compare

        return compare(texts, ids, self, dates)

    def trace(self, text: str, archive: Archives, id: str = "", date: str = "") -> Trace:
        """Find the articles that a text was made from; see ``retold.archive.tracing.trace``."""
        # A higher room: this method is a shortcut for ``trace(text, archive, detector)``.
        from retold.archive.tracing import trace

        return trace(text, archive, self, id, date)

    @property
    def prior(self) -> tuple[float, ...]:
        """Shares of original, edited and back-translated articles that its probabilities are stated for."""
        return self.config.prior

    @cached_property
    def comparison_weights(self) -> ComparisonWeights:
        """The fitted numbers of comparison.

        Raises:
            ModelError: if the model holds none, or they are malformed.
        """
        # A higher room, and two megabytes to parse that scoring does without.
        from retold.compare.weights import FILE, ComparisonWeights

        return ComparisonWeights.from_json(self._comparison, f"{self.path or self.name}: {FILE}")

    @property
    def feature_names(self) -> tuple[str, ...]:
        """Names of the columns of ``feature_matrix``."""
        return feature_schema(self.signals).names

    def feature_matrix(self, texts: Iterable[str]) -> NDArray[np.float64]:
        """float64 array (n_texts, n_features): the features of every signal, finite.

        Raises:
            InputError: if ``texts`` is one string.
        """
        require_texts(texts)
        parts = [self._scorer.features(_analysed(batch)) for batch in batches(texts, lambda text: text)]
        return np.vstack([np.empty((0, len(self.feature_names))), *parts])

    def features(self, texts: Iterable[str]) -> pd.DataFrame:
        """``feature_matrix`` as a frame: a row a text, a named column a feature."""
        # Takes half a second to load, and scoring does without.
        import pandas as pd

        return pd.DataFrame(self.feature_matrix(texts), columns=list(self.feature_names))

    def with_config(self, config: ScoringConfig) -> Detector:
        """The same detector with another's options."""
        # All parts are shared: building signals and what they load at the first text takes longer than scoring a batch.
        changed = copy(self)
        changed.config, changed._scorer = config, replace(self._scorer, config=config)
        return changed

    def _segments(self, article: Article) -> tuple[ScoredSegment, ...]:
        scorer = self._scorer
        return score_segments(article, lambda articles: scorer.uniform_probabilities(scorer.features(articles)))

    def _stream(self, documents: Iterable[tuple[str, str]], jobs: int, evidence: bool) -> Iterator[Verdict]:
        max_documents = BATCH_DOCUMENTS if self.config.mt_engine is None else RESCORING_BATCH_DOCUMENTS
        cut = batches(documents, lambda document: document[0], max_documents)
        has_workers = jobs > 1 and self.path is not None and self.config.mt_engine is None
        while window := list(islice(cut, jobs if has_workers else 1)):
            if len(window) == 1:
                yield from self._verdicts(window[0], evidence)
                continue
            calls = ((self.path, self.config, batch, evidence) for batch in window)
            for verdicts in in_workers(_verdicts_in_worker, calls, jobs):
                yield from verdicts

    def _verdicts(self, documents: Sequence[tuple[str, str]], evidence: bool) -> list[Verdict]:
        limit = self.config.time_limit

        def measure(some: Sequence[tuple[str, str]]) -> list[Verdict]:
            with collection_paused():
                scored = self._scorer.score(_analysed([text for text, _ in some]))
                return build_verdicts(self._scorer, scored, [id for _, id in some], evidence)

        def otherwise(document: tuple[str, str]) -> Verdict:
            return unjudged(document[1], too_long(limit), self.name, self.signature)

        return each_within(limit, documents, measure, otherwise)


def load(path: str | Path | None = None) -> Detector:
    """Load a model; the shipped one if ``path`` is None. Models are audited and run no code.

    Raises:
        ModelError: if there is no sound model there; the message says what to do.
    """
    return _load(Path(path).resolve() if path is not None else bundled_model())


@lru_cache(maxsize=4)
def _load(path: Path) -> Detector:
    with collection_paused():
        folder = read_model(path)
        classifier = LinearClassifier.from_arrays(folder.arrays)
        return Detector(
            ModelComponents.from_folder(folder),
            classifier,
            f"{folder.meta['name']} {folder.meta['version']} ({folder.signature})",
            path,
            MTRescorers.from_arrays(folder.arrays),
            ScoringConfig(tuple(classifier.adaptation.prior.tolist())) if classifier.adaptation is not None else None,
            training_data=training_data_of(folder),
            comparison=folder.texts.get("comparison.json", ""),
            normality=NormalityClassifier.from_arrays(folder.arrays),
        )


def _verdicts_in_worker(
    path: Path, config: ScoringConfig, documents: Sequence[tuple[str, str]], evidence: bool
) -> list[Verdict]:
    return _load(path).with_config(config)._verdicts(documents, evidence)


def _analysed(texts: Sequence[str]) -> list[Article]:
    return [analyse(text) for text in texts]
