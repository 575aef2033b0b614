"""What a change is: facts first, then retranslations, style and the rest."""

import numpy as np
import pytest

import retold
from retold.compare.alignment import align
from retold.compare.changes import changes_between
from retold.compare.house_style import is_style
from retold.compare.numbers import numbers
from retold.compare.pivot_language import close_family
from retold.compare.version import Version

BASE = (
    "The harbour council met on Tuesday in Norrvik. Mayor Ilse Brandt said the ferry would only take place with the "
    "consent of 31 owners. The old pier costs 1,900 crowns a week, and nobody wants to pay for it. "
    "Engineers will return to the colour plan in the spring."
)


def changes(before, after, pivots=None):
    al = align(Version.of("a", before), Version.of("b", after))
    return changes_between(al, pivots, retold.load().comparison_weights.pivots)


def kinds(before, after):
    return [(c.kind, c.from_text, c.to_text) for c in changes(before, after)]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("only take", "not take", ("negation", "only", "not")),
        ("1,900 crowns", "1,700 crowns", ("number", "1,900", "1,700")),
        ("Ilse Brandt", "Ilse Kessler", ("name", "Brandt", "Kessler")),
        ("colour plan", "color plan", ("style", "colour", "color")),
        ("31 owners", "thirty-one owners", ("style", "31", "thirty-one")),
        ("The old pier", "The ancient pier", ("copy-edit", "old", "ancient")),
    ],
)
def test_one_change_is_named(old, new, expected):
    assert kinds(BASE, BASE.replace(old, new)) == [expected]


@pytest.mark.parametrize(
    ("old", "new"),
    [("28 May 2024", "May 28, 2024"), ("28th May", "May 28"), ("May 28", "28 May"), ("3 June", "June 3")],
)
def test_a_date_the_other_way_round_is_one_change_of_style(old, new):
    before, after = (BASE.replace("on Tuesday", f"on {date}") for date in (old, new))
    ((kind, from_text, to_text),) = kinds(before, after)
    assert (kind, from_text in old, to_text.strip(",") in new) == ("style", True, True)


def test_another_day_is_no_change_of_style():
    before, after = (BASE.replace("on Tuesday", f"on {date}") for date in ("28 May", "May 29"))
    assert "style" not in {kind for kind, *_ in kinds(before, after)}


def test_no_change_is_found_in_a_copy():
    assert changes(BASE, BASE) == []


def test_typography_alone_changes_nothing_but_style():
    assert {c.kind for c in changes('"Come," she said. ' + BASE, "\u201cCome,\u201d she said. " + BASE)} == {"style"}


def test_facts_carry_their_risk_and_index_the_texts_as_given():
    after = "  " + BASE.replace("31", "13").replace("harbour", "h\u00adarbour")
    (found,) = [c for c in changes(BASE, after) if c.kind == "number"]
    assert found.risk == "fact"
    assert (BASE[slice(*found.from_span)], after[slice(*found.to_span)]) == ("31", "13")


def test_denial_without_a_negator_is_no_change_of_fact():
    before = BASE + " The owners did not pay their dues last year."
    assert not [c for c in changes(before, before.replace("did not pay", "failed to pay")) if c.risk == "fact"]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("Ilse Brandt", "Ilse Brandtová"),
        ("Mayor Ilse Brandt", "Mayor Ilse Prandt"),
        ("Norrvik.", "Norrwik."),
        ("1,900 crowns", "1.900 crowns"),
        ("costs 1,900", "is No. 2 and costs 1,900"),
        ("nobody wants to pay", "no one wants to pay"),
    ],
)
def test_other_spellings_are_no_change_of_fact(old, new):
    assert not [c for c in changes(BASE, BASE.replace(old, new)) if c.risk == "fact"]


def test_words_of_grammar_are_no_names():
    before = BASE + ' The minutes say "While Brandt spoke, the owners left".'
    assert not [c for c in changes(before, before.replace("While", "When")) if c.risk == "fact"]


def test_a_planted_negation_is_found_beside_another_that_stayed():
    (found,) = [c for c in changes(BASE, BASE.replace("will return", "will not return")) if c.risk == "fact"]
    assert (found.kind, found.to_text) == ("negation", "not")


def test_whole_sentences_are_cut_and_added():
    after = BASE.replace("The old pier costs 1,900 crowns a week, and nobody wants to pay for it. ", "")
    assert [c.kind for c in changes(BASE, after)] == ["cut"]
    assert [c.kind for c in changes(after, BASE)] == ["added"]
    assert [c.kind for c in changes(BASE, BASE + " Reporting by Ada Quill.")] == ["boilerplate"]


def test_a_sentence_that_stands_elsewhere_was_moved():
    first, rest = BASE.split(". ", 1)
    (found,) = changes(BASE, f"{rest} {first}.")
    assert (found.kind, found.from_text) == ("moved", first + ".")


def test_retranslation_names_the_pivot():
    names = retold.load().comparison_weights.pivots.names
    french = np.eye(len(names))[names.index("fr")]
    before = BASE + " A settlement was near."
    (found,) = changes(before, before.replace("settlement", "regulation"), french)
    assert (found.kind, found.from_text, found.to_text, found.pivot) == (
        "retranslation", "settlement", "regulation", "fr",
    )  # fmt: skip
    assert found.risk == "meaning"


def test_without_a_round_trip_the_same_change_is_an_edit():
    before = BASE + " A settlement was near."
    assert [c.kind for c in changes(before, before.replace("settlement", "regulation"))] == ["copy-edit"]


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("1,900 men", ["1900"]),
        ("1 900 men", ["1900"]),
        ("forty - one", ["41"]),
        ("1.5 million", ["1500000"]),
        ("1,500,000", ["1500000"]),
        ("at 10:30", ["10:30"]),
        ("one of them", []),
    ],
)
def test_numbers_are_read_as_values(text, values):
    assert [value for *_, value in numbers(text.split())] == values


@pytest.mark.parametrize("pair", ["mr brandt/brandt", "u.s./us", "don't/do not", "feb/february", "percent/per cent"])
def test_style_books_differ(pair):
    a, b = (side.split() for side in pair.split("/"))
    assert is_style(a, b)


def test_style_is_not_another_word():
    assert not is_style(["brandt"], ["kessler"])
    assert not is_style(["19"], ["91"])


def test_long_sentences_and_many_of_them_stay_bounded():
    words = "word " * 5000
    assert changes(words, words.replace("word", "term", 1)) is not None
    many = "No. " * 5000
    assert changes(many, many[4:]) is not None


@pytest.mark.parametrize(
    ("pivots", "family"),
    [
        ({"fr": 0.38, "pt": 0.31, "de": 0.1}, "Romance"),
        ({"es": 0.3, "pt": 0.29}, "Iberian"),
        ({"fr": 0.7, "pt": 0.1}, None),
        ({"fr": 0.3, "ru": 0.29}, None),
        ({}, None),
    ],
)
def test_a_family_is_named_where_its_languages_are_close(pivots, family):
    assert close_family(pivots) == family
