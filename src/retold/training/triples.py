"""Articles of a measured corpus, their first passages, and the passages' echoes: which rows belong together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from retold.detector.deep import deep_features

# Labels of rows that are no examples.
PASSAGE, ECHO = "passage", "echo"


@dataclass(frozen=True)
class Triples:
    """Rows of a measured corpus that belong together.

    Attributes:
        article: intp (n,): rows of the articles.
        passage: intp (n,): rows of their first passages.
        echo: intp (n,): rows of the passages' echoes.
        similarity: float64 (n, len(echo.FEATURES)).
    """

    article: NDArray[np.intp]
    passage: NDArray[np.intp]
    echo: NDArray[np.intp]
    similarity: NDArray[np.float64]

    def within(self, rows: NDArray[np.intp]) -> Triples:
        """The triples whose articles are among rows, as positions within them; their passages and echoes are there, too."""
        place = np.full(int(max(rows.max(), self.echo.max(), self.passage.max())) + 1, -1)
        place[rows] = np.arange(len(rows))
        moved = Triples(place[self.article], place[self.passage], place[self.echo], self.similarity)
        return moved.take(moved.article >= 0)

    def take(self, kept: NDArray[np.bool_]) -> Triples:
        """Some of the triples, bool (n,)."""
        return Triples(self.article[kept], self.passage[kept], self.echo[kept], self.similarity[kept])

    def features(self, answers: NDArray[np.float64], octaves: NDArray[np.float64]) -> NDArray[np.float64]:
        """Features of the deep head, (n, len(deep.FEATURES)), from the head's log-odds and the length of all rows."""
        article, passage, echoed = (answers[part] for part in (self.article, self.passage, self.echo))
        return deep_features(article, passage, echoed, self.similarity, octaves[self.article])


def triples(table: pd.DataFrame, similarity: Mapping[str, NDArray[np.float64]]) -> Triples:
    """Find the rows that belong together; ``similarity`` is by the article's id."""
    row = {id: i for i, id in enumerate(table["id"])}
    names = [name for name in similarity if name in row]
    article, passage, echoed = (
        np.array([row[name + suffix] for name in names], dtype=np.intp) for suffix in ("", f"#{PASSAGE}", f"#{ECHO}")
    )
    return Triples(article, passage, echoed, np.array([similarity[name] for name in names]))
