"""Pictures of scored articles, for notebooks and papers; each function draws one and returns its axes.

All take the frame that ``retold.score_frame`` returns. Where the true labels are known, give them as ``labels``, in the order of the
rows; else articles are drawn by their verdicts. Needs matplotlib: ``pip install 'retold[plot]'``.

>>> import retold
>>> scores = retold.score_frame(articles)                                     # doctest: +SKIP
>>> retold.plot.signals(scores, articles["label"])                            # doctest: +SKIP
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from retold.detector.verdict import LABELS
from retold.errors import InputError, MissingPackageError
from retold.language_names import language_name
from retold.printable import printable
from retold.report.table import shortened_in_the_middle
from retold.training.evaluation.metrics import rate_with_interval

try:
    import matplotlib.pyplot as plt
    from matplotlib.axes import Axes
except ImportError as error:
    raise MissingPackageError("matplotlib", "drawing pictures") from error

UNSURE: Final = "unsure"
# Colours that remain apart for colour-blind eyes (Okabe and Ito 2008, two of them darkened for contrast); the marks differ, too.
LOOKS: Final = {
    "original": ("#0072B2", "o"),
    "edited": ("#B8860B", "s"),
    "back-translated": ("#A33B6F", "^"),
    UNSURE: ("#6B6B6B", "x"),
}
_INK, _GRID = "#555555", "#e5e5e5"
_DASHES: Final = (0, (4, 3))
# Signals lie strictly between 0 and 1 but for rounding; log-odds of 7 are 999 to 1.
_CLIP: Final = 1e-3
# How many times as long the longest article must be for a logarithmic axis.
_MANY_TIMES: Final = 10
# Shares of the width and height of a map within which a second name would lie on the first.
_NEAR: Final = (0.2, 0.06)
# Characters of a name in a picture.
_MAX_NAME: Final = 28


def signals(scores: pd.DataFrame, labels: Sequence[str] | pd.Series | None = None) -> NDArray[Any]:
    """Draw the strength of each family of signals by label: a mark an article, a box for the middle half, a line at the median.

    Args:
        scores: What ``score_frame`` returned.
        labels: The true label of each row; the verdicts if None.

    Returns:
        Array of axes, one a family and the last the probability of back-translation.
    """
    kinds = _kinds(scores, labels)
    columns = [name for name in scores.columns if name.startswith("signal_") and scores[name].notna().any()]
    names = [*columns, "p_back_translated"]
    _, grid = plt.subplots(1, len(names), figsize=(1.9 * len(names), 3.4), sharey=True, layout="constrained")
    drawn = np.atleast_1d(grid)
    for ax, name in zip(drawn, names, strict=True):
        _boxes(ax, scores[name].to_numpy(float), kinds)
        is_signal = name in columns
        ax.set_title(name.removeprefix("signal_") if is_signal else "back-translated", loc="left", fontsize=10)
        if is_signal:
            ax.axhline(0.5, color=_INK, linewidth=1, linestyle=_DASHES, zorder=1)
    drawn[0].set(ylabel="against   \u2190   \u2192   for", ylim=(-0.03, 1.03))
    return drawn


def calibration(
    scores: pd.DataFrame,
    labels: Sequence[str] | pd.Series,
    label: str = "back-translated",
    bins: int = 5,
    ax: Axes | None = None,
) -> Axes:
    """Draw how often articles are what they are said to be, by how probable that was said to be.

    Articles are cut into bins of equal size; a bar is the 95% interval of its share (Wilson 1927). On the dashed line probabilities
    mean what they say, if the articles come in the shares that the detector expects.

    Args:
        scores: What ``score_frame`` returned.
        labels: The true label of each row.
        label: The label whose probability is drawn.
        bins: Number of bins; fewer are drawn where articles are few.
        ax: Where to draw; a new picture if None.
    """
    p = _probability(scores, label)
    is_label = _given(scores, labels) == label
    known = ~np.isnan(p)
    order = np.argsort(p[known], kind="stable")
    parts = [part for part in np.array_split(order, bins) if len(part)]
    ax = _axes(ax)
    ax.plot([0, 1], [0, 1], color=_INK, linewidth=1, linestyle=_DASHES)
    for part in parts:
        share, low, high = rate_with_interval(int(is_label[known][part].sum()), len(part))
        x = float(p[known][part].mean())
        ax.errorbar(
            x, share, [[max(share - low, 0)], [max(high - share, 0)]], color=LOOKS[label][0], marker=LOOKS[label][1]
        )
        ax.annotate(f"{len(part)}", (x, share), textcoords="offset points", xytext=(6, -10), fontsize=8, color=_INK)
    ax.set(xlim=(-0.03, 1.03), ylim=(-0.03, 1.03), xlabel=f"probability of {label}", ylabel=f"share that is {label}")
    return _tidied(ax, f"Calibration ({known.sum():,} articles)")


def length(scores: pd.DataFrame, labels: Sequence[str] | pd.Series | None = None, ax: Axes | None = None) -> Axes:
    """Draw the probability of back-translation against the length of the article.

    Args:
        scores: What ``score_frame`` returned.
        labels: The true label of each row; the verdicts if None.
        ax: Where to draw; a new picture if None.
    """
    ax = _axes(ax)
    _marks(ax, scores["n_words"].to_numpy(float), _probability(scores, "back-translated"), _kinds(scores, labels))
    ax.set(xlabel="words", ylabel="probability of back-translation", ylim=(-0.03, 1.03))
    if scores["n_words"].max() > _MANY_TIMES * max(scores["n_words"].min(), 1):
        ax.set_xscale("log")
        ax.xaxis.set_major_formatter("{x:,.0f}")
    return _tidied(ax, "Probability against length", has_legend=True)


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
    ax = _axes(ax)
    ax.barh([_name(name) for name in counts.index], counts.to_numpy(), color=LOOKS["back-translated"][0])
    for place, count in enumerate(counts):
        ax.annotate(f"{count:,}", (count, place), textcoords="offset points", xytext=(4, 0), va="center", fontsize=9)
    ax.set(xlabel="articles called back-translated")
    return _tidied(ax, f"Through which language ({len(called):,} articles)", grid="x")


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
    places, loadings, shares = _principal_components(scores.loc[known, columns].to_numpy(float))
    ax = _axes(ax)
    _marks(ax, places[:, 0], places[:, 1], _kinds(scores, labels)[known])
    reach = np.abs(places).max(axis=0) / np.maximum(np.abs(loadings).max(axis=0), np.finfo(float).tiny)
    for name, (x, y) in zip(columns, loadings * reach.min(), strict=True):
        ax.annotate("", (x, y), (0, 0), arrowprops={"arrowstyle": "->", "color": _INK, "alpha": 0.6})
        ax.annotate(name.removeprefix("signal_"), (x, y), fontsize=8, color=_INK, ha="center")
    for row in _farthest_apart(places, named):
        shown = _name(scores.index[known][row])
        ax.annotate(shown, places[row], textcoords="offset points", xytext=(5, 4), fontsize=8)
    ax.set(xlabel=f"first direction ({shares[0]:.0%} of the variance)", ylabel=f"second ({shares[1]:.0%})")
    return _tidied(ax, "Articles by their signals", has_legend=True)


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
    truth = _given(scores, labels)[is_judged]
    wrong = pd.Series(scores["label"].to_numpy(object)[is_judged] != truth)
    of_group = wrong.groupby([_name(group) for group in _column(scores, groups, "groups")[is_judged]])
    table = of_group.agg(["sum", "count"]).sort_index()
    rates = np.array([rate_with_interval(int(hits), int(total)) for hits, total in table.to_numpy()]).reshape(-1, 3)
    order = np.argsort(rates[:, 0], kind="stable")
    ax = _axes(ax)
    for place, row in enumerate(order):
        share, low, high = rates[row]
        ax.plot([low, high], [place, place], color=_INK, linewidth=1.5)
        ax.plot(share, place, marker="o", color=LOOKS["back-translated"][0])
    names = [f"{table.index[row]} ({table['count'].iloc[row]:,})" for row in order]
    ax.set_yticks(range(len(names)), names)
    ax.set(xlim=(-0.03, 1.03), xlabel="share with a wrong label")
    return _tidied(ax, "Errors by group", grid="x")


def _farthest_apart(places: NDArray[np.float64], count: int) -> list[int]:
    """The rows (n, 2) that lie farthest out, none of them near another."""
    chosen: list[int] = []
    room = np.ptp(places, axis=0) * _NEAR
    for row in np.argsort(-np.hypot(*places.T), kind="stable"):
        if len(chosen) < count and not any((np.abs(places[row] - places[other]) < room).all() for other in chosen):
            chosen.append(int(row))
    return chosen


def _principal_components(
    strengths: NDArray[np.float64],
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Places (n, 2), loadings (n_signals, 2) and shares of variance (2,); more back-translated lies to the right and up."""
    p = np.clip(strengths, _CLIP, 1 - _CLIP)
    log_odds = np.log(p / (1 - p))
    centred = log_odds - log_odds.mean(axis=0)
    _, sizes, right = np.linalg.svd(centred, full_matrices=False)
    padded = np.zeros((2, centred.shape[1]))
    padded[: len(right)] = right[:2]
    signs = np.where(padded.sum(axis=1) < 0, -1.0, 1.0)
    loadings = (padded * signs[:, None]).T
    variance = np.append(sizes**2, [0.0, 0.0])[:2] / max(float((sizes**2).sum()), np.finfo(float).tiny)
    return centred @ loadings, loadings, variance


