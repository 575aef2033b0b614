"""The mixture of a batch is found from its own scores, small batches are drawn to the usual one, and the command says it."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest

from retold.cli.score import score
from retold.cli.terminal import Streams
from retold.detector.calibration import PRIOR
from retold.detector.prior_estimation import MIN_TEXTS, estimate_prior
from retold.errors import InputError


def _probabilities(counts: tuple[int, int, int], sharpness: float = 6.0) -> np.ndarray:
    """Calibrated rows at a uniform prior: each drawn by the label that it has, as often as its probabilities say."""
    rng = np.random.default_rng(1)
    rows = []
    for label, n in enumerate(counts):
        for _ in range(n):
            weights = np.exp(rng.normal(size=3))
            weights[label] *= np.exp(rng.normal(2.0, 0.5)) * sharpness
            rows.append(weights / weights.sum())
    return np.array(rows)


@pytest.mark.parametrize("counts", [(900, 50, 50), (100, 100, 800), (300, 400, 300)])
def test_the_mixture_is_found(counts: tuple[int, int, int]) -> None:
    found = estimate_prior(_probabilities(counts))
    truth = np.array(counts) / sum(counts)
    np.testing.assert_allclose(found.prior, truth, atol=0.05)
    assert all(low <= share <= high for low, share, high in zip(found.low, found.prior, found.high, strict=True))
    assert f"{sum(counts):,} texts" in str(found)


def test_few_texts_keep_the_usual_prior() -> None:
    rows = np.full((MIN_TEXTS, 3), 1 / 3)
    rows[0] = np.nan
    found = estimate_prior(rows)
    assert not found.is_estimated
    assert found.prior == PRIOR
    assert "too few" in str(found)


def test_nothing_known_of_a_batch_leaves_the_usual_prior() -> None:
    np.testing.assert_allclose(estimate_prior(np.full((200, 3), 1 / 3)).prior, PRIOR, atol=1e-3)


def test_the_command_estimates_says_it_and_refuses_a_stream(tmp_path: Path) -> None:
    text = Path("tests/data/cases/british-newsroom.txt").read_text(encoding="utf-8")
    for n in range(MIN_TEXTS):
        (tmp_path / f"{n}.txt").write_text(text, encoding="utf-8")
    streams = Streams(io.StringIO(), io.StringIO(), io.StringIO())
    assert score([tmp_path], "jsonl", prior="auto", streams=streams) == 0
    assert f"prior estimated from {MIN_TEXTS} texts" in streams.errors.getvalue()
    with pytest.raises(InputError, match="standard input cannot"):
        score(["-"], "jsonl", prior="auto", streams=Streams(io.StringIO(text), io.StringIO(), io.StringIO()))
