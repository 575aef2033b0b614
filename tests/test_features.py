"""The scikit-learn transformer."""

import pickle

import pytest
from sklearn.base import clone
from sklearn.utils import estimator_checks

import retold
from retold.detector.features import feature_schema
from retold.detector.sklearn import TextFeatures

TEXTS = ["The council met on Monday and put off the vote.", "A second article, shorter."]


# Of estimators that read texts, its own vectorisers among them, scikit-learn's runner asks nothing, so the checks that need
# no table of numbers are named here.
CONFORMANCE = [
    estimator_checks.check_parameters_default_constructible,
    estimator_checks.check_no_attributes_set_in_init,
    estimator_checks.check_get_params_invariance,
    estimator_checks.check_set_params,
    estimator_checks.check_estimator_cloneable,
    estimator_checks.check_estimator_repr,
    estimator_checks.check_valid_tag_types,
]


@pytest.mark.parametrize("check", CONFORMANCE, ids=lambda check: check.__name__)
def test_the_transformer_conforms(check):
    check("TextFeatures", TextFeatures())


def test_parameters_are_only_stored():
    assert TextFeatures().get_params() == {"resources": None}
    assert not vars(TextFeatures()).keys() - {"resources"}


@pytest.fixture(scope="module")
def table():
    return TextFeatures().set_output(transform="pandas").fit_transform(TEXTS)


def test_columns_are_named_alike_everywhere(table):
    detector = retold.load()
    assert list(table.columns) == list(feature_schema(detector.signals).names) == list(detector.features(TEXTS).columns)


def test_every_column_has_a_group(table):
    assert len(feature_schema(retold.load().signals).groups) == table.shape[1]


def test_rows_follow_the_texts(table):
    alone = TextFeatures().fit(TEXTS).transform(TEXTS[1:])
    assert table.to_numpy()[1] == pytest.approx(alone[0])


def test_no_texts_give_no_rows():
    assert TextFeatures().fit([]).transform([]).shape[0] == 0


def test_the_transformer_clones_and_pickles():
    fitted = clone(TextFeatures()).fit(TEXTS)
    again = pickle.loads(pickle.dumps(fitted))  # noqa: S301  our own bytes
    assert again.transform(TEXTS[:1]) == pytest.approx(fitted.transform(TEXTS[:1]))
