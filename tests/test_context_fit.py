"""How words fit their context: the signs of a spun copy that need no spinner's rule."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import retold
from retold.detector.calibration import BANDS
from retold.detector.context_fit import N_COLUMNS, ContextFit, measure_context
from retold.detector.normality import NormalityClassifier
from retold.errors import ModelError
from retold.language_model.batch import Batch
from retold.signals.ngrams.hashing import BUCKETS
from retold.text import analyse
from retold.training.data.context_columns import ContextColumns
from retold.training.fit.normality import _fit_second
from retold.training.fit.word_vectors import estimate_vectors

NEWS = "The council approved the budget on Tuesday. The mayor said the council would publish the budget next week."
SPUN = "The assembly sanctioned the pocketbook on Tuesday. The mayor aforesaid the diet would bring out the purse next calendar."


@pytest.fixture(scope="module")
def vectors():
    """Two topics, so that words of one lie together."""
    rng = np.random.default_rng(1)
    topics = "council budget mayor publish approved week".split(), "piano violin singer opera concert tune".split()
    news = [" ".join(rng.choice(topics[k % 2], 40)) for k in range(60)]
    model = retold.load().components.language_model
    found = estimate_vectors(news, model)
    # So few words have fewer than 64 dimensions of information; the rest is noise.
    assert found.shape == (len(model.vocabulary), 64)
    return found


def batch_of(*texts: str) -> Batch:
    return Batch([analyse(text) for text in texts], retold.load().components.language_model)


def test_a_text_is_measured_the_same_alone_and_in_a_batch(vectors) -> None:
    together = measure_context(batch_of(NEWS, "1 2 3.", SPUN), np.arange(3), vectors)
    assert together.shape == (3, N_COLUMNS)
    np.testing.assert_array_equal(together[2], measure_context(batch_of(SPUN), np.arange(1), vectors)[0])
    np.testing.assert_array_equal(together[1], np.zeros(N_COLUMNS))
    np.testing.assert_array_equal(together[[2]], measure_context(batch_of(NEWS, "1.", SPUN), np.array([2]), vectors))


def test_words_used_against_their_sense_fit_less(vectors) -> None:
    news, spun = measure_context(batch_of(NEWS, SPUN), np.arange(2), vectors)
    near, more_unlikely = 0, 9
    assert news[near] > spun[near]
    assert news[more_unlikely] < spun[more_unlikely]


def test_only_what_the_first_stage_suspects_is_measured() -> None:
    measured = []

    def measure(rows, vectors):
        measured.extend(rows.tolist())
        return np.zeros((len(rows), N_COLUMNS))

    bands = len(BANDS) + 1
    mean, scale = np.zeros(N_COLUMNS + 2), np.ones(N_COLUMNS + 2)
    coef = np.zeros(N_COLUMNS + 3)
    coef[0], coef[-1] = 1.0, 0.5
    fit = ContextFit(np.zeros((4, 64), np.int8), mean, scale, coef, np.zeros(bands), np.full(bands, 2.0))
    excess = fit.excess(np.array([-1.0, 1.0, 3.0]), np.array([100, 100, 100]), measure)
    assert measured == [1, 2]
    assert excess[0] < 0
    np.testing.assert_allclose(excess[1:], [-0.5, 1.5])
    whole = NormalityClassifier(np.zeros((2, 3)), np.zeros(2), np.zeros((2, bands)), np.zeros(BUCKETS, np.float32), fit)
    found = NormalityClassifier.from_arrays(whole.arrays())
    assert found is not None
    assert found.context is not None
    np.testing.assert_array_equal(found.context.coef, coef)
    older = {name: array for name, array in whole.arrays().items() if "context" not in name}
    without = NormalityClassifier.from_arrays(older)
    assert without is not None
    assert without.context is None
    damaged = {name: array for name, array in whole.arrays().items() if name != "normality_context_gate"}
    with pytest.raises(ModelError, match="retold train"):
        NormalityClassifier.from_arrays(damaged)


def test_the_second_stage_is_fitted_to_sources_and_rules_held_out() -> None:
    rng, n = np.random.default_rng(3), 1200
    spun = np.arange(n) % 2 == 1
    table = pd.DataFrame(
        {
            "label": np.where(spun, "edited", "original"),
            "kind": np.where(spun, "spun", "english_original"),
            "source": [f"outlet-{i // 2 % 6}" for i in range(n)],
            "group": [f"story-{i // 2}" for i in range(n)],
            "family": np.where(spun, "spun-any", ""),
            "domain": "news",
            "edit_distance": np.nan,
            "n_words": 400,
        }
    )
    first = rng.normal(size=n) + spun
    columns = rng.normal(size=(n, N_COLUMNS)) + 4.0 * spun[:, None] * (np.arange(N_COLUMNS) == 2)
    columns[::50] = np.nan
    fitted = _fit_second(table, first, ContextColumns(np.zeros((9, 64), np.int8), columns))
    assert fitted is not None
    excess = fitted.excess(first, table["n_words"].to_numpy(), lambda rows, _: np.nan_to_num(columns[rows]))
    assert (excess[~spun] >= 0).mean() < 0.02
    # The first stage alone, whose gate a third of the copies passes, finds one in twenty at these alarms.
    assert (excess[spun] >= 0).mean() > 0.2
    assert fitted.coef[3] == max(fitted.coef[:-1])
