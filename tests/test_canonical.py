"""NormalizedText form: one spelling of typography, and a map that always leads back."""

import time

import pytest

from retold.text import analyse, normalize

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
    assert normalize(raw).text == PLAIN


@pytest.mark.parametrize("raw", [PLAIN, *VARIANTS.values()])
def test_every_token_maps_back_to_its_text(raw):
    article = analyse(raw)
    for i, token in enumerate(article.tokens):
        start, end = article.raw_span(i, i)
        assert token in normalize(raw[start:end]).text


def test_closed_dash_makes_the_same_tokens_as_a_spaced_one():
    assert analyse("war\u2014and peace").tokens == analyse("war - and peace").tokens


def test_combining_marks_compose():
    assert normalize("cafe\u0301").text == "caf\u00e9"


def test_unknown_entities_stay():
    assert normalize("AT&T; R&D and &nosuchthing;").text == "AT&T; R&D and &nosuchthing;"


@pytest.mark.parametrize("raw", ["", " \n\t ", "\u200b", "\ud800", "\x00"])
def test_nothing_readable_gives_nothing(raw):
    assert normalize(raw).text == ""


def test_spans_outside_the_text_are_refused():
    with pytest.raises(ValueError, match="lies outside"):
        normalize("abc").span(2, 9)


NEWS = (
    "The council of Sofia met on Monday. Mayor Ana Petrova said the bridge, built in 1932, would close for a year; "
    'traders on Market Street were "not consulted", they said. A spokesman for the U.S. embassy declined to comment.'
)
LOOK_ALIKES = str.maketrans("aceopxy", "\u0430\u0441\u0435\u043e\u0440\u0445\u0443")


def disguised(text, every):
    """Each so-many-th letter replaced by a Cyrillic one, if it has one."""
    return "".join(c.translate(LOOK_ALIKES) if i % every == 0 else c for i, c in enumerate(text))


@pytest.mark.parametrize("every", [1, 2, 7])
def test_look_alike_letters_become_latin_and_offsets_stay(every):
    raw = disguised(NEWS, every)
    article = analyse(raw)
    assert raw != NEWS
    assert article.text == NEWS
    start, end = article.raw_span(article.tokens.index("bridge"), article.tokens.index("bridge"))
    assert (start, end) == (NEWS.index("bridge"), NEWS.index("bridge") + 6)
    assert raw[start:end] == disguised(NEWS, every)[start:end]


@pytest.mark.parametrize(
    "text",
    [
        "The band \u0410\u0440\u0438\u044f and its \u043e\u0440\u0445\u0443\u0441 played.",
        "An \u03b1 particle, 5 \u03bcm wide.",
    ],
)
def test_words_of_another_alphabet_stay_what_they_are(text):
    assert normalize(text).text == text


def test_greek_names_stay():
    assert (
        normalize("The \u03a0\u03b5\u03b9\u03c1\u03b1\u03b9\u03ac\u03c2 ferry.").text
        == "The \u03a0\u03b5\u03b9\u03c1\u03b1\u03b9\u03ac\u03c2 ferry."
    )


@pytest.mark.parametrize("case", [str.upper, str.lower, str.title], ids=["upper", "lower", "title"])
def test_sentences_survive_any_case(case):
    cased, plain = analyse(case(NEWS)), analyse(NEWS)
    assert [t.lower() for t in cased.tokens] == [t.lower() for t in plain.tokens]
    assert cased.sentences.tolist() == plain.sentences.tolist()
    assert not cased.tokens[cased.lower.index("bridge")][0].isupper()
    for i in range(len(cased.tokens)):
        start, end = cased.raw_span(i, i)
        assert case(NEWS)[start:end].lower() == cased.lower[i]


def test_heads_in_capitals_are_folded_but_names_are_not():
    text = "MAYOR SAYS THE BRIDGE WILL STAY CLOSED. " + NEWS
    assert normalize(text).text == "Mayor says the bridge will stay closed. " + NEWS
    assert (
        normalize("The FBI, CIA and NATO met in NEW YORK (AP).").text == "The FBI, CIA and NATO met in NEW YORK (AP)."
    )


def test_letters_whose_other_case_is_longer_keep_the_length():
    raw = ("STRASSE \u0130STANBUL \ufb01RST. " * 12).strip()
    article = analyse(raw)
    assert all(raw[a:b] for a, b in (article.raw_span(i, i) for i in range(len(article.tokens))))


@pytest.mark.parametrize(
    ("marked", "plain"),
    [
        ("A <b>bold</b> move, <a href=\"x?a=1&b=2\">he</a> said.", "A bold move, he said."),
        ("<p class='a'>One.</p><p>Two.</p>", "One. Two."),
        ("One.<br/>Two.<BR>Three.", "One. Two. Three."),
        ("&lt;p&gt;One.&lt;/p&gt;", "One."),
        ("a <b and c> d, 3 < 5 > 2", "a <b and c> d, 3 < 5 > 2"),
        ("A **bold** move, *he* _said_.", "A bold move, he said."),
        ("See [the report](https://a.example/b_c) and ![it](x.png).", "See the report and it."),
        ("# LinearClassifier\n\n> Quoted.\n5 * 3 is [15] (sic).", "LinearClassifier Quoted. 5 * 3 is [15] (sic)."),
        ("snake_case, 2*3*4 and f(x)", "snake_case, 2*3*4 and f(x)"),
    ],
)  # fmt: skip
def test_markup_vanishes_and_offsets_stay(marked, plain):
    article = analyse(marked)
    assert article.text == plain
    for i, token in enumerate(article.tokens):
        start, end = article.raw_span(i, i)
        assert marked[start:end] == token


@pytest.mark.parametrize("joiner", ["\u034f", "\ufe0f", "\u0336", "\u115f", "\u200d"])
def test_what_prints_nothing_breaks_no_word(joiner):
    assert normalize(joiner.join("settlement")).text == "settlement"


@pytest.mark.parametrize("blank", ["\u2800", "\u3164", "\uffa0", "\u2003"])
def test_blanks_are_spaces(blank):
    assert normalize(f"two{blank}words").text == "two words"


@pytest.mark.parametrize(
    "hostile",
    ["[" * 10**6,
     "[a](b" * 200_000, "<b =" * 250_000, "<p" + "\t" * 10**6, "A " * 500_000, "a" * 10**6 + "\u0430", "." + "\"'" * 10**6],
    ids=["brackets", "links", "tags", "blanks", "capitals", "letters", "quotes"],
)  # fmt: skip
def test_hostile_texts_take_linear_time(hostile):
    start = time.process_time()
    normalize(hostile)
    assert time.process_time() - start < 10  # each takes half a second; quadratic time would be minutes


def test_characters_that_unfold_cannot_swell_a_text():
    assert (
        normalize("The \ufdfa sign.").text
        == "The \u0635\u0644\u0649 \u0627\u0644\u0644\u0647 \u0639\u0644\u064a\u0647 \u0648\u0633\u0644\u0645 sign."
    )
    swollen = normalize("\ufdfa" * 100_000 + " News ends here.")
    assert len(swollen.text) < 250_000
    assert swollen.text.endswith(" News ends here.")
    assert len(swollen.starts) == len(swollen.ends) == len(swollen.text)
