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

from retold.compare.substitutions import SubstitutionModel


@dataclass(frozen=True)
class Logistic:
    """A logistic model over standard scores of the measures of a pair and their products.

    ``measures`` (n_classes, n_columns) and ``intercept`` (n_classes,), float64; a model of two classes has one row, which
    speaks for the second.
    """

    measures: NDArray[np.float64]
    intercept: NDArray[np.float64]

    @classmethod
    def of(cls, stored: Mapping[str, Any]) -> Logistic:
        """Read a model from its JSON object."""
        return cls(*(np.array(stored[name], dtype=np.float64) for name in ("measures", "intercept")))


@dataclass(frozen=True)
class ComparisonWeights:
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
    def replaced(self) -> SubstitutionModel:
        """What words gained, lost and replaced say of a pair."""
        return SubstitutionModel.of(self.relations["replaced"])

    @cached_property
    def scores(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Mean and standard deviation of each measure of a pair, float64 (n_measures,)."""
        mean, scale = (np.array(self.relations[name], dtype=np.float64) for name in ("mean", "scale"))
        return mean, scale

    @cached_property
    def order(self) -> Logistic:
        """Whether the second of a pair descends from the first, neither from the other, or the first from the second."""
        return Logistic.of(self.relations["order"])

    @cached_property
    def manner(self) -> Logistic:
        """Whether a version was back-translated from its parent rather than edited."""
        return Logistic.of(self.relations["manner"])

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
def knowledge() -> ComparisonWeights:
    """The numbers that come with the package."""
    read = json.loads((files("retold") / "data" / "compare.json").read_text(encoding="utf-8"))
    return ComparisonWeights(read["stories"], read["relations"], read["pivots"])
