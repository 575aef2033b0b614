"""What ``retold compare`` writes: stories and their lineage, or what changed between two documents."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, TextIO

import retold
from retold.cli.terminal import terminal_width, wants_colour
from retold.errors import InputError
from retold.reading import Document, Unreadable

if TYPE_CHECKING:
    from retold.compare import Comparison
    from retold.compare.api import SupportsComparison

FORMATS = ("table", "json", "html")
# The column of a row that says who published it.
OUTLET = "outlet"


def comparison_text(result: Comparison, format: str, stream: TextIO) -> str:
    """A comparison as a table for the width of the stream, or as one JSON object."""
    # Loads NumPy.
    from retold.report.comparison import render_comparison

    if format == "json":
        return json.dumps(result.as_dict(), allow_nan=False) + "\n"
    return render_comparison(result, terminal_width(stream), cut_ids=stream.isatty())


def comparison_page(
    result: Comparison, documents: list[Document], detector: SupportsComparison, unread: Sequence[Unreadable]
) -> Iterator[str]:
    """Yield the pieces of the page of a comparison.

    Args:
        result: The comparison.
        documents: What was compared.
        detector: Gave the labels; its weights explain what changed.
        unread: Inputs that could not be read.
    """
    # Loads NumPy.
    from retold.compare.reference import compare_pair
    from retold.compare.version import Version
    from retold.report.comparison_html import render_comparison_html

    versions = [Version.of(d.id, d.text, d.date) for d in documents]
    outlets = {d.id: str(d.fields[OUTLET]) for d in documents if d.fields.get(OUTLET)}
    return render_comparison_html(
        result,
        versions,
        lambda a, b: compare_pair(a, b, detector.comparison_weights),
        outlets=outlets,
        unread=unread,
        program=[("Program", f"retold {retold.__version__}"), ("Model", getattr(detector, "name", ""))],
    )


def difference(
    documents: list[Document], show: Sequence[str], detector: SupportsComparison, format: str, stream: TextIO
) -> str:
    """What changed between two documents, as coloured text or as JSON.

    Args:
        documents: All that were read.
        show: The ids of the two, the earlier first, or how they end.
        detector: Its weights say what each change is.
        format: ``json``, or anything else for text.
        stream: Where it will be written, for its width and colours.

    Raises:
        InputError: if an id is not there, or stands for several.
    """
    # Loads NumPy.
    from retold.compare.reference import compare_pair
    from retold.compare.version import Version
    from retold.report.comparison import render_difference

    a, b = (Version.of(d.id, d.text) for d in (_find(documents, id) for id in show))
    changes = compare_pair(a, b, detector.comparison_weights)
    if format == "json":
        return json.dumps([c.as_dict() for c in changes]) + "\n"
    return render_difference(a, b, changes, terminal_width(stream), wants_colour(stream))


def _find(documents: list[Document], id: str) -> Document:
    """The document of an id, or the only one whose id ends so.

    Raises:
        InputError: if there is none, or there are several.
    """
    exact = [d for d in documents if d.id == id]
    found = exact or [d for d in documents if d.id.endswith(id)]
    if len(found) != 1:
        named = ", ".join(d.id for d in documents[:5])
        raise InputError(f"--show {id}: {len(found)} documents have that id; the first are {named}")
    return found[0]
