"""The 4-gram model: probabilities add up, survive storage, and follow the counts."""

from itertools import pairwise

import numpy as np
import pytest

from retold.language_model import LanguageModel, Vocabulary
from retold.language_model import kneser_ney as estimation
from retold.text import analyse

TEXT = " ".join(["The council met on Monday."] * 30 + ["The court met on Tuesday."] * 20 + ["A dog ran on."] * 10)


@pytest.fixture(scope="module")
def model():
    article = analyse(TEXT)
    bounds = article.sentences
    sentences = [article.lower[a:b] for a, b in pairwise(bounds)]
    vocabulary = estimation.build_vocabulary(sentences)
    stream = np.concatenate([np.concatenate([[0], vocabulary.ids(s)]) for s in sentences]).astype(np.int32)
    depth = np.concatenate([np.arange(len(s) + 1) for s in sentences])
    return estimation.estimate(vocabulary, stream, depth)


def probability(model, words):
    ids = np.concatenate([[0], model.vocabulary.ids(words)]).astype(np.int32)
    return model.probabilities(ids, np.arange(len(ids)))[:, -1]


def test_every_order_sums_to_one(model):
    totals = sum(probability(model, ["the", "council", word]) for word in model.vocabulary.words[1:])
    assert totals == pytest.approx(np.ones(4), abs=0.03)


def test_context_tells(model):
    unigram, *_, fourgram = probability(model, ["the", "council", "met"])
    assert fourgram > 0.9 > unigram


def test_frequent_continuations_are_likelier(model):
    assert probability(model, ["the", "council"])[-1] > probability(model, ["the", "court"])[-1]


def test_contexts_do_not_cross_sentences(model):
    two = analyse("A dog ran on. The council met.")
    opens = np.zeros(len(two.tokens), bool)
    opens[two.sentences[:-1]] = True
    together = model.read_sentences(model.vocabulary.ids(two.lower), opens).probability[:, 5:]
    alone = model.read_sentences(model.vocabulary.ids(two.lower[5:]), opens[5:]).probability
    np.testing.assert_array_equal(together, alone)


def test_arrays_rebuild_the_model(model):
    again = LanguageModel.from_arrays(model.vocabulary, model.arrays())
    np.testing.assert_array_equal(probability(model, ["the", "dog"]), probability(again, ["the", "dog"]))


def test_numbers_fold():
    vocabulary = Vocabulary(["<s>", "<unk>", "<year>", "<num>", "in"])
    assert vocabulary.ids(["in", "1999", "12.5", "zebra"]).tolist() == [4, 2, 3, 1]


def test_a_list_without_the_special_words_is_no_vocabulary():
    with pytest.raises(ValueError, match="starts with"):
        Vocabulary(["the", "of"])