def _kinds(scores: pd.DataFrame, labels: Sequence[str] | pd.Series | None) -> NDArray[np.object_]:
    """What each article is drawn as: its true label, else its verdict; empty where nothing was judged."""
    if labels is not None:
        return _given(scores, labels)
    verdicts = scores["label"].mask(scores["abstained"], UNSURE).where(scores["label"].notna(), "")
    return verdicts.to_numpy(object)


def _given(scores: pd.DataFrame, labels: Sequence[str] | pd.Series) -> NDArray[np.object_]:
    found = _column(scores, labels, "labels")
    unknown = sorted({str(label) for label in found} - set(LABELS))
    if unknown:
        raise InputError(f"unknown label {printable(unknown[0])!r}; labels are {', '.join(LABELS)}")
    return found


def _column(scores: pd.DataFrame, values: Sequence[Any] | pd.Series, name: str) -> NDArray[np.object_]:
    found = np.asarray(values, dtype=object)
    if found.shape != (len(scores),):
        raise InputError(f"{name}: {len(found):,} values for {len(scores):,} rows; give one for each row")
    return found


def _probability(scores: pd.DataFrame, label: str) -> NDArray[np.float64]:
    if label not in LABELS:
        raise InputError(f"unknown label {printable(label)!r}; labels are {', '.join(LABELS)}")
    return scores[f"p_{label.replace('-', '_')}"].to_numpy(float)


