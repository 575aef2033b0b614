"""Tokens and sentences."""

from itertools import pairwise

from retold.text import analyse


def sentences(raw):
    article = analyse(raw)
    bounds = article.sentences
    return [" ".join(article.tokens[a:b]) for a, b in pairwise(bounds)]


def test_possessives_stand_alone_and_contractions_do_not():
    assert analyse("Kyiv's mayor can't go.").tokens == ["Kyiv", "'s", "mayor", "can't", "go", "."]


def test_hyphens_separate_and_abbreviations_hold():
    assert analyse("U.S.-led talks at 3.15 p.m.").tokens == ["U.S.", "-", "led", "talks", "at", "3.15", "p.m."]


def test_titles_and_initials_do_not_end_sentences():
    assert len(sentences("Mr. J. Doe met Gen. Roe. They spoke. Then Sen. Poe left.")) == 3


def test_a_quotation_closes_its_sentence():
    assert sentences('"It is over." She left.') == ["It is over .", "She left ."]


def test_line_breaks_end_nothing():
    assert sentences("The talks\nended. All\n\nwent home.") == sentences("The talks ended. All went home.")


def test_words_are_counted_without_punctuation():
    assert analyse("One, two - three!").n_words == 3


def test_empty_text_is_an_article():
    article = analyse("")
    assert article.tokens == []
    assert article.n_words == 0
