"""The terms signal on a language model and a channel small enough to reason about."""

import numpy as np
import pytest

from retold.channel import LexicalTable
from retold.language_model import LanguageModel
from retold.language_model.batch import Batch
from retold.language_model.kneser_ney import build_vocabulary, estimate
from retold.language_model.rescoring import phrase_substitution_gains, substituted_bits, substitution_gains, window_bits
from retold.model_store import bundled_model
from retold.signals.terms.classifier import FILE, TermClassifier
from retold.signals.terms.discourse import KEPT_APART_FILE, parse_kept_apart
from retold.signals.terms.signal import LexicalMistranslation
from retold.text import analyse
from retold.training.fit.lexical_table import examples, learn

CLASSIFIER = TermClassifier.from_json((bundled_model() / FILE).read_text(encoding="utf-8"))
KEPT_APART = parse_kept_apart((bundled_model() / KEPT_APART_FILE).read_text(encoding="utf-8"))
NEWS = (
    ["the israeli settlement in the west bank grew ."] * 30
    + ["police said the settlement was approved by the council ."] * 30
    + ["the settlement has grown since the settlement council met ."] * 20
    + ["a colony of bees lives in the garden ."] * 20
    + ["the crown colony of hong kong was handed over ."] * 20
    + ["senior american officials said the two sides will hold talks in geneva ."] * 30
    + ["senior officials met the top diplomats of the countries ."] * 20
    + ["the towns keep a list of high places . wishes are free . he sent a wish list ."] * 10
)
ORIGINALS = {f"g{i}": "The Israeli settlement grew. Senior officials hold talks." for i in range(6)}
RETURNS = [
    {"group": g, "text": "The Israeli colony grew. High officials hold talks.", "pivot": "fr", "engine": "x"}
    for g in ORIGINALS
]


@pytest.fixture(scope="module")
def model() -> LanguageModel:
    sentences = [line.split() for line in NEWS]
    vocabulary = build_vocabulary(sentences)
    ids = np.concatenate([np.append(np.int32(0), vocabulary.ids(s)) for s in sentences]).astype(np.int32)
    depth = np.concatenate([np.arange(len(s) + 1) for s in sentences])
    return estimate(vocabulary, ids, depth)


@pytest.fixture(scope="module")
def channel(model: LanguageModel) -> LexicalTable:
    return learn(examples(RETURNS, ORIGINALS), model.vocabulary)


@pytest.fixture(scope="module")
def terms(channel: LexicalTable, model: LanguageModel) -> LexicalMistranslation:
    return LexicalMistranslation(channel, model, CLASSIFIER, KEPT_APART)


def spans(terms: LexicalMistranslation, model: LanguageModel, text: str) -> list[tuple[str, str | None]]:
    return [(e.text, e.suggestion) for e in terms.find_evidence(Batch([analyse(text)], model))[0]]


def test_replaced_bits_agree_with_scoring_the_replaced_text(model: LanguageModel) -> None:
    observed, other = (Batch([analyse(f"Police said the {w} was approved.")], model) for w in ("colony", "settlement"))
    place = np.array([3])
    by = other.ids[place][:, None]
    expected = window_bits(other, place)
    np.testing.assert_allclose(substituted_bits(observed, place, by), expected, rtol=1e-5)
    np.testing.assert_allclose(
        substitution_gains(observed, place, by), window_bits(observed, place) - expected, rtol=1e-5
    )


def test_phrases_of_any_length_are_scored_as_one_by_one(model: LanguageModel) -> None:
    batch = Batch([analyse("Police said the colony was approved by the council. The settlement grew.")], model)
    places, lengths = np.array([8, 3, 1, 0]), np.array([1, 1, 3, 2])
    phrases = [
        model.vocabulary.ids(text.split()).tolist() for text in ("towns", "settlement", "met", "senior officials met")
    ]
    found = phrase_substitution_gains(batch, places, lengths, phrases)
    for i, phrase in enumerate(phrases):
        alone = substitution_gains(batch, places[[i]], np.array([phrase], np.int32), int(lengths[i]))
        np.testing.assert_array_equal(found[:, [i]], alone)


def test_windows_end_with_the_sentence(model: LanguageModel) -> None:
    short = Batch([analyse("Police said the colony."), analyse("Officials met.")], model)
    alone = Batch([analyse("Police said the colony.")], model)
    place = np.array([3])
    np.testing.assert_array_equal(window_bits(short, place), window_bits(alone, place))


@pytest.mark.parametrize(
    ("text", "flagged", "suggestion"),
    [
        ("The minister will keep talks in Geneva.", "keep talks", "hold talks"),
        ("He sent a list of wishes.", "list of wishes", "wish list"),
        ("High American officials said so.", "High", "Senior"),
    ],
)
def test_calques_are_found(
    terms: LexicalMistranslation, model: LanguageModel, text: str, flagged: str, suggestion: str
) -> None:
    assert (flagged, suggestion) in spans(terms, model, text)


def test_the_story_corrects_a_word_used_once(terms: LexicalMistranslation, model: LanguageModel) -> None:
    story = (
        "Police said the settlement was approved. The settlement has grown. The Israeli settlement grew. "
        "Police said the colony was approved by the council."
    )
    assert ("colony", "settlement") in spans(terms, model, story)


@pytest.mark.parametrize(
    "text",
    [
        "A colony of bees lives in the garden.",
        "The crown colony of Hong Kong was handed over.",
        "The colony grew. A colony of bees lives in the colony. Police said the colony was approved.",
        "The Colony of Hong Kong met.",
        "",
    ],
)
def test_words_at_home_are_left_alone(terms: LexicalMistranslation, model: LanguageModel, text: str) -> None:
    assert spans(terms, model, text) == []


def test_offsets_index_the_raw_text(terms: LexicalMistranslation, model: LanguageModel) -> None:
    raw = "He said:\u00a0\u201cWe will  keep\u200b talks in Geneva.\u201d"
    for e in terms.find_evidence(Batch([analyse(raw)], model))[0]:
        assert raw[e.start : e.end] == e.text
        assert 0 < e.score < 1


def test_numbers_are_finite_and_do_not_depend_on_the_batch(terms: LexicalMistranslation, model: LanguageModel) -> None:
    texts = ["Police said the colony was approved by the council.", "", "High officials met.", "Zzz qqq."]
    together = terms.extract(Batch([analyse(t) for t in texts], model))
    assert together.shape == (4, len(terms.feature_names))
    assert np.isfinite(together).all()
    for row, text in zip(together, texts, strict=True):
        np.testing.assert_allclose(row, terms.extract(Batch([analyse(text)], model))[0], rtol=1e-6, atol=1e-9)
