"""A story in a sentence: which version is the source, and how many were made in which way."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from retold.compare.result import Cluster, ComparedDocument, LineageEdge
from retold.language_names import language_name
from retold.report.formatting import percent
from retold.report.table import shortened_in_the_middle

# How a version was made, in the order in which the ways are counted, for one and for several.
_WAYS = {
    "back-translated": ("was translated back by machine", "were translated back by machine"),
    "edited": ("was edited", "were edited"),
    "copied": ("is a copy", "are copies"),
}
# Characters of an id; the table of documents has all of it.
_MAX_ID = 60


def story_sentence(cluster: Cluster, documents: Mapping[str, ComparedDocument]) -> str:
    """The lineage in words, such as "By the likeliest lineage a.txt is the source (99%); of the others, 3 were edited.".

    Args:
        cluster: The story.
        documents: Its documents by id.
    """
    made = {edge.child for edge in cluster.edges}
    tops = [id for id in cluster.documents if id not in made]
    if len(tops) == 1:
        source = f"{_name(tops[0])} is the source ({percent(cluster.source[tops[0]])})"
        if documents[tops[0]].abstained:
            source += ", unless its own source is missing here"
    else:
        missing = percent(1 - sum(cluster.source.values()))
        source = f"the source is not among these ({missing}): {len(tops):,} descend from a version that is missing"
    return f"By the likeliest lineage {source}{_others(cluster)}."


def _others(cluster: Cluster) -> str:
    counts = [_counted(cluster, way) for way in _WAYS if any(edge.relation == way for edge in cluster.edges)]
    if len(cluster.edges) == 1:
        return f"; the other {counts[0].partition(' ')[2]}"
    return f"; of the others, {', '.join(counts)}" if counts else ""


def _name(id: str) -> str:
    return shortened_in_the_middle(id, _MAX_ID)


def _counted(cluster: Cluster, way: str) -> str:
    edges = [edge for edge in cluster.edges if edge.relation == way]
    return f"{len(edges):,} {_WAYS[way][len(edges) > 1]}{_through(edges)}"


def _through(edges: list[LineageEdge]) -> str:
    """The languages, the most frequent first."""
    pivots = Counter(language_name(edge.pivot) for edge in edges if edge.pivot)
    return f" through {' and '.join(name for name, _ in pivots.most_common())}" if pivots else ""
