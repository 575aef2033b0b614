"""The weights of comparison: a round trip through JSON, and files that are refused."""

import json

import pytest

import retold
from retold.compare.pair_features import VERSION_PAIR_COLUMNS
from retold.compare.weights import N_TEXT_FEATURES, ComparisonWeights, without_texts
from retold.errors import ModelError


@pytest.fixture(scope="module")
def text():
    return retold.load().comparison_weights.to_json()


def test_what_is_written_reads_back(text):
    assert ComparisonWeights.from_json(text).to_json() == text


def test_a_model_of_another_detector_takes_nothing_from_what_texts_are_alone(text):
    stored = json.loads(text)
    n = len(VERSION_PAIR_COLUMNS) + N_TEXT_FEATURES
    manner = {"measures": [[0.0] * (n + n * (n + 1) // 2)], "intercept": [0.0]}
    stored["relations"]["with_texts"] = {"mean": [0.0] * 8, "scale": [1.0] * 8, "manner": manner}
    given = json.dumps(stored)
    assert ComparisonWeights.from_json(given).relations.beside_texts is not None
    assert ComparisonWeights.from_json(without_texts(given)).relations.beside_texts is None
    assert without_texts("") == ""


def test_they_are_read_once_for_a_detector():
    detector = retold.load()
    assert detector.comparison_weights is detector.comparison_weights


@pytest.mark.parametrize(
    ("part", "name", "value"),
    [
        ("stories", "rarity", {"war": "rare"}),
        ("stories", "weights", [1.0]),
        ("relations", "measures", ["another feature"]),
        ("relations", "mean", [float("nan")]),
        ("relations", "with_texts", {"mean": [0.0] * 8, "scale": [0.0] * 8}),
        ("relations", "with_texts", {"mean": [0.0], "scale": [1.0]}),
        ("relations", "replaced", {"intercept": 0, "words": {"war": [1]}, "pairs": {}}),
        ("descent", "weights", [1.0]),
        ("lineage", "edges", [[1.0]]),
        ("lineage", "edge_features", ["another feature"]),
        ("pivots", "pivots", []),
        ("pivots", "changes", {"war>wars": {"99": 1.0}}),
    ],
)
def test_a_malformed_part_is_named(text, part, name, value):
    stored = json.loads(text)
    stored[part][name] = value
    with pytest.raises(ModelError, match=r"comparison\.json: "):
        ComparisonWeights.from_json(json.dumps(stored))


@pytest.mark.parametrize("broken", ["", "[]", "{", "[" * 100_000, "{}"])
def test_what_is_no_such_file_is_refused(broken):
    with pytest.raises(ModelError, match="retold train"):
        ComparisonWeights.from_json(broken)
