"""What turns the scores of pivots into probabilities."""

import numpy as np
from scipy.special import softmax

from retold.training.fit.pivot_language import scaled


def drawn(rng: np.random.Generator, n: int = 3000) -> tuple[np.ndarray, np.ndarray]:
    """Calibrated probabilities of three pivots and the true ones."""
    probability = softmax(rng.normal(size=(n, 3)) * 2, axis=1)
    truth = np.array([rng.choice(3, p=row) for row in probability])
    return probability, truth


def test_a_pivot_that_scores_too_high_everywhere_is_brought_down():
    probability, truth = drawn(np.random.default_rng(1))
    scores = 4 * np.log(probability) + [6.0, 0.0, 0.0]
    temperature, biases = scaled(scores, truth, np.full(len(truth), 1 / len(truth)))
    found = softmax(scores * temperature + biases, axis=1)
    assert abs(temperature - 0.25) < 0.03
    assert np.abs(found.mean(axis=0) - np.bincount(truth) / len(truth)).max() < 0.01
    assert np.abs(found - probability).mean() < 0.03


def test_scores_of_nothing_but_chance_give_no_sure_pivot():
    rng = np.random.default_rng(2)
    temperature, biases = scaled(rng.normal(size=(500, 3)), rng.integers(3, size=500), np.full(500, 1 / 500))
    assert temperature > 0
    assert softmax(rng.normal(size=(9, 3)) * temperature + biases, axis=1).max() < 0.6
