"""What a model folder may hold: the name, kind, shape and range of every array, and the size of every text.

A file that is not declared here is refused: whoever adds one to a model adds a line. Shapes that only the code of a signal
knows, such as the number of features, are compared with each other here and with the code by the room that owns it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

# A line an array: name, kind of its numbers as NumPy abbreviates it, shape, range. A letter in a shape is a number that
# must be the same wherever it stands; ">0" and ">=0" bound the values, "<W" makes them places in a dimension, and "offsets K"
# makes them the starts of parts of a dimension, the last one its end. Floats are always finite and bounded.
_ARRAYS: Final = """
lm_unigrams                 f   V        >=0
lm_left_1                   u   V
lm_keys_2                   u   N2
lm_share_2                  u   N2
lm_left_2                   u   N2
lm_keys_3                   u   N3
lm_share_3                  u   N3
lm_left_3                   u   N3
lm_keys_4                   u   N4
lm_share_4                  u   N4

channel_p_unchanged         f   W        >=0
channel_p_inserted          f   W        >=0
channel_log_frequency_ratio f   W
channel_lemma               i   W        <W
channel_learned_start       i   W+1      offsets L
channel_learned_intended    i   L        <W
channel_learned_bits        f   L
channel_learned_row         i   L        <LR
channel_learned_pivot_bits  i   LR,P
channel_curated_start       i   W+1      offsets K
channel_curated_intended    i   K        <W
channel_curated_bits        f   K
channel_curated_row         i   K        <KR
channel_curated_pivot_bits  i   KR,P

grammar_weights             f   T,B
grammar_intercepts          f   T
wording_weights             f   T,B
wording_intercepts          f   T
pivot_weights               f   P,PB
pivot_intercepts            f   P
pivot_settings              f   2

substitution_share          f   S        >=0
substitution_count          f   S        >=0
substitution_context        f   131072
substitution_settings       f   3
substitution_standard       f   2,SF
substitution_weights        f   SF+1

classifier_mean             f   F
classifier_scale            f   F        >0
classifier_coef             f   CT,F
classifier_intercept        f   CT
classifier_group_coef       f   G,F
classifier_group_intercept  f   G
classifier_translated       f   CB
classifier_edited_from      f   CB
calibration_coef            f   2,CC
calibration_thresholds      f   2,CB
adaptation_slope            f   A,1      >=0
adaptation_coef             f   A,3,F
adaptation_intercept        f   A,3
adaptation_nearness         f   A,F+1
adaptation_prior            f   3        >0
normality_coef              f   2,F
normality_intercept         f   2
normality_thresholds        f   2,CB
normality_spun_standard     f   4,CB
normality_spun_wording      f   B
replaced_vectors            f   V+1,RK
replaced_first              f   10,RK,RH
replaced_first_bias         f   RH
replaced_second             f   RH,RS
replaced_second_bias        f   RS
replaced_output             f   RS
replaced_output_bias        f   1
replay_features             f   R,F

