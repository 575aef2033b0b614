"""Articles of domains and engines that nothing which measures them was learned from, and classifiers without them.

The channel is learned from the corpus without all domains of ``DOMAINS``, without the engines of ``ENGINES``, without whatever shares a
story or a near-duplicate with one, and without the stories that classifiers are trained on. The language model is of running news,
which holds none of them. Of what the shipped model was fitted to only the tables of idioms (running news) and the dozen weights
of the term classifier stay. A domain or an engine is then held out of n-gram classifiers, classifier and calibration, which are
trained on a sample of the rest, by cross-fitting, as the shipped model is, which learns from ten times as many.
"""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from zlib import crc32

import joblib
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from retold.detector.calibration import PRIOR, with_prior
from retold.detector.classifier import LinearClassifier
from retold.detector.components import ModelComponents
from retold.detector.verdict import BACK_TRANSLATED, LABELS, ORIGINAL
from retold.model_store import bundled_model, read_model
from retold.training.data.checks import check_examples
from retold.training.data.examples import LabelledText, read_examples
from retold.training.data.feature_store import FeatureStore, build_feature_store
from retold.training.data.splits import engine_family, fold_of, halves
from retold.training.data.step_files import load_arrays, save_arrays
from retold.training.estimates import TrainingContext, estimate_lexical_table
from retold.training.fit.adaptation import AdaptedFit, adapt, own_articles
from retold.training.fit.adaptation_candidates import OwnArticles
from retold.training.fit.calibration import fit_calibrated
from retold.training.fit.classifier import features_from
from retold.training.fit.cross_fitting import cross_fit
from retold.training.fit.ngram_classifiers import ngram_scores

# The domain of each source that is held out.
DOMAINS = {
    "asap-google": "essays",
    "argrewrite": "essays",
    "iwslt17-mozilla": "talks",
    "llm-telephone": "llm",
    "wikinews": "wikinews",
    "bbc2004": "news_pool",
    "imbd": "edits",
}
MIXTURE, KNOWN = "mixture", "known news"
# The fold of the stories that ``known news`` holds out.
_KNOWN_FOLD = 0
# Families of engines that are held out in turn.
ENGINES = ("deepl", "google")
# Texts of a label and domain, and of a label, kind and source elsewhere, that are measured; versions of a story (talks have few
# stories and many versions); round trips of an engine; rows that a held-out model is trained on. Chosen for half an hour on one core.
_OWN, _ELSEWHERE, _VERSIONS, _VERSIONS_OF_TALKS, _ROUND_TRIPS, _TRAINED = 900, 240, 4, 7, 700, 5_500
# The fold of the stories that classifiers are trained on, the channel being learned from the others.
_MEASURED_FOLD = 0
# Words below which a text says too little; articles that a label must have.
_LEAST_WORDS, _LEAST = 30, 5


def held_out_features(corpus: Path, cache: Path, report: Callable[[str], None]) -> FeatureStore:
    """Features of domains, engines and a sample of the rest, by a channel that has seen none of them; kept in the cache."""
    file = cache / "store.joblib"
    if file.exists():
        found: FeatureStore = joblib.load(file)
        return found
    cache.mkdir(parents=True, exist_ok=True)
    checked = check_examples(read_examples([corpus])).examples
    report(f"read {len(checked):,} examples")
    sampled = sample(checked)
    unseen = {e.group for e in checked if domain_of(e)} | {e.group for e in sampled}
    others = [e for e in checked if e.group not in unseen and engine_family(e.engine, e.source) not in ENGINES]
    components = ModelComponents.from_folder(read_model(bundled_model()))
    bare = replace(components, ngram_classifiers=(), phrase_table=None)
    report(f"learning the channel from {len(others):,} examples")
    channel = estimate_lexical_table(others, bare.language_model, TrainingContext(cache, 1, report))
    store = build_feature_store(sampled, [replace(bare, channel=channel)], cache, 1, report)
    # Of the channel's folds one is left; n-gram classifiers need folds of it.
    store.table["fold"] = fold_of([f"{group} again" for group in store.table["group"]])
    joblib.dump(store, file)
    return store


def domain_of(example: LabelledText) -> str:
    """The domain that an example is held out with; other collections of Wikinews go with it."""
    return DOMAINS.get(example.source) or ("wikinews" if example.domain == "wikinews" else "")


def sample(examples: Sequence[LabelledText]) -> list[LabelledText]:
    """Texts of the domains, pairs of the engines, and fewer of each source elsewhere, in an order of their own.

    Elsewhere stories are of one fold; the channel is learned from the others.
    """
    long = sorted((e for e in examples if len(e.text.split()) >= _LEAST_WORDS), key=lambda e: crc32(e.id.encode()))
    parts: dict[tuple[str, ...], list[LabelledText]] = defaultdict(list)
    versions: dict[tuple[str, str], int] = defaultdict(int)
    folds = _folds([e.group for e in long])
    for e in long:
        family = engine_family(e.engine, e.source)
        if domain := DOMAINS.get(e.source, ""):
            versions[e.group, e.label] += 1
            if versions[e.group, e.label] <= (_VERSIONS_OF_TALKS if domain == "talks" else _VERSIONS):
                parts["domain", domain, e.label].append(e)
        elif domain_of(e):
            continue
        elif e.label == BACK_TRANSLATED and family in ENGINES:
            parts["engine", family].append(e)
        elif folds[e.group] == _MEASURED_FOLD:
            parts["rest", e.label, e.kind, e.source].append(e)
    most = {"domain": _OWN, "engine": _ROUND_TRIPS, "rest": _ELSEWHERE}
    chosen = [e for key in sorted(parts) for e in parts[key][: most[key[0]]]]
    stories = {e.original for e in chosen if engine_family(e.engine, e.source) in ENGINES}
    known = {e.id for e in chosen}
    return chosen + [e for e in long if e.label == ORIGINAL and e.original in stories and e.id not in known]


