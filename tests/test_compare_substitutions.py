"""What replaced words say of a pair, whichever way round it is read."""

import numpy as np
import pytest

import retold
from retold.compare.alignment import align
from retold.compare.substitutions import SUBSTITUTION_SCORES, SubstitutionModel, count_substitutions
from retold.compare.version import Version

BEFORE = "But the mayor told reporters that the old pier was shut, and that nobody would pay for it."
AFTER = "However the mayor said to journalists that the old pier was closed, and that nobody would pay for it."
N = len(SUBSTITUTION_SCORES)


def weights():
    return retold.load().comparison_weights.relations.substitutions


def counted(before, after):
    return count_substitutions(align(Version.of("a", before), Version.of("b", after)))


def test_words_gained_and_lost_and_what_replaced_what():
    found = counted(BEFORE, AFTER)
    assert found.words["however"] == 1
    assert found.words["but"] == -1
    assert found.pairs["shut", "closed"] == 1
    assert "mayor" not in found.words


def test_turning_the_pair_turns_the_scores():
    model = weights()
    forth, back = model.scores([counted(BEFORE, AFTER), counted(AFTER, BEFORE)])
    assert np.roll(back, N) == pytest.approx(forth)
    assert forth[1:N] == pytest.approx(-forth[N + 1 :])


def test_a_stored_replacement_speaks_for_both_directions():
    model = SubstitutionModel.from_dict(
        {"intercept": 0.5, "words": {"x": [1.0, 2.0, 0.0, 0.0]}, "pairs": {"a b": [3, 4, 5, 6, 7]}}
    )
    assert model.pairs["a", "b"] == (3, 5, 6, 7)
    assert model.pairs["b", "a"] == (4, -5, -6, -7)


def test_a_copy_says_nothing_of_order():
    (row,) = weights().scores([counted(BEFORE, BEFORE)])
    assert row[1:N].tolist() == [0.0] * (N - 1)


def test_machine_wording_is_told_from_a_cut_of_style():
    machine = (
        "The mayor declared to the journalists that the ancient pier has been closed, and that no person will pay it."
    )
    desk = "The mayor told reporters that the old pier was shut and nobody would pay for it."
    scores = weights().scores([counted(BEFORE[4:], machine), counted(BEFORE[4:], desk)])
    assert scores[0, 0] > scores[1, 0]
