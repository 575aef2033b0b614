"""Fluency: surprisal profiles, errors with their corrections, and improbable words."""

import numpy as np
import pytest

import retold
from retold.language_model.batch import Batch
from retold.signals.fluency.confusion_sets import ERROR_TYPES
from retold.signals.fluency.corrections import MARGINS
from retold.signals.fluency.signal import Fluency
from retold.text import analyse

FLUENT = "The prime minister told reporters on Tuesday that the government would not change its mind."
JUMBLED = "The minister prime told on reporters Tuesday that would the not government its change mind."


@pytest.fixture(scope="module")
def model():
    return retold.load().components.language_model


def column(batch, name):
    return Fluency(batch.model).extract(batch)[:, Fluency.feature_names.index(name)]


def test_word_order_costs_bits_only_where_context_counts(model):
    batch = Batch([analyse(FLUENT), analyse(JUMBLED)], model)
    fluent, jumbled = column(batch, "fluency_all_bits_4")
    assert jumbled > fluent + 2
    fluent, jumbled = column(batch, "fluency_all_bits_1")
    assert fluent == pytest.approx(jumbled, abs=0.01)


def test_an_improbable_word_is_shown(model):
    text = "The talks ended in the of the week and nobody was surprised by that."
    (found,) = Fluency(model).find_evidence(Batch([analyse(text)], model))
    assert all(text[e.start : e.end] == e.text for e in found)
    assert [e.text for e in found] == ["the of"]


WRONG = {
    "article": [
        ("It is a important question for the country.", "a important", "an important"),
        ("It has the always been the case.", "the always", "always"),
        ("We are in middle of the night and nobody has slept.", "in middle", "in the middle"),
    ],
    "preposition": [
        ("It all depends of what the government does next.", "depends of", "depends on"),
        ("He is responsible of the attack on the school.", "responsible of", "responsible for"),
    ],
    "agreement": [
        ("The people is tired of the war.", "people is", "people are"),
        ("They was in the house when the police came.", "They was", "They were"),
        ("The two man were arrested on Monday.", "two man", "two men"),
        ("He would says nothing about the deal.", "would says", "would say"),
    ],
    "word order": [
        ("The minister did answer not the question.", "answer not", "not answer"),
        ("The president is on the way the to airport.", "the to", "to the"),
    ],
    "phrasal verb": [
        ("The plan was to brush away the criticism.", "brush away", "brush off"),
        ("He will not give in one of his gains.", "give in", "give up"),
    ],
}


@pytest.mark.parametrize(("kind", "text", "seen", "meant"), [(k, *row) for k, rows in WRONG.items() for row in rows])
def test_each_type_of_error_is_found_and_corrected(model, kind, text, seen, meant):
    (found,) = Fluency(model).find_evidence(Batch([analyse(text)], model))
    assert [(e.text, e.suggestion) for e in found] == [(seen, meant)]
    assert text[found[0].start : found[0].end] == seen
    assert found[0].reason.startswith(f'reads wrong: "{seen}" - {kind}; "{meant}"')
    assert found[0].conditional


@pytest.mark.parametrize(("text", "seen", "meant"), [row for rows in WRONG.values() for row in rows])
def test_corrected_text_is_left_alone(model, text, seen, meant):
    assert Fluency(model).find_evidence(Batch([analyse(text.replace(seen, meant))], model)) == [[]]


@pytest.mark.parametrize(
    "text",
    [
        "They will give in to pressure from abroad.",
        "The answer that was given in his absence was short.",
        "The number of people is rising again.",
        "A man and a woman were arrested on Monday.",
        "She asked that he leave the house before noon.",
        "He knew what would make it work and let it go.",
        "When did he leave the house?",
        "Two plane makers said that they would share the work.",
        "It is a unique chance, and an hour is enough.",
        "They depend on the river for water.",
    ],
)
def test_what_a_rule_might_mistake_is_left_alone(model, text):
    assert Fluency(model).find_evidence(Batch([analyse(text)], model)) == [[]]


def test_errors_are_found_in_their_own_article(model):
    texts = [FLUENT, "It all depends of what the government does next.", "", "The people is tired of the war."]
    found = Fluency(model).find_evidence(Batch([analyse(text) for text in texts], model))
    assert [[e.text for e in spans] for spans in found] == [[], ["depends of"], [], ["people is"]]


def test_an_article_shows_three_spans_in_a_thousand_words_at_most(model):
    text = " ".join(["It all depends of what the government does next."] * 100)
    words = 900
    (found,) = Fluency(model).find_evidence(Batch([analyse(text)], model))
    assert len(found) == 3 * (words + 100) // 1000


def test_every_rule_has_its_margin():
    assert MARGINS.keys() == ERROR_TYPES.keys()
    assert set(WRONG) == set(ERROR_TYPES.values())


def test_fluent_text_shows_nothing(model):
    assert Fluency(model).find_evidence(Batch([analyse(FLUENT)], model)) == [[]]


def test_empty_articles_have_finite_numbers(model):
    values = Fluency(model).extract(Batch([analyse(""), analyse(FLUENT), analyse("")], model))
    assert values.shape == (3, len(Fluency.feature_names))
    assert np.isfinite(values).all()