rescorer_full_mean                          f   E
rescorer_full_scale                         f   E       >0
rescorer_full_coef                          f   RT,E
rescorer_full_intercept                     f   RT
rescorer_full_calibration_coef              f   2,CC
rescorer_full_calibration_thresholds        f   2,CB
rescorer_similarity_mean                    f   E
rescorer_similarity_scale                   f   E       >0
rescorer_similarity_coef                    f   RT,E
rescorer_similarity_intercept               f   RT
rescorer_similarity_calibration_coef        f   2,CC
rescorer_similarity_calibration_thresholds  f   2,CB
"""

# Beyond it no float of a model makes sense; the largest of the shipped one is 1,283. Sums and products of features and weights
# then stay finite.
_MAX_ABSOLUTE: Final = 1e6
# Below it a number is no scale: what was divided by it would say nothing.
_MIN_POSITIVE: Final = 1e-12

# Bytes that each text may have, ten times those of the shipped model or more.
TEXTS: Final[Mapping[str, int]] = {
    "CARD.md": 1_000_000,
    "channel.json": 20_000_000,
    "comparison.json": 50_000_000,
    "idiom_forms.tsv": 10_000_000,
    "kept_apart.tsv": 1_000_000,
    "replay.csv": 50_000_000,
    "signals.json": 10_000,
    "substitutions.tsv": 10_000_000,
    "term_classifier.json": 100_000,
    "vocabulary.txt": 20_000_000,
}

# What is shown of a model on every verdict.
_SHOWN_META: Final = ("name", "version")
_MAX_META_CHARACTERS: Final = 100


class ArraySchema(NamedTuple):
    """What an array must be.

    Attributes:
        kind: ``f`` for floats, ``i`` and ``u`` for integers, as ``dtype.kind``.
        shape: Numbers and letters, as in the table above.
        values: The range of its values, as in the table above; "" for any.
    """

    kind: str
    shape: tuple[str, ...]
    values: str


def _parse(table: str) -> dict[str, ArraySchema]:
    rows = [line.split(None, 3) for line in table.splitlines() if line.strip()]
    return {row[0]: ArraySchema(row[1], tuple(row[2].split(",")), "".join(row[3:])) for row in rows}


ARRAYS: Final = _parse(_ARRAYS)


def name_fault(name: str, n_bytes: int) -> str:
    """Return why a file of this name and size may not be in a model, or an empty string."""
    if name.endswith(".npy"):
        return "" if name[:-4] in ARRAYS else f"{name[:100]} is no array of a model"
    if name not in TEXTS:
        return f"{name[:100]} is no file of a model"
    return "" if n_bytes <= TEXTS[name] else f"{name} is larger than {TEXTS[name]:,} bytes"


def meta_fault(meta: Mapping[str, Any]) -> str:
    """Return what is wrong with the name and version of a model, or an empty string."""
    for key in _SHOWN_META:
        value = meta.get(key)
        if not isinstance(value, str) or not 0 < len(value) <= _MAX_META_CHARACTERS or not value.isprintable():
            return f"its {key} is not a line of 1 to {_MAX_META_CHARACTERS} characters"
    return ""


def array_faults(arrays: Mapping[str, NDArray[Any]]) -> list[str]:
    """Return what is wrong with arrays of declared names: kinds, shapes that do not fit together, and values."""
    sizes: dict[str, int] = {}
    faults = [fault for name, array in arrays.items() if (fault := _form_fault(name, array, sizes))]
    # Ranges need the sizes of all.
    return faults or [fault for name, array in arrays.items() if (fault := _value_fault(name, array, sizes))]


def _form_fault(name: str, array: NDArray[Any], sizes: dict[str, int]) -> str:
    """Check the kind and shape of an array, and note the sizes that its letters stand for."""
    schema = ARRAYS[name]
    if array.dtype.kind != schema.kind:
        return f"{name} holds {array.dtype}, not numbers of kind {schema.kind}"
    if array.ndim != len(schema.shape):
        return f"{name} has {array.ndim} dimensions, not {len(schema.shape)}"
    for symbol, size in zip(schema.shape, array.shape, strict=True):
        letters, more = symbol.removesuffix("+1"), int(symbol.endswith("+1"))
        expected = int(symbol) if symbol.isdigit() else sizes.setdefault(letters, size - more) + more
        if size != expected:
            return f"{name} has the shape {array.shape}, which does not fit the other arrays ({symbol} is {expected:,})"
    return ""


def _value_fault(name: str, array: NDArray[Any], sizes: Mapping[str, int]) -> str:
    values = ARRAYS[name].values
    if array.size == 0:
        return ""
    low, high = float(array.min()), float(array.max())
    # NaN is not between any two numbers.
    if array.dtype.kind == "f" and not (low >= -_MAX_ABSOLUTE and high <= _MAX_ABSOLUTE):
        return f"{name} holds numbers that are not finite, or beyond {_MAX_ABSOLUTE:,.0f}"
    if not values:
        return ""
    if values.startswith("offsets"):
        end = sizes.get(values.split()[1], -1)
        is_sound = array[0] == 0 and array[-1] == end and bool((np.diff(array) >= 0).all())
        return "" if is_sound else f"{name} does not rise from 0 to {end:,}"
    last = sizes.get(re.sub(r"\W", "", values), 0) - 1
    least, most = {">0": (_MIN_POSITIVE, np.inf), ">=0": (0, np.inf)}.get(values, (0, last))
    return "" if least <= low and high <= most else f"{name} holds numbers that are out of range ({values})"
