"""The fitted numbers of the log-linear model over family trees, and the features that they weigh."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from retold.compare.agreement import AGREEMENT
from retold.compare.pair_features import PAIR_FEATURES
from retold.compare.substitutions import SubstitutionModel

EDGE_FEATURES: Final = (*PAIR_FEATURES, *AGREEMENT)
# Features of a version beside the mean, greatest and least of its ``EDGE_FEATURES`` as a parent.
_OF_VERSION: Final = (
    "excluded",
    "excluded_more",
    "log_excluded",
    "shorter",
    "longer_than_mean",
    "three_or_more",
    "log_n",
)
NODE_FEATURES: Final = (*(f"{name}_{kind}" for kind in ("mean", "max", "min") for name in EDGE_FEATURES), *_OF_VERSION)
# Columns of edges: an intercept, another for stories of three and more, standard scores and their products in pairs.
N_EDGE_COLUMNS: Final = 2 + len(EDGE_FEATURES) + len(EDGE_FEATURES) * (len(EDGE_FEATURES) + 1) // 2
N_NODE_COLUMNS: Final = 1 + len(NODE_FEATURES)


@dataclass(frozen=True, eq=False)
class LineageWeights:
    """The log-linear model.

    Attributes:
        edge_mean, edge_scale: float64 (len(EDGE_FEATURES),): mean and standard deviation of each feature.
        node_mean, node_scale: float64 (len(NODE_FEATURES),).
        edges: float64 (N_EDGE_COLUMNS, 2): weights of an edit, and of a round trip.
        nodes: float64 (N_NODE_COLUMNS, 3): of being the source, an edit of a missing source, a round trip of one.
        missing: float64 (2,): of the source being missing: intercept, and weight of the log number of versions.
        substitutions: Scores of the words that replaced others, by a model that has seen half of the stories: as those were that
            the weights were fitted with, for scores of all stories are surer.
    """

    edge_mean: NDArray[np.float64]
    edge_scale: NDArray[np.float64]
    node_mean: NDArray[np.float64]
    node_scale: NDArray[np.float64]
    edges: NDArray[np.float64]
    nodes: NDArray[np.float64]
    missing: NDArray[np.float64]
    substitutions: SubstitutionModel

    def as_dict(self) -> dict[str, object]:
        """The JSON object of the weights, without the names of features."""
        arrays = {name: getattr(self, name).tolist() for name in LINEAGE_SHAPES}
        return arrays | {"replaced": self.substitutions.as_dict()}


# Shape of every array of ``LineageWeights``.
LINEAGE_SHAPES: Final = {
    "edge_mean": (len(EDGE_FEATURES),),
    "edge_scale": (len(EDGE_FEATURES),),
    "node_mean": (len(NODE_FEATURES),),
    "node_scale": (len(NODE_FEATURES),),
    "edges": (N_EDGE_COLUMNS, 2),
    "nodes": (N_NODE_COLUMNS, 3),
    "missing": (2,),
}
