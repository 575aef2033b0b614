"""Axes, and what is drawn on them: marks, boxes, names."""

from __future__ import annotations

from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

from retold.errors import MissingPackageError
from retold.plot.columns import UNSURE
from retold.printable import printable
from retold.report.table import shortened_in_the_middle

try:
    import matplotlib.pyplot as plt
    from matplotlib.axes import Axes
except ImportError as error:
    raise MissingPackageError("matplotlib", "drawing pictures") from error

# Colours that remain apart for colour-blind eyes (Okabe and Ito 2008, two of them darkened for contrast); the marks differ, too.
LOOKS: Final = {
    "original": ("#0072B2", "o"),
    "edited": ("#B8860B", "s"),
    "back-translated": ("#A33B6F", "^"),
    UNSURE: ("#6B6B6B", "x"),
}
# Greys of text and lines, and of the grid.
INK, _GRID = "#555555", "#e5e5e5"
# Points drawn and left out in a dashed line.
DASHES: Final = (0, (4, 3))
# Characters of a name in a picture.
_MAX_NAME: Final = 28


def row_of_axes(count: int) -> NDArray[Any]:
    """New axes side by side with one vertical scale, object array (count,)."""
    _, grid = plt.subplots(1, count, figsize=(1.9 * count, 3.4), sharey=True, layout="constrained")
    return np.atleast_1d(grid)


def axes_or_new(ax: Axes | None) -> Axes:
    """The axes that were given, else those of a new picture."""
    return plt.subplots(figsize=(6.4, 4.4), layout="constrained")[1] if ax is None else ax


def draw_marks(ax: Axes, x: NDArray[np.float64], y: NDArray[np.float64], kinds: NDArray[np.object_]) -> None:
    """Draw a mark for each article.

    Args:
        ax: Where to draw.
        x: Places from left to right, float64 (n,).
        y: Places from below, float64 (n,).
        kinds: What each is drawn as, object (n,): keys of ``LOOKS``; others are left out.
    """
    for kind, (colour, mark) in LOOKS.items():
        chosen = kinds == kind
        if chosen.any():
            ax.scatter(
                x[chosen], y[chosen], s=30, marker=mark, color=colour, alpha=0.7, label=f"{kind} ({chosen.sum():,})"
            )


def draw_boxes(ax: Axes, values: NDArray[np.float64], kinds: NDArray[np.object_]) -> None:
    """Draw a box for each kind that occurs and a mark for each article, moved sideways so that none hides another.

    Args:
        ax: Where to draw.
        values: Heights, float64 (n,); NaN is left out.
        kinds: What each is drawn as, object (n,).
    """
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
    tidied(ax, "")


def tidied(ax: Axes, title: str, grid: Literal["both", "x"] = "both", has_legend: bool = False) -> Axes:
    """The axes with title, grid and legend, as all pictures have them."""
    ax.set_title(title, loc="left", fontsize=11)
    ax.grid(axis=grid, color=_GRID)
    ax.set_axisbelow(True)
    ax.spines[["top", "right"]].set_visible(False)
    if has_legend and ax.get_legend_handles_labels()[0]:
        # Beside the picture: to look for the best place in it takes long where articles are many.
        ax.legend(frameon=False, fontsize=9, loc="upper left", bbox_to_anchor=(1, 1))
    return ax


def shown_name(value: Any) -> str:
    """A name as plain text: matplotlib takes what stands between dollar signs for mathematics."""
    return shortened_in_the_middle(printable(str(value)), _MAX_NAME).replace("$", r"\$")
