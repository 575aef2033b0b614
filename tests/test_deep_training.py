from dataclasses import replace

import numpy as np
import pandas as pd

from retold.detector.calibration import identity
from retold.detector.classifier import CLASSIFIER_TARGETS
from retold.detector.rescoring import (
    ENGINE_FEATURES,
    FEATURE_SETS,
    MTRescorer,
    MTRescorers,
    pooled,
    rescoring_features,
)
from retold.detector.verdict import BACK_TRANSLATED, EDITED, ORIGINAL
from retold.signals.round_trip import similarity
from retold.training.data.examples import LabelledText
from retold.training.evaluation.metrics import auroc
from retold.training.fit import mt_rescorer as deep
from retold.translation import CommandEngine

TEXT = "The harbour master closed the port on Monday. Two ferries turned back before the storm broke. " * 20


def _example(i: int, **known: str) -> LabelledText:
    usual = {"label": ORIGINAL, "kind": "english_original", "source": "wmt-systems", "domain": "news"}
    return LabelledText(id=f"e{i:03d}", group=f"g{i}", **{**usual, "text": TEXT, **known})


class Upper:
    name, pivot = "upper", "pt"

    def round_trip(self, sentences):
        return [s.upper() for s in sentences]

    def force_decode(self, sentences):
        return [None] * len(sentences)


def test_the_sample_is_the_same_for_the_same_examples_in_any_order():
    examples = [_example(i, source=["wmt-systems", "bbc2004"][i % 2]) for i in range(200)]
    chosen = deep.sample(examples)
    assert chosen == deep.sample(examples[::-1])
    assert 50 < len(chosen) < 200
    beginning = {e.source for e in chosen[:10]}
    assert beginning == {"wmt-systems", "bbc2004"}


def test_what_no_question_needs_is_not_echoed():
    assert deep.sample([_example(1, domain="blog")]) == []
    assert deep.sample([_example(1, label=BACK_TRANSLATED, kind="round_trip", engine="nllb", pivot="fr")]) != []


def test_the_engine_is_asked_about_the_sample_and_nothing_else(tmp_path):
    examples = [_example(1), _example(2, domain="blog"), _example(3)]
    said = deep.sample_engine_features(examples, Upper(), tmp_path / "said.sqlite", 1, lambda line: None)
    assert deep.has_engine_features(said).tolist() == [True, False, True]
    assert said[0, ENGINE_FEATURES.index("similarity_recall_1")] == 1
    assert np.isnan(said[0, ENGINE_FEATURES.index("token_scores_confidence")])


def test_answers_do_not_depend_on_how_many_processes_ask(tmp_path):
    examples, engine = [_example(i, text=TEXT[13 * i :]) for i in range(5)], CommandEngine("tr e i")
    one, two = (
        deep.sample_engine_features(examples, engine, tmp_path / f"{jobs}.sqlite", jobs, lambda line: None)
        for jobs in (1, 2)
    )
    assert np.array_equal(one, two, equal_nan=True)
    assert deep.has_engine_features(one).all()


def test_short_originals_are_enough_for_a_bound():
    examples = [_example(i, domain="blog", source="l2r") for i in range(900)]
    short = [replace(e, text=" ".join(TEXT.split()[: 50 + 70 * (i % 2)])) for i, e in enumerate(examples)]
    words = np.array([len(e.text.split()) for e in deep.sample(short)])
    assert min((words < 80).sum(), (words >= 80).sum()) >= 222


def _heard(n: int, seed: int) -> tuple[pd.DataFrame, np.ndarray]:
    rng = np.random.default_rng(seed)
    label = rng.choice([ORIGINAL, EDITED, BACK_TRANSLATED], n)
    engine_features = rng.normal(size=(n, len(ENGINE_FEATURES)))
    engine_features[:, ENGINE_FEATURES.index("similarity_recall_4")] += np.where(label == BACK_TRANSLATED, 1.5, 0)
    table = pd.DataFrame({"label": label, "kind": "", "source": "s", "domain": "news", "family": "", "n_words": 300})
    return table.assign(group=[f"g{i}" for i in range(n)]), engine_features


def _heads(table: pd.DataFrame, engine_features: np.ndarray) -> MTRescorers:
    logits = np.zeros((len(table), len(CLASSIFIER_TARGETS)))
    heads = deep.fit_rescorers(table, logits, engine_features, np.zeros(len(table)), identity())
    assert heads is not None
    return heads


def _fitted(table: pd.DataFrame, engine_features: np.ndarray) -> MTRescorer:
    return _heads(table, engine_features).by_feature_set["full"]


def _p(head: MTRescorer, engine_features: np.ndarray) -> np.ndarray:
    n = len(engine_features)
    features = rescoring_features(np.zeros((n, len(CLASSIFIER_TARGETS))), engine_features, np.zeros(n))
    return head.probabilities(features, np.full((n, 3), 1 / 3))


def test_a_deep_head_learns_what_the_engine_says():
    head = _fitted(*_heard(3_000, 1))
    table, engine_features = _heard(1_000, 2)
    machine = (table["label"] == BACK_TRANSLATED).to_numpy()
    p = _p(head, engine_features)[:, 2]
    assert auroc(p[~machine], p[machine]) > 0.8


def test_a_second_look_is_pooled_with_the_first():
    first, second = np.array([[0.8, 0.1, 0.1], [1.0, 0.0, 0.0]]), np.array([[0.2, 0.4, 0.4], [1.0, 0.0, 0.0]])
    both = pooled(first, second)
    np.testing.assert_allclose(both[0], [0.5, 0.25, 0.25])
    np.testing.assert_allclose(both[1], [1, 0, 0], atol=1e-5)
    # As often as its own conformal bound promises, whatever the second look alone would promise.
    table, engine_features = _heard(3_000, 1)
    head = _fitted(table, engine_features)
    original = (table["label"] == ORIGINAL).to_numpy()
    p = _p(head, engine_features)
    assert head.calibration.is_positive(p, table["n_words"].to_numpy(), "low-fpr")[original].mean() < 0.01


def test_what_the_engine_does_not_say_decides_nothing():
    table, engine_features = _heard(3_000, 1)
    column = ENGINE_FEATURES.index("token_scores_confidence")
    engine_features[:, column] = np.nan
    head = _fitted(table, engine_features)
    told = engine_features[:5].copy()
    told[:, column] = 100.0
    assert np.isfinite(_p(head, engine_features)).all()
    assert np.array_equal(_p(head, told), _p(head, engine_features[:5]))


def test_examples_that_the_engine_was_not_asked_about_do_not_count():
    table, engine_features = _heard(3_000, 1)
    engine_features[1_000:] = np.nan
    some = _fitted(table[:1_000], engine_features[:1_000])
    assert np.array_equal(_fitted(table, engine_features).coef, some.coef)


def test_there_is_a_head_for_whatever_was_heard():
    table, engine_features = _heard(600, 1)
    assert list(_heads(table, engine_features).by_feature_set) == list(FEATURE_SETS)
    engine_features[:, len(similarity.FEATURES) :] = np.nan
    assert list(_heads(table, engine_features).by_feature_set) == ["similarity_only"]


def test_where_nothing_was_heard_there_is_no_deep_head():
    table, engine_features = _heard(10, 1)
    answers, octaves = np.zeros((10, len(CLASSIFIER_TARGETS))), np.zeros(10)
    assert deep.fit_rescorers(table, answers, None, octaves, identity()) is None
    assert deep.fit_rescorers(table, answers, np.full_like(engine_features, np.nan), octaves, identity()) is None
