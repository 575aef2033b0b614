"""What was learned from pairs of versions, as numbers in ``data/compare.json``."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.resources import files
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from sklearn.feature_extraction.text import HashingVectorizer


@dataclass(frozen=True)
class RelationWeights:
    """A multinomial logistic model over standard scores of the measures and over words gained and lost.

    ``mean`` and ``scale`` (n_measures,), ``structure`` (n_relations, n_measures), ``words`` (n_relations, n_words),
    ``intercept`` (n_relations,), all float64.
    """

    mean: NDArray[np.float64]
    scale: NDArray[np.float64]
    structure: NDArray[np.float64]
    words: NDArray[np.float64]
    intercept: NDArray[np.float64]


@dataclass(frozen=True)
class Knowledge:
    """The learned numbers, read by ``knowledge()``; the file says how each was made.

    Attributes:
        stories: Rarity of stems, and the weights that decide whether two documents tell one story.
        relations: Weights that decide how one version relates to another.
        pivots: Weights that decide through which language a version went.
    """

    stories: Mapping[str, Any]
    relations: Mapping[str, Any]
    pivots: Mapping[str, Any]

    @property
    def candidate_floor(self) -> float:
        """Cosine of stems below which two documents are not compared at all."""
        return float(self.stories["candidate_floor"])

    @cached_property
    def story_weights(self) -> NDArray[np.float64]:
        """float64 (6,): weights of the measures of a pair, and the intercept."""
        return np.array(self.stories["weights"], dtype=np.float64)

    @cached_property
    def words(self) -> dict[str, int]:
        """Column of each word that counts when it is gained or lost."""
        return {word: i for i, word in enumerate(self.relations["words"])}

    @cached_property
    def relation_weights(self) -> RelationWeights:
        """The model of how versions relate."""
        fields = RelationWeights.__dataclass_fields__
        names = {"words": "word_weights", "structure": "measure_weights"}
        return RelationWeights(**{f: np.array(self.relations[names.get(f, f)], dtype=np.float64) for f in fields})

    @cached_property
    def pivot_names(self) -> list[str]:
        """ISO 639-1 codes of the languages that can be told."""
        return list(self.pivots["pivots"])

    @cached_property
    def pivot_intercept(self) -> NDArray[np.float64]:
        """float64 (n_pivots,)."""
        return np.array(self.pivots["intercept"], dtype=np.float64)

    @cached_property
    def changes(self) -> dict[str, int]:
        """Row of each change that speaks for or against a pivot."""
        return {name: i for i, name in enumerate(self.pivots["changes"])}

    @cached_property
    def pivot_weights(self) -> csr_matrix:
        """csr (n_changes, n_pivots)."""
        cells = [(i, int(j), w) for i, row in enumerate(self.pivots["changes"].values()) for j, w in row.items()]
        rows, columns, weights = zip(*cells, strict=True)
        return csr_matrix((weights, (rows, columns)), shape=(len(self.changes), len(self.pivot_names)))

    def rarity(self, hashing: HashingVectorizer, buckets: int) -> NDArray[np.float64]:
        """float64 (buckets,): weight of the stems in each bucket; unlisted ones are as rare as can be."""
        listed = self.stories["rarity"]
        out = np.full(buckets, float(self.stories["unlisted_rarity"]))
        out[hashing.transform([[stem] for stem in listed]).indices] = list(listed.values())
        return out


@cache
def knowledge() -> Knowledge:
    """The numbers that come with the package."""
    read = json.loads((files("retold") / "data" / "compare.json").read_text(encoding="utf-8"))
    return Knowledge(read["stories"], read["relations"], read["pivots"])
