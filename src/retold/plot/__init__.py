"""Pictures of scored articles, for notebooks and papers; each function draws one and returns its axes.

All take the frame that ``retold.score_frame`` returns. Where the true labels are known, give them as ``labels``, in the order of the
rows; else articles are drawn by their verdicts. Needs matplotlib: ``pip install 'retold[plot]'``.

>>> import retold
>>> scores = retold.score_frame(articles)                                     # doctest: +SKIP
>>> retold.plot.signals(scores, articles["label"])                            # doctest: +SKIP
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from retold.errors import InputError
from retold.language_names import language_name
from retold.plot.columns import column, given, kinds_of, probability
from retold.plot.directions import farthest_apart, principal_components
from retold.plot.marks import (
    DASHES,
    INK,
    LOOKS,
    axes_or_new,
    draw_boxes,
    draw_marks,
    row_of_axes,
    shown_name,
    tidied,
)
from retold.training.evaluation.metrics import rate_with_interval

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# How many times as long the longest article must be for a logarithmic axis.
_MANY_TIMES: Final = 10


def signals(scores: pd.DataFrame, labels: Sequence[str] | pd.Series | None = None) -> NDArray[Any]:
    """Draw the strength of each family of signals by label: a mark an article, a box for the middle half, a line at the median.

    Args:
        scores: What ``score_frame`` returned.
        labels: The true label of each row; the verdicts if None.

    Returns:
        Array of axes, one a family and the last the probability of back-translation.
    """
    kinds = kinds_of(scores, labels)
    columns = [name for name in scores.columns if name.startswith("signal_") and scores[name].notna().any()]
    names = [*columns, "p_back_translated"]
    drawn = row_of_axes(len(names))
    for ax, name in zip(drawn, names, strict=True):
        draw_boxes(ax, scores[name].to_numpy(float), kinds)
        is_signal = name in columns
        ax.set_title(name.removeprefix("signal_") if is_signal else "back-translated", loc="left", fontsize=10)
        if is_signal:
            ax.axhline(0.5, color=INK, linewidth=1, linestyle=DASHES, zorder=1)
    drawn[0].set(ylabel="against   \u2190   \u2192   for", ylim=(-0.03, 1.03))
    return drawn


def calibration(
    scores: pd.DataFrame,
    labels: Sequence[str] | pd.Series,
    label: str = "back-translated",
    bins: int = 5,
    ax: Axes | None = None,
) -> Axes:
    """Draw how often labels are right, by their probability.

    Articles are cut into bins of equal size; a bar is the 95% interval of its share (Wilson 1927). On the dashed line probabilities
    mean what they say, if the articles come in the shares that the detector expects.

    Args:
        scores: What ``score_frame`` returned.
        labels: The true label of each row.
        label: The label whose probability is drawn.
        bins: Number of bins; fewer are drawn where articles are few.
        ax: Where to draw; a new picture if None.
    """
    p = probability(scores, label)
    is_label = given(scores, labels) == label
    known = ~np.isnan(p)
    order = np.argsort(p[known], kind="stable")
    parts = [part for part in np.array_split(order, bins) if len(part)]
    ax = axes_or_new(ax)
    ax.plot([0, 1], [0, 1], color=INK, linewidth=1, linestyle=DASHES)
    for part in parts:
        share, low, high = rate_with_interval(int(is_label[known][part].sum()), len(part))
        x = float(p[known][part].mean())
        ax.errorbar(
            x, share, [[max(share - low, 0)], [max(high - share, 0)]], color=LOOKS[label][0], marker=LOOKS[label][1]
        )
        ax.annotate(f"{len(part)}", (x, share), textcoords="offset points", xytext=(6, -10), fontsize=8, color=INK)
    ax.set(xlim=(-0.03, 1.03), ylim=(-0.03, 1.03), xlabel=f"probability of {label}", ylabel=f"share that is {label}")
    return tidied(ax, f"Calibration ({known.sum():,} articles)")


def length(scores: pd.DataFrame, labels: Sequence[str] | pd.Series | None = None, ax: Axes | None = None) -> Axes:
    """Draw the probability of back-translation against the length of the article.

    Args:
        scores: What ``score_frame`` returned.
        labels: The true label of each row; the verdicts if None.
        ax: Where to draw; a new picture if None.
    """
    ax = axes_or_new(ax)
    draw_marks(ax, scores["n_words"].to_numpy(float), probability(scores, "back-translated"), kinds_of(scores, labels))
    ax.set(xlabel="words", ylabel="probability of back-translation", ylim=(-0.03, 1.03))
    if scores["n_words"].max() > _MANY_TIMES * max(scores["n_words"].min(), 1):
        ax.set_xscale("log")
        ax.xaxis.set_major_formatter("{x:,.0f}")
    return tidied(ax, "Probability against length", has_legend=True)


def pivots(scores: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """Draw how many articles called back-translated went through each language, the unnamed ones, too.

    Args:
        scores: What ``score_frame`` returned.
        ax: Where to draw; a new picture if None.
    """
    called = scores[(scores["label"] == "back-translated").fillna(False).astype(bool) & ~scores["abstained"]]
    # One by one: a column without a single name has a type that takes none.
    names = ["not named" if pd.isna(code) else language_name(code) for code in called["pivot"]]
    counts = pd.Series(names, dtype=object).value_counts()
    counts = counts.sort_index().sort_values(kind="stable")
    ax = axes_or_new(ax)
    ax.barh([shown_name(name) for name in counts.index], counts.to_numpy(), color=LOOKS["back-translated"][0])
    for place, count in enumerate(counts):
        ax.annotate(f"{count:,}", (count, place), textcoords="offset points", xytext=(4, 0), va="center", fontsize=9)
    ax.set(xlabel="articles called back-translated")
    return tidied(ax, f"Through which language ({len(called):,} articles)", grid="x")


def corpus_map(
    scores: pd.DataFrame, labels: Sequence[str] | pd.Series | None = None, named: int = 6, ax: Axes | None = None
) -> Axes:
    """Draw a map of articles in the space of their signals: its two directions of most variance (Pearson 1901).

    Arrows say where articles with more of a signal lie. The names of those that lie farthest out stand beside them.

    Args:
        scores: What ``score_frame`` returned; its index names the articles.
        labels: The true label of each row; the verdicts if None.
        named: How many articles bear their name.
        ax: Where to draw; a new picture if None.

    Raises:
        InputError: if fewer than three articles were judged.
    """
    columns = [name for name in scores.columns if name.startswith("signal_") and scores[name].notna().any()]
    known = scores[columns].notna().all(axis=1).to_numpy() if columns else np.zeros(len(scores), bool)
    if known.sum() < 3:
        raise InputError("a map needs three articles or more that could be judged")
    places, loadings, shares = principal_components(scores.loc[known, columns].to_numpy(float))
    ax = axes_or_new(ax)
    draw_marks(ax, places[:, 0], places[:, 1], kinds_of(scores, labels)[known])
    reach = np.abs(places).max(axis=0) / np.maximum(np.abs(loadings).max(axis=0), np.finfo(float).tiny)
    for name, (x, y) in zip(columns, loadings * reach.min(), strict=True):
        ax.annotate("", (x, y), (0, 0), arrowprops={"arrowstyle": "->", "color": INK, "alpha": 0.6})
        ax.annotate(name.removeprefix("signal_"), (x, y), fontsize=8, color=INK, ha="center")
    for row in farthest_apart(places, named):
        shown = shown_name(scores.index[known][row])
        ax.annotate(shown, places[row], textcoords="offset points", xytext=(5, 4), fontsize=8)
    ax.set(xlabel=f"first direction ({shares[0]:.0%} of the variance)", ylabel=f"second ({shares[1]:.0%})")
    return tidied(ax, "Articles by their signals", has_legend=True)


def errors(
    scores: pd.DataFrame, labels: Sequence[str] | pd.Series, groups: Sequence[Any] | pd.Series, ax: Axes | None = None
) -> Axes:
    """Draw the share of articles with a wrong label in each group, with its 95% interval (Wilson 1927).

    Verdicts that are not sure count as wrong only if their label is.

    Args:
        scores: What ``score_frame`` returned.
        labels: The true label of each row.
        groups: What each row belongs to: an outlet, an engine, a desk.
        ax: Where to draw; a new picture if None.
    """
    is_judged = scores["label"].notna().to_numpy()
    truth = given(scores, labels)[is_judged]
    wrong = pd.Series(scores["label"].to_numpy(object)[is_judged] != truth)
    of_group = wrong.groupby([shown_name(group) for group in column(scores, groups, "groups")[is_judged]])
    table = of_group.agg(["sum", "count"]).sort_index()
    rates = np.array([rate_with_interval(int(hits), int(total)) for hits, total in table.to_numpy()]).reshape(-1, 3)
    order = np.argsort(rates[:, 0], kind="stable")
    ax = axes_or_new(ax)
    for place, row in enumerate(order):
        share, low, high = rates[row]
        ax.plot([low, high], [place, place], color=INK, linewidth=1.5)
        ax.plot(share, place, marker="o", color=LOOKS["back-translated"][0])
    names = [f"{table.index[row]} ({table['count'].iloc[row]:,})" for row in order]
    ax.set_yticks(range(len(names)), names)
    ax.set(xlim=(-0.03, 1.03), xlabel="share with a wrong label")
    return tidied(ax, "Errors by group", grid="x")
