"""The scikit-learn estimators: conformance, and what pipelines, searches and cross-validation do with them."""

import json
import pickle
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils import estimator_checks
from sklearn.utils.estimator_checks import parametrize_with_checks
from sklearn.utils.validation import validate_data

import retold
from retold.detector import sklearn as estimators
from retold.detector.sklearn import RetoldClassifier, TextFeatures
from retold.errors import ModelError

DATA = Path(__file__).parent / "data" / "articles.jsonl"
ROWS = [json.loads(line) for line in DATA.read_text(encoding="utf-8").splitlines()]
ARTICLES, LABELS = [row["text"] for row in ROWS], np.array([row["label"] for row in ROWS])
TEXTS = ["The council met on Monday and put off the vote.", "A second article, shorter."]


class NumbersAsTexts:
    """Writes each row of a table of numbers out as a text: scikit-learn's checks know no other input."""

    def _texts(self, X, *, reset):
        return [" ".join(map(repr, row)) for row in validate_data(self, X, reset=reset).astype(float).tolist()]

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.string = tags.input_tags.one_d_array = False
        return tags


class NumericFeatures(NumbersAsTexts, TextFeatures):
    pass


class NumericClassifier(NumbersAsTexts, RetoldClassifier):
    pass


class NumbersDetector:
    """Its features are the numbers of a text, so that the checks' data reach the classifier."""

    name = "numbers"

    def feature_matrix(self, texts):
        """float64 (n_texts, n_numbers)."""
        return np.array([[float(number) for number in text.split()] for text in texts])


@pytest.fixture
def numbers(monkeypatch):
    monkeypatch.setattr(estimators, "load", lambda model: NumbersDetector())


@parametrize_with_checks([NumericFeatures(), NumericClassifier()], expected_failed_checks=lambda estimator: {})
def test_estimators_conform_on_numbers_written_as_texts(estimator, check, numbers):
    check(estimator)


# Fed as they are, with tables of numbers, the estimators refuse them; these checks need none.
CHECKS_WITHOUT_NUMBERS = (
    "check_do_not_raise_errors_in_init_or_set_params", "check_estimator_cloneable", "check_estimator_repr",
    "check_estimator_tags_renamed", "check_estimators_partial_fit_n_features", "check_estimators_unfitted",
    "check_fit1d", "check_get_params_invariance", "check_mixin_order", "check_no_attributes_set_in_init",
    "check_parameters_default_constructible", "check_set_params", "check_supervised_y_no_nan",
    "check_transformer_n_iter", "check_transformers_unfitted", "check_valid_tag_types",
)  # fmt: skip
NUMBERS = "the check feeds tables of numbers, which are no texts and are refused; see the test before"


def _failing(estimator):
    """Every other check, with its reason."""
    checks = {estimator_checks._check_name(c) for _, c in estimator_checks.estimator_checks_generator(estimator)}
    return dict.fromkeys(checks - {*CHECKS_WITHOUT_NUMBERS}, NUMBERS)


@parametrize_with_checks([TextFeatures(), RetoldClassifier()], expected_failed_checks=_failing)
def test_estimators_conform_as_far_as_checks_need_no_numbers(estimator, check):
    check(estimator)


def test_parameters_are_only_stored():
    assert TextFeatures().get_params() == {"model": None}
    assert not vars(TextFeatures()).keys() - {"model"}


@pytest.fixture(scope="module")
def table():
    return TextFeatures().set_output(transform="pandas").fit_transform(TEXTS)


def test_columns_are_named_alike_everywhere(table):
    assert tuple(table.columns) == retold.load().feature_names


def test_rows_follow_the_texts(table):
    alone = TextFeatures().fit(TEXTS).transform(TEXTS[1:])
    assert table.to_numpy()[1] == pytest.approx(alone[0])


def test_no_texts_give_no_rows():
    assert TextFeatures().fit([]).transform([]).shape == (0, len(retold.load().feature_names))


@pytest.mark.parametrize(
    "X",
    [
        np.array(TEXTS),
        np.array(TEXTS, dtype=object).reshape(-1, 1),
        pd.Series(TEXTS, index=[7, 8]),
        pd.DataFrame({"text": TEXTS}),
        iter(TEXTS),
    ],
    ids=["array", "column", "series", "frame", "iterator"],
)
def test_texts_come_in_many_shapes(X, table):
    assert TextFeatures().fit(TEXTS).transform(X) == pytest.approx(table.to_numpy())


@pytest.mark.parametrize(
    ("X", "message"),
    [
        ("one text", "got one str"),
        (b"one text", "got one bytes"),
        (5, "got one int"),
        (["a", None], "got NoneType in row 1"),
        (np.zeros((2, 1)), "got float in row 0|got float64 in row 0"),
        (pd.DataFrame({"a": TEXTS, "b": TEXTS}), "got 2 columns"),
    ],
)
def test_what_is_no_list_of_texts_is_refused(X, message):
    for call in (TextFeatures().fit, lambda X: RetoldClassifier().fit(X, [0, 1])):
        with pytest.raises(ValueError, match=message):
            call(X)


def test_a_pickle_holds_no_model_and_asks_for_the_same_one():
    fitted = clone(TextFeatures()).fit(TEXTS)
    stored = pickle.dumps(fitted)
    assert len(stored) < 1_000
    again = pickle.loads(stored)  # noqa: S301  our own bytes
    assert again.transform(TEXTS[:1]) == pytest.approx(fitted.transform(TEXTS[:1]))
    again.model_name_ = "another 1 (0000)"
    with pytest.raises(ModelError, match=r"fitted with the model another 1 \(0000\), but found news-en"):
        again.transform(TEXTS[:1])


@pytest.fixture(scope="module")
def two_kinds():
    rows = np.isin(LABELS, ["original", "back-translated"])
    return np.array(ARTICLES, dtype=object)[rows], LABELS[rows]


def test_the_classifier_learns_deterministically(two_kinds):
    texts, labels = two_kinds
    first, second = (RetoldClassifier().fit(texts, labels) for _ in range(2))
    assert first.classes_.tolist() == ["back-translated", "original"]
    shares = first.predict_proba(texts)
    assert np.array_equal(shares, second.predict_proba(texts))
    assert shares.sum(axis=1) == pytest.approx(1)
    assert (first.predict(texts) == first.classes_[shares.argmax(axis=1)]).all()
    assert ((first.decision_function(texts) > 0) == (first.predict(texts) == "original")).all()
    assert first.score(texts, labels) > 0.9
    again = pickle.loads(pickle.dumps(first))  # noqa: S301  our own bytes
    assert np.array_equal(again.predict_proba(texts[:3]), shares[:3])


def test_the_classifier_works_in_cross_validation(two_kinds):
    assert cross_val_score(RetoldClassifier(), *two_kinds, cv=3, scoring="roc_auc").mean() > 0.8


def test_the_classifier_works_in_a_search_and_features_in_a_pipeline(two_kinds):
    texts, labels = two_kinds[0][::3], two_kinds[1][::3]
    search = GridSearchCV(RetoldClassifier(), {"C": [0.01, 1.0], "class_weight": [None, "balanced"]}, cv=2)
    assert search.fit(texts, labels).best_estimator_.predict(texts).shape == labels.shape
    pipeline = make_pipeline(TextFeatures(), StandardScaler(), LogisticRegression(C=0.02))
    assert pipeline.fit(texts, labels).score(texts, labels) > 0.8


def test_what_was_not_fitted_says_so():
    for call in (RetoldClassifier().predict, TextFeatures().transform):
        with pytest.raises(NotFittedError):
            call(TEXTS)
