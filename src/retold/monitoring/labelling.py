"""Label articles in a notebook: one at a time with its evidence, each answer saved at once."""

from __future__ import annotations

import html
import json
import os
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from retold.detector import LABELS, Detector, load
from retold.errors import InputError, MissingPackageError
from retold.printable import printable, printable_lines

if TYPE_CHECKING:
    import ipywidgets

DEFAULT_OUTPUT: Final = "labels.jsonl"
# Columns that training knows and that go into the file with the answer, where the frame has them.
_KEPT: Final = ("group", "source", "domain", "engine", "pivot")


def label(
    frame: pd.DataFrame,
    output: str | Path = DEFAULT_OUTPUT,
    *,
    text: str = "text",
    model: str | Path | Detector | None = None,
) -> Labelling:
    """Show the articles of a frame one at a time, with buttons for the labels; in Jupyter, the last line of a cell.

    Each answer is a line of ``output`` as soon as it is given, so that nothing is lost when the notebook is closed; articles
    that have a label there are not shown again. ``retold.train(pd.read_json(output, lines=True))`` takes the file.

    Args:
        frame: One article a row, in the order in which they are shown; ``group``, ``source`` and others are kept.
        output: JSONL file, made or continued.
        text: Name of the column that holds the articles.
        model: A detector or a model's folder, whose verdict and evidence are shown; the shipped one if None.

    Raises:
        InputError: if there is no such column, or the file holds something else.
        MissingPackageError: if ipywidgets is not installed.

    Example:
        >>> retold.label(frame)          # doctest: +SKIP
    """
    if text not in frame.columns:
        raise InputError(f"no column {text!r}; the frame has {', '.join(map(str, frame.columns))}")
    return Labelling(frame, Path(output), text, model if isinstance(model, Detector) else load(model))


class Labelling:
    """Articles, the answers that were given, and the widget that asks.

    Args:
        frame: One article a row.
        output: The file of answers.
        text: Name of the column that holds the articles.
        detector: Gives verdicts and evidence.

    Attributes:
        buttons: The buttons by label, and ``skip``.
        widget: What a notebook shows.
    """

    def __init__(self, frame: pd.DataFrame, output: Path, text: str, detector: Detector) -> None:
        widgets = _widgets()
        self._output, self._detector = output, detector
        answered = _answered(output)
        self._rows = [row for row in _rows(frame, text) if row["text"] not in answered]
        self._n_answered, self._place = 0, 0
        self._article = widgets.HTML()
        self.buttons: dict[str, ipywidgets.Button] = {
            name: widgets.Button(description=name, disabled=not self._rows) for name in (*LABELS, "skip")
        }
        for name, button in self.buttons.items():
            button.on_click(partial(self._answer, name))
        self.widget = widgets.VBox([widgets.HBox(list(self.buttons.values())), self._article])
        self._show()

    @property
    def shown(self) -> str:
        """The HTML that is shown: the article with its verdict and evidence, or that all is done."""
        return str(self._article.value)

    def _answer(self, name: str, _: Any = None) -> None:
        """Save an answer and show the next article; a skipped one is not saved."""
        if self._place >= len(self._rows):
            return
        if name in LABELS:
            _append(self._output, self._rows[self._place] | {"label": name})
            self._n_answered += 1
        self._place += 1
        self._show()

    def _show(self) -> None:
        if self._place < len(self._rows):
            row = self._rows[self._place]
            verdict = self._detector.score(row["text"], row["id"])
            place = f"<p>{self._place + 1:,} of {len(self._rows):,}</p>"
            paragraphs = "<br>".join(html.escape(line) for line in printable_lines(row["text"]).splitlines())
            self._article.value = f"{place}<p>{paragraphs}</p>{verdict._repr_html_()}"
            return
        for button in self.buttons.values():
            button.disabled = True
        name = html.escape(printable(str(self._output)))
        self._article.value = f"<p>No article is left. {self._n_answered:,} answers were saved to {name}.</p>"

    def _ipython_display_(self) -> None:
        from IPython.display import display  # comes with notebooks, which alone call this

        display(self.widget)  # type: ignore[no-untyped-call]


def _widgets() -> Any:
    try:
        import ipywidgets  # an extra, and only notebooks need it
    except ImportError:
        raise MissingPackageError("ipywidgets", "labelling in a notebook") from None
    return ipywidgets


def _rows(frame: pd.DataFrame, text: str) -> list[dict[str, str]]:
    """What is saved of each article, without its label: its index names it."""
    kept = [name for name in _KEPT if name in frame.columns]
    return [
        {"id": str(index), "group": str(index)}
        | {name: str(value) for name, value in zip(kept, row[1:], strict=True) if not pd.isna(value)}
        | {"text": str(row[0])}
        for index, row in zip(frame.index, frame[[text, *kept]].itertuples(index=False, name=None), strict=True)
        if not pd.isna(row[0])
    ]


def _answered(output: Path) -> set[str]:
    """Texts that have a label in the file.

    Raises:
        InputError: if it holds something else.
    """
    if not output.exists():
        return set()
    try:
        rows = [json.loads(line) for line in output.read_text(encoding="utf-8").splitlines()]
        return {row["text"] for row in rows if row["label"] in LABELS}
    except (ValueError, KeyError, TypeError, OSError):
        raise InputError(f"{output} holds no answers of retold.label; name another file with output=") from None


def _append(output: Path, row: dict[str, str]) -> None:
    """Write an answer so that it is on disk when this returns."""
    with output.open("a", encoding="utf-8") as stream:
        stream.write(json.dumps(row) + "\n")
        stream.flush()
        os.fsync(stream.fileno())
