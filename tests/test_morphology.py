import pytest

from retold.text.morphology import Inflector, form_of, inflect, stem
from retold.text.spelling import spelling_key

FORMS = ("s", "ed", "en", "ing")
# Lemma, third person or plural, past, past participle, present participle; "-" where there is none.
INFLECTIONS = """
admit admits admitted admitted admitting
agree agrees agreed agreed agreeing
analysis analyses - - -
be is was been being
begin begins began begun beginning
building buildings - - -
bus buses - - -
carry carries carried carried carrying
child children - - -
control controls controlled controlled controlling
die dies died died dying
do does did done doing
dye dyes dyed dyed dyeing
echo echoes echoed echoed echoing
focus focuses focused focused focusing
guarantee guarantees guaranteed guaranteed guaranteeing
have has had had having
hundred hundreds - - -
lie lies lay lain lying
link links linked linked linking
make makes made made making
mistake mistakes mistook mistaken mistaking
monarch monarchs - - -
movie movies - - -
note notes noted noted noting
offer offers offered offered offering
owe owes owed owed owing
pass passes passed passed passing
photo photos - - -
play plays played played playing
proceed proceeds proceeded proceeded proceeding
put puts put put putting
quit quits quit quit quitting
say says said said saying
stop stops stopped stopped stopping
story stories - - -
taxi - - - -
tie ties tied tied tying
traffic - trafficked trafficked trafficking
travel travels traveled traveled traveling
use uses used used using
video videos - - -
visit visits visited visited visiting
watch watches watched watched watching
withhold withholds withheld withheld withholding
""".strip().splitlines()
TABLE = [
    (lemma, form, word)
    for lemma, *words in map(str.split, INFLECTIONS)
    for form, word in zip(FORMS, words, strict=True)
    if word != "-"
]
# The words of the table after the most frequent words that they might be taken for forms of, by falling frequency.
VOCABULARY = "the us not in ad re los dy ly uses go going news united corps".split() + sorted(
    {w for row in TABLE for w in row[::2]}
)
INFLECTOR = Inflector({word: rank for rank, word in enumerate(VOCABULARY)})


@pytest.mark.parametrize(("lemma", "form", "word"), TABLE)
def test_a_lemma_is_inflected(lemma: str, form: str, word: str) -> None:
    assert inflect(lemma, form) == word
    assert word in INFLECTOR.forms(lemma, form)


@pytest.mark.parametrize(("lemma", "form", "word"), [row for row in TABLE if row[0] != row[2]])
def test_an_inflection_is_analysed(lemma: str, form: str, word: str) -> None:
    found = INFLECTOR.analyse(word)
    assert found[0] == lemma
    assert found[1] == form or (found[1] == "ed" and inflect(lemma, "ed") == word)


@pytest.mark.parametrize(("lemma", "form", "word"), TABLE)
def test_inflections_share_a_stem(lemma: str, form: str, word: str) -> None:
    assert stem(word) == stem(lemma)


@pytest.mark.parametrize("word", "the news united added ring loss us its corps species".split())
def test_a_word_that_only_looks_like_an_inflection_is_its_own_lemma(word: str) -> None:
    assert INFLECTOR.analyse(word) == (word, "")


def test_words_of_their_own_keep_their_stem() -> None:
    words = "for fore her here not note to toes us use ad add red ring".split()
    assert len({stem(word) for word in words}) == len(words)


@pytest.mark.parametrize(
    ("lemma", "like", "form"),
    [("pour", "paid", "poured"), ("stop", "trying", "stopping"), ("carry", "gives", "carries")],
)
def test_a_word_takes_the_form_of_another(lemma: str, like: str, form: str) -> None:
    assert inflect(lemma, form_of(like)) == form


def test_forms_come_from_the_vocabulary_and_the_more_frequent_spelling_first() -> None:
    assert INFLECTOR.forms("council", "ing") == []
    assert Inflector({"travelled": 0, "traveled": 1}).forms("travel", "ed") == ["travelled"]


@pytest.mark.parametrize(
    ("british", "american"),
    [("labour", "labor"), ("towards", "toward"), ("organised", "organized"), ("centre", "center")],
)
def test_spellings_of_both_sides_share_a_key(british: str, american: str) -> None:
    assert spelling_key(british) == spelling_key(american)
