"""Fluency: surprisal profiles, and the words that context forbids."""

import numpy as np
import pytest

import retold
from retold.signals.base import Batch
from retold.signals.fluency import Fluency
from retold.text import analyse

FLUENT = "The prime minister told reporters on Tuesday that the government would not change its mind."
JUMBLED = "The minister prime told on reporters Tuesday that would the not government its change mind."


@pytest.fixture(scope="module")
def model():
    return retold.load().resources.language_model


def column(batch, name):
    return Fluency().measure(batch)[:, Fluency.feature_names.index(name)]


def test_word_order_costs_bits_only_where_context_counts(model):
    batch = Batch([analyse(FLUENT), analyse(JUMBLED)], model)
    fluent, jumbled = column(batch, "fluency_all_bits_4")
    assert jumbled > fluent + 2
    fluent, jumbled = column(batch, "fluency_all_bits_1")
    assert fluent == pytest.approx(jumbled, abs=0.01)


def test_a_forbidden_word_is_shown(model):
    text = "The talks ended in the of the week and nobody was surprised by that."
    (found,) = Fluency().evidence(Batch([analyse(text)], model))
    assert all(text[e.start : e.end] == e.text for e in found)
    assert [e.text for e in found] == ["the of"]


def test_fluent_text_shows_nothing(model):
    assert Fluency().evidence(Batch([analyse(FLUENT)], model)) == [[]]


def test_empty_articles_have_finite_numbers(model):
    values = Fluency().measure(Batch([analyse(""), analyse(FLUENT), analyse("")], model))
    assert values.shape == (3, len(Fluency.feature_names))
    assert np.isfinite(values).all()
