import numpy as np
import pytest

from retold.signals.round_trip import similarity as echo
from retold.text import analyse

SENTENCES = ["The ferry left the harbour at noon on Friday.", "Nobody aboard, its owner said, had heard the warning."]


def test_a_passage_is_the_first_sentences_until_there_are_enough_words():
    article = analyse(" ".join(SENTENCES * 3))
    assert echo.passage(article, 10) == SENTENCES
    assert echo.passage(article, 1) == SENTENCES[:1]
    assert len(echo.passage(article, 1_000)) == 6
    assert echo.passage(analyse(""), 10) == []


def _value(name: str, sentences: list[str], echoes: list[str]) -> float:
    return float(echo.similarity(sentences, echoes)[echo.FEATURES.index(name)])


def test_an_echo_that_changes_nothing_keeps_everything():
    for name in (
        "echo_recall_1",
        "echo_recall_4",
        "echo_precision_2",
        "echo_kept_in_order",
        "echo_unchanged_sentences",
    ):
        assert _value(name, SENTENCES, SENTENCES) == 1
    assert _value("echo_length_ratio", SENTENCES, SENTENCES) == 0


def test_changes_are_counted_by_level():
    echoes = ["The boat left the port at noon on Friday.", SENTENCES[1]]
    assert _value("echo_recall_1", SENTENCES, echoes) > _value("echo_recall_3", SENTENCES, echoes)
    assert _value("echo_unchanged_sentences", SENTENCES, echoes) == 0.5
    assert _value("echo_function_words_kept", SENTENCES, echoes) > _value("echo_other_words_kept", SENTENCES, echoes)
    moved = ["On Friday at noon the ferry left the harbour."]
    assert _value("echo_reordered", SENTENCES[:1], moved) > 0
    assert _value("echo_recall_1", SENTENCES[:1], moved) == 1


@pytest.mark.parametrize(("sentences", "echoes"), [([], []), ([""], [""]), (["One."], [""]), (["..."], ["?"])])
def test_odd_passages_have_finite_features(sentences, echoes):
    values = echo.similarity(sentences, echoes)
    assert values.shape == (len(echo.FEATURES),)
    assert np.isfinite(values).all()
