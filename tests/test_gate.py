"""The quality gate: it names what fell, never judges a row by a head that saw it, and lets good examples pass."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from retold.detector.components import ModelComponents
from retold.errors import InputError
from retold.model_store import bundled_model, read_model
from retold.training.data.splits import fold_of
from retold.training.evaluation.quality_gate import (
    MetricCheck,
    check_stored,
    compared,
    cross_fitted,
    enforce_checks,
    figures,
)
from retold.training.package import read_replay
from retold.training.pipeline import TrainedModel

ARTICLES = Path(__file__).parent / "data" / "articles.jsonl"
LABELS = np.array(["original"] * 300 + ["edited"] * 200 + ["back-translated"] * 300, dtype=object)


def certain(labels, strength=0.9):
    """Probabilities of a detector that knows."""
    names = ("original", "edited", "back-translated")
    return np.array([[strength if name == label else (1 - strength) / 2 for name in names] for label in labels])


def test_figures_of_a_detector_that_knows():
    found = figures(LABELS, certain(LABELS))
    assert list(found.values())[:3] == [1.0, 0.0, 1.0]
    assert found["calibration error, mean of the classes"] == pytest.approx(0.2 / 3, abs=0.01)


def test_figures_that_few_rows_cannot_give_are_left_out():
    few = np.array(["original"] * 9 + ["back-translated"] * 30 + ["control"] * 900, dtype=object)
    assert figures(few, certain(few)) == {}
    assert list(figures(LABELS[:300], certain(LABELS[:300]))) == ["originals called back-translated"]


def test_the_same_model_passes_and_a_worse_one_is_named():
    same = compared(LABELS, certain(LABELS), certain(LABELS), "on these", exact=True)
    assert len(same) == 4
    assert all(floor.holds for floor in same)
    alarmed = certain(LABELS)
    alarmed[:30] = certain(["back-translated"] * 30)
    broken = [f for f in compared(LABELS, alarmed, certain(LABELS), "on these", exact=True) if not f.holds]
    assert "originals called back-translated" in [f.name for f in broken]
    with pytest.raises(
        InputError, match=r"originals called back-translated, on these: 0\.100, was 0\.000, at most 0\.010"
    ):
        enforce_checks(broken, force=False)
    assert any("NOT PASSED: originals called" in note for note in enforce_checks(broken, force=True))


def test_few_rows_are_allowed_what_chance_does():
    few = np.array(["original"] * 20 + ["back-translated"] * 20, dtype=object)
    slips = certain(few)
    slips[:3] = certain(["back-translated"] * 3)
    assert all(f.holds for f in compared(few, slips, certain(few), "on few", exact=False))
    assert not all(f.holds for f in compared(few, slips, certain(few), "on few", exact=True))
    assert not all(f.holds for f in compared(few, certain(few[::-1]), certain(few), "on few", exact=False))


def test_higher_is_better_only_where_it_is():
    assert MetricCheck("", "macro-F1", 0.9, 0.5, 0.47).holds
    assert not MetricCheck("", "originals called back-translated", 0.9, 0.5, 0.51).holds


@pytest.fixture(scope="module")
def shipped():
    folder = read_model(bundled_model())
    return folder, TrainedModel(ModelComponents.from_folder(folder), None, None, read_replay(folder))


def test_no_row_is_judged_by_a_head_that_saw_its_label(shipped):
    _, trained = shipped
    table, features = trained.replay
    some = np.arange(0, len(table), 8)
    table, features = table.iloc[some].reset_index(drop=True), features[some]
    mine = fold_of(list(table["group"])) == 0
    labels = table["label"].to_numpy(object).copy()
    labels[mine] = np.random.default_rng(20).permutation(labels[mine])
    before = cross_fitted(trained.components, (table, features))
    after = cross_fitted(trained.components, (table.assign(label=labels), features))
    assert np.array_equal(before[mine], after[mine])
    assert not np.array_equal(before[~mine], after[~mine])


def test_the_shipped_model_trained_again_passes_its_own_gate(shipped):
    folder, trained = shipped
    floors = check_stored(folder, trained)
    assert len(floors) == 4
    assert all(floor.holds for floor in floors), [str(f) for f in floors]


def test_features_that_lost_their_meaning_do_not_pass(shipped):
    folder, trained = shipped
    table, features = trained.replay
    shuffled = np.random.default_rng(20).permutation(features)
    assert not any(f.holds for f in check_stored(folder, replace(trained, replay=(table, shuffled)))[:1])


def test_the_first_model_has_nothing_to_fall_below(shipped):
    assert check_stored(None, shipped[1]) == []
