"""JSON lines: one object a verdict, for programs."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from retold.detector.verdict import Verdict


def render_jsonl(verdicts: Iterable[Verdict]) -> Iterator[str]:
    """Yield the JSON object of each verdict, with its newline.

    The output is ASCII, so that no locale can change it and nothing in an article can steer a terminal.

    Raises:
        ValueError: if a number is not finite, which JSON cannot hold.
    """
    for verdict in verdicts:
        yield json.dumps(verdict.as_dict(), allow_nan=False) + "\n"
