"""Whole idioms are counted, broken ones are found with their repair, and ordinary English is left alone."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path
from time import process_time

import numpy as np
import pytest

from retold.language_model import LanguageModel, Vocabulary
from retold.language_model.batch import Batch
from retold.language_model.kneser_ney import estimate
from retold.language_model.vocabulary import SPECIAL
from retold.model_store import bundled_model
from retold.signals.base import Evidence
from retold.signals.idioms.lexicon import (
    FORMS_FILE,
    KINDS,
    expressions,
    flexible,
    is_filler,
    listed_forms,
    make_form,
    parse_forms,
    restored,
)
from retold.signals.idioms.signal import Idioms
from retold.text import analyse
from retold.text.morphology import stem
from retold.text.phrase_matcher import Match, PhraseIndex, parse
from retold.training.fit.idiom_variants import Counts, broken_forms, count, is_kept

ARTICLES = [
    json.loads(line)
    for line in (Path(__file__).parent / "data" / "articles.jsonl").read_text(encoding="utf-8").splitlines()
]
FORMS = parse_forms((bundled_model() / FORMS_FILE).read_text(encoding="utf-8"))
IDIOMS = Idioms(FORMS)
# What a model must have read to prefer whole expressions; the broken words are known to it, in other company.
READ = [
    "the minister poured cold water on the plan .",
    "she wants a seat at the table .",
    "they put it on a wish list .",
    "the talks were back to square one .",
    "he turned a blind eye to the plan .",
    "a list of rooms and a list of names lay on the desk .",
    "he paid the bill and paid for the wishes of the town .",
]


@pytest.fixture(scope="module")
def model() -> LanguageModel:
    """A model that has read ``READ`` many times over."""
    sentences = [sentence.split() for sentence in READ] * 30
    vocabulary = Vocabulary([*SPECIAL, *sorted({word for s in sentences for word in s})])
    ids = [np.concatenate([[0], vocabulary.ids(s)]) for s in sentences]
    depth = [np.arange(len(i)) for i in ids]
    return estimate(vocabulary, np.concatenate(ids).astype(np.int32), np.concatenate(depth))


def found(model: LanguageModel, text: str) -> list[Evidence]:
    return IDIOMS.find_evidence(Batch([analyse(text)], model))[0]


def column(model: LanguageModel, name: str, *texts: str) -> list[float]:
    values = IDIOMS.extract(Batch([analyse(text) for text in texts], model))
    return values[:, Idioms.feature_names.index(name)].tolist()


@pytest.mark.parametrize(
    ("text", "flagged", "suggestion"),
    [
        ("The minister paid cold water on the plan.", "paid cold water on", "poured cold water on"),
        ("She wants a \u201cseat on the table\u201d.", "seat on the table", "seat at the table"),
        ("They put it on a list of wishes.", "list of wishes", "wish list"),
    ],
)
def test_a_broken_expression_is_flagged_with_its_repair(
    model: LanguageModel, text: str, flagged: str, suggestion: str
) -> None:
    (evidence,) = found(model, text)
    assert (evidence.text, evidence.suggestion, evidence.signal) == (flagged, suggestion, "idioms")
    assert text[evidence.start : evidence.end] == flagged
    assert 0 < evidence.score < 1
    assert evidence.reason


@pytest.mark.parametrize("text", READ)
def test_whole_expressions_are_not_flagged(model: LanguageModel, text: str) -> None:
    assert found(model, text) == []


def test_whole_expressions_are_counted_by_kind(model: LanguageModel) -> None:
    text = "He turned a blind eye to it. They are turning a blind eye to it."
    assert column(model, "idioms_intact_verb_idiom", text, "He turned.") == [pytest.approx(2000 / 15), 0]


def test_a_broken_expression_counts_once(model: LanguageModel) -> None:
    text = "The minister paid cold water on the plan."
    assert column(model, "idioms_broken", text) == [pytest.approx(1000 / 8)]
    assert column(model, "idioms_broken_share", text) == [0.5]


@pytest.mark.parametrize("text", ["", ".", "\u4e2d\u6587", "one's _ * ~", "-" * 50, "wish " * 2000])
def test_odd_texts_give_finite_numbers(model: LanguageModel, text: str) -> None:
    values = IDIOMS.extract(Batch([analyse(text), analyse(READ[0])], model))
    assert values.shape == (2, len(Idioms.feature_names))
    assert np.isfinite(values).all()


@pytest.mark.parametrize("sentence", ["They make a decision. ", "The minister paid cold water on the plan. "])
def test_time_grows_with_the_text_and_not_with_its_square(model: LanguageModel, sentence: str) -> None:
    def seconds(times: int) -> float:
        batch = Batch([analyse(sentence * times)], model)
        assert batch.bits.size
        spent = []
        for _ in range(3):
            started = process_time()
            IDIOMS.extract(Batch(batch.articles, model))
            spent.append(process_time() - started)
        return min(spent)

    # Sixteen times the text took 256 times as long when each expression was compared with each other one.
    assert seconds(16 * 200) < 100 * seconds(200)


def test_an_article_is_measured_alike_in_any_company(model: LanguageModel) -> None:
    articles = [analyse(row["text"]) for row in ARTICLES[:12]]
    together = IDIOMS.extract(Batch(articles, model))
    alone = np.concatenate([IDIOMS.extract(Batch([article], model)) for article in articles])
    np.testing.assert_allclose(together, alone)


def test_evidence_quotes_the_text_and_comes_surest_first(model: LanguageModel) -> None:
    for row, flags in zip(
        ARTICLES, IDIOMS.find_evidence(Batch([analyse(row["text"]) for row in ARTICLES], model)), strict=True
    ):
        assert all(row["text"][e.start : e.end] == e.text for e in flags)
        assert all(a.score >= b.score for a, b in pairwise(flags))


def test_original_articles_hold_whole_expressions(model: LanguageModel) -> None:
    values = IDIOMS.extract(Batch([analyse(row["text"]) for row in ARTICLES if row["label"] == "original"], model))
    assert values[:, : len(KINDS)].sum(axis=1).mean() > 5


def test_tables_hold_together() -> None:
    assert len(expressions()) > 2000
    assert {expression.kind for expression in expressions()} == set(KINDS)
    assert all(form.elements != expressions()[form.expression].elements for form in (*listed_forms(), *FORMS))


def test_an_open_place_takes_only_words_that_displace() -> None:
    position = next(i for i, e in enumerate(expressions()) if e.text == "pour cold water on")
    form = make_form(position, "content", "* cold water on", frozenset({stem("throw")}))
    taken = [word for word in ("paid", "poured", "threw", "the", "Oslo") if is_filler(word, form)]
    assert taken == ["paid"]


def test_the_repair_keeps_slots_and_inflection() -> None:
    position = next(i for i, e in enumerate(expressions()) if e.text == "let _ off the hook")
    form = make_form(position, "content", "~let _ off the *")
    words = "he lets the banks off the leash".split()
    match = next(PhraseIndex([form.elements]).find(words))
    assert restored(form, match, words) == "lets the banks off the hook".split()


@pytest.mark.parametrize(
    ("phrase", "text", "spans"),
    [
        ("~pour cold water", "he poured cold water", ((1, 2), (2, 3), (3, 4))),
        ("wash one's hands", "to wash the mayor 's hands", ((1, 2), (2, 5), (5, 6))),
        ("let _ off", "let all of them off", ((0, 1), (1, 4), (4, 5))),
        ("let _ off", "let one two three four off", None),
        ("let _ off", "let him , off", None),
        ("seat * the table", "a seat on the table", ((1, 2), (2, 3), (3, 4), (4, 5))),
        ("cold water", "cold waters", None),
    ],
)
def test_phrases_match(phrase: str, text: str, spans: tuple[tuple[int, int], ...] | None) -> None:
    matches = list(PhraseIndex([parse(phrase)]).find(text.split()))
    assert matches == ([Match(0, spans)] if spans else [])


def test_rules_break_expressions() -> None:
    made = set(broken_forms(flexible(parse("seat at the table"), "compound"), "compound"))
    assert ("function", "~seat * the table") in made
    assert ("article", "~seat at table") in made
    assert ("order", "~list of the ~wish") in set(broken_forms(("wish", "~list"), "compound"))


def test_counts_decide_what_is_kept() -> None:
    position = next(i for i, e in enumerate(expressions()) if e.text == "wish list")
    used, avoided = make_form(position, "order", "~list for ~wish"), make_form(position, "order", "~list of ~wish")
    articles = [analyse("A wish list. " * 200 + "A list for wishes. " * 3)]
    counts = count(articles, [used, avoided])
    assert not is_kept(counts, 0, used)
    assert is_kept(counts, 1, avoided)
    assert not is_kept(Counts(), 1, avoided)
