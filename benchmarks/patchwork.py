"""Texts patched together of an original and a round trip: which part is said to be the machine's, and is the seam found?"""

from __future__ import annotations

from collections.abc import Iterator
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

import benchmarks.perturbations as disturbances
from benchmarks.robustness_texts import MACHINE, Judge, Sample, Texts, called
from retold.detector.detector import Detector
from retold.detector.segments import BOUNDARY_THRESHOLD, MachineSegment, strongest_segment
from retold.detector.verdict import BACK_TRANSLATED, ORIGINAL
from retold.training.evaluation.tables import markdown

# Where patched texts change hands: thirds and the middle.
_SEAMS = (1 / 3, 1 / 2, 2 / 3)
# Share of articles in one piece that may be said to be patched; the threshold for it is read off half of the stories.
_PATCHED_RATE = 0.01


def patched(sample: Sample, detector: Detector) -> str:
    """Texts whose beginning or end alone is a round trip: which half is it, and is the seam found?"""
    return (
        f"### Half original, half machine\n\n{_which_half(sample, detector.predict_proba)}\n{_seams(sample, detector)}"
    )


def _halves(text: str, share: float = 0.5) -> tuple[str, str]:
    found = disturbances.sentences(text)
    words = np.cumsum([len(sentence.split()) for sentence in found])
    cut = min(max(int(np.searchsorted(words, words[-1] * share)) + 1, 1), max(len(found) - 1, 1))
    return " ".join(found[:cut]), " ".join(found[cut:])


def _which_half(sample: Sample, judge: Judge) -> str:
    pairs = [(_halves(o), _halves(m)) for o, m in zip(sample.originals, sample.machine, strict=True)]
    first = {name: judge([pair[i][0] for pair in pairs]) for i, name in enumerate((ORIGINAL, BACK_TRANSLATED))}
    last = {name: judge([pair[i][1] for pair in pairs]) for i, name in enumerate((ORIGINAL, BACK_TRANSLATED))}
    rows = []
    for a, b in ((BACK_TRANSLATED, ORIGINAL), (ORIGINAL, BACK_TRANSLATED)):
        whole = judge([f"{o[0] if a == ORIGINAL else m[0]} {o[1] if b == ORIGINAL else m[1]}" for o, m in pairs])
        higher = first[a][:, MACHINE] > last[b][:, MACHINE]
        right = float(np.mean(higher if a == BACK_TRANSLATED else ~higher))
        rows.append([f"{a}, then {b}", len(pairs), called(whole), right])
    return markdown(
        ["halves", "texts", "the whole called back-translated", "the right half has the higher score"], rows
    )


def _seams(sample: Sample, detector: Detector) -> str:
    """How often a part is named, by the shipped threshold and by the one that half of the stories would set."""
    tuned = np.array([crc32(f"{group} seam".encode()) % 2 == 0 for group in sample.groups])
    tuned_others = np.arange(len(sample.others)) % 2 == 0
    whole = {
        "originals": (_strongest(sample.originals, detector), tuned),
        "originals of other sources": (_strongest(sample.others, detector), tuned_others),
        "round trips": (_strongest(sample.machine, detector), tuned),
    }
    pure = [_contrast(part) for parts, half in whole.values() for part, own in zip(parts, half, strict=True) if own]
    limit = float(np.quantile(pure, 1 - _PATCHED_RATE))
    rows = [[name, *_named(parts, ~half, limit), "-"] for name, (parts, half) in whole.items()]
    for name, texts, truth in _mixtures(sample):
        parts = _strongest(texts, detector)
        rows.append([name, *_named(parts, ~tuned, limit), _right_letters(parts, texts, truth, ~tuned)])
    head = [
        "texts",
        "documents",
        f"named at {BOUNDARY_THRESHOLD}",
        f"named at {limit:.2f}",
        "letters on the right side, where named",
    ]
    note = (
        f"The second threshold is where {_PATCHED_RATE:.0%} of the articles in one piece are named in the half of the stories "
        "that is not counted here.\n"
    )
    return f"{note}\n{markdown(head, rows)}"


def _strongest(texts: Texts, detector: Detector) -> list[MachineSegment | None]:
    return [strongest_segment(detector.segments(text)) for text in texts]


def _contrast(part: MachineSegment | None) -> float:
    return part.contrast if part is not None else 0.0


def _named(parts: list[MachineSegment | None], rows: NDArray[np.bool_], limit: float) -> tuple[int, float, float]:
    contrasts = np.array([_contrast(part) for part in parts])[rows]
    return len(contrasts), float(np.mean(contrasts > BOUNDARY_THRESHOLD)), float(np.mean(contrasts > limit))


def _mixtures(sample: Sample) -> Iterator[tuple[str, Texts, list[tuple[int, bool]]]]:
    """Name, texts, and for each its seam and whether the machine comes first."""
    for share in _SEAMS:
        for machine_first in (True, False):
            texts, truth = [], []
            for original, machine in zip(sample.originals, sample.machine, strict=True):
                a, b = (machine, original) if machine_first else (original, machine)
                begins = _halves(a, share)[0]
                texts.append(f"{begins} {_halves(b, share)[1]}")
                truth.append((len(begins), machine_first))
            sides = ("round trip", "original") if machine_first else ("original", "round trip")
            yield f"{share:.0%} {sides[0]}, then {sides[1]}", texts, truth


def _right_letters(
    parts: list[MachineSegment | None], texts: Texts, truth: list[tuple[int, bool]], rows: NDArray[np.bool_]
) -> float:
    """Mean share of letters that a named part puts on the right side."""
    found = []
    for part, text, (seam, machine_first), own in zip(parts, texts, truth, rows, strict=True):
        if own and part is not None and part.contrast > BOUNDARY_THRESHOLD:
            place = np.arange(len(text))
            named = (place >= part.start) & (place < part.end)
            found.append(float(np.mean(named == ((place < seam) == machine_first))))
    return float(np.mean(found)) if found else float("nan")
