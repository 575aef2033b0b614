"""Drift: random batches of training originals raise no alarm, other outlets a mild one, other kinds of text a loud one."""

import json
from pathlib import Path

import numpy as np
import pytest

from retold.cli.drift import drift
from retold.cli.main import main
from retold.detector.classifier import LinearClassifier
from retold.errors import InputError, ModelError
from retold.model_store import bundled_model, read_model
from retold.monitoring.drift import measure_drift
from retold.monitoring.drift_report import drift_lines
from retold.monitoring.known_outlets import nearest_outlet
from retold.text import analyse
from retold.training.package import read_replay

ARTICLES = Path(__file__).parent / "data" / "articles.jsonl"


@pytest.fixture(scope="module")
def shipped():
    folder = read_model(bundled_model())
    table, rows = read_replay(folder)
    return table, rows, folder.meta["features"], LinearClassifier.from_arrays(folder.arrays)


def measured(shipped, features):
    table, rows, names, head = shipped
    return measure_drift(features, names, (table, rows), head)


@pytest.mark.parametrize("size", [20, 60, 400])
def test_random_training_originals_are_no_drift(shipped, size):
    table, rows, *_ = shipped
    originals = np.flatnonzero(table["label"] == "original")
    chance = np.random.default_rng(7)
    alarms = [measured(shipped, rows[chance.choice(originals, size, replace=False)]).level != "none" for _ in range(8)]
    assert sum(alarms) <= 1


def test_an_outlet_is_another_one_only_where_the_model_does_not_know_it(shipped):
    table, rows, names, head = shipped
    mine = (table["source"] == "reuters_c50").to_numpy()
    batch = rows[mine & (table["label"] == "original")][:40]
    found = measure_drift(batch, names, (table[~mine].reset_index(drop=True), rows[~mine]), head)
    assert found.level in ("outlet", "strong")
    assert "house_said" in [s.name for s in found.features]
    assert next(s for s in found.features if s.name == "house_said").by > 0
    known = measured(shipped, batch)
    assert known.level == "none"
    assert known.nearest.name == "reuters_c50"
    assert "it measures like reuters_c50" in "\n".join(drift_lines(known, {}))


@pytest.mark.parametrize(("name", "by"), [("readability_sentence_mean", 30.0), ("house_british", 25.0)])
def test_a_feature_that_moved_is_named_with_its_direction(shipped, name, by):
    table, rows, names, _ = shipped
    originals = np.flatnonzero(table["label"] == "original")
    batch = rows[np.random.default_rng(8).choice(originals, 150, replace=False)]
    batch[:, names.index(name)] += by
    found = measured(shipped, batch)
    assert [s.name for s in found.features] == [name]
    assert found.features[0].here > found.features[0].trained
    assert found.groups[0].moved


def test_new_articles_of_a_known_outlet_are_told_from_a_new_outlet():
    random = np.random.default_rng(3)
    outlets = np.repeat(np.array(["a", "b", "c"], dtype=object), 60)
    centres = {"a": 3.0, "b": 5.0, "c": 6.0, "new": 4.0}
    ranks = {name: random.normal(at, 2, size=(160, 30)).round().clip(0, 9).astype(int) for name, at in centres.items()}
    trained = np.vstack([ranks[name][:60] for name in "abc"])
    known, new = (nearest_outlet(ranks[name][60:], trained, outlets, random) for name in ("b", "new"))
    assert known.name == "b"
    assert known.is_known
    assert not new.is_known
    assert nearest_outlet(ranks["a"], trained[:10], outlets[:10], random) is None


def test_another_kind_of_text_is_strong_drift_and_out_of_range(shipped):
    table, rows, *_ = shipped
    originals = rows[(table["label"] == "original").to_numpy()]
    odd = originals[:80] + 4 * originals.std(axis=0)
    found = measured(shipped, odd)
    assert found.level == "strong"
    assert found.outside > 0.9
    assert measured(shipped, originals[:80]).outside < 0.2


def test_short_articles_are_told_by_length(shipped):
    table, rows, names, _ = shipped
    originals = rows[(table["label"] == "original").to_numpy()]
    words = 330 * 2 ** originals[:, names.index("length")]
    found = measured(shipped, originals[words < 150])
    assert found.features[0].name == "length"
    assert found.features[0].here < 150 < found.features[0].trained
    assert sum(here for _, here, _ in found.lengths) == pytest.approx(1)
    assert found.lengths[0][1] + found.lengths[1][1] == 1


def test_round_trips_in_the_batch_do_not_choose_their_like(shipped):
    table, rows, *_ = shipped
    trips = rows[(table["label"] == "back-translated").to_numpy()][:300]
    effect = measured(shipped, trips).effect
    assert effect["original, like these"] < 0.2
    assert effect["back-translated, like these"] > effect["original, like these"] + 0.2


def test_the_report_is_the_same_twice_and_goes_into_json(shipped):
    one, two = (measured(shipped, shipped[1][:100]).as_dict() for _ in range(2))
    assert json.dumps(one) == json.dumps(two)
    assert json.loads(json.dumps(one))["level"] in ("none", "outlet", "strong")


def test_too_little_to_compare_is_said(shipped):
    table, rows, names, head = shipped
    with pytest.raises(InputError, match=r"too few articles to measure drift: 19 \(minimum 20\)"):
        measured(shipped, rows[:19])
    with pytest.raises(ModelError, match="too few training originals"):
        measure_drift(rows[:50], names, (table[:50], rows[:50]), head)


def test_the_command_reports_in_words(tmp_path, streams):
    (tmp_path / "french.txt").write_text("Le conseil de la ville a voté lundi la fermeture du pont pour un an. " * 5)
    assert drift([ARTICLES, tmp_path / "french.txt"], streams=streams) == 1
    said = streams.output.getvalue()
    assert "60 articles beside" in said
    assert "not judged: 1 fr" in said
    assert "expected: of training originals written like these" in said


def test_the_command_gives_json_with_true_lengths(streams):
    assert drift([ARTICLES], format="json", streams=streams) == 0
    found = json.loads(streams.output.getvalue())
    words = [analyse(json.loads(line)["text"]).n_words for line in ARTICLES.read_text().splitlines()]
    band = next(here for name, here, _ in found["lengths"] if name == "300 to 599 words")
    assert band == pytest.approx(np.mean([300 <= n < 600 for n in words]))


def test_errors_of_the_command(tmp_path, capsys):
    assert main(["drift", str(tmp_path / "nowhere")]) == 2
    (tmp_path / "one.txt").write_text("The council met on Monday and the bridge was closed for a year. " * 8)
    assert main(["drift", str(tmp_path / "one.txt")]) == 2
    assert "minimum 20" in capsys.readouterr().err
