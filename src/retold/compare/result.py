"""The result of a comparison, as objects that format themselves."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Final

# Decimals of every probability in a result: another processor moves the last bits of a float, never the sixth.
_DECIMALS: Final = 6


def rounded(value: float) -> float:
    """A probability as it is reported."""
    return round(float(value), _DECIMALS)


@dataclass(frozen=True, slots=True)
class ComparedDocument:
    """One document of a comparison.

    Attributes:
        id: The reader's name for it.
        cluster: Number of its story.
        label: The most probable of ``probabilities``; None for a text that stands alone and cannot be judged: without words,
            too short, or not English.
        probabilities: Probability of original, edited and back-translated, summing to 1; None without a label.
        pivot: Probability of the likeliest pivot languages, strongest first; empty unless it is back-translated.
        uses_comparison: True if other versions took part in the label.
        abstained: True for an original of which it is unsure whether its own source is merely not among the versions, and for a text
            without versions of which no label is probable enough.
    """

    id: str
    cluster: int
    label: str | None
    probabilities: dict[str, float] | None
    pivot: dict[str, float]
    uses_comparison: bool
    abstained: bool = False


@dataclass(frozen=True, slots=True)
class LineageEdge:
    """One version made from another; ``relation`` is edited, back-translated or copied.

    ``pivot`` is None unless it is back-translated.
    """

    parent: str
    child: str
    relation: str
    pivot: str | None
    probability: float


@dataclass(frozen=True, slots=True)
class Cluster:
    """The versions of one story.

    Attributes:
        cluster: Its number.
        documents: Ids, in the order given.
        source: Probability of each document to be the source of the others; what is missing to 1 is a missing source.
        edges: The most probable lineage; a document that is nobody's child descends from a version not given.
        same_event: Numbers of the stories that report the same event independently: in words of their own.
    """

    cluster: int
    documents: tuple[str, ...]
    source: dict[str, float]
    edges: tuple[LineageEdge, ...]
    same_event: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Change:
    """One change between a version and its parent.

    Attributes:
        from_id, to_id: The versions; ``from`` and ``to`` in the JSON.
        kind: One of ``changes.KINDS``.
        from_span, to_span: Offsets into the texts as given, end exclusive; empty where a text has nothing.
        from_text, to_text: What stands there.
        risk: "fact" for a number, name or negation, "meaning" for a word that may mean something else, else "none".
        pivot: The language that explains a retranslation, None for other kinds.
        fact: Kind of the fact that differs, one of ``facts.FACTS``; None if the change leaves the claim as it was.
    """

    from_id: str
    to_id: str
    kind: str
    from_span: tuple[int, int]
    to_span: tuple[int, int]
    from_text: str
    to_text: str
    risk: str
    pivot: str | None = None
    fact: str | None = None

    def as_dict(self) -> dict[str, Any]:
        """The JSON object of this change; ``pivot`` and ``fact`` only where there is one."""
        named: dict[str, Any] = {"from": self.from_id, "to": self.to_id, "kind": self.kind}
        named |= {"from_span": list(self.from_span), "to_span": list(self.to_span)}
        named |= {"from_text": self.from_text, "to_text": self.to_text, "risk": self.risk}
        named |= {"pivot": self.pivot} if self.pivot else {}
        return named | ({"fact": self.fact} if self.fact else {})


@dataclass(frozen=True)
class Comparison:
    """The documents with their labels, their stories with the lineage, and the changes along it, facts first."""

    documents: tuple[ComparedDocument, ...]
    clusters: tuple[Cluster, ...]
    changes: tuple[Change, ...]

    def as_dict(self) -> dict[str, Any]:
        """The JSON object of this comparison."""
        clusters = [
            {
                **asdict(c),
                "documents": list(c.documents),
                "edges": [asdict(e) for e in c.edges],
                "same_event": list(c.same_event),
            }
            for c in self.clusters
        ]
        return {
            "documents": [asdict(d) for d in self.documents],
            "clusters": clusters,
            "changes": [c.as_dict() for c in self.changes],
        }

    def __str__(self) -> str:
        stories = sum(len(c.documents) > 1 for c in self.clusters)
        noun = "story" if stories == 1 else "stories"
        documents = "1 document" if len(self.documents) == 1 else f"{len(self.documents)} documents"
        changes = "1 change" if len(self.changes) == 1 else f"{len(self.changes)} changes"
        return f"{documents}, {stories} {noun} in several versions, {changes}"

    def __repr__(self) -> str:
        # Hundreds of changes are no answer at a prompt.
        return f"<Comparison: {self}>"

    def _repr_html_(self) -> str:
        # A higher room: a notebook shows what the HTML report shows, without the texts, which are not kept here.
        from retold.report.comparison_html import notebook_html

        return notebook_html(self)


def describe(change: Change) -> str:
    """A change in words, such as "number: 67 -> 76 (a.txt -> b.txt)"."""
    what = f"{change.from_text or '(nothing)'} -> {change.to_text or '(nothing)'}"
    pivot = f" through {change.pivot}" if change.pivot else ""
    return f"{change.fact or change.kind}: {what}{pivot} ({change.from_id} -> {change.to_id})"