def _axes(ax: Axes | None) -> Axes:
    return plt.subplots(figsize=(6.4, 4.4), layout="constrained")[1] if ax is None else ax


def _marks(ax: Axes, x: NDArray[np.float64], y: NDArray[np.float64], kinds: NDArray[np.object_]) -> None:
    for kind, (colour, mark) in LOOKS.items():
        chosen = kinds == kind
        if chosen.any():
            ax.scatter(
                x[chosen], y[chosen], s=30, marker=mark, color=colour, alpha=0.7, label=f"{kind} ({chosen.sum():,})"
            )


def _boxes(ax: Axes, values: NDArray[np.float64], kinds: NDArray[np.object_]) -> None:
    """A box for each kind that occurs and a mark for each article, moved sideways so that none hides another."""
    sideways = np.random.default_rng(0)
    shown = [kind for kind in LOOKS if (kinds == kind).any()]
    for place, kind in enumerate(shown):
        colour, mark = LOOKS[kind]
        y = values[(kinds == kind) & ~np.isnan(values)]
        ax.scatter(place + sideways.uniform(-0.2, 0.2, len(y)), y, s=16, marker=mark, color=colour, alpha=0.6, zorder=2)
        pen: dict[str, Any] = {"color": colour, "linewidth": 1.3}
        parts: dict[str, Any] = {f"{part}props": pen for part in ("box", "whisker", "cap")} | {
            "medianprops": pen | {"linewidth": 3}
        }
        ax.boxplot([y], positions=[place], widths=0.62, showfliers=False, zorder=3, **parts)
    ax.set_xticks(range(len(shown)), [kind.replace("-", "-\n") for kind in shown], fontsize=8, rotation=45)
    ax.set_xlim(-0.6, len(shown) - 0.4)
    _tidied(ax, "")


def _tidied(ax: Axes, title: str, grid: Literal["both", "x"] = "both", has_legend: bool = False) -> Axes:
    ax.set_title(title, loc="left", fontsize=11)
    ax.grid(axis=grid, color=_GRID)
    ax.set_axisbelow(True)
    ax.spines[["top", "right"]].set_visible(False)
    if has_legend and ax.get_legend_handles_labels()[0]:
        # Beside the picture: to look for the best place in it takes long where articles are many.
        ax.legend(frameon=False, fontsize=9, loc="upper left", bbox_to_anchor=(1, 1))
    return ax


def _name(value: Any) -> str:
    """A name as plain text: matplotlib takes what stands between dollar signs for mathematics."""
    return shortened_in_the_middle(printable(str(value)), _MAX_NAME).replace("$", r"\$")
