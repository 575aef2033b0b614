"""A comparison in the terminal: a table, the lineage as a tree, and the word diff of two versions."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping, Sequence

from retold.compare.result import Change, Cluster, ComparedDocument, Comparison, LineageEdge, describe
from retold.compare.version import Version
from retold.language_names import language_name
from retold.limits import DEFAULT_WIDTH, MAX_TEXT_WIDTH, MIN_TABLE_WIDTH
from retold.printable import printable, printable_lines
from retold.report.formatting import percent, pivot_shares, pivot_words
from retold.report.table import shortened, shown_id

# Columns of "back-translated", of the longest usual name of a language, of "story", "sure" and "based on", and of the gaps
# between all six.
_LABEL_WIDTH, _PIVOT_WIDTH = 16, 10
_FIXED = _LABEL_WIDTH + 5 + 4 + _PIVOT_WIDTH + 8 + 5 * 2
# Private characters stand for the beginning and end of what was there, what is there and the kind while lines are wrapped;
# ``printable`` has removed any that the texts had.
_MARKS = ("\ue000", "\ue001", "\ue002", "\ue003", "\ue004", "\ue005")
_PLAIN_MARKS = ("[-", "-]", "{+", "+}", "(", ")")
_COLOUR_MARKS = ("\x1b[9;31m", "\x1b[0m", "\x1b[32m", "\x1b[0m", "\x1b[2m(", ")\x1b[0m")
# Changes of fact that the overview shows; ``--show`` and JSON have them all.
_SHOWN_FACTS = 20


def render_comparison(comparison: Comparison, width: int = DEFAULT_WIDTH, cut_ids: bool = True) -> str:
    """The table of documents, the lineage of every story, independent reports, and the changed facts.

    Args:
        comparison: What to show.
        width: Columns.
        cut_ids: False where another program reads on, and ids are not to be cut.
    """
    documents = {d.id: d for d in comparison.documents}
    parts = [
        "".join(_table(comparison.documents, width, cut_ids)),
        "\n".join(tree(c, documents) for c in comparison.clusters if len(c.documents) > 1),
        "".join(f"{line}\n" for line in independent_reports(comparison)),
        "".join(_facts(comparison.changes, width)),
    ]
    return "\n".join(part for part in parts if part)


def independent_reports(comparison: Comparison) -> Iterator[str]:
    """A line for each two stories that report one event in words of their own."""
    for cluster in comparison.clusters:
        for other in cluster.same_event:
            if other > cluster.cluster:
                yield f"story {cluster.cluster} and story {other}: independent reports of one event"


def _table(documents: tuple[ComparedDocument, ...], width: int, cut_ids: bool) -> Iterator[str]:
    id_width = min(40, max(width, MIN_TABLE_WIDTH) - _FIXED)
    yield _line(["document", "story", "label", "sure", "pivot", "based on"], id_width)
    for d in documents:
        cells = [shown_id(d.id, id_width, cut_ids), str(d.cluster)]
        if d.label is None or d.probabilities is None:
            yield _line([*cells, "not judged", "-", "-", "-"], id_width)
            continue
        certainty = f"{min(d.probabilities[d.label], 0.99):.0%}"
        pivot = shortened(language_name(next(iter(d.pivot), "-")), _PIVOT_WIDTH)
        label = f"unsure: {d.label}" if d.abstained else d.label
        yield _line([*cells, label, certainty, pivot, "story" if d.uses_comparison else "text"], id_width)


def _line(cells: list[str], id_width: int) -> str:
    id, story, label, certainty, pivot, basis = cells
    columns = f"{id:<{id_width}}  {story:>5}  {label:<{_LABEL_WIDTH}}  {certainty:>4}  {pivot:<{_PIVOT_WIDTH}}"
    return f"{columns}  {basis}\n"


def tree(cluster: Cluster, documents: Mapping[str, ComparedDocument]) -> str:
    """The lineage of a story, each version under its parent, with how it was made and how sure that is.

    Args:
        cluster: The story.
        documents: Its documents by their ids, for the probability of each pivot.
    """
    edges = {e.child: e for e in cluster.edges}
    children: dict[str, list[str]] = {}
    for e in cluster.edges:
        children.setdefault(e.parent, []).append(e.child)
    tops = [d for d in cluster.documents if d not in edges]
    lines = [f"story {cluster.cluster}"]
    if len(tops) == 1:
        lines.append(f"{printable(tops[0])}  (source, {cluster.source[tops[0]]:.0%})")
        waiting = _branches(children.get(tops[0], []), "")
    else:
        lines.append("(source not among these)")
        waiting = _branches(tops, "")
    while waiting:
        id, indent, fork, deeper = waiting.pop()
        note = _how(edges[id], documents[id]) if id in edges else "from a missing version"
        lines.append(f"{indent}{fork}{printable(id)}  ({note})")
        waiting += _branches(children.get(id, []), deeper)
    return "\n".join(lines) + "\n"


def _branches(ids: Sequence[str], indent: str) -> list[tuple[str, str, str, str]]:
    """Each of the versions under one, the last first: its id, its indent, its fork, the indent of what is under it."""
    found = [(id, indent, "|- ", indent + "|  ") for id in ids[:-1]]
    found += [(id, indent, "`- ", indent + "   ") for id in ids[-1:]]
    return found[::-1]


def _how(edge: LineageEdge, document: ComparedDocument) -> str:
    """The relation and the pivot, each with its own probability."""
    relation = f"{edge.relation} {percent(edge.probability)}"
    if not edge.pivot:
        return relation
    if edge.pivot not in document.pivot:
        return f"{relation}, {pivot_words(edge.pivot)}"
    return f"{relation}, through {pivot_shares(document.pivot)}"


def _facts(changes: tuple[Change, ...], width: int) -> Iterator[str]:
    facts = [c for c in changes if c.fact]
    if facts:
        yield f"changed facts: {len(facts)}\n"
    for change in facts[:_SHOWN_FACTS]:
        line = textwrap.shorten(printable(describe(change)), max(width, MIN_TABLE_WIDTH) - 2, placeholder="...")
        yield f"  {line}\n"
    if len(facts) > _SHOWN_FACTS:
        yield f"  and {len(facts) - _SHOWN_FACTS} more; see --format json\n"


def render_difference(
    a: Version, b: Version, changes: list[Change], width: int = DEFAULT_WIDTH, colour: bool = False
) -> str:
    """The second text with every change marked, the changed facts first.

    Args:
        a: The earlier version.
        b: The later one.
        changes: What changed.
        width: Columns.
        colour: Strike what was there before in red and show what stands there now in green; else ``[-before-]{+after+}(kind)``.
    """
    risky = [f"  {printable(describe(c))}" for c in changes if c.fact]
    head = [f"{printable(a.id)} -> {printable(b.id)}", *(["changed facts:", *risky] if risky else [])]
    marked = _marked(b, changes) if colour else _replaced(_marked(b, changes), _PLAIN_MARKS)
    wrapped = "\n".join(textwrap.fill(line, min(width, MAX_TEXT_WIDTH)) for line in marked.split("\n"))
    shown = _replaced(wrapped, _COLOUR_MARKS)
    return "\n".join([*head, *([] if changes else ["no changes"]), "", shown]).rstrip("\n") + "\n"


def _replaced(marked: str, marks: Sequence[str]) -> str:
    return marked.translate(dict(zip(map(ord, _MARKS), marks, strict=True)))


def _marked(b: Version, changes: list[Change]) -> str:
    """Running text with changes in place; one that overlaps what was already shown is left out."""
    raw, pieces, at = b.article.raw, [], 0
    for c in sorted(changes, key=lambda c: (c.to_span[0], c.kind not in ("cut", "moved"), c.to_span[1])):
        start, end = c.to_span
        if start < at or c.kind == "moved":
            continue
        pieces += [printable_lines(raw[at:start]), _mark(c)]
        at = end
    return "".join([*pieces, printable_lines(raw[at:])])


def _mark(change: Change) -> str:
    gone, gone_end, new, new_end, kind, kind_end = _MARKS
    before = f"{gone}{printable(change.from_text)}{gone_end}" if change.from_text.strip() else ""
    after = f"{new}{printable(change.to_text)}{new_end}" if change.to_text.strip() else ""
    gap = "" if after else " "
    return f"{before}{after}{kind}{change.kind}{' ' + change.pivot if change.pivot else ''}{kind_end}{gap}"
