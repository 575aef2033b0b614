"""Align two versions of a story: sentences with their cuts, merges, splits and moves, then words."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import SequenceMatcher

import numpy as np
from numpy.typing import NDArray

from retold.alignment.sentences import align_sentences
from retold.compare.version import Version, overlaps

# The numbers were chosen by judgement; no command fits them.
# Share of weight in common at which two sentences are as well left apart: unrelated sentences of one story share names.
_UNRELATED = 0.2
# Weight that a moved sentence must share, in words: "He would not say" is said in many places.
_MOVED_WORDS = 3.0
# Share in common from which a sentence that stands elsewhere counts as moved rather than as cut and added anew.
_MOVED = 0.4


@dataclass(frozen=True, slots=True)
class Block:
    """Sentences of two versions that say the same: token ranges ``a`` and ``b``, end exclusive."""

    a: tuple[int, int]
    b: tuple[int, int]
    n_sentences: tuple[int, int]
    is_moved: bool


@dataclass(frozen=True, slots=True)
class Edit:
    """A run of words replaced, cut or added inside a block; token ranges, one of them empty for a cut or an addition."""

    a: tuple[int, int]
    b: tuple[int, int]
    block: int


@dataclass(frozen=True)
class Alignment:
    """What became of every sentence and word of version ``a`` in version ``b``.

    Attributes:
        a, b: The versions.
        blocks: Aligned sentences, in the order of ``b``.
        edits: What changed inside them, in the order of ``b``.
        kept: int32 (n_tokens of b,): the token of ``a`` that each stands for unchanged, or -1.
        cut, added: Token ranges of sentences of ``a`` and of ``b`` that the other does not have.
    """

    a: Version
    b: Version
    blocks: list[Block]
    edits: list[Edit]
    kept: NDArray[np.int32]
    cut: list[tuple[int, int]]
    added: list[tuple[int, int]]

    def reversed(self) -> Alignment:
        """The same alignment with the versions in each other's place."""
        blocks = [Block(k.b, k.a, k.n_sentences[::-1], k.is_moved) for k in self.blocks]
        order = sorted(range(len(blocks)), key=lambda i: blocks[i].b)
        rank = {old: new for new, old in enumerate(order)}
        edits = sorted((Edit(e.b, e.a, rank[e.block]) for e in self.edits), key=lambda e: (e.block, e.b, e.a))
        kept = np.full(len(self.a.article.tokens), -1, dtype=np.int32)
        places = np.flatnonzero(self.kept >= 0)
        kept[self.kept[places]] = places
        return Alignment(self.b, self.a, [blocks[i] for i in order], edits, kept, self.added, self.cut)

    def starting_from(self, parent: Version) -> Alignment:
        """This alignment if ``a`` is ``parent``, else reversed."""
        return self if self.a is parent else self.reversed()


def align(a: Version, b: Version) -> Alignment:
    """Align two versions; every sentence of either is in one block or in ``cut`` or ``added``."""
    blocks = _blocks(a, b)
    kept = np.full(len(b.article.tokens), -1, dtype=np.int32)
    edits = [edit for number, block in enumerate(blocks) for edit in _words(a, b, block, number, kept)]
    cut = _left_over(a.bounds, [block.a for block in blocks])
    added = _left_over(b.bounds, [block.b for block in blocks])
    return Alignment(a, b, blocks, edits, kept, cut, added)


def _blocks(a: Version, b: Version) -> list[Block]:
    if not a.bounds or not b.bounds:
        return []
    common, left, right = overlaps(a, b)
    longer = np.maximum(np.maximum(left[:, None], right[None, :]), 1e-9)
    runs = align_sentences(common - _UNRELATED * longer, left, right)
    runs = [run for run in runs if _share(common, left, right, run) > _UNRELATED]
    moved = _moves(np.where(common >= _MOVED_WORDS, common / longer, 0.0), runs)
    found = [_block(a, b, run, False) for run in runs] + [_block(a, b, run, True) for run in moved]
    return sorted(found, key=lambda block: block.b)


def _share(
    common: NDArray[np.float64], left: NDArray[np.float64], right: NDArray[np.float64], run: tuple[int, int, int, int]
) -> float:
    i, k, j, m = run
    # A word that both halves of a split share is counted twice; the bound keeps the share below one.
    return float(common[i:k, j:m].sum() / max(left[i:k].sum(), right[j:m].sum(), 1e-9))


def _moves(share: NDArray[np.float64], runs: list[tuple[int, int, int, int]]) -> list[tuple[int, int, int, int]]:
    """Pair sentences that the alignment in order left over, best pairs first."""
    free_a, free_b = np.ones(share.shape[0], dtype=bool), np.ones(share.shape[1], dtype=bool)
    for i, k, j, m in runs:
        free_a[i:k], free_b[j:m] = False, False
    rows, columns = np.nonzero((share >= _MOVED) & free_a[:, None] & free_b[None, :])
    found = []
    for at in np.lexsort((columns, rows, -share[rows, columns])).tolist():
        i, j = int(rows[at]), int(columns[at])
        if free_a[i] and free_b[j]:
            free_a[i], free_b[j] = False, False
            found.append((i, i + 1, j, j + 1))
    return found


def _block(a: Version, b: Version, run: tuple[int, int, int, int], is_moved: bool) -> Block:
    i, k, j, m = run
    spans = (a.bounds[i][0], a.bounds[k - 1][1]), (b.bounds[j][0], b.bounds[m - 1][1])
    return Block(*spans, (k - i, m - j), is_moved)


def _words(a: Version, b: Version, block: Block, number: int, kept: NDArray[np.int32]) -> list[Edit]:
    """The edits of one block; fills ``kept``."""
    (i, k), (j, m) = block.a, block.b
    left, right = a.article.lower[i:k], b.article.lower[j:m]
    if left == right:
        kept[j:m] = np.arange(i, k)
        return []
    edits = []
    for tag, p, q, r, s in SequenceMatcher(None, left, right, autojunk=False).get_opcodes():
        if tag == "equal":
            kept[j + r : j + s] = np.arange(i + p, i + q)
        else:
            edits.append(Edit((i + p, i + q), (j + r, j + s), number))
    return edits


def _left_over(bounds: list[tuple[int, int]], used: list[tuple[int, int]]) -> list[tuple[int, int]]:
    taken = {place for first, last in used for place in range(first, last)}
    return [span for span in bounds if span[0] not in taken]
