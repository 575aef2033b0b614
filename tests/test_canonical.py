"""Canonical form: one spelling of typography, and a map that always leads back."""

import pytest

from retold.text import analyse, canonicalise

PLAIN = "The mayor said \"no deal\" - and left. It's over... for now, she'd add."
VARIANTS = {
    "curly quotes": PLAIN.replace('"no deal"', "\u201cno deal\u201d").replace("'", "\u2019"),
    "guillemets": PLAIN.replace('"no deal"', "\u00abno deal\u00bb"),
    "entities": PLAIN.replace('"', "&quot;").replace("'", "&#39;"),
    "nested entities": PLAIN.replace('"', "&amp;quot;"),
    "em dash": PLAIN.replace(" - ", " \u2014 "),
    "en dash": PLAIN.replace(" - ", " \u2013 "),
    "double hyphen": PLAIN.replace(" - ", " -- "),
    "ellipsis": PLAIN.replace("...", "\u2026"),
    "hard lines": PLAIN.replace(" ", "\n", 3),
    "windows paragraphs": PLAIN.replace(". ", ".\r\n\r\n"),
    "no-break spaces": PLAIN.replace(" ", "\u00a0"),
    "zero width": PLAIN.replace("o", "o\u200b").replace("e", "\ufeffe"),
    "soft hyphens": PLAIN.replace("mayor", "may\u00ador"),
    "latex quotes": PLAIN.replace('"no deal"', "``no deal''"),
}


@pytest.mark.parametrize("raw", VARIANTS.values(), ids=VARIANTS.keys())
def test_typography_vanishes(raw):
    assert canonicalise(raw).text == PLAIN


@pytest.mark.parametrize("raw", [PLAIN, *VARIANTS.values()])
def test_every_token_maps_back_to_its_text(raw):
    article = analyse(raw)
    for i, token in enumerate(article.tokens):
        start, end = article.raw_span(i, i)
        assert token in canonicalise(raw[start:end]).text


def test_closed_dash_makes_the_same_tokens_as_a_spaced_one():
    assert analyse("war\u2014and peace").tokens == analyse("war - and peace").tokens


def test_combining_marks_compose():
    assert canonicalise("cafe\u0301").text == "caf\u00e9"


def test_unknown_entities_stay():
    assert canonicalise("AT&T; R&D and &nosuchthing;").text == "AT&T; R&D and &nosuchthing;"


@pytest.mark.parametrize("raw", ["", " \n\t ", "\u200b", "\ud800", "\x00"])
def test_nothing_readable_gives_nothing(raw):
    assert canonicalise(raw).text == ""


def test_spans_outside_the_text_are_refused():
    with pytest.raises(ValueError, match="lies outside"):
        canonicalise("abc").span(2, 9)
