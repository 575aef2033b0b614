"""Traces of the machinery are found with what stood there before; ordinary English and typography are left alone."""

from __future__ import annotations

import html

import numpy as np
import pytest

from retold.language_model.batch import Batch
from retold.language_model.kneser_ney import build_vocabulary, estimate
from retold.signals.artefacts.signal import COLUMNS, Artefacts, names
from retold.text import analyse

STORY = (
    'The council of Millbrook said on Monday that it would "build again" after the flood. '
    "The mayor paid $ 300 for the the pumps, 12 000 people came and the President Delmar called it a important day. "
    'It happened on 12. March in the year 2015, said the mayor, who "never "slept" well after the russian visit. '
    "In Paris, London and Berlin the mood of the head of the office was better and better, 3,5 percent said. "
    "Russian, German and French guests spent 2 million dollars on Tuesday. "
)


def _batch(*texts: str) -> Batch:
    sentences = [["the", "council", "said", "so", "."]] * 3
    vocabulary = build_vocabulary(sentences)
    ids = np.concatenate([np.append(np.int32(0), vocabulary.ids(s)) for s in sentences]).astype(np.int32)
    model = estimate(vocabulary, ids, np.concatenate([np.arange(len(s) + 1) for s in sentences]))
    return Batch([analyse(text) for text in texts], model)


def found(text: str) -> dict[str, str | None]:
    return {e.text: e.suggestion for e in Artefacts().find_evidence(_batch(text))[0]}


def test_each_kind_is_found_with_its_repair() -> None:
    assert found(STORY) == {
        "$ 300": "$300",
        "the the": "the",
        "12 000": "12,000",
        "the President Delmar": "President Delmar",
        "a important": "an important",
        "12. March": "March 12",
        "in the year 2015": "in 2015",
        '"never "slept"': None,
        "russian": "Russian",
        "of the head of the": None,
        "3,5": "3.5",
        "2 million dollars": "$2 million",
    }
    assert (Artefacts().extract(_batch(STORY))[0] > 0).all()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "He had had enough, and it got better and better. It was a one-off, a European affair, hepatitis a or b.",
        "The $5 million deal of March 12, 2015, covers 12,000 people and 3.5 percent of $1,500.",
        "In 2010 300 people came. Call 555 123 4567. The rate was 3.540% on a scale of 1,000.",
        'He said: "We came. "We saw. "We left." They call it the "best" of "worlds" there.',
        "Read www.moscow.org or write to @moscow in Paris, London, Berlin, Rome, Madrid and Vienna.",
        "i went to moscow and paris with some russian friends",
        "The president of the council spoke of the day. The President said so.",
    ],
)
def test_ordinary_english_is_left_alone(text: str) -> None:
    assert found(text) == {}


@pytest.mark.parametrize(
    "change",
    [
        lambda t: t.replace('"', "\u201d"),
        lambda t: t.replace('"', "\u00ab"),
        html.escape,
        lambda t: t.replace(" ", "\u00a0"),
        lambda t: t.replace(". ", ".\n\n"),
        lambda t: t.replace("-", "\u2014"),
        lambda t: t.replace("e", "e\u200b"),
    ],
)
def test_typography_moves_nothing(change) -> None:
    texts = (STORY, STORY.replace(" that ", " - that - "))
    before, after = (Artefacts().extract(_batch(*group)) for group in (texts, [change(t) for t in texts]))
    np.testing.assert_allclose(before, after)


def test_balanced_quotations_of_either_style_are_no_artefact() -> None:
    double = 'He called it "a shame" and "a \'great\' loss". "We go," he said.'
    single = double.replace("'", "~").replace('"', "'").replace("~", '"')
    assert not Artefacts().extract(_batch(double, single)).any()


def test_offsets_index_the_raw_text() -> None:
    raw = STORY.replace("$ 300", "$\u00a0\u200b300").replace('"', "&quot;")
    evidence = Artefacts().find_evidence(_batch(raw))[0]
    assert len(evidence) == 12
    assert all(raw[e.start : e.end] == e.text and 0 < e.score < 1 for e in evidence)


def test_numbers_are_rates_and_do_not_depend_on_the_batch() -> None:
    together = Artefacts().extract(_batch(STORY, "", STORY + STORY))
    assert together.shape == (3, len(COLUMNS))
    assert not together[1].any()
    np.testing.assert_allclose(together[0], together[2])
    np.testing.assert_allclose(together[0], Artefacts().extract(_batch(STORY))[0])


def test_names_are_names_alone() -> None:
    assert {"russian", "kyiv", "monday"} <= names()
    assert not names() & {"may", "march", "turkey", "china", "polish", "bush", "trump"}
