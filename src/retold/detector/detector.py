"""The detector: texts in, verdicts out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from joblib import Parallel, delayed
from numpy.typing import NDArray

from retold.detector.calibration import ABSTAIN_BELOW, OPERATING_POINTS, read_prior, with_prior
from retold.detector.classifier import LinearClassifier
from retold.detector.explanation import Explanation, FeatureContributions, weigh
from retold.detector.features import layout, measure
from retold.detector.options import Options
from retold.detector.rescoring import ENGINE_FEATURES, MTRescorers, extract_engine_features
from retold.detector.verdict import BACK_TRANSLATED, LABELS, Verdict
from retold.errors import InputError, ModelError
from retold.language_model.batch import Batch
from retold.limits import BATCH_DOCUMENTS, MIN_WORDS, WEAK_WORDS
from retold.model_store import bundled_model, read_model
from retold.signals.base import Evidence
from retold.signals.registry import FEATURE_GROUPS, Resources, build_signals
from retold.signals.stylometry.language import foreign_share, language_of_article
from retold.text import Article, analyse
from retold.translation import TranslationCache

if TYPE_CHECKING:
    import pandas as pd

    from retold.compare import Comparison

# Decimals of every number in a verdict: a change of batch or processor moves the last bits of a float, never the sixth.
_DECIMALS = 6
# Spans shown for one article; a reader stops long before.
_MAX_EVIDENCE = 50
# Share of an article in another language from which a reader is warned.
_FOREIGN_SHARE = 0.1


class Detector:
    """Scores English articles as original, edited or back-translated.

    Args:
        resources: What the signals are built from.
        head: The learned last step.
        name: Name, version and signature of the model, shown on every verdict.
        path: The model's folder, from which worker processes load it; None keeps everything in this process.
        deep: The last steps where an engine is asked, too, if the model has them.
        options: How it is to be used; ``using`` makes a copy with others.
    """

    def __init__(
        self,
        resources: Resources,
        head: LinearClassifier,
        name: str,
        path: Path | None = None,
        deep: MTRescorers | None = None,
        options: Options | None = None,
    ) -> None:
        self.deep = deep
        self.options = options or Options()
        self.resources = resources
        self.head = head
        self.name = name
        self.path = path
        self.signals = build_signals(resources)

    def using(
        self,
        prior: str | Mapping[str, float] | None = None,
        point: str | None = None,
        echoes: TranslationCache | None = None,
    ) -> Detector:
        """The same detector, used otherwise; what is None stays as it is.

        Args:
            prior: Shares of original, edited and back-translated articles that are expected, such as ``0.8,0.1,0.1``.
            point: ``low-fpr`` (at most 1% of originals are called back-translated) or ``balanced``.
            echoes: What asks an engine about doubtful articles, a second of work for 200 words; everything then happens
                in this process.

        Raises:
            InputError: if there are not three positive numbers, or no such point.
            ModelError: if a deep look is wanted of a model that was trained without.
        """
        if echoes is not None and self.deep is None:
            raise ModelError(f"{self.name} was trained without a deep look; train with: retold train --deep")
        if point is not None and point not in OPERATING_POINTS:
            raise InputError(f"unknown operating point {point!r}; choose one of {', '.join(OPERATING_POINTS)}")
        expected = self.options.prior if prior is None else read_prior(prior)
        asked = echoes or self.options.echoes
        chosen = Options(expected, point or self.options.point, asked)
        return Detector(self.resources, self.head, self.name, self.path, self.deep, chosen)

    def score(self, text: str, id: str = "") -> Verdict:
        """Score one text; never raises for a str: what cannot be judged gets a verdict with a warning."""
        return self._score_batch([text], [id])[0]

    def explain(self, text: str, id: str = "") -> Explanation:
        """Score one text and say which features weighed most, and which family of pivots where no single one shows."""
        verdict = self.score(text, id)
        return Explanation(verdict, weigh(self, verdict, text))

    def weigh(self, verdict: Verdict, text: str) -> FeatureContributions:
        """What weighed most in a verdict that this detector gave on a text."""
        return weigh(self, verdict, text)

    def score_many(self, texts: Sequence[str], ids: Sequence[str] | None = None, jobs: int = 1) -> Iterator[Verdict]:
        """Yield a verdict for each text, in order.

        Args:
            texts: The articles.
            ids: A name for each; empty strings if None.
            jobs: Processes; more than one needs a detector that was loaded from a folder.
        """
        names = list(ids) if ids is not None else [""] * len(texts)
        parts = [slice(i, i + BATCH_DOCUMENTS) for i in range(0, len(texts), BATCH_DOCUMENTS)]
        if jobs == 1 or self.path is None or len(parts) == 1 or self.options.echoes is not None:
            for part in parts:
                yield from self._score_batch(texts[part], names[part])
            return
        work = (delayed(_score_with)(self.path, self.options, texts[part], names[part]) for part in parts)
        for verdicts in Parallel(n_jobs=jobs, return_as="generator")(work):
            yield from verdicts

    def predict_proba(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """float64 array (n_texts, 3): probabilities in the order of ``LABELS``."""
        verdicts = self.score_many(texts)
        return np.array([[v.probabilities[label] for label in LABELS] for v in verdicts]).reshape(-1, len(LABELS))

    def compare(
        self, texts: Sequence[str], ids: Sequence[str] | None = None, dates: Sequence[str] | None = None
    ) -> Comparison:
        """Group texts into stories, and say which version descends from which; see ``retold.compare.compare``."""
        from retold.compare import compare

        return compare(texts, ids, self, dates=dates)

    def features(self, texts: Sequence[str]) -> pd.DataFrame:
        """What every signal measured: a row a text, a named column a feature."""
        import pandas as pd

        batch = Batch([analyse(text) for text in texts], self.resources.language_model)
        return pd.DataFrame(measure(batch, self.signals), columns=list(layout(self.signals).names))

    def _score_batch(self, texts: Sequence[str], ids: Sequence[str]) -> list[Verdict]:
        batch = Batch([analyse(text) for text in texts], self.resources.language_model)
        features = measure(batch, self.signals)
        equal, called = self._judged(batch, features)
        probabilities, group_scores = with_prior(equal, self.options.prior), self.head.group_scores(features)
        labels = _labels(probabilities, called)
        pivots = self.resources.pivots.read(batch) if self.resources.pivots is not None else [{} for _ in texts]
        evidence = [found for signal in self.signals if (found := signal.evidence(batch))]
        return [
            self._verdict(
                article,
                ids[i],
                labels[i],
                probabilities[i],
                group_scores[i],
                [e for found in evidence for e in found[i]],
                pivots[i],
            )
            for i, article in enumerate(batch.articles)
        ]

    def _judged(
        self, batch: Batch, features: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], NDArray[np.bool_] | None]:
        """Probabilities at equal priors, and what the operating point calls back-translated, if there is one.

        Where there is an engine, it is asked about articles that are not clear.
        """
        point, words = self.options.point, np.array([article.n_words for article in batch.articles])
        equal = self.head.probabilities(features)
        called = self.head.calibration.called(equal, words, point) if point else None
        engine = self.options.echoes
        if self.deep is None or engine is None:
            return equal, called

        def ask(rows: NDArray[np.intp]) -> NDArray[np.float64]:
            said = [extract_engine_features(batch.articles[row], engine) for row in rows.tolist()]
            return np.array(said).reshape(-1, len(ENGINE_FEATURES))

        for head, judged in self.deep.rescore(equal, self.head.log_odds(features), features[:, -1], ask):
            if called is not None and point is not None:
                called[judged] = head.calibration.called(equal[judged], words[judged], point)
        return equal, called

    def _verdict(
        self,
        article: Article,
        id: str,
        label: str,
        probabilities: NDArray[np.float64],
        group_scores: NDArray[np.float64],
        evidence: list[Evidence],
        pivot: dict[str, float],
    ) -> Verdict:
        language = language_of_article(article)
        warnings = _warnings(article, language)
        shown = _shown(evidence, label)
        # A label that an operating point refuses to give is no reason to believe in another.
        unsure = bool(probabilities.max() < ABSTAIN_BELOW or label != LABELS[int(probabilities.argmax())])
        return Verdict(
            id=id,
            label=label,
            probabilities=dict(zip(LABELS, _rounded(probabilities), strict=True)),
            abstained=unsure or article.n_words < MIN_WORDS or language != "en",
            n_words=article.n_words,
            language=language,
            pivot=pivot if label == BACK_TRANSLATED else {},
            signals=dict(zip(FEATURE_GROUPS, _rounded(group_scores), strict=True)),
            evidence=shown,
            warnings=warnings,
            model=self.name,
        )


def _labels(probabilities: NDArray[np.float64], called: NDArray[np.bool_] | None) -> list[str]:
    """The label of each text: the most probable, unless an operating point says what is back-translated."""
    shares = probabilities.copy()
    if called is not None:
        shares[:, LABELS.index(BACK_TRANSLATED)] = np.where(called, 2.0, -1.0)
    return [LABELS[int(i)] for i in shares.argmax(axis=1)]


def _shown(evidence: list[Evidence], label: str) -> tuple[Evidence, ...]:
    """Strongest first, the same finding once; what convinces only beside a machine verdict is shown only beside one."""
    kept = [e for e in evidence if label == BACK_TRANSLATED or not e.conditional]
    ranked = sorted(kept, key=lambda e: (-e.score, e.start, e.signal))
    once = {(e.start, e.end, e.suggestion): e for e in reversed(ranked)}
    first = [e for e in ranked if once[e.start, e.end, e.suggestion] is e][:_MAX_EVIDENCE]
    return tuple(replace(e, score=round(e.score, _DECIMALS)) for e in first)


def _rounded(values: NDArray[np.float64]) -> list[float]:
    return [round(float(v), _DECIMALS) for v in values]


def _warnings(article: Article, language: str) -> tuple[str, ...]:
    found = []
    if article.n_words < MIN_WORDS:
        counted = "1 word" if article.n_words == 1 else f"{article.n_words} words"
        found.append(f"only {counted}: too short to judge, {MIN_WORDS} are the least")
    elif article.n_words < WEAK_WORDS:
        found.append(f"only {article.n_words} words: a verdict on fewer than {WEAK_WORDS} is weak")
    if article.n_words and language != "en":
        found.append(f"the text seems not to be English (language: {language}), so the verdict means nothing")
    elif article.n_words and (share := foreign_share(article)) > _FOREIGN_SHARE:
        found.append(f"{share:.0%} of the text is in another language")
    return tuple(found)


@lru_cache(maxsize=4)
def _load(path: Path) -> Detector:
    folder = read_model(path)
    resources = Resources.from_arrays(folder.arrays, folder.texts)
    name = f"{folder.meta['name']} {folder.meta['version']} ({folder.signature})"
    return Detector(
        resources, LinearClassifier.from_arrays(folder.arrays), name, path, MTRescorers.from_arrays(folder.arrays)
    )


def load(path: str | Path | None = None) -> Detector:
    """Load a model; the shipped one if ``path`` is None. Models are audited and run no code.

    Raises:
        ModelError: if there is no sound model there; the message says what to do.
    """
    return _load(Path(path).resolve() if path is not None else bundled_model())


def _score_with(path: Path, options: Options, texts: Sequence[str], ids: Sequence[str]) -> list[Verdict]:
    loaded = _load(path)
    detector = Detector(loaded.resources, loaded.head, loaded.name, path, loaded.deep, options)
    return detector._score_batch(texts, ids)
