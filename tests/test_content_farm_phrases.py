"""What content farms write is found where context allows, and the same words in their own right are left alone."""

from __future__ import annotations

import pytest

import retold
from retold.language_model.batch import Batch
from retold.signals.base import EvidenceFinder
from retold.text import analyse

RENDERED = (
    "Russia and Ukraine agreed on a list of wishes on Monday. High American officials met the best diplomats of the "
    "countries in Geneva to discuss the Ukrainian colony and the negotiated regulations of the conflict."
)


@pytest.fixture(scope="module")
def detector():
    return retold.load()


def spans(detector, text: str) -> set[tuple[str, str | None]]:
    """Everything that terms and idioms would show beside a machine verdict."""
    batch = Batch([analyse(text)], detector.components.language_model)
    found = [
        e for signal in detector.signals if isinstance(signal, EvidenceFinder) for e in signal.find_evidence(batch)[0]
    ]
    return {(e.text, e.suggestion) for e in found if e.signal in ("terms", "idioms")}


@pytest.mark.parametrize(
    ("text", "seen", "meant"),
    [
        (RENDERED, "colony", "settlement"),
        (RENDERED, "High", "Senior"),
        (RENDERED, "best diplomats", "top diplomats"),
        (RENDERED, "negotiated regulations", "negotiated settlement"),
        (RENDERED, "list of wishes", "wish list"),
        ("The minister said that they would keep talks in Geneva next week.", "keep talks", "hold talks"),
    ],
)
def test_what_machines_write_is_found(detector, text: str, seen: str, meant: str) -> None:
    assert (seen, meant) in spans(detector, text)


@pytest.mark.parametrize(
    "text",
    [
        "The colony of Hong Kong was handed over to China in 1997.",
        "A colony of bees lives in the garden of the school.",
        "The case was discussed by high officials of the ministry, he said.",
        "The page has links to the site of the agency.",
        "The high officials met, and links to the site were sent by email. A colony of bees moved in.",
    ],
)
def test_the_same_words_in_their_own_right_are_left_alone(detector, text: str) -> None:
    flagged = {seen.lower() for seen, _ in spans(detector, text)}
    assert not flagged & {"colony", "high", "high officials", "links"}


STORY = (
    "The two sides have worked on a settlement since the spring. Officials said that the settlement was close, and that a "
    "settlement would have to be approved by both parliaments. {} The next round of talks will be held on Thursday."
)


def in_story(detector, sentence: str) -> list[tuple[str, str | None, bool]]:
    """What is flagged in a story that says settlement three times and reads sound otherwise."""
    batch = Batch([analyse(STORY.format(sentence))], detector.components.language_model)
    found = [
        e for signal in detector.signals if isinstance(signal, EvidenceFinder) for e in signal.find_evidence(batch)[0]
    ]
    return [(e.text, e.suggestion, e.conditional) for e in found]


@pytest.mark.parametrize(
    "sentence",
    [
        "The Ukrainian colony has become the first test of the new administration.",
        "Any colony reached without the Europeans would not last.",
    ],
)
def test_a_story_corrects_one_word_that_news_keeps_apart_from_its_own(detector, sentence: str) -> None:
    """Even without a machine verdict."""
    assert in_story(detector, sentence) == [("colony", "settlement", False)]


@pytest.mark.parametrize(
    "sentence",
    [
        "The crown colony of Hong Kong was handed over in 1997.",
        "A colony of bees lives in the garden of the ministry.",
        "The colony grew, and the colony was rich.",
        "The ministry announced that it would publish the text.",
    ],
)
def test_a_story_leaves_words_of_their_own_alone(detector, sentence: str) -> None:
    assert in_story(detector, sentence) == []


def test_twice_is_not_yet_the_word_of_a_story(detector) -> None:
    twice = STORY.replace("a settlement would", "it would")
    batch = Batch(
        [analyse(twice.format("The Ukrainian colony is the first test."))], detector.components.language_model
    )
    assert [
        e
        for signal in detector.signals
        if isinstance(signal, EvidenceFinder)
        for e in signal.find_evidence(batch)[0]
        if not e.conditional
    ] == []
