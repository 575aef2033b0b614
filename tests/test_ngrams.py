"""Shape and wording: what they see, and what they must not."""

import numpy as np
import pytest

import retold
from retold.signals.base import Batch
from retold.signals.experts import QUESTIONS
from retold.signals.ngrams import BUCKETS, class_ids, word_class
from retold.signals.shape import Shape
from retold.signals.wording import Wording
from retold.text import analyse


@pytest.fixture(scope="module")
def model():
    return retold.load().resources.language_model


def batch(model, *texts):
    return Batch([analyse(text) for text in texts], model)


def test_grammar_stays_and_content_is_masked():
    assert [word_class(w) for w in ("the", "walking", "relation", "cat", "u.s.", "o'clock")] == [
        "the", "-ing", "-tion", "-", "<abbr>", "<'>",
    ]  # fmt: skip


def test_topics_do_not_show_in_the_shape(model):
    counts = Shape.count(batch(model, "The mayor opened the school.", "The actor covered the stool."))
    assert (counts[0] != counts[1]).nnz == 0


def test_names_are_one_class_whatever_they_are(model):
    ids = class_ids(batch(model, "He met Smith.", "He met Abdulrahmanov."))
    assert ids[2] == ids[6]


def test_word_order_shows_in_both(model):
    for view in (Shape, Wording):
        one, other = view.count(batch(model, "He has not been there.", "There he has been not."))
        assert (one != other).nnz > 0


def test_rows_have_unit_length(model):
    counts = Wording.count(batch(model, "One two three.", "", "The same words, the same words."))
    lengths = np.asarray(np.sqrt(counts.multiply(counts).sum(axis=1))).ravel()
    assert lengths == pytest.approx([1, 0, 1], abs=1e-5)


def test_sentences_do_not_run_into_each_other(model):
    joined = Shape.count(batch(model, "He left. She stayed."))
    swapped = Shape.count(batch(model, "She stayed. He left."))
    assert (joined != swapped).nnz == 0


def test_weights_of_another_shape_are_refused():
    with pytest.raises(ValueError, match="weights of shape"):
        Shape(np.zeros((1, BUCKETS)), np.zeros(len(QUESTIONS)))


def test_log_odds_add_the_weights(model):
    weights = np.ones((len(QUESTIONS), BUCKETS))
    expert = Wording(weights, np.full(len(QUESTIONS), 0.5))
    counts = Wording.count(batch(model, "A word."))
    assert expert.measure(batch(model, "A word."))[0] == pytest.approx(counts.sum() + 0.5, abs=1e-4)
