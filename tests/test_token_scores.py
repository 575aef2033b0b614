"""Token scores: on which kinds of word pieces the gap to the most probable one falls."""

import numpy as np

from retold.signals.round_trip.token_scores import FEATURES, token_score_features
from retold.translation import TokenScores


def _scores(pieces: list[str], gap: list[float]) -> TokenScores:
    numbers = np.array(gap, dtype=np.float32)
    return TokenScores(tuple(pieces), -0.1 - numbers, numbers)


def _feature(name: str, *sentences: TokenScores | None) -> float:
    return float(token_score_features(sentences)[FEATURES.index(f"token_scores_{name}")])


PIECES = ["\u2581The", "\u2581mayor", "\u2581of", "\u2581Ber", "gen", ".", "</s>"]


def test_no_scores_give_no_features():
    assert np.isnan(token_score_features([None, None])).all()
    assert np.isnan(token_score_features([])).all()
    assert len(token_score_features([_scores(PIECES, [0] * 7)])) == len(FEATURES)


def test_sentences_without_scores_do_not_count():
    one = _scores(PIECES, [0, 1, 2, 3, 0, 0, 0])
    assert np.array_equal(token_score_features([one]), token_score_features([None, one, None]))


def test_a_gap_counts_for_the_kind_of_word_on_which_it_falls():
    calm = _scores(PIECES, [0] * 7)
    places = {"content": 1, "function": 2, "name": 3, "continuation": 4, "punctuation": 5}
    for kind, place in places.items():
        gap = [0.0] * 7
        gap[place] = 4.0
        upset = _scores(PIECES, gap)
        for other in places:
            moved = _feature(f"{other}_gap_to_argmax", upset) - _feature(f"{other}_gap_to_argmax", calm)
            assert (moved > 1) == (other == kind), (kind, other)
        assert _feature(f"{kind}_top1_accuracy", upset) < _feature(f"{kind}_top1_accuracy", calm)
        assert _feature(f"{kind}_large_gap", upset) > _feature(f"{kind}_large_gap", calm)


def test_one_freak_word_counts_as_much_as_an_unlikely_one():
    odd, freak = (_scores(PIECES, [0, value, 0, 0, 0, 0, 0]) for value in (6.0, 600.0))
    assert _feature("content_gap_to_argmax", odd) == _feature("content_gap_to_argmax", freak)


def test_a_word_after_a_surprise_is_no_longer_on_track():
    led = _scores(["\u2581a", "\u2581b", "</s>"], [3.0, 3.0, 0.0])
    fresh = _scores(["\u2581a", "\u2581b", "</s>"], [0.0, 3.0, 0.0])
    assert _feature("on_track_gap_to_argmax", led) != _feature("on_track_gap_to_argmax", fresh)
    assert np.isfinite(token_score_features([led, fresh])).all()
