"""Reconstruction: what the engine's regret says of which words."""

import numpy as np

from retold.signals.round_trip.token_scores import FEATURES, reconstruction
from retold.translation import TokenScores


def _reading(pieces: list[str], regret: list[float]) -> TokenScores:
    numbers = np.array(regret, dtype=np.float32)
    return TokenScores(tuple(pieces), -0.1 - numbers, numbers)


def _feature(name: str, *readings: TokenScores | None) -> float:
    return float(reconstruction(readings)[FEATURES.index(f"reconstruction_{name}")])


PIECES = ["\u2581The", "\u2581mayor", "\u2581of", "\u2581Ber", "gen", ".", "</s>"]


def test_nothing_read_says_nothing():
    assert np.isnan(reconstruction([None, None])).all()
    assert np.isnan(reconstruction([])).all()
    assert len(reconstruction([_reading(PIECES, [0] * 7)])) == len(FEATURES)


def test_what_was_not_read_does_not_count():
    one = _reading(PIECES, [0, 1, 2, 3, 0, 0, 0])
    assert np.array_equal(reconstruction([one]), reconstruction([None, one, None]))


def test_regret_counts_for_the_kind_of_word_on_which_it_falls():
    calm = _reading(PIECES, [0] * 7)
    places = {"content": 1, "function": 2, "name": 3, "inside": 4, "mark": 5}
    for kind, place in places.items():
        regret = [0.0] * 7
        regret[place] = 4.0
        upset = _reading(PIECES, regret)
        for other in places:
            moved = _feature(f"{other}_regret", upset) - _feature(f"{other}_regret", calm)
            assert (moved > 1) == (other == kind), (kind, other)
        assert _feature(f"{kind}_first_choice", upset) < _feature(f"{kind}_first_choice", calm)
        assert _feature(f"{kind}_foreign", upset) > _feature(f"{kind}_foreign", calm)


def test_one_freak_word_counts_as_much_as_a_foreign_one():
    odd, freak = (_reading(PIECES, [0, value, 0, 0, 0, 0, 0]) for value in (6.0, 600.0))
    assert _feature("content_regret", odd) == _feature("content_regret", freak)


def test_a_word_after_a_surprise_is_no_longer_on_track():
    led = _reading(["\u2581a", "\u2581b", "</s>"], [3.0, 3.0, 0.0])
    fresh = _reading(["\u2581a", "\u2581b", "</s>"], [0.0, 3.0, 0.0])
    assert _feature("on_track_regret", led) != _feature("on_track_regret", fresh)
    assert np.isfinite(reconstruction([led, fresh])).all()
