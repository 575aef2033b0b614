"""Count fixed expressions and their broken forms in English news; prune idioms.tsv and write idiom_forms.tsv."""

from __future__ import annotations

import argparse
import json
import lzma
from collections.abc import Iterator
from pathlib import Path
from zlib import crc32

from retold.signals.idioms.lexicon import expressions, listed_forms, make_form
from retold.text import Article, analyse
from retold.training.fit.idiom_variants import broken_forms, count, is_kept


def main(argv: list[str] | None = None) -> None:
    """Read the arguments, count and write the two tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("news", type=Path, help="xz-compressed text, one paragraph a line")
    parser.add_argument("originals", type=Path, help="xz-compressed JSON Lines; only every second group is counted")
    parser.add_argument("--data", type=Path, default=Path("src/retold/data"), help="folder of the two tables")
    parser.add_argument("--lines", type=int, default=1 << 40, help="lines of news to read at most")
    args = parser.parse_args(argv)
    write_tables(args.data, _articles(args.news, args.originals, args.lines))


def write_tables(folder: Path, articles: Iterator[Article]) -> None:
    """Count in articles, then rewrite the two tables."""
    made = [
        (i, rule, form)
        for i, expression in enumerate(expressions())
        for rule, form in dict.fromkeys(broken_forms(expression.elements, expression.kind))
    ]
    listed, by_rule = list(listed_forms()), [make_form(*row) for row in made]
    counts = count(articles, [*listed, *by_rule])
    keep = [is_kept(counts, n, form) for n, form in enumerate([*listed, *by_rule])]
    _prune(folder / "idioms.tsv", iter(keep[: len(listed)]))
    lines = ["expression\trule\tform\tordinary"]
    for n, (i, rule, form) in enumerate(made, start=len(listed)):
        if keep[n]:
            lines.append("\t".join([expressions()[i].text, rule, form, " ".join(sorted(counts.fillers.get(n, {})))]))
    (folder / "idiom_forms.tsv").write_text("\n".join(lines) + "\n", encoding="utf-8")


def _prune(path: Path, keep: Iterator[bool]) -> None:
    """Drop the listed broken forms that are not kept, in the order in which the table lists them."""
    out, is_below_heading = [], False
    for line in path.read_text(encoding="utf-8").splitlines():
        is_row = bool(line) and not line.startswith("#")
        if is_row and is_below_heading:
            text, kind, broken = [*line.split("\t"), "", ""][:3]
            forms = [form.strip() for form in broken.split("|") if form.strip()]
            line = "\t".join([text, kind, "|".join(form for form in forms if next(keep))])
        is_below_heading |= is_row
        out.append(line)
    path.write_text("\n".join(out) + "\n", encoding="utf-8")


def is_counted(group: str) -> bool:
    """True for the half of the originals whose counts prune the tables; the other half measures them."""
    return crc32(group.encode()) % 2 == 0


def _articles(news: Path, originals: Path, limit: int) -> Iterator[Article]:
    with lzma.open(news, "rt", encoding="utf-8") as lines:
        for _, line in zip(range(limit), lines, strict=False):
            yield analyse(line)
    with lzma.open(originals, "rt", encoding="utf-8") as lines:
        for row in map(json.loads, lines):
            if is_counted(row["group"]) and row["kind"] != "learner_writing":
                yield analyse(row["text"])


if __name__ == "__main__":
    main()
