"""MaskedNgrams and wording: what they see, and what they must not."""

import numpy as np
import pytest

import retold
from retold.language_model.batch import Batch
from retold.signals.ngrams.classifier import NGRAM_TARGETS
from retold.signals.ngrams.hashing import BUCKETS, class_ids, word_class
from retold.signals.ngrams.masked import MaskedNgrams
from retold.signals.ngrams.words import WordNgrams
from retold.text import analyse


@pytest.fixture(scope="module")
def model():
    return retold.load().components.language_model


def batch(model, *texts):
    return Batch([analyse(text) for text in texts], model)


def test_grammar_stays_and_content_is_masked():
    assert [word_class(w) for w in ("the", "walking", "relation", "cat", "u.s.", "o'clock")] == [
        "the", "-ing", "-tion", "-", "<abbr>", "<'>",
    ]  # fmt: skip


def test_topics_do_not_show_in_the_shape(model):
    counts = MaskedNgrams.count(batch(model, "The mayor opened the school.", "The actor covered the stool."))
    assert (counts[0] != counts[1]).nnz == 0


def test_names_are_one_class_whatever_they_are(model):
    ids = class_ids(batch(model, "He met Smith.", "He met Abdulrahmanov."))
    assert ids[2] == ids[6]


def test_word_order_shows_in_both(model):
    for view in (MaskedNgrams, WordNgrams):
        one, other = view.count(batch(model, "He has not been there.", "There he has been not."))
        assert (one != other).nnz > 0


def test_rows_have_unit_length(model):
    counts = WordNgrams.count(batch(model, "One two three.", "", "The same words, the same words."))
    lengths = np.asarray(np.sqrt(counts.multiply(counts).sum(axis=1))).ravel()
    assert lengths == pytest.approx([1, 0, 1], abs=1e-5)


def test_sentences_do_not_run_into_each_other(model):
    joined = MaskedNgrams.count(batch(model, "He left. She stayed."))
    swapped = MaskedNgrams.count(batch(model, "She stayed. He left."))
    assert (joined != swapped).nnz == 0


def test_weights_of_another_shape_are_refused():
    with pytest.raises(ValueError, match="weights of shape"):
        MaskedNgrams(np.zeros((1, BUCKETS)), np.zeros(len(NGRAM_TARGETS)))


def test_log_odds_add_the_weights(model):
    weights = np.ones((len(NGRAM_TARGETS), BUCKETS))
    expert = WordNgrams(weights, np.full(len(NGRAM_TARGETS), 0.5))
    counts = WordNgrams.count(batch(model, "A word."))
    assert expert.extract(batch(model, "A word."))[0] == pytest.approx(counts.sum() + 0.5, abs=1e-4)
