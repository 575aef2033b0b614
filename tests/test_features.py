"""The feature matrix: named, finite columns, a row a text."""

import numpy as np
import pytest

import retold
from retold.detector.features import feature_schema

TEXTS = ["The council met on Monday and put off the vote.", "A second article, shorter.", "", "\x00\u200b", "1,000"]


@pytest.fixture(scope="module")
def detector():
    return retold.load()


def test_columns_have_names_and_groups(detector):
    schema = feature_schema(detector.signals)
    assert detector.feature_names == schema.names
    assert len(schema.groups) == len(set(schema.names)) == detector.feature_matrix(TEXTS[:1]).shape[1]


def test_features_are_finite_for_any_text(detector):
    assert np.isfinite(detector.feature_matrix(TEXTS)).all()


def test_a_frame_holds_the_same_numbers(detector):
    frame = detector.features(TEXTS)
    assert tuple(frame.columns) == detector.feature_names
    assert np.array_equal(frame.to_numpy(), detector.feature_matrix(TEXTS))


def test_no_texts_give_no_rows(detector):
    assert detector.feature_matrix([]).shape == (0, len(detector.feature_names))
