"""How often a model is wrong about originals and human translations, in a sentence, from the model's own card."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

# The tables and columns that ``training.evaluation.model_card`` writes; it takes the first heading from here.
FALSE_ALARMS, _DEEP = "Groups held out: false alarms", "The same false alarms with `--deep`"
SOURCES, _SOURCES_DEEP = "Sources held out, a sixth of them at a time", "The same sources with `--deep`"
_COLUMNS = {"none": "called back-translated", "low-fpr": "at low-fpr", "balanced": "at balanced"}
_ROWS = {"originals, all": "originals", "human translations": "human translations"}
_ALL_SOURCES = "**all**"


def false_alarm_sentence(card: str, setting: Mapping[str, str]) -> str:
    """How many of 100 texts of people are called back-translated at a setting; empty where the card does not say.

    Of originals of sources that the model knew and of those that it did not know, since a reader's own are among the latter.

    Args:
        card: The model card, Markdown.
        setting: The fields of a verdict's signature: ``prior``, ``point``, ``rescoring``.
    """
    # Loads NumPy, which the other reports do without.
    from retold.detector.calibration import PRIOR

    point = setting.get("point", "")
    # Without an operating point the label depends on the prior, and the card knows one prior.
    if point == "none" and setting.get("prior") != ",".join(f"{share:.6g}" for share in PRIOR):
        return ""
    is_deep = setting.get("rescoring", "none") != "none"
    table, sources = (
        _table(card, heading) for heading in ((_DEEP, _SOURCES_DEEP) if is_deep else (FALSE_ALARMS, SOURCES))
    )
    column = _COLUMNS.get(point, "")
    found = {words: _rate(table.get(row, {}).get(column, "")) for row, words in _ROWS.items()}
    shares = {words: rate for words, rate in found.items() if rate is not None}
    if "originals" not in shares:
        return ""
    named = " and ".join(f"{_out_of(rate)} {words}" for words, rate in shares.items())
    unknown = _rate(sources.get(_ALL_SOURCES, {}).get(column, ""))
    elsewhere = (
        f"; of originals from sources that it had not seen either, {_out_of(unknown)}" if unknown is not None else ""
    )
    return (
        f"At this setting the model wrongly called back-translated about {named}, of stories that it had not seen in training"
        f"{elsewhere}."
    )


def _table(card: str, heading: str) -> dict[str, dict[str, str]]:
    """The table under a heading: the cells of each row by column, rows by their first cell."""
    _, _, section = card.partition(f"\n### {heading}\n")
    rows = list(_rows(section))
    if len(rows) < 3:
        return {}
    header, _, *body = rows
    return {row[0]: dict(zip(header, row, strict=False)) for row in body}


def _rows(section: str) -> Iterator[list[str]]:
    """The cells of the first table of a section."""
    for line in section.lstrip("\n").splitlines():
        if not line.startswith("|"):
            return
        yield [cell.strip() for cell in line.strip().strip("|").split("|")]


def _rate(cell: str) -> float | None:
    """The share at the beginning of a cell such as ``0.018 (0.016 to 0.021)``."""
    found = re.match(r"[01]\.\d+", cell)
    return float(found[0]) if found else None


def _out_of(rate: float) -> str:
    """A share as people say it: of 100, or of 1,000 where that would be less than 1."""
    return f"{rate * 100:.0f} of 100" if rate >= 0.01 else f"{rate * 1000:.0f} of 1,000"
