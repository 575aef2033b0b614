import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import retold
from retold.detector.calibration import (
    BANDS,
    OPERATING_POINTS,
    Calibration,
    band_of,
    identity,
    log_odds,
    read_prior,
    with_prior,
)
from retold.detector.verdict import LABELS
from retold.errors import InputError
from retold.training.evaluation import tables
from retold.training.evaluation.metrics import calibration_error
from retold.training.evaluation.protocols import DEEP, EDITED_FROM, TRANSLATED
from retold.training.fit.calibration import conformal_bound, fit_calibration, mixture_weights

DATA = Path(__file__).parent / "data" / "articles.jsonl"
ORIGINALS = [
    row["text"] for row in map(json.loads, DATA.read_text(encoding="utf-8").splitlines()) if row["label"] == "original"
]
BT = LABELS.index("back-translated")


def _corpus(n: int, seed: int) -> tuple[pd.DataFrame, np.ndarray, np.ndarray, np.ndarray]:
    """Labels, and a ranking that is overconfident in long texts and shifted in short ones."""
    rng = np.random.default_rng(seed)
    words = rng.choice([60, 120, 250, 400, 900], n)
    label = rng.choice(LABELS, n)
    log2_length_ratio = np.log2(words / 330)
    machine = (
        np.where(label == "back-translated", 1.5, -1.5) * (2 + log2_length_ratio / 2)
        + rng.normal(0, 3, n)
        - 1
        - log2_length_ratio
    )
    edited = np.where(label == "edited", 1.0, -1.0) + rng.normal(0, 2, n)
    table = pd.DataFrame({"label": label, "n_words": words, "family": "", "kind": "", "source": "s", "domain": "news"})
    return table, 1 / (1 + np.exp(-machine)), edited, log2_length_ratio


def test_calibrated_probabilities_mean_what_they_say_at_every_length():
    calibration = fit_calibration(*_corpus(20_000, 1))
    table, raw, edited, log2_length_ratio = _corpus(20_000, 2)
    shares = calibration.probabilities(raw, edited, log2_length_ratio)
    weight = mixture_weights(table)
    for words in (60, 250, 900):
        band = (table["n_words"] == words).to_numpy()
        for i, label in enumerate(LABELS):
            # Edits are called less readily than their share, on purpose.
            limit = 0.06 if label == "back-translated" else 0.12
            truth = (table["label"] == label).to_numpy()
            assert calibration_error(truth[band], shares[band, i], weight[band]) < limit
    uncalibrated = identity().probabilities(raw, edited, log2_length_ratio)
    assert calibration_error((table["label"] == "back-translated").to_numpy(), uncalibrated[:, BT]) > 0.06


def test_probabilities_sum_to_one_and_keep_the_ranking():
    _, raw, edited, log2_length_ratio = _corpus(500, 3)
    shares = fit_calibration(*_corpus(5_000, 1)).probabilities(raw, edited, log2_length_ratio)
    assert np.allclose(shares.sum(axis=1), 1)
    same_length = log2_length_ratio == log2_length_ratio[0]
    assert (np.diff(shares[same_length][np.argsort(raw[same_length]), BT]) >= 0).all()


def test_a_prior_multiplies_the_odds():
    shares = np.array([[0.2, 0.3, 0.5]])
    moved = with_prior(shares, (0.8, 0.1, 0.1))
    assert np.isclose(moved[0, 2] / moved[0, 0], 0.5 / 0.2 * 0.1 / 0.8)
    assert np.allclose(with_prior(shares, (1 / 3, 1 / 3, 1 / 3)), shares)


@pytest.mark.parametrize(
    "value",
    [
        "",
        "0.8",
        "0.8,0.2",
        "0.8,0.1,0",
        "a,b,c",
        "nan,1,1",
        "inf,1,1",
        "-1,1,1",
        "1,1,1,1",
        "1e308,1e308,1e308",
        "1e-300,1,1",
    ],
)
def test_a_prior_that_is_none_is_refused(value):
    with pytest.raises(InputError, match="three positive numbers"):
        read_prior(value)


def test_a_prior_is_scaled():
    assert read_prior("8,1,1") == pytest.approx((0.8, 0.1, 0.1))
    assert read_prior({"original": 2, "edited": 1, "back-translated": 1}) == pytest.approx((0.5, 0.25, 0.25))


def test_new_scores_exceed_a_conformal_bound_as_rarely_as_promised():
    rng = np.random.default_rng(4)
    exceeded = [rng.normal() >= conformal_bound(rng.normal(size=199), 0.05) for _ in range(4_000)]
    assert 0.035 < np.mean(exceeded) < 0.06


def test_too_few_scores_promise_nothing():
    assert conformal_bound(np.linspace(0, 1, 50), 0.01) > 1
    assert conformal_bound(np.linspace(0, 1, 150), 0.01) > 0.98


def test_an_operating_point_draws_the_line_by_length():
    thresholds = np.tile(np.linspace(0.9, 0.5, len(BANDS) + 1), (len(OPERATING_POINTS), 1))
    calibration = Calibration(identity().coef, thresholds)
    shares = np.array([[0.3, 0.0, 0.7]] * 2)
    assert calibration.is_positive(shares, np.array([50, 1000]), "low-fpr").tolist() == [False, True]


def test_bands_begin_at_their_first_word():
    assert band_of(np.array([0, 79, 80, 599, 600])).tolist() == [0, 0, 1, 3, 4]


def test_log_odds_of_certainty_are_finite():
    assert np.isfinite(log_odds(np.array([0.0, 1.0]))).all()


def test_a_stated_prior_moves_the_verdict_and_a_point_the_label():
    text = ORIGINALS[0]
    detector = retold.load()
    usual, suspicious = detector.score(text), detector.with_options(prior="0.05,0.05,0.9").score(text)
    assert suspicious.p > usual.p
    assert detector.with_options(operating_point="low-fpr").score(text).probabilities == usual.probabilities


def test_a_label_that_the_point_refuses_is_no_verdict():
    sure = retold.load().with_options(prior="0.000001,0.000001,1", operating_point="low-fpr").score(ORIGINALS[0])
    assert sure.probabilities["back-translated"] > 0.5
    assert sure.label != "back-translated"
    assert sure.abstained


def test_an_unknown_point_is_refused():
    with pytest.raises(InputError, match="low-fpr"):
        retold.load().with_options(operating_point="strict")


@pytest.mark.parametrize(("prefix", "surely"), [("", [True, False, False]), (DEEP, [False, False, True])])
def test_each_look_has_its_own_doubts_of_an_edit(prefix, surely):
    """Called one by its own probability, from the bound on; sure where it does not read as translated."""
    rows = {"p_original": 0.3, "p_edited": 0.6, "p_back-translated": 0.1}
    table = pd.DataFrame([rows] * 3).join(pd.DataFrame([rows | {"p_edited": 0.5}, rows, rows]).add_prefix(DEEP))
    table[EDITED_FROM], table[TRANSLATED], table[DEEP + TRANSLATED] = (
        [0.55, 0.7, 0.6],
        [False, False, True],
        [False] * 3,
    )
    called, found = tables._edited(table, prefix)
    assert called.tolist() == ([True, False, True] if not prefix else [False, False, True])
    assert found.tolist() == surely
