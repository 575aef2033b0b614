"""Passages in words: which part of an article reads machine-made."""

from __future__ import annotations

from typing import TYPE_CHECKING

from retold.report.formatting import printable

if TYPE_CHECKING:
    from retold.detector.segments import Segment

# Words of the text that show where the part begins or ends: enough to find the place by eye.
_SHOWN_WORDS = 8


def part_words(part: Segment, text: str, n_words: int) -> str:
    """Return a paragraph that names the part of the text that reads machine-made, and where it ends or begins."""
    quoted = text[part.start : part.end].split()
    if part.is_beginning:
        place = f'the first {part.n_words:,} of its {n_words:,} words, up to "{" ".join(quoted[-_SHOWN_WORDS:])}"'
    else:
        place = f'the last {part.n_words:,} of its {n_words:,} words, from "{" ".join(quoted[:_SHOWN_WORDS])}"'
    return f"one part reads machine-made and the rest does not: {printable(place)}\n"
