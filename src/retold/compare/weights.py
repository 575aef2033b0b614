"""The fitted numbers of comparison: ``comparison.json`` of a model folder, checked before anything is built from it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final, NoReturn

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from retold.compare.descent import DESCENT_FEATURES, DescentWeights
from retold.compare.lineage_weights import EDGE_FEATURES, LINEAGE_SHAPES, NODE_FEATURES, LineageWeights
from retold.compare.pair_features import PAIR_FEATURES, VERSION_PAIR_COLUMNS
from retold.compare.substitutions import SubstitutionModel
from retold.errors import ModelError

FILE: Final = "comparison.json"
# The shipped file has 2.2 million characters; five times that bounds what a hostile model can make us parse.
_MAX_CHARACTERS = 12_000_000
# What a detector makes of the second text of a pair, four log-odds, and how much more that is than of the first.
N_TEXT_FEATURES: Final = 8
# Columns of the model that decides whether two documents tell one story: ``clustering.pair_similarities``.
_N_SIMILARITIES = 5


@dataclass(frozen=True, eq=False)
class LogisticWeights:
    """A logistic regression: ``coef`` float64 (n_rows, n_columns), ``intercept`` float64 (n_rows,).

    A model of two classes has one row, the log-odds of the second.
    """

    coef: NDArray[np.float64]
    intercept: NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class StoryWeights:
    """Whether two documents tell one story.

    Attributes:
        rarity: Inverse document frequency of word stems in news, natural logarithm.
        unlisted_rarity: The same for stems that are not listed.
        candidate_floor: Cosine of stems below which two documents are not compared at all.
        coef: float64 (6,): weights of the similarities of a pair, and the intercept.
    """

    rarity: Mapping[str, float]
    unlisted_rarity: float
    candidate_floor: float
    coef: NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class RelationWeights:
    """How the second version of a pair relates to the first.

    Attributes:
        mean, scale: float64 (n_pair_features,): mean and standard deviation of each feature of a pair.
        relation_type: One row: log-odds that a version was back-translated from its parent rather than edited.
        substitutions: Scores of the words that replaced others.
        beside_texts: The same log-odds where both texts were scored by themselves, too; None if that was not learned.
    """

    mean: NDArray[np.float64]
    scale: NDArray[np.float64]
    relation_type: LogisticWeights
    substitutions: SubstitutionModel
    beside_texts: WithTexts | None = None


@dataclass(frozen=True, eq=False)
class WithTexts:
    """A logistic regression over the features of a pair and the scores of its two texts.

    Attributes:
        mean, scale: float64 (N_TEXT_FEATURES,): mean and standard deviation of those scores.
        relation_type: One row.
    """

    mean: NDArray[np.float64]
    scale: NDArray[np.float64]
    relation_type: LogisticWeights


@dataclass(frozen=True, eq=False)
class PivotWeights:
    """Through which language a version went.

    Attributes:
        names: ISO 639-1 codes of the pivots.
        intercept: float64 (n_pivots,).
        changes: Changes of words, each with its weights by index of the pivot.
    """

    names: tuple[str, ...]
    intercept: NDArray[np.float64]
    changes: Mapping[str, Mapping[int, float]]

    @cached_property
    def row_of(self) -> dict[str, int]:
        """Row of each change in ``coef``."""
        return {name: row for row, name in enumerate(self.changes)}

    @cached_property
    def coef(self) -> csr_matrix:
        """csr (n_changes, n_pivots)."""
        cells = [(i, j, w) for i, row in enumerate(self.changes.values()) for j, w in row.items()]
        rows, columns, weights = zip(*cells, strict=True) if cells else ((), (), ())
        return csr_matrix((weights, (rows, columns)), shape=(len(self.changes), len(self.names)))


@dataclass(frozen=True, eq=False)
class ComparisonWeights:
    """Everything that comparison has learned; built by ``from_json`` or by the fitting scripts."""

    stories: StoryWeights
    descent: DescentWeights
    relations: RelationWeights
    lineage: LineageWeights
    pivots: PivotWeights

    @classmethod
    def from_json(cls, text: str, source: str = FILE) -> ComparisonWeights:
        """Read the weights from the content of ``comparison.json``; ``source`` names it in errors.

        Raises:
            ModelError: if the text is too long, is not JSON, or a number is missing or of the wrong kind.
        """
        parser = _Parser(source)
        stored = parser.document(text)
        return cls(
            parser.stories(stored),
            parser.descent(stored),
            parser.relations(stored),
            parser.lineage(stored),
            parser.pivots(stored),
        )

    def to_json(self) -> str:
        """The content of ``comparison.json``; undone by ``from_json``."""
        stories, descent, relations, pivots = self.stories, self.descent, self.relations, self.pivots
        stored = {
            "about": "made by retold train from versions of stories",
            "stories": {
                "rarity": stories.rarity,
                "unlisted_rarity": stories.unlisted_rarity,
                "candidate_floor": stories.candidate_floor,
                "weights": stories.coef.tolist(),
            },
            "descent": {
                "features": list(DESCENT_FEATURES),
                "weights": descent.coef.tolist(),
                "intercept": descent.intercept,
            },
            "relations": {
                "measures": list(PAIR_FEATURES),
                "mean": relations.mean.tolist(),
                "scale": relations.scale.tolist(),
                "manner": _stored(relations.relation_type),
                "replaced": relations.substitutions.as_dict(),
                **_stored_with_texts(relations.beside_texts),
            },
            "lineage": {
                "edge_features": list(EDGE_FEATURES),
                "node_features": list(NODE_FEATURES),
                **self.lineage.as_dict(),
            },
            "pivots": {
                "pivots": list(pivots.names),
                "intercept": pivots.intercept.tolist(),
                "changes": {name: {str(j): w for j, w in row.items()} for name, row in pivots.changes.items()},
            },
        }
        return json.dumps(stored, ensure_ascii=False, separators=(",", ":")) + "\n"


def without_texts(comparison: str) -> str:
    """The content of ``comparison.json`` without what it learned from the scores of another detector; an empty one stays empty."""
    if not comparison:
        return ""
    stored = json.loads(comparison)
    stored["relations"].pop("with_texts", None)
    return json.dumps(stored, ensure_ascii=False, separators=(",", ":")) + "\n"


def _stored(model: LogisticWeights) -> dict[str, Any]:
    return {"measures": model.coef.tolist(), "intercept": model.intercept.tolist()}


def _stored_with_texts(model: WithTexts | None) -> dict[str, Any]:
    if model is None:
        return {}
    scaling = {"mean": model.mean.tolist(), "scale": model.scale.tolist()}
    return {"with_texts": {**scaling, "manner": _stored(model.relation_type)}}


class _Parser:
    """Turns parsed JSON into arrays of the promised shapes; whatever is wrong is a ``ModelError`` that names the file."""

    def __init__(self, source: str) -> None:
        self.source = source

    def document(self, text: str) -> Mapping[str, Any]:
        if len(text) > _MAX_CHARACTERS:
            self._fail(f"longer than {_MAX_CHARACTERS:,} characters")
        try:
            return self._mapping(json.loads(text), "the file")
        except (ValueError, RecursionError) as error:
            self._fail(f"not valid JSON ({error})")

    def stories(self, stored: Mapping[str, Any]) -> StoryWeights:
        part = self._part(stored, "stories")
        rarity = self._part(part, "rarity")
        self._numbers(list(rarity.values()), (len(rarity),), "stories.rarity")
        scalars = self._numbers([part.get("unlisted_rarity"), part.get("candidate_floor")], (2,), "stories")
        coef = self._numbers(part.get("weights"), (_N_SIMILARITIES + 1,), "stories.weights")
        return StoryWeights(rarity, float(scalars[0]), float(scalars[1]), coef)

    def descent(self, stored: Mapping[str, Any]) -> DescentWeights:
        part = self._part(stored, "descent")
        if part.get("features") != list(DESCENT_FEATURES):
            self._fail("fitted to other features of descent than this version of retold has")
        coef = self._numbers(part.get("weights"), (len(DESCENT_FEATURES),), "descent.weights")
        return DescentWeights(coef, float(self._numbers(part.get("intercept"), (), "descent.intercept")))

    def relations(self, stored: Mapping[str, Any]) -> RelationWeights:
        part = self._part(stored, "relations")
        n, m = len(PAIR_FEATURES), len(VERSION_PAIR_COLUMNS)
        if part.get("measures") != list(PAIR_FEATURES):
            self._fail("fitted to other features of a pair than this version of retold has")
        mean, scale = (self._numbers(part.get(name), (n,), f"relations.{name}") for name in ("mean", "scale"))
        if (scale <= 0).any():
            self._fail("relations.scale holds a number that is not positive")
        relation_type = self._logistic(part, "manner", 1, m)
        return RelationWeights(mean, scale, relation_type, self._substitutions(part), self._with_texts(part))

    def _with_texts(self, relations: Mapping[str, Any]) -> WithTexts | None:
        if "with_texts" not in relations:
            return None
        part, shape = self._part(relations, "with_texts"), (N_TEXT_FEATURES,)
        mean, scale = (self._numbers(part.get(name), shape, f"with_texts.{name}") for name in ("mean", "scale"))
        if (scale <= 0).any():
            self._fail("relations.with_texts.scale holds a number that is not positive")
        return WithTexts(mean, scale, self._logistic(part, "manner", 1, len(VERSION_PAIR_COLUMNS) + N_TEXT_FEATURES))

    def lineage(self, stored: Mapping[str, Any]) -> LineageWeights:
        part = self._part(stored, "lineage")
        if [part.get("edge_features"), part.get("node_features")] != [list(EDGE_FEATURES), list(NODE_FEATURES)]:
            self._fail("its lineage was fitted to other features than this version of retold has")
        arrays = {
            name: self._numbers(part.get(name), shape, f"lineage.{name}") for name, shape in LINEAGE_SHAPES.items()
        }
        if min(arrays["edge_scale"].min(), arrays["node_scale"].min()) <= 0:
            self._fail("lineage holds a scale that is not positive")
        return LineageWeights(**arrays, substitutions=self._substitutions(part))

    def pivots(self, stored: Mapping[str, Any]) -> PivotWeights:
        part = self._part(stored, "pivots")
        names = self._strings(part.get("pivots"), "pivots.pivots")
        intercept = self._numbers(part.get("intercept"), (len(names),), "pivots.intercept")
        changes: dict[str, dict[int, float]] = {}
        columns = {str(j): j for j in range(len(names))}
        for change, row in self._part(part, "changes").items():
            cells = self._mapping(row, f"pivots.changes of {change!r}")
            weights = self._numbers(list(cells.values()), (len(cells),), f"pivots.changes of {change!r}")
            if not cells.keys() <= columns.keys():
                self._fail(f"pivots.changes of {change!r} names a pivot that is not listed")
            changes[change] = {columns[j]: w for j, w in zip(cells, weights.tolist(), strict=True)}
        return PivotWeights(names, intercept, changes)

    def _substitutions(self, part: Mapping[str, Any]) -> SubstitutionModel:
        try:
            return SubstitutionModel.from_dict(self._part(part, "replaced"))
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            self._fail(f"the scores of replaced words are malformed ({error})")

    def _logistic(self, part: Mapping[str, Any], name: str, n_rows: int, n_features: int) -> LogisticWeights:
        stored = self._part(part, name)
        n_columns = n_features + n_features * (n_features + 1) // 2
        coef = self._numbers(stored.get("measures"), (n_rows, n_columns), f"relations.{name}.measures")
        return LogisticWeights(coef, self._numbers(stored.get("intercept"), (n_rows,), f"relations.{name}.intercept"))

    def _part(self, stored: Mapping[str, Any], name: str) -> Mapping[str, Any]:
        return self._mapping(stored.get(name), name)

    def _mapping(self, value: object, name: str) -> Mapping[str, Any]:
        if not isinstance(value, dict):
            self._fail(f"{name} is not an object")
        return value

    def _strings(self, value: object, name: str) -> tuple[str, ...]:
        if not isinstance(value, list) or not value or not all(isinstance(item, str) for item in value):
            self._fail(f"{name} is not a list of names")
        return tuple(value)

    def _numbers(self, value: object, shape: tuple[int, ...], name: str) -> NDArray[np.float64]:
        try:
            array = np.array(value, dtype=np.float64)
        except (ValueError, TypeError):
            self._fail(f"{name} holds something that is not a number")
        if array.shape != shape or not np.isfinite(array).all():
            self._fail(f"{name} has shape {array.shape} or infinite numbers; expected {shape}, all finite")
        return array

    def _fail(self, reason: str) -> NoReturn:
        raise ModelError(f"{self.source}: {reason}. Get the model anew, or train one: retold train")
