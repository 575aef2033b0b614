"""Measure the changed facts that comparison names: how many it finds, and how often it names one where nobody changed any.

*Found* has two parts. The table of cases, each row one correction in one article, counts as named if exactly its kind is reported. Then
the same kinds of corrections are made by rule in originals of the held-out third of groups, beside harmless rewordings (kind
"none"), of which nothing may be reported. *Alarms* are the facts named between those originals and their edits and round trips. Some of
these are changes indeed (revisions correct figures, engines misread them), so ``--show`` prints them to be judged by eye.

Run: python benchmarks/changed_facts.py CORPUS --cases CASES [--pairs N] [--show]
"""

from __future__ import annotations

import argparse
import csv
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from zlib import crc32

import numpy as np

import retold
from retold.compare.changes import changes_between
from retold.compare.pivot_language import pivot_probabilities
from retold.compare.relations import align_pair
from retold.compare.result import Change
from retold.compare.version import Version
from retold.detector.verdict import BACK_TRANSLATED
from retold.training.data.desk_edits import desk_edit
from retold.training.data.story_clusters import NEWSROOM_KINDS, Row, corpus_rows, every_version

# Words that an article has at least, and originals that each correction is planted in at most.
_MIN_WORDS, _PLANTED = 80, 60
_DAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()
_NUMBER = r"(?=\d|two\b|three\b|four\b|five\b|six\b|ten\b|half\b|twice\b)"
# Words with a capital that name nobody by themselves, and months.
_COMMON = (
    "Court|Department|Ministry|Council|Committee|Agency|Office|Service|Commission|Police|Bank|University|College|House|Minister|"
    "Company|Group|Government|President|Administration|Labour|Congress|January|February|March|April|June|July|August|September|October|November|December"
)
# Kind, pattern of whole words, replacement.
CORRECTIONS = (
    ("number", r"(?<=\s)([1-8])(\d)(?=\s[a-z])", lambda m: f"{int(m[1]) + 1}{m[2]}"),
    ("number", r"million\b", "billion"),
    ("number", r"\bthird (?=[a-z]+ )", "fourth "),
    ("number", r"\b[Hh]alf of\b", "a third of"),
    ("number", r"\btwice\b", "three times"),
    ("unit", r"\$(?=\d)", "€"),
    ("unit", r"(?<=\d )miles\b(?! per)", "kilometers"),
    ("unit", r"(?<=\d )percent\b", "percentage points"),
    ("date", rf"\b({'|'.join(_DAYS)})\b", lambda m: _DAYS[(_DAYS.index(m[1]) + 1) % 7]),
    ("date", r"\bJune (?=\d)", "July "),
    ("date", r"\b(\d|two|three|four|five|six) weeks\b", lambda m: f"{m[1]} months"),
    ("date", r"\blast year\b", "this year"),
    ("negation", r"\b(was|is|are|were|will|could|would) not\b", lambda m: m[1]),
    ("negation", r"\b(was|were|will|could|would) (?=be\b|a\b|the\b|been\b)", lambda m: f"{m[1]} not "),
    ("bound", rf"\bat least {_NUMBER}", "at most "),
    ("bound", rf"\bmore than {_NUMBER}", "less than "),
    ("order", r"\bbefore the\b", "after the"),
    ("order", r"\bafter the\b", "before the"),
    ("opposite", r"\brose\b", "fell"),
    ("opposite", r"\bincreased?\b", lambda m: m[0].replace("increase", "decrease")),
    ("opposite", r"\bhigher\b", "lower"),
    ("opposite", r"\bwon (?=the|a|an|\d)", "lost "),
    ("opposite", r"\bsupporters?\b", lambda m: m[0].replace("supporter", "opponent")),
    ("role", r"\bwife\b", "sister"),
    ("role", r"\bfather\b", "brother"),
    ("role", r"\bdoctor\b", "nurse"),
    ("name", rf"(?<!The )(?<=\b[A-Z][a-z][a-z] )(?!{_COMMON})[A-Z][a-z]{{4,}}(?= (?:said|told|added)\b)", "Quillane"),
    ("name", rf"(?<=\b[A-Z][a-z]{{4}} )(?!{_COMMON})[A-Z][a-z]{{4,}}(?= (?:said|told|added|was|is|has)\b)", "Quillane"),
    ("name", rf"(?<=[a-z] in )(?!{_COMMON}|{'|'.join(_DAYS)})[A-Z][a-z]{{4,}}(?=[,.] )", "Quillane"),
    ("hedge", r"\b(?:allegedly|reportedly|apparently) ", ""),
    ("quantity", r"(?<=[a-z] )all (?=of|the|their)", "some "),
    ("quantity", r"\b(?:many|most) (?=[a-z]+s\b)", "few "),
    ("none", r"(?<=\d) percent\b", " per cent"),
    ("none", r"(?<=\d) percent\b", "%"),
    ("none", r"\b(January|February|August|September|October|November|December) (?=\d)", lambda m: f"{m[1][:3]}. "),
    ("none", r"\b(January|April|June|July|August|October) (\d+), (?=\d{4})", lambda m: f"{m[2]} {m[1]} "),
    ("none", r"\b(five|six|seven|eight|nine)\b", lambda m: str("five six seven eight nine".split().index(m[1]) + 5)),
    ("none", r"(?<=\s)([5-9])(?= [a-z]{3,})", lambda m: "five six seven eight nine".split()[int(m[1]) - 5]),
    ("none", r"(?<=\d\.\d )million\b", "m"),
    ("none", r"\$(\d)\.(\d) million\b", lambda m: f"${m[1]},{m[2]}00,000"),
    ("none", r"\bM(?:r|s|rs)\. (?=[A-Z])", ""),
    ("none", r"\b(?:did|was|is|does|were|could) not\b", lambda m: m[0].replace(" not", "n't")),
    ("none", rf"\bmore than {_NUMBER}", "over "),
    ("none", rf"\babout {_NUMBER}", "around "),
    ("none", r"(?<![\d.,])(\d{2,3}) miles\b", lambda m: f"{round(int(m[1]) * 1.609)} km"),
    ("none", r"(?<![\d.,])(\d{2,3}) (?:kilometers|kilometres|km)\b", lambda m: f"{round(int(m[1]) / 1.609)} miles"),
    ("none", r"\b[Hh]alf of\b", "50 percent of"),
    ("none", r"\bUnited States\b", "US"),
    ("none", r"\bstarted\b", "began"),
    ("none", r"\bdoctor\b", "physician"),
    ("none", r"\bprior to\b|\bahead of\b", "before"),
)  # fmt: skip