def _folds(stories: Sequence[str]) -> dict[str, int]:
    return dict(zip(stories, fold_of(stories).tolist(), strict=True))


class HeldOut:
    """A classifier that has not seen a domain, the domain's articles, and the rows it was trained on.

    Attributes:
        classifier: Trained elsewhere.
        table: The domain's articles.
        features: Theirs, float64 (n, n_features).
        others: Features of half of the rows that it was trained on, by story: what an adaptation is to tell its articles from.
        stored: Labels and features of the other half: what is to be judged as before.
        is_news: Which of these are news articles.
    """

    def __init__(
        self,
        classifier: LinearClassifier,
        table: pd.DataFrame,
        features: NDArray[np.float64],
        trained: tuple[pd.DataFrame, NDArray[np.float64]],
    ) -> None:
        self.classifier, self.table, self.features = classifier, table, features
        is_fitted = halves(trained[0]["group"])
        rest = trained[0][~is_fitted]
        self.others, self.stored = trained[1][is_fitted], (rest["label"].to_numpy(object), trained[1][~is_fitted])
        self.is_news = (rest["domain"] == "news").to_numpy()

    def adapted(
        self, rows: NDArray[np.intp], labels: NDArray[np.object_]
    ) -> tuple[OwnArticles, AdaptedFit, LinearClassifier]:
        """Some of the articles under labels (n,), how the classifier is adapted to them, and the adapted one."""
        groups = self.table["group"].to_numpy(object)[rows]
        own = own_articles(self.classifier, self.features[rows], labels, groups)
        fit = adapt(self.classifier, own, self.others)
        return own, fit, replace(self.classifier, adaptation=fit.adaptation)


def hold_out(store: FeatureStore, own: NDArray[np.bool_], name: str, cache: Path) -> HeldOut:
    """Train without some rows and what shares a story with them; kept in the cache under a name."""
    related = store.table["group"].isin(set(store.table["group"][own])).to_numpy()
    rest = np.flatnonzero(~own & ~related)
    rest = np.sort(np.random.default_rng(7).choice(rest, min(_TRAINED, len(rest)), replace=False))
    rows = np.flatnonzero(own & store.table["label"].isin(LABELS).to_numpy())
    file = cache / f"held-out-{name}-{len(rest)}-{len(rows)}.npz"
    if not file.exists():
        fitted = cross_fit(store, rest, cache, 1, lambda line: print(f"{name}: {line}", file=sys.stderr, flush=True))
        table, seen = store.table.iloc[fitted.rows].reset_index(drop=True), fitted.features
        classifier = fit_calibrated(table, seen, store.schema, fitted.logits)
        unseen = features_from(store, rows, ngram_scores(store, rows, fitted.ngram_classifiers))
        save_arrays(file, classifier.arrays() | {"seen": seen, "unseen": unseen})
    arrays = load_arrays(file)
    own_table, trained = (store.table.iloc[which].reset_index(drop=True) for which in (rows, rest))
    return HeldOut(LinearClassifier.from_arrays(arrays), own_table, arrays["unseen"], (trained, arrays["seen"]))


def hold_out_domain(store: FeatureStore, domain: str, cache: Path) -> HeldOut:
    """Train without a domain, without all for ``MIXTURE``, or without a part of the stories of known news for ``KNOWN``."""
    of = store.table["source"].map(DOMAINS).fillna("").to_numpy()
    is_news = (store.table["domain"] == "news").to_numpy() & (store.table["fold"] == _KNOWN_FOLD).to_numpy()
    own = of != "" if domain == MIXTURE else (of == "") & is_news if domain == KNOWN else of == domain
    return hold_out(store, own, domain.replace(" ", "-"), cache)


def verdicts(classifier: LinearClassifier, features: NDArray[np.float64]) -> NDArray[np.object_]:
    """The labels (n,) that features (n, n_features) get where labels are as frequent as the classifier assumes."""
    prior = PRIOR if classifier.adaptation is None else tuple(classifier.adaptation.prior.tolist())
    shares = with_prior(classifier.probabilities(features), prior)
    return np.asarray(np.array(LABELS, dtype=object)[shares.argmax(axis=1)])


def even(rows: NDArray[np.intp], labels: NDArray[np.object_], size: int, rng: np.random.Generator) -> NDArray[np.intp]:
    """At most so many rows, labels even as far as they go; a label with hardly any articles is left out."""
    parts = [rng.permutation(rows[labels[rows] == label]) for label in LABELS]
    parts = [part for part in parts if len(part) >= _LEAST]
    each = size // len(parts)
    chosen = np.concatenate([part[:each] for part in parts])
    spare = np.concatenate([part[each:] for part in parts])
    return np.concatenate([chosen, spare[: size - len(chosen)]])
