"""The signal that the neural reader gives: which passages it reads, and what it makes of articles of any kind."""

import numpy as np
import pytest
from stand_in_reader import LONGEST, NAMES, encoder, reader

import retold
from retold.encoder import Pieces
from retold.errors import ModelError
from retold.signals.reader import FEATURES, PASSAGES, Reader, passages
from retold.text import analyse

TEXT = "The vote was lost by the smallest of margins, and nobody in the hall had seen it coming. "


def test_a_short_text_is_one_passage():
    assert passages(range(5), 9) == [range(5)]
    assert passages(range(9), 9) == [range(9)]


def test_passages_reach_from_the_beginning_to_the_end():
    found = passages(range(100), 9)
    assert len(found) == PASSAGES
    assert found[0][0] == 0
    assert found[-1][-1] == 99
    assert {len(part) for part in found} == {9}


def test_as_few_passages_as_cover_the_text():
    assert [list(part) for part in passages(range(12), 9)] == [list(range(9)), list(range(3, 12))]


def test_the_answers_are_the_mean_over_passages():
    own, numbers = reader(), Pieces(NAMES).encode(analyse(TEXT * 3).tokens)
    by_hand = np.mean([encoder().answer(part) for part in passages(numbers, LONGEST - 2)], axis=0)
    assert own.read(analyse(TEXT * 3)) == pytest.approx(by_hand[: len(FEATURES)], abs=1e-6)


def test_an_article_without_words_says_nothing():
    assert reader().read(analyse("")).tolist() == [0.0] * len(FEATURES)


@pytest.mark.parametrize(
    "text", ["\u65e5\u672c\u8a9e " * 500, "\u0301" * 50, "a" * 100_000, "\ud83d\ude00 " * 20, "___ ''' \u200b"]
)
def test_any_text_gets_finite_answers(text):
    assert np.isfinite(reader().read(analyse(text))).all()


def test_it_survives_storage():
    own = reader()
    again = Reader.from_arrays(own.arrays(), own.text())
    assert np.array_equal(again.read(analyse(TEXT)), own.read(analyse(TEXT)))


def test_pieces_of_another_reader_are_refused():
    with pytest.raises(ModelError, match="word pieces"):
        Reader(encoder(), Pieces(NAMES[:-1]))


def test_the_shipped_reader_tells_a_translation_from_what_a_reporter_wrote():
    shipped = retold.load().resources.reader
    reporter = "Police were called to the scene shortly after midnight, but by then the crowd had melted away."
    machine = "The police were summoned to the place shortly after midnight, but then the crowd had already dissolved."
    machine_made = FEATURES.index("reader_machine")
    low, high = (shipped.read(analyse(" ".join([text] * 3)))[machine_made] for text in (reporter, machine))
    assert high > low