def main(argv: list[str] | None = None) -> None:
    """Read the arguments, measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", type=Path, help="folder of the corpus")
    parser.add_argument("--cases", type=Path, required=True, help="folder with facts-base.txt and facts.tsv")
    parser.add_argument("--pairs", type=int, default=300, help="pairs at most of every kind of version")
    parser.add_argument("--show", action="store_true", help="print every alarm")
    args = parser.parse_args(argv)
    print_cases(args.cases)
    rows = list(corpus_rows(args.corpus))
    pairs = sample(rows, args.pairs)
    print_planted(sorted({p.original for kind in pairs.values() for p in kind}, key=lambda t: crc32(t.encode())))
    print_alarms(pairs, args.show)


def named_facts(original: str, version: str, is_translated: bool = False) -> list[Change]:
    """Changed facts from an original to a version of it."""
    weights = retold.load().comparison_weights.pivots
    a = Version.of("a", original)
    al = align_pair(a, Version.of("b", version)).starting_from(a)
    pivots = pivot_probabilities([al], weights)[0] if is_translated else None
    return [change for change in changes_between(al, pivots, weights) if change.fact]


def print_cases(folder: Path) -> None:
    """For each kind of the table, how many rows are named by exactly that kind."""
    base = (folder / "facts-base.txt").read_text(encoding="utf-8")
    right: dict[str, list[bool]] = defaultdict(list)
    with (folder / "facts.tsv").open(encoding="utf-8") as lines:
        for row in csv.DictReader(lines, delimiter="\t"):
            kinds = {change.fact for change in named_facts(base, base.replace(row["from"], row["to"]))}
            kind = row["kind"].split()[0]
            right[kind].append(kinds == ({kind} - {"none"}))
    print("cases named rightly: " + _shares(right))


def print_planted(originals: Sequence[str]) -> None:
    """For each kind, how many corrections by rule are named so; for harmless ones, how many are not named at all."""
    named: dict[str, list[bool]] = defaultdict(list)
    for kind, pattern, replacement in CORRECTIONS:
        places = (text for text in originals if re.search(pattern, text))
        found = [_kinds_of_first(text, pattern, replacement) for text, _ in zip(places, range(_PLANTED), strict=False)]
        right = [kind in kinds if kind != "none" else not kinds for kinds in found]
        named[kind] += right
        instead = Counter(other for kinds in found for other in kinds - {kind}).most_common(2)
        print(f"  {kind} {pattern[:60]}: {np.mean(right) if right else 0:.2f} of {len(right)}, others {dict(instead)}")
    print("planted named rightly: " + _shares(named))


def _kinds_of_first(text: str, pattern: str, replacement: object) -> set[str | None]:
    """Kinds of facts that are named after the first place of a pattern was replaced."""
    return {change.fact for change in named_facts(text, re.sub(pattern, replacement, text, count=1))}  # type: ignore[call-overload]


def _shares(hits: Mapping[str, Sequence[bool]]) -> str:
    return ", ".join(f"{kind} {np.mean(row):.3f} of {len(row)}" for kind, row in sorted(hits.items()) if row)


@dataclass(frozen=True)
class Pair:
    """An original and a version of it."""

    original: str
    version: str
    is_translated: bool


def sample(rows: Sequence[Row], n: int) -> dict[str, list[Pair]]:
    """At most n pairs of every newsroom kind of edit, and of round trips, of news of the held-out third."""
    found: dict[str, list[Pair]] = defaultdict(list)
    versions = sorted(every_version(rows, held_out=True), key=lambda v: crc32(str(v[1]["id"]).encode()))
    for original, row in versions:
        for kind, text in _texts(original, row):
            if (
                len(found[kind]) < n
                and (row.get("domain") or "").startswith("news")
                and min(len(original.split()), len(text.split())) >= _MIN_WORDS
            ):
                found[kind].append(Pair(original, text, row["label"] == BACK_TRANSLATED and kind != "desk_rules"))
    return dict(found)


def _texts(original: str, row: Row) -> Iterator[tuple[str, str]]:
    if row["label"] == BACK_TRANSLATED:
        yield "round trip", row["text"]
        edited = desk_edit(original, np.random.default_rng(crc32(f"facts {row['group']}".encode())))
        if edited is not None:
            yield "desk_rules", edited
    elif row["kind"] in NEWSROOM_KINDS:
        yield row["kind"], row["text"]


def print_alarms(pairs: Mapping[str, Sequence[Pair]], show: bool) -> None:
    """Facts named a version, by kind of version, and by kind of fact."""
    for kind, own in sorted(pairs.items()):
        facts: list[Change] = []
        for number, pair in enumerate(own):
            for change in named_facts(pair.original, pair.version, pair.is_translated):
                facts.append(change)
                if show:
                    print(f"    {kind} {number} {change.fact}: {_near(pair.original, change.from_span)}")
                    print(f"        -> {_near(pair.version, change.to_span)}")
        kinds = ", ".join(
            f"{name} {count / len(own):.3f}" for name, count in Counter(c.fact for c in facts).most_common()
        )
        print(f"alarms in {kind}: {len(facts) / len(own):.3f} a version of {len(own)} ({kinds})")


def _near(text: str, span: tuple[int, int], around: int = 60) -> str:
    """A span in brackets with what stands around it, on one line."""
    start, end = span
    parts = text[max(start - around, 0) : start], f"[{text[start:end]}]", text[end : end + around]
    return " ".join("".join(parts).split())


if __name__ == "__main__":
    main()
