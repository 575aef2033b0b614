"""The detector: texts in, verdicts out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import pandas as pd
from joblib import Parallel, delayed
from numpy.typing import NDArray
from scipy.special import expit

from retold.detector.classifier import VerdictClassifier
from retold.detector.pivots import pivot_votes
from retold.detector.verdict import BACK_TRANSLATED, LABELS, Verdict
from retold.features import feature_families, feature_names, measure
from retold.limits import BATCH_DOCUMENTS, MIN_WORDS, WEAK_WORDS
from retold.model_store import read_model, shipped_model
from retold.signals.base import Batch, Evidence
from retold.signals.language import foreign_share, language_of_article
from retold.signals.registry import FAMILIES, Resources, build_signals
from retold.text import Article, analyse

# Decimals of every number in a verdict: a change of batch or processor moves the last bits of a float, never the sixth.
_DECIMALS = 6
# Spans shown for one article; a reader stops long before.
_MAX_EVIDENCE = 50
# Share of an article in another language from which a reader is warned.
_FOREIGN_SHARE = 0.1


@dataclass(frozen=True)
class Head:
    """The learned last step: everything between the features and the probabilities.

    Attributes:
        classifier: The verdict.
        family_coef: float64 (len(FAMILIES), n_features): log-odds of back-translation from one family's features alone.
        family_intercept: float64 (len(FAMILIES),).
        doubt: Highest probability below which the detector abstains.
    """

    classifier: VerdictClassifier
    family_coef: NDArray[np.float64]
    family_intercept: NDArray[np.float64]
    doubt: float


class Detector:
    """Scores English articles as original, edited or back-translated.

    Args:
        resources: What the signals are built from.
        head: The learned last step.
        name: Name, version and signature of the model, shown on every verdict.
        path: The model's folder, from which worker processes load it; None keeps everything in this process.
    """

    def __init__(self, resources: Resources, head: Head, name: str, path: Path | None = None) -> None:
        self.resources = resources
        self.head = head
        self.name = name
        self.path = path
        self.signals = build_signals(resources)

    def score(self, text: str, id: str = "") -> Verdict:
        """Score one text; never raises for a str: what cannot be judged gets a verdict with a warning."""
        return self._score_batch([text], [id])[0]

    def score_many(self, texts: Sequence[str], ids: Sequence[str] | None = None, jobs: int = 1) -> Iterator[Verdict]:
        """Yield a verdict for each text, in order.

        Args:
            texts: The articles.
            ids: A name for each; empty strings if None.
            jobs: Processes; more than one needs a detector that was loaded from a folder.
        """
        names = list(ids) if ids is not None else [""] * len(texts)
        parts = [slice(i, i + BATCH_DOCUMENTS) for i in range(0, len(texts), BATCH_DOCUMENTS)]
        if jobs == 1 or self.path is None or len(parts) == 1:
            for part in parts:
                yield from self._score_batch(texts[part], names[part])
            return
        work = (delayed(_score_with)(self.path, texts[part], names[part]) for part in parts)
        for verdicts in Parallel(n_jobs=jobs, return_as="generator")(work):
            yield from verdicts

    def predict_proba(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """float64 array (n_texts, 3): probabilities in the order of ``LABELS``."""
        verdicts = self.score_many(texts)
        return np.array([[v.probabilities[label] for label in LABELS] for v in verdicts]).reshape(-1, len(LABELS))

    def features(self, texts: Sequence[str]) -> pd.DataFrame:
        """What every signal measured: a row a text, a named column a feature."""
        batch = Batch([analyse(text) for text in texts], self.resources.language_model)
        return pd.DataFrame(measure(batch, self.signals), columns=list(feature_names(self.signals)))

    def families(self) -> tuple[str, ...]:
        """The family of each feature column."""
        return feature_families(self.signals)

    def _score_batch(self, texts: Sequence[str], ids: Sequence[str]) -> list[Verdict]:
        batch = Batch([analyse(text) for text in texts], self.resources.language_model)
        features = measure(batch, self.signals)
        probabilities = _in_order(self.head.classifier, features)
        strengths = self._strengths(features)
        evidence = [found for signal in self.signals if (found := signal.evidence(batch))]
        return [
            self._verdict(article, ids[i], probabilities[i], strengths[i], [e for found in evidence for e in found[i]])
            for i, article in enumerate(batch.articles)
        ]

    def _strengths(self, features: NDArray[np.float64]) -> NDArray[np.float64]:
        standard = self.head.classifier.standardise(features)
        log_odds = np.einsum("ij,kj->ik", standard, self.head.family_coef) + self.head.family_intercept
        return np.asarray(expit(log_odds))

    def _verdict(
        self,
        article: Article,
        id: str,
        probabilities: NDArray[np.float64],
        strengths: NDArray[np.float64],
        evidence: list[Evidence],
    ) -> Verdict:
        language = language_of_article(article)
        label = LABELS[int(np.argmax(probabilities))]
        warnings = _warnings(article, language)
        shown = tuple(sorted(evidence, key=lambda e: (-e.score, e.start, e.signal))[:_MAX_EVIDENCE])
        unsure = bool(probabilities.max() < self.head.doubt)
        return Verdict(
            id=id,
            label=label,
            probabilities=dict(zip(LABELS, _rounded(probabilities), strict=True)),
            abstained=unsure or article.n_words < MIN_WORDS or language != "en",
            n_words=article.n_words,
            language=language,
            pivot=pivot_votes(shown) if label == BACK_TRANSLATED else {},
            signals=dict(zip(FAMILIES, _rounded(strengths), strict=True)),
            evidence=shown,
            warnings=warnings,
            model=self.name,
        )


def _in_order(classifier: VerdictClassifier, features: NDArray[np.float64]) -> NDArray[np.float64]:
    order = [list(classifier.classes_).index(label) for label in LABELS]
    return classifier.predict_proba(features)[:, order]


def _rounded(values: NDArray[np.float64]) -> list[float]:
    return [round(float(v), _DECIMALS) for v in values]


def _warnings(article: Article, language: str) -> tuple[str, ...]:
    found = []
    if article.n_words < MIN_WORDS:
        found.append(f"only {article.n_words} words: too short to judge, {MIN_WORDS} are the least")
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
    return Detector(resources, read_head(folder.arrays, folder.meta), name, path)


def load(path: str | Path | None = None) -> Detector:
    """Load a model; the shipped one if ``path`` is None. Models are audited and run no code.

    Raises:
        ModelError: if there is no sound model there; the message says what to do.
    """
    return _load(Path(path).resolve() if path is not None else shipped_model())


def _score_with(path: Path, texts: Sequence[str], ids: Sequence[str]) -> list[Verdict]:
    return _load(path)._score_batch(texts, ids)


def head_arrays(head: Head) -> dict[str, NDArray[np.float64]]:
    """The arrays to store; ``read_head`` undoes this."""
    c = head.classifier
    order = [list(c.classes_).index(label) for label in LABELS]
    return {
        "verdict_mean": c.mean_,
        "verdict_scale": c.scale_,
        "verdict_coef": c.coef_[order],
        "verdict_intercept": c.intercept_[order],
        "family_coef": head.family_coef,
        "family_intercept": head.family_intercept,
    }


def read_head(arrays: dict[str, NDArray], meta: dict) -> Head:
    """Rebuild the last step from a model folder's arrays and manifest."""
    classifier = VerdictClassifier()
    classifier.classes_ = np.array(LABELS)
    classifier.mean_, classifier.scale_ = np.array(arrays["verdict_mean"]), np.array(arrays["verdict_scale"])
    classifier.coef_ = np.array(arrays["verdict_coef"])
    classifier.intercept_ = np.array(arrays["verdict_intercept"])
    classifier.temperature_ = float(meta["temperature"])
    classifier.n_features_in_ = len(classifier.mean_)
    return Head(classifier, arrays["family_coef"], arrays["family_intercept"], float(meta["doubt"]))
