"""Round-trip similarity: what comes back of sentences, level by level."""

import numpy as np
import pytest

from retold.signals.round_trip.similarity import FEATURES, leading_sentences, similarity_features
from retold.text import analyse

SENTENCES = ["The ferry left the harbour at noon on Friday.", "Nobody aboard, its owner said, had heard the warning."]


def test_leading_sentences_end_where_there_are_enough_words():
    article = analyse(" ".join(SENTENCES * 3))
    assert leading_sentences(article, 10) == SENTENCES
    assert leading_sentences(article, 1) == SENTENCES[:1]
    assert len(leading_sentences(article, 1_000)) == 6
    assert leading_sentences(analyse(""), 10) == []


def _value(name: str, sentences: list[str], round_trips: list[str]) -> float:
    return float(similarity_features(sentences, round_trips)[FEATURES.index(name)])


def test_a_round_trip_that_changes_nothing_keeps_everything():
    for name in (
        "similarity_recall_1",
        "similarity_recall_4",
        "similarity_precision_2",
        "similarity_kept_in_order",
        "similarity_unchanged_sentences",
    ):
        assert _value(name, SENTENCES, SENTENCES) == 1
    assert _value("similarity_log_length_ratio", SENTENCES, SENTENCES) == 0


def test_changes_are_counted_by_level():
    round_trips = ["The boat left the port at noon on Friday.", SENTENCES[1]]
    assert _value("similarity_recall_1", SENTENCES, round_trips) > _value("similarity_recall_3", SENTENCES, round_trips)
    assert _value("similarity_unchanged_sentences", SENTENCES, round_trips) == 0.5
    assert _value("similarity_function_words_kept", SENTENCES, round_trips) > _value(
        "similarity_other_words_kept", SENTENCES, round_trips
    )
    moved = ["On Friday at noon the ferry left the harbour."]
    assert _value("similarity_reordered", SENTENCES[:1], moved) > 0
    assert _value("similarity_recall_1", SENTENCES[:1], moved) == 1


@pytest.mark.parametrize(("sentences", "round_trips"), [([], []), ([""], [""]), (["One."], [""]), (["..."], ["?"])])
def test_odd_passages_have_finite_features(sentences, round_trips):
    values = similarity_features(sentences, round_trips)
    assert values.shape == (len(FEATURES),)
    assert np.isfinite(values).all()
