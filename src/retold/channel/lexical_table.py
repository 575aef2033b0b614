"""What a word observed may have been: tables of (observed, intended) pairs with their likelihood under each pivot.

A table is sorted by the observed word, by which it is looked up. ``bits`` holds log2 P(observed | intended) over all pivots and
``pivot_bits`` what each pivot adds to it, after backing off from the pivot to its family to all of them. The pairs that
were learned from aligned texts and those that linguists wrote down are two tables and stay two tables.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from retold.language_model.vocabulary import Vocabulary

# Families after Glottolog's upper branches, coarse on purpose: they only lend counts to a pivot that has few.
LANGUAGE_FAMILIES: Mapping[str, tuple[str, ...]] = {
    "germanic": ("af", "da", "de", "is", "nb", "nl", "sv"),
    "romance": ("ca", "es", "fr", "gl", "it", "pt", "ro"),
    "slavic": ("be", "bg", "bs", "cs", "hr", "pl", "ru", "sk", "sl", "sr", "uk"),
    "baltic": ("lt", "lv"),
    "uralic": ("et", "fi", "hu"),
    "turkic": ("az", "tr"),
    "indo-iranian": ("bn", "fa", "gu", "hi", "mr"),
    "dravidian": ("kn", "ml", "ta", "te"),
    "east-asian": ("ja", "ko", "my", "th", "vi", "zh"),
    "austronesian": ("id", "ms", "tl"),
    "semitic": ("am", "ar", "he", "mt"),
    "other": ("cy", "el", "hy", "ig"),
}
PIVOTS = tuple(sorted(code for codes in LANGUAGE_FAMILIES.values() for code in codes))
# pivot_bits are stored in eighths of a bit: an int8 spans 16 bits either way.
STEPS_PER_BIT = 8


def family_of() -> NDArray[np.int64]:
    """int64 array (len(PIVOTS),): the number of each pivot's family."""
    number = {code: i for i, codes in enumerate(LANGUAGE_FAMILIES.values()) for code in codes}
    return np.array([number[code] for code in PIVOTS])


@dataclass(frozen=True)
class SenseTable:
    """Pairs sorted by the word observed.

    Attributes:
        start: int32 (n_words + 1,): first pair of each observed word.
        intended: int32 (n_pairs,): the other word of the pair.
        bits: float32 (n_pairs,): log2 P(observed | intended), all pivots together.
        row: int32 (n_pairs,): row of ``pivot_bits``; inflected forms of a pair share one.
        pivot_bits: int8 (n_rows, len(PIVOTS)): log2 P(observed | intended, pivot) / P(observed | intended), in steps of 1/8 bit.
    """

    start: NDArray[np.int32]
    intended: NDArray[np.int32]
    bits: NDArray[np.float32]
    row: NDArray[np.int32]
    pivot_bits: NDArray[np.int8]

    @classmethod
    def build(
        cls,
        n_words: int,
        pairs: Sequence[tuple[int, int, float, int]],
        pivot_bits: NDArray[np.float64],
    ) -> SenseTable:
        """Sort ``(observed, intended, bits, row)`` into a table; ``pivot_bits`` (n_rows, n_pivots) is in bits."""
        likeliest: dict[tuple[int, int], tuple[int, int, float, int]] = {}
        for pair in sorted(pairs, key=lambda p: (-p[2], p)):
            likeliest.setdefault(pair[:2], pair)
        ordered = sorted(likeliest.values(), key=lambda p: (p[0], -p[2], p[1]))
        observed = np.array([p[0] for p in ordered], dtype=np.int32)
        start = np.searchsorted(observed, np.arange(n_words + 1)).astype(np.int32)
        steps = np.clip(np.rint(pivot_bits * STEPS_PER_BIT), -127, 127).astype(np.int8)
        return cls(
            start,
            np.array([p[1] for p in ordered], dtype=np.int32),
            np.array([p[2] for p in ordered], dtype=np.float32),
            np.array([p[3] for p in ordered], dtype=np.int32),
            steps.reshape(-1, len(PIVOTS)),
        )


@dataclass(frozen=True)
class LexicalTable:
    """All that is known of what words become.

    Attributes:
        words: The words that the tables number, lower case, sorted.
        learned: Pairs from aligned texts.
        curated: Pairs from the hand-written lists.
        p_unchanged: float32 (n_words,): share of a word's uses in originals that come back unchanged.
        p_inserted: float32 (n_words,): share of its uses in back-translations that were another word, or none, before.
        lemma: int32 (n_words,): words of one lemma share a number.
        log_frequency_ratio: float32 (n_words,): log2 of its uses in back-translations over those in their originals.
        calques: Multi-word ``(observed, intended, pivots)``, from the hand-written lists.
    """

    words: list[str]
    learned: SenseTable
    curated: SenseTable
    p_unchanged: NDArray[np.float32]
    p_inserted: NDArray[np.float32]
    log_frequency_ratio: NDArray[np.float32]
    lemma: NDArray[np.int32]
    calques: list[tuple[str, str, str]]

    def arrays(self) -> dict[str, NDArray]:
        """The arrays to store, by name; with ``header()`` they are the whole channel."""
        named: dict[str, NDArray] = {
            "p_unchanged": self.p_unchanged,
            "p_inserted": self.p_inserted,
            "log_frequency_ratio": self.log_frequency_ratio,
            "lemma": self.lemma,
        }
        for name, table in (("learned", self.learned), ("curated", self.curated)):
            named |= {f"{name}_{field}": getattr(table, field) for field in SenseTable.__dataclass_fields__}
        return named

    def header(self) -> dict[str, list]:
        """What is stored as JSON beside the arrays."""
        return {"pivots": list(PIVOTS), "words": self.words, "calques": [list(c) for c in self.calques]}

    @classmethod
    def from_arrays(cls, header: Mapping[str, Sequence], arrays: Mapping[str, NDArray]) -> LexicalTable:
        """Undo ``header()`` and ``arrays()``.

        Raises:
            ValueError: if the tables number other pivots than this version of the program, or their parts do not fit together.
        """
        words, calques = header["words"], header["calques"]
        if tuple(header["pivots"]) != PIVOTS:
            raise ValueError(f"a channel over the pivots {' '.join(header['pivots'])} needs another version of retold")
        learned, curated = (
            SenseTable(**{field: arrays[f"{name}_{field}"] for field in SenseTable.__dataclass_fields__})
            for name in ("learned", "curated")
        )
        statistics = {name: arrays[name] for name in ("p_unchanged", "p_inserted", "log_frequency_ratio", "lemma")}
        if len(words) != len(arrays["p_unchanged"]) or not all(isinstance(word, str) for word in words):
            raise ValueError(f"{len(words)} words for {len(arrays['p_unchanged'])} rows of a channel")
        if not all(len(calque) == 3 and all(isinstance(part, str) for part in calque) for calque in calques):
            raise ValueError("a calque is a phrase, what it stands for and its pivot")
        if {table.pivot_bits.shape[1] for table in (learned, curated)} != {len(PIVOTS)}:
            raise ValueError(f"a channel over other than {len(PIVOTS)} pivots")
        return cls(list(words), learned, curated, **statistics, calques=[(s, m, p) for s, m, p in calques])

    def numbers(self, vocabulary: Vocabulary) -> NDArray[np.int32]:
        """int32 array (len(vocabulary),): this channel's number of each vocabulary word, or -1."""
        out = np.full(len(vocabulary), -1, dtype=np.int32)
        ids = vocabulary.ids(self.words)
        inside = ids > 1
        out[ids[inside]] = np.flatnonzero(inside)
        return out
