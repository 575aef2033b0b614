"""Pictures of scored articles: what they draw is in the data, and hostile names are drawn as they are."""

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest

mpl.use("Agg")

import matplotlib.pyplot as plt

from retold import plot
from retold.detector.verdict import LABELS
from retold.errors import InputError

NAMES = [f"$\\frac article {i}" for i in range(30)]
TRUTH = [LABELS[i % 3] for i in range(30)]


@pytest.fixture(autouse=True)
def closed():
    yield
    plt.close("all")


@pytest.fixture
def scores():
    """Thirty articles, ten of each label and rightly called; one that is not sure and one that was not judged."""
    p = np.array([[0.8 if label == own else 0.1 for label in LABELS] for own in TRUTH])
    frame = pd.DataFrame(p, columns=[f"p_{label.replace('-', '_')}" for label in LABELS], index=NAMES)
    strength = np.linspace(0.05, 0.95, 30)
    frame = frame.assign(
        label=pd.array(TRUTH, dtype="string"), abstained=False, n_words=np.arange(100, 400, 10),
        pivot=pd.array([("fr" if i % 2 else None) if TRUTH[i] == LABELS[2] else None for i in range(30)], dtype="string"),
        signal_terms=strength, signal_fluency=1 - strength**2, signal_style=np.nan,
    )  # fmt: skip
    frame.loc[NAMES[0], "abstained"] = True
    frame.loc[NAMES[1], ["label", "p_original", "p_edited", "p_back_translated", "signal_terms"]] = None
    return frame


def drawn(ax):
    """The picture, drawn, so that what cannot be drawn fails."""
    ax.figure.canvas.draw()
    return [text.get_text() for text in ax.texts]


def test_signals_have_axes_each_and_the_probability_has_the_last(scores):
    axes = plot.signals(scores, TRUTH)
    assert [ax.get_title(loc="left") for ax in axes] == ["terms", "fluency", "back-translated"]
    assert [tick.get_text() for tick in axes[0].get_xticklabels()] == ["original", "edited", "back-\ntranslated"]
    drawn(axes[0])


def test_without_labels_verdicts_are_drawn(scores):
    legend = plot.length(scores).get_legend()
    assert [text.get_text() for text in legend.get_texts()] == [
        "original (9)", "edited (9)", "back-translated (10)", "unsure (1)",
    ]  # fmt: skip


def test_calibration_of_labels_that_are_all_right(scores):
    ax = plot.calibration(scores, TRUTH, bins=2)
    assert drawn(ax) == ["15", "14"]
    first, second = (bar.lines[0].get_xydata()[0] for bar in ax.containers)
    assert first == pytest.approx([0.1, 0.0])
    assert second[1] == pytest.approx(10 / 14)


def test_pivots_are_counted_the_unnamed_too(scores):
    ax = plot.pivots(scores)
    assert [tick.get_text() for tick in ax.get_yticklabels()] == ["French", "not named"]
    assert drawn(ax) == ["5", "5"]


def test_the_map_names_signals_and_those_farthest_out(scores):
    ax = plot.corpus_map(scores, TRUTH, named=2)
    texts = drawn(ax)
    assert texts[1:4:2] == ["terms", "fluency"]
    assert len(texts) == 6
    assert texts[-1].startswith(r"\$\frac article")


def test_the_map_is_the_same_again(scores):
    first, second = (plot.corpus_map(scores).collections[0].get_offsets() for _ in range(2))
    assert np.array_equal(first, second)


def test_a_map_of_two_articles_is_refused(scores):
    with pytest.raises(InputError, match="three articles"):
        plot.corpus_map(scores.iloc[:2])


def test_errors_by_group_are_sorted_and_counted(scores):
    scores.loc[NAMES[2], "label"] = "original"
    ax = plot.errors(scores, TRUTH, ["a$"] * 15 + ["b"] * 15)
    assert [tick.get_text() for tick in ax.get_yticklabels()] == ["b (15)", r"a\$ (14)"]
    assert ax.lines[-1].get_xdata()[0] == pytest.approx(1 / 14)
    drawn(ax)


@pytest.mark.parametrize("draw", [plot.length, plot.corpus_map])
def test_a_picture_can_go_into_another(scores, draw):
    _, own = plt.subplots()
    assert draw(scores, ax=own) is own


def test_labels_are_checked(scores):
    with pytest.raises(InputError, match="one for each row"):
        plot.length(scores, TRUTH[1:])
    with pytest.raises(InputError, match="unknown label 'machine'"):
        plot.calibration(scores, ["machine"] * 30)
    with pytest.raises(InputError, match="unknown label 'machine'"):
        plot.calibration(scores, TRUTH, "machine")
